//! The wire and the service at its other end: it counts every charge.

use crate::mark::Mark;
use crate::options::Fault;
use crate::people::{bonus, phone};
use crate::world::{Ended, Next, PRICE, Request, SECOND, State, World};
use phone_enrichment::engine::{Event, Id};
use phone_enrichment::reply::HttpReply;

/// What the service said.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) date: Option<f64>,
    pub(crate) text: String,
    /// Its body is all there.
    pub(crate) whole: bool,
    pub(crate) balance: Option<i64>,
    pub(crate) says: Says,
}

/// What it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    Found,
    NotFound,
    /// A rate limit, and how long to wait.
    TooMany(Option<u64>),
    NoCredits,
    /// Another refusal that is certainly free.
    Refused,
    /// Nobody can tell.
    Nothing,
}

impl World {
    /// A request goes on the wire.
    pub(crate) fn send(&mut self, client: usize, id: Id, body: &str, attempt: u32, lookup: u32) {
        let ident = self.people.of_body(body);
        let fate = self.fault(Fault::Network);
        self.note(|| {
            format!(
                "client {client}: flight {id} SENDS request {} for {ident}{}",
                attempt,
                fate.map_or(String::new(), |fate| format!(" ({})", fate.word()))
            )
        });
        let number = self.judge_send(client, id, ident, lookup, fate);
        let pause = self.network.between(self.options.network_ms);
        match fate {
            Some(Fault::NotSent) => self.after(0, Next::NotSent(number)),
            Some(Fault::RequestLost) => self.after(pause, Next::Lost(number)),
            Some(Fault::RequestHangs) => 0,
            _ => self.after(pause, Next::Arrived(number)),
        };
    }

    /// A request is broken off; the service may have it already.
    pub(crate) fn cancel(&mut self, client: usize, id: Id) {
        self.note(|| format!("client {client}: flight {id} is broken off"));
        let Some(number) = self.clients[client].flights[&id].request else { return };
        self.cancelled(client, number);
        self.requests[number].reply = None;
        self.requests[number].fate = Some(Fault::ReplyHangs);
        self.after(0, Next::Lost(number));
    }

    /// The service has a request.
    pub(crate) fn arrived(&mut self, number: usize) {
        let Request { client, ident, fate, .. } = self.requests[number];
        self.requests[number].arrived = Some(self.arrival());
        let wallet = self.clients[client].wallet;
        let free = |status, text: &str| Reply {
            status,
            retry_after: None,
            date: None,
            text: text.into(),
            whole: true,
            balance: None,
            says: Says::Refused,
        };
        let unclear = |status| Reply { says: Says::Nothing, whole: false, ..free(status, "<html>") };
        let told = self.vendor.happens(self.options.told);
        let found = self.found[usize::from(ident.0)];
        let reply = match fate {
            Some(Fault::TooMany) => {
                let seconds = self.vendor.pick(&[0, 1, 2, 30, 60]);
                let dated = self.vendor.happens((1, 3));
                let at = self.clock() + seconds * SECOND;
                Reply {
                    retry_after: Some(if dated { "Thu, 01 Jan 2026".into() } else { seconds.to_string() }),
                    date: dated.then_some(at as f64),
                    says: Says::TooMany(Some(seconds * SECOND)),
                    ..free(429, "{}")
                }
            }
            Some(Fault::TooManyFinal) => {
                let header = self.vendor.pick(&[None, Some("61"), Some("soon")]);
                Reply { retry_after: header.map(Into::into), says: Says::TooMany(None), ..free(429, "{}") }
            }
            Some(Fault::Refused) => free(self.vendor.pick(&[400, 401, 403, 404]), "{}"),
            Some(Fault::ErrorBefore) => unclear(self.vendor.pick(&[500, 503])),
            _ if found && self.wallets[wallet] < PRICE => {
                let balance = self.wallets[wallet];
                // Somebody fills it as soon as it is empty, now and then.
                if self.vendor.happens((1, 4)) && !self.calm && self.options.weight(Fault::TopUp) > 0 {
                    self.after(1, Next::TopUp(wallet, 10 * PRICE));
                }
                Reply {
                    balance: Some(balance),
                    says: Says::NoCredits,
                    ..free(402, &format!(r#"{{"success":false,"required":{PRICE},"balance":{balance}}}"#))
                }
            }
            _ => {
                if found {
                    self.wallets[wallet] -= PRICE;
                    self.charge(number);
                }
                match fate {
                    Some(Fault::ErrorAfter) => unclear(self.vendor.pick(&[500, 502, 504])),
                    Some(Fault::Garbage) => unclear(200),
                    Some(Fault::Odd) => unclear(self.vendor.pick(&[0, 204, 302, 408, 418])),
                    _ => {
                        let balance = told.then_some(self.wallets[wallet]);
                        let tail =
                            balance.map_or(String::new(), |credits| format!(r#","remaining_credits":{credits}"#));
                        let person = ident.person();
                        let email = self.bonus[person].map_or(String::new(), |kind| bonus(person, kind));
                        let text = if found {
                            format!(
                                r#"{{"success":true,"status":"success","results":{{"phone":"{}","email":"{email}"}}{tail}}}"#,
                                phone(person)
                            )
                        } else {
                            format!(r#"{{"success":true,"status":"not_found","message":"Phone not found"{tail}}}"#)
                        };
                        let says = if found { Says::Found } else { Says::NotFound };
                        let whole = Reply { balance, says, ..free(200, &text) };
                        if fate == Some(Fault::Cut) {
                            Reply {
                                text: text[..text.len() / 2].into(),
                                whole: false,
                                balance: None,
                                says: Says::Nothing,
                                ..whole
                            }
                        } else {
                            whole
                        }
                    }
                }
            }
        };
        self.note(|| {
            let says = reply.says;
            format!(
                "the vendor has request {number} for {ident}: {} {says:?}, balance {:?}",
                reply.status, reply.balance
            )
        });
        self.requests[number].reply = Some(reply);
        let mut pause = self.network.between(self.options.network_ms);
        let late = self.network.between((0, 90 * SECOND));
        match fate {
            Some(Fault::ReplyLost) => self.after(pause, Next::Lost(number)),
            Some(Fault::ReplyHangs) => 0,
            _ => {
                if fate == Some(Fault::Late) {
                    pause += late;
                }
                if fate == Some(Fault::Duplicate) {
                    let again = self.network.between((0, 50));
                    self.after(pause + again, Next::Replied(number));
                }
                self.after(pause, Next::Replied(number))
            }
        };
    }

    /// Somebody else takes credits from a wallet.
    pub(crate) fn foreign(&mut self, wallet: usize) {
        let credits = self.vendor.between((1, 12)) as i64;
        if self.wallets[wallet] >= credits {
            self.note(|| format!("somebody else takes {credits} from wallet {wallet}"));
            self.wallets[wallet] -= credits;
            self.taken(wallet, credits);
        }
    }

    /// What the service said comes in.
    pub(crate) fn deliver_reply(&mut self, number: usize) {
        let Request { client, flight, ident, state, .. } = self.requests[number];
        let Some(reply) = self.requests[number].reply.clone() else { return };
        if self.clients[client].engine.is_none() {
            return;
        }
        let current = self.clients[client].flights[&flight].request == Some(number);
        if state != State::Out {
            // A request has one answer: what comes twice comes before the next request, if at all.
            if !current {
                return;
            }
            self.mark(if self.clients[client].flights[&flight].closed {
                Mark::StaleIgnored
            } else {
                Mark::DuplicateIgnored
            });
        } else {
            self.note(|| format!("client {client}: flight {flight} for {ident} has its reply"));
            let (ended, settled) = match reply.says {
                Says::Found => (Some(Ended::Found), State::Charged),
                Says::NotFound => (Some(Ended::NotFound), State::Free),
                Says::Nothing => (None, State::Unknown),
                Says::TooMany(_) | Says::NoCredits | Says::Refused => (Some(Ended::Free), State::Free),
            };
            self.judge_reply(number, &reply, settled, ended);
        }
        let http = HttpReply {
            status: reply.status,
            retry_after: reply.retry_after,
            retry_date: reply.date,
            is_free: false,
            json: reply
                .whole
                .then(|| serde_json::from_str::<serde_json::Value>(&reply.text).ok())
                .flatten()
                .map(|json| (&json).into()),
            text: reply.text,
        };
        self.feed(client, Event::Replied(flight, http));
    }

    /// A request or its reply is lost.
    pub(crate) fn deliver_loss(&mut self, number: usize) {
        let Request { client, flight, state, .. } = self.requests[number];
        if self.clients[client].engine.is_none() {
            return;
        }
        self.note(|| format!("client {client}: flight {flight} lost its request"));
        if state == State::Out {
            self.settled(number, State::Unknown, None);
            self.mark(Mark::UnknownAfterLoss);
        }
        self.feed(client, Event::Lost(flight));
    }

    /// The runtime refused to make a request.
    pub(crate) fn deliver_not_sent(&mut self, number: usize) {
        let Request { client, flight, state, .. } = self.requests[number];
        if self.clients[client].engine.is_none() {
            return;
        }
        if state == State::Out {
            self.mark(Mark::NotSent);
            self.settled(number, State::Free, None);
            self.flight_free(client, flight);
        }
        self.feed(client, Event::NotSent(flight));
    }
}
