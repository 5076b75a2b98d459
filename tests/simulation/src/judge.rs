//! The oracles: a count of everything that the world saw, beside the engine's own, and what must hold of both. Whether a
//! charge happened is the vendor's word; what a client can know of it is what was delivered to it.

use crate::mark::Mark;
use crate::options::Fault;
use crate::people::{Ident, phone};
use crate::rule::Rule;
use crate::vendor::{Reply, Says};
use crate::world::{Call, DAY, Ended, Next, PRICE, Request, SECOND, State, World};
use phone_enrichment::charge::Charge;
use phone_enrichment::engine::Id;
use phone_enrichment::failure::{Code, Failure};
use phone_enrichment::outcome::{Answer, Outcome, Source};
use serde_json::Value;

/// The longest that anything is kept, in milliseconds.
const LONGEST: u64 = 150 * DAY;

/// Until when somebody may not be paid for again, by the clock of whoever reads the store.
#[derive(Clone, Debug)]
pub(crate) struct Protection {
    /// The request that was charged, or whose answer is kept: those sent before it are none of its business.
    request: usize,
    until: u64,
    /// It was charged, or its answer is kept.
    charged: bool,
    /// The answer of that request is kept; it replaces what was known before.
    governs: bool,
    /// It is known by the link from another identifier, and since when.
    linked: Option<u64>,
}

/// What is known of the balances that a client was told.
#[derive(Default)]
pub(crate) struct Watch {
    /// The balance is known, and all that was charged since.
    base: bool,
    /// Credits that somebody else took while all was quiet, and when.
    due: Option<(i64, u64)>,
    out: u32,
    unknown_ever: bool,
    overlapped: bool,
    untold: bool,
    topped_up: bool,
    told: bool,
    /// Something was settled since the last look.
    settled: bool,
    /// The last arrival of a request whose reply told the balance.
    told_arrival: u64,
    last_arrival: u64,
    /// Whether a balance that suffices was seen after the request that was refused.
    pub(crate) refused: usize,
}

impl World {
    /// Arrivals and what others take, in one order.
    pub(crate) fn arrival(&mut self) -> u64 {
        self.arrivals += 1;
        self.arrivals
    }

    // What a client does.

    pub(crate) fn judge_opened(&mut self, client: usize, id: Id, record: &Result<Option<Value>, ()>) {
        let read = self.arrival();
        let life = &mut self.clients[client];
        life.clock = life.clock.max(self.now.saturating_add_signed(self.offset));
        let (clock, born, after_crash) = (life.clock, life.born, life.after_crash);
        let wants = |ident: Ident, wish: fn(&Call) -> bool| {
            life.calls.values().any(|call| !call.done && call.idents.contains(&ident) && wish(call))
        };
        let Some(flight) = life.flights.get_mut(&id) else { return };
        if flight.closed {
            return;
        }
        flight.force = wants(flight.ident, |call| call.force);
        flight.fresh = wants(flight.ident, |call| call.fresh);
        flight.opened = Some(clock);
        flight.read = read;
        let ident = flight.ident;
        let time = |record: &Value| record["until"].as_u64();
        let kept = |record: &Value| {
            let is_answer = record["status"] == "success" || record["status"] == "not_found";
            is_answer && record["until"].as_u64().is_some_and(|until| clock < until)
        };
        let mut found = false;
        let mut expired = false;
        let mut own = true;
        flight.allowed = match record {
            Err(()) => Some(Rule::Kept),
            Ok(None) => None,
            Ok(Some(record)) if record["status"] == "claimed" => {
                let open = record["until"].as_u64().is_none_or(|until| clock < until);
                flight.inherited = open;
                flight.before = kept(&record["before"]) && record["before"]["status"] == "success";
                flight.before_until = time(&record["before"]).filter(|_| flight.before);
                match (flight.before && !flight.fresh, open && !flight.force) {
                    (true, _) => Some(Rule::Kept),
                    (_, true) => Some(Rule::OpenClaim),
                    _ => None,
                }
            }
            Ok(Some(record)) if record["status"] == "success" || record["status"] == "not_found" => {
                let readable = record["until"].as_u64().is_some();
                flight.before = kept(record);
                flight.before_until = time(record).filter(|_| flight.before);
                found = flight.before && !flight.fresh && record["status"] == "success";
                expired = readable && !flight.before;
                own = record["at"].as_u64().is_some_and(|at| at >= born);
                if flight.before && record["status"] == "not_found" {
                    flight.ended = Some((Ended::NotFound, clock));
                }
                (!readable || flight.before && !flight.fresh).then_some(Rule::Kept)
            }
            Ok(Some(_)) => Some(Rule::Kept),
        };
        let (fresh, before, inherited, refused) =
            (flight.fresh, flight.before, flight.inherited, flight.allowed == Some(Rule::OpenClaim));
        let linked = self.protected.get(&ident).is_some_and(|list| list.iter().any(|one| one.linked.is_some()));
        for (mark, seen) in [
            (Mark::Cached, found),
            (Mark::CachedAfterCrash, found && !own && after_crash),
            (Mark::CachedByAnother, found && self.options.processes > 1 && !own),
            (Mark::Linked, found && linked),
            (Mark::Unreadable, record.is_err()),
            (Mark::Expired, expired),
            (Mark::Fresh, fresh && before),
            (Mark::Forced, inherited && !refused),
            (Mark::UnknownAfterCrash, refused && after_crash),
        ] {
            if seen {
                self.mark(mark);
            }
        }
        self.note(|| format!("client {client}: flight {id} for {ident} reads {record:?}"));
    }

    pub(crate) fn judge_authorize(&mut self, client: usize, id: Id) {
        let Some(flight) = self.clients[client].flights.get_mut(&id) else { return };
        flight.reserved = true;
        flight.ended = None;
        let (ident, clock) = (flight.ident, flight.opened.unwrap_or_default());
        // What is over once is over, also if the clocks go back.
        self.protected.entry(ident).or_default().retain(|one| one.until > clock);
        let Some(flight) = self.clients[client].flights.get(&id) else { return };
        if let Some(rule) = flight.allowed {
            self.broken(rule, format!("flight {id} of client {client} goes on for {ident}"));
        }
    }

    pub(crate) fn judge_save(&mut self, client: usize, id: Id, also: Option<&str>, record: &str, lifetime_ms: u64) {
        // A store goes by the clock of its machine; the client's own may be ahead of it.
        let (clock, ahead) = (self.clock(), self.clients[client].clock);
        let also = also.map(|key| self.people.of_key(key));
        let Some(flight) = self.clients[client].flights.get_mut(&id) else { return };
        if record.starts_with(r#"{"status":"claimed""#) {
            flight.claim = Some((clock, clock + lifetime_ms));
        } else {
            let answered = !matches!(flight.ended, Some((Ended::Free, _)) | None);
            let record: Value = serde_json::from_str(record).unwrap_or_default();
            let (at, until) = (record["at"].as_u64().unwrap_or_default(), record["until"].as_u64().unwrap_or_default());
            let too_long = ahead + lifetime_ms > until || until - at > LONGEST;
            flight.settles = Some((clock + lifetime_ms, also, answered));
            if !answered {
                self.mark(Mark::Restored);
            }
            if too_long {
                self.broken(Rule::Lifetime, format!("flight {id} of client {client} keeps its answer too long"));
            }
        }
    }

    /// Something was written for a flight; what it replaces no longer counts.
    pub(crate) fn judge_applied(&mut self, client: usize, id: Id, texts: &[(String, Option<String>)]) {
        let behind = self.clock() < self.clients[client].clock;
        let flight = &self.clients[client].flights[&id];
        let own = flight.ident;
        let (Some(request), Some((ended, _))) = (flight.request, flight.ended.clone()) else {
            // A claim takes the place of the one that it overrides.
            if let Some((until, ..)) = flight.settles.filter(|_| behind) {
                return self.govern_down(own, until);
            }
            if let Some((_, until)) = flight.claim {
                // Where the clocks went back, the store drops it earlier than its client thinks.
                for one in self.protected.entry(own).or_default().iter_mut().filter(|one| behind || !one.governs) {
                    one.until = one.until.min(until);
                }
            }
            return;
        };
        // What is not to be kept at all is erased, whatever the clocks say.
        let until = flight.settles.map_or(0, |(until, ..)| until);
        for (name, _) in texts {
            let ident = self.people.of_key(name);
            if ident != own {
                let flights = self.clients.iter_mut().flat_map(|client| client.flights.values_mut());
                for flight in flights.filter(|flight| flight.ident == ident && !flight.closed) {
                    flight.overwritten = true;
                    // What stands in place of its claim goes when that goes.
                    flight.claim = flight.claim.map(|(since, claimed)| (since, claimed.min(until)));
                }
            }
            match ended {
                Ended::Found => self.govern(ident, request, until, ident != own),
                Ended::NotFound => self.govern_down(ident, until),
                Ended::Free if behind => self.govern_down(ident, until),
                Ended::Free => {}
            }
        }
    }

    pub(crate) fn judge_saved(&mut self, client: usize, id: Id, ok: bool) {
        let Some(flight) = self.clients[client].flights.get_mut(&id) else { return };
        if !ok {
            flight.save_failed = true;
            let mark = match flight.ended {
                Some((Ended::Found, _)) => Mark::NotKept,
                None if flight.sends == 0 => Mark::ClaimNotKept,
                _ => return,
            };
            return self.mark(mark);
        }
        let erased = flight.settles.is_none() && matches!(flight.ended, Some((Ended::Free, _)));
        let (Some((until, _, true)), Some((Ended::Found, _))) = (flight.settles, &flight.ended) else {
            if erased {
                self.mark(Mark::ClaimErased);
            }
            return;
        };
        let (Some(request), ident) = (flight.request, flight.ident) else { return };
        let Some(also) = self.bonus[ident.person()].map(|kind| Ident::of(ident.person(), kind)) else { return };
        if also == ident {
            return;
        }
        // Nobody holds the lock of the linked e-mail: whoever is at work on that may overwrite the link.
        let meanwhile = self.clients.iter().any(|other| {
            other.engine.is_some() && other.flights.values().any(|flight| flight.ident == also && !flight.closed)
        });
        if !meanwhile {
            let since = self.arrival();
            self.protected.entry(also).or_default().push(Protection {
                request,
                until,
                charged: true,
                governs: false,
                linked: Some(since),
            });
        }
    }

    pub(crate) fn judge_send(
        &mut self,
        client: usize,
        id: Id,
        ident: Ident,
        lookup: u32,
        fate: Option<Fault>,
    ) -> usize {
        let number = self.requests.len();
        let who = format!("request {number} for {ident}, flight {id} of client {client}");
        let now = self.clock();
        let life = &mut self.clients[client];
        let clock = life.clock;
        if !life.flights.contains_key(&id) {
            return number;
        }
        let opener = life.calls.values().find(|call| call.number == lookup);
        // An answer that is told while it is still being kept is free as well.
        let free: Vec<Ident> = (life.flights.values())
            .filter(|other| !other.closed && matches!(other.ended, Some((Ended::NotFound, _))) && other.unknown == 0)
            .map(|other| other.ident)
            .collect();
        let (retries, retry_unknown, run) =
            opener.map_or((0, false, None), |call| (call.retries, call.retry_unknown, call.run));
        let mut broken = Vec::new();
        let Some(flight) = life.flights.get_mut(&id) else { return number };
        let record = self.store.record(&flight.key, now);
        // Somebody who found the same person meanwhile may have linked the answer, which is as good.
        let stands = !flight.overwritten && flight.claim.is_none_or(|(_, until)| now < until);
        if stands && !record.is_ok_and(|record| record.is_some_and(|record| record["status"] == "claimed")) {
            broken.push((Rule::Claim, "no claim is there"));
        }
        if flight.ident != ident {
            broken.push((Rule::Claim, "the claim is somebody else's"));
        }
        if flight.closed {
            broken.push((Rule::Nobody, "the flight is over"));
        }
        if !life.calls.values().any(|call| !call.done && call.idents.contains(&ident)) {
            broken.push((Rule::Nobody, "nobody waits for it"));
        }
        if opener.is_some_and(|call| call.suppressed) {
            broken.push((Rule::Suppressed, "suppressed"));
        }
        // Whoever joined meanwhile may have asked for this rung alone.
        if let Some(call) = opener.filter(|call| !call.done) {
            let rung = call.idents.iter().position(|other| *other == ident).unwrap_or_default();
            if rung > 0 {
                self.summary.marks.set(Mark::Climbed);
            }
            if !call.idents[..rung].iter().all(|other| call.free.contains(other) || free.contains(other)) {
                broken.push((Rule::Ladder, "an earlier rung was not free"));
            }
        }
        if life.breaker {
            broken.push((Rule::Breaker, "the breaker is open"));
        }
        if flight.sends > retries {
            broken.push((Rule::Retries, "too many requests"));
        }
        if flight.sends > 0 {
            let again = flight.request.map(|before| self.requests[before].state);
            let waited = flight.rate_limited.take().is_some();
            match again {
                Some(State::Free) if waited => self.summary.marks.set(Mark::RateLimited),
                Some(State::Unknown) if retry_unknown => self.summary.marks.set(Mark::RetriedUnknown),
                _ => broken.push((Rule::Retries, "nothing asks for another request")),
            }
        }
        let retry_of_unknown = retry_unknown && flight.unknown > 0;
        flight.sends += 1;
        flight.ended = None;
        flight.request = Some(number);
        let unknown = flight.unknown;
        let until = flight.claim.map_or(u64::MAX, |(_, until)| until);
        let protection = Protection { request: number, until, charged: false, governs: false, linked: None };
        self.protected.entry(ident).or_default().push(protection);
        life.requests.push(number);
        life.watch.overlapped |= life.watch.out > 0;
        life.watch.out += 1;
        self.requests.push(Request {
            client,
            flight: id,
            ident,
            fate,
            charged: false,
            arrived: None,
            reply: None,
            state: State::Out,
            settled: 0,
            run,
            retry_of_unknown,
        });
        let limits = self.options.limits;
        let life = &self.clients[client];
        let used = |counts: &dyn Fn(&Request) -> bool| {
            let requests = life.requests.iter().map(|number| &self.requests[*number]);
            PRICE * requests.filter(|request| request.state != State::Free && counts(request)).count() as i64
        };
        let since = |window| move |request: &Request| request.state == State::Out || request.settled + window > clock;
        let run_limit = run.and_then(|run| life.runs[run as usize].1);
        for (limit, used, what) in [
            (limits.total, used(&|_| true), "the client's limit is passed"),
            (
                limits.per_minute,
                limits.per_minute.map_or(0, |_| used(&since(60 * SECOND))),
                "the limit of a minute is passed",
            ),
            (limits.per_day, limits.per_day.map_or(0, |_| used(&since(DAY))), "the limit of a day is passed"),
            (limits.per_call, PRICE * i64::from(unknown + 1), "the limit of a call is passed"),
            (run_limit, run_limit.map_or(0, |_| used(&|request| request.run == run)), "the limit of a run is passed"),
        ] {
            if limit.is_some_and(|limit| used > i64::from(limit)) {
                broken.push((Rule::Budget, what));
            }
        }
        let others = self.clients.iter().enumerate().any(|(index, other)| {
            other.engine.is_some()
                && other.flights.iter().any(|(other, flight)| {
                    (index, *other) != (client, id)
                        && flight.ident == ident
                        && !flight.closed
                        && flight.request.is_some_and(|request| self.requests[request].state == State::Out)
                })
        });
        if others {
            broken.push((Rule::Lock, "another request for the same person is out"));
        }
        for (rule, what) in broken {
            self.broken(rule, format!("{who}: {what}"));
        }
        number
    }

    pub(crate) fn judge_close(&mut self, client: usize, id: Id) {
        let Some(flight) = self.clients[client].flights.get_mut(&id) else { return };
        flight.closed = true;
        let (key, ident, ended, request, unknown) =
            (flight.key.clone(), flight.ident, flight.ended.clone(), flight.request, flight.unknown);
        let (save_failed, inherited, before) = (flight.save_failed, flight.inherited, flight.before_until);
        let (sends, claim, flight_overwritten) = (flight.sends, flight.claim, flight.overwritten);
        let (settles, erased) = (flight.settles, flight.erased);
        self.clients[client].closing.push(id);
        let out = request.is_some_and(|request| self.requests[request].state == State::Out);
        let who = format!("flight {id} of client {client} for {ident}");
        if claim.is_some() && ended.is_none() && sends == 0 && !save_failed && self.clients[client].breaker {
            self.mark(Mark::BreakerStops);
        }
        if out {
            self.broken(Rule::Lost, format!("{who} ends while its request is out"));
        }
        if unknown == 0 && matches!(ended, Some((Ended::NotFound, _))) {
            self.freed(client, ident);
        }
        if flight_overwritten {
            return;
        }
        let record = self.store.record(&key, self.clock());
        let gone = matches!(record, Ok(None));
        let record = record.ok().flatten().unwrap_or_default();
        let now = self.clients[client].clock;
        let stands = |until: u64| now < until;
        let broken = match ended {
            Some((Ended::Found, _)) => {
                let kept = record["phone"] == phone(ident.person());
                if kept && !self.waited(client, ident) {
                    self.mark(Mark::LateKept);
                }
                let expected = !save_failed && !erased && settles.is_none_or(|(until, ..)| self.clock() < until);
                (!kept && expected).then_some((Rule::Lost, "the answer is not in the store"))
            }
            Some((Ended::NotFound, _)) => {
                if sends > 0 {
                    self.mark(Mark::NotFound);
                }
                None
            }
            _ if unknown > 0 => {
                let lost = gone && claim.is_some_and(|(_, until)| stands(until));
                lost.then_some((Rule::ClaimLost, "the claim is gone"))
            }
            _ if claim.is_none() || inherited || save_failed => None,
            _ if record["status"] == "claimed" => Some((Rule::ClaimLeft, "the claim is still there")),
            _ => (gone && before.is_some_and(stands)).then_some((Rule::Lost, "what was there before is gone")),
        };
        if let Some((rule, what)) = broken {
            self.broken(rule, format!("{who}: {what}"));
        }
    }

    pub(crate) fn judge_finish(&mut self, client: usize, id: Id, result: &Result<Box<Outcome>, Box<Failure>>) {
        let Some(call) = self.clients[client].calls.get_mut(&id) else { return };
        call.done = true;
        self.clients[client].told_now = true;
        let Some(call) = self.clients[client].calls.get(&id) else { return };
        let (number, idents) = (call.number, call.idents.clone());
        let (charge, on) = match result {
            Ok(outcome) => (outcome.meta.charge, vec![self.people.of_lookup(&outcome.meta.lookup)]),
            Err(failure) => (failure.charge, idents),
        };
        self.note(|| match result {
            Ok(outcome) => format!(
                "client {client}: call {id} (lookup {number}) ends: {} from {}, {}, {} requests",
                outcome.answer.status(),
                outcome.meta.source.as_str(),
                charge.as_str(),
                outcome.meta.attempts
            ),
            Err(failure) => format!(
                "client {client}: call {id} (lookup {number}) ends: {}, {}",
                failure.code.as_str(),
                charge.as_str()
            ),
        });
        let life = &mut self.clients[client];
        let closing = &life.closing;
        let live = |id: &Id, closed: bool| !closed || closing.contains(id);
        let mut broken = None;
        match charge {
            Charge::Confirmed => {
                let flights = life.flights.iter_mut().filter(|(id, flight)| {
                    on.contains(&flight.ident)
                        && live(id, flight.closed)
                        && matches!(flight.ended, Some((Ended::Found, _)))
                        && flight.told_confirmed == 0
                });
                // A ladder stops at the first rung that is found.
                match flights.min_by_key(|(_, flight)| on.iter().position(|ident| *ident == flight.ident)) {
                    Some((_, flight)) => flight.told_confirmed += 1,
                    None => {
                        broken = Some((
                            Rule::Confirmed,
                            "is told to be charged, and nothing was that nobody else was told of",
                        ))
                    }
                }
            }
            Charge::Possible => {
                for (id, flight) in &mut life.flights {
                    if on.contains(&flight.ident) && live(id, flight.closed) {
                        flight.told_possible = true;
                    }
                }
            }
            Charge::None => {
                let others = |ident: &Ident| life.calls.values().any(|call| !call.done && call.idents.contains(ident));
                let risky = life.flights.iter().any(|(id, flight)| {
                    on.contains(&flight.ident)
                        && live(id, flight.closed)
                        && !flight.told_possible
                        && flight.told_confirmed == 0
                        && (flight.unknown > 0
                            || flight.request.is_some_and(|request| self.requests[request].state == State::Out))
                        && !others(&flight.ident)
                });
                if risky {
                    broken = Some((Rule::Free, "is told to be free, and a request may have been charged"));
                }
            }
        }
        let shared = match result {
            Ok(outcome) => {
                let mut shared = false;
                for (id, flight) in &mut life.flights {
                    if on.contains(&flight.ident)
                        && live(id, flight.closed)
                        && flight.request.is_some()
                        && flight.ended.is_some()
                    {
                        shared |= flight.told_answer && outcome.meta.source == Source::Cache;
                        flight.told_answer = true;
                    }
                }
                shared
            }
            Err(_) => false,
        };
        let late =
            life.flights.values().any(|flight| on.contains(&flight.ident) && !flight.closed && flight.ended.is_some());
        if let Some((rule, what)) = broken {
            self.broken(rule, format!("lookup {number} {what}"));
        }
        let marks = [
            (Mark::Shared, shared),
            (Mark::ToldWhileKept, late && result.is_ok()),
            (Mark::GivenUpWhileKept, late && matches!(result, Err(failure) if failure.code == Code::Aborted)),
        ];
        for (mark, seen) in marks {
            if seen {
                self.mark(mark);
            }
        }
        match result {
            Ok(outcome) => {
                if let Answer::Found(results) = &outcome.answer
                    && results.phone != Some(phone(on[0].person()))
                {
                    self.broken(Rule::Lost, format!("lookup {number} has somebody else's phone"));
                }
            }
            Err(failure) => self.judge_failure(client, id, failure),
        }
    }

    fn judge_failure(&mut self, client: usize, id: Id, failure: &Failure) {
        let life = &self.clients[client];
        match failure.code {
            Code::Suppressed => self.mark(Mark::Suppressed),
            Code::StoreFailed => self.mark(Mark::StoreRefused),
            // Where calls can't wait for each other, one whose time is long over is taken to be gone.
            Code::Aborted if !life.calls[&id].aborted && self.options.share && !self.jumped => {
                self.broken(Rule::Stranger, format!("call {id} of client {client} is told that it gave up"));
            }
            Code::RateLimited => self.mark(Mark::RateLimitFinal),
            Code::InsufficientCredits if failure.status.is_none() => {
                // It may have closed while the claim was taken back.
                if life.breaker || life.calls[&id].begun <= life.breaker_until {
                    self.mark(Mark::BreakerOpen);
                } else {
                    self.broken(
                        Rule::Refusal,
                        format!("call {id} of client {client} is refused by a breaker that is closed"),
                    );
                }
            }
            Code::BudgetExceeded => {
                let limits = self.options.limits;
                // Who shares a flight shares its refusal: of whichever run it is.
                let run = life.runs.iter().filter_map(|(_, limit)| *limit).min();
                // At most: what is set aside now counts as well.
                let busy = life.flights.values().filter(|flight| flight.reserved && !flight.closed).count();
                let spent = life.requests.iter().filter(|number| self.requests[**number].state != State::Free).count();
                let most = PRICE * (busy + spent + 1) as i64;
                let full = |limit: Option<u32>| limit.is_some_and(|limit| most > i64::from(limit));
                let per_call = limits.per_call.is_some_and(|limit| PRICE > i64::from(limit));
                for (mark, seen) in [
                    (Mark::BudgetRefused, full(limits.total)),
                    (Mark::RunRefused, full(run) && !full(limits.total)),
                    (Mark::RateRefused, failure.retry_after_ms.is_some()),
                ] {
                    if seen {
                        self.mark(mark);
                    }
                }
                if !(full(limits.total) || full(limits.per_minute) || full(limits.per_day) || full(run) || per_call) {
                    self.broken(
                        Rule::Refusal,
                        format!("call {id} of client {client} is refused with {most} credits at most"),
                    );
                }
            }
            _ => {}
        }
    }

    /// After all effects of an event.
    pub(crate) fn judge_quiet(&mut self, client: usize) {
        let life = &mut self.clients[client];
        let closing = std::mem::take(&mut life.closing);
        life.told_now = false;
        let Some(engine) = &life.engine else { return };
        let balance = engine.balance(None);
        let idle = engine.is_idle();
        let charged = life.charged;
        let (mut known, mut out) = (0, 0);
        for number in &life.requests {
            match self.requests[*number].state {
                State::Charged | State::Unknown => known += PRICE,
                State::Out => out += PRICE,
                State::Free => {}
            }
        }
        let (spent, possible, reserved) = (balance.spent as i64, balance.possible as i64, balance.reserved as i64);
        let foreign = life.foreign;
        let mut broken = Vec::new();
        if spent + possible != known {
            broken
                .push((Rule::Count, format!("{spent} spent and {possible} possible, and the world knows of {known}")));
        }
        if reserved < out {
            broken.push((Rule::Budget, format!("{reserved} set aside, and {out} out")));
        }
        if charged > spent + possible + reserved {
            broken.push((
                Rule::Count,
                format!("the vendor took {charged}, and {spent} + {possible} + {reserved} are known"),
            ));
        }
        if spent > charged && !foreign {
            broken.push((Rule::Count, format!("{spent} spent, and the vendor took {charged}")));
        }
        if idle && reserved > 0 {
            broken.push((Rule::Reserved, format!("{reserved} are set aside for nothing")));
        }
        if idle {
            for (run, _) in &life.runs {
                if engine.balance(Some(*run)).reserved > 0 {
                    broken.push((Rule::Reserved, "a run has credits set aside for nothing".into()));
                }
            }
        }
        for id in closing {
            let flight = &life.flights[&id];
            let (told_confirmed, told_possible) = (flight.told_confirmed, flight.told_possible);
            if flight.save_failed && matches!(flight.ended, Some((Ended::Found, _))) && !flight.warned {
                broken.push((Rule::Warned, format!("flight {id} could not keep its answer")));
            }
            let charged = life.requests.iter().any(|number| {
                let request = &self.requests[*number];
                request.flight == id && request.charged
            });
            if charged && told_confirmed == 0 && !told_possible {
                broken.push((Rule::Reported, format!("flight {id} was charged, and nobody was told")));
            }
        }
        for (rule, what) in broken {
            self.broken(rule, format!("client {client}: {what}"));
        }
        self.judge_ledger(client);
    }

    fn judge_ledger(&mut self, client: usize) {
        let watch = &mut self.clients[client].watch;
        let quiet = watch.out == 0 && watch.settled;
        watch.settled = watch.out == 0 && watch.settled && !quiet;
        if !quiet {
            return;
        }
        let anomaly = std::mem::take(&mut self.clients[client].anomaly);
        let watch = &mut self.clients[client].watch;
        let overlapped = std::mem::take(&mut watch.overlapped);
        if !std::mem::take(&mut watch.told) {
            return;
        }
        let blind = std::mem::take(&mut watch.untold) && overlapped;
        let topped_up = std::mem::take(&mut watch.topped_up);
        let due = watch.due.take();
        // One request alone tells the balance, several only if it was known before.
        watch.base = !blind && !topped_up && (watch.base || !overlapped);
        let explained = watch.unknown_ever;
        let seen = watch.told_arrival;
        if let Some((credits, at)) = due
            && !blind
            && !topped_up
        {
            if seen < at {
                self.clients[client].watch.due = due;
            } else if anomaly {
                self.mark(Mark::ForeignSeen);
            } else if !explained || credits % PRICE != 0 {
                self.broken(Rule::NoAlarm, format!("client {client}: {credits} credits are gone, and nobody says so"));
            }
        }
    }

    /// After everything.
    pub(crate) fn judge_end(&mut self) {
        for client in 0..self.clients.len() {
            let Some(engine) = &self.clients[client].engine else { continue };
            if !engine.is_idle() {
                self.broken(Rule::Settles, format!("client {client} is not idle"));
            }
        }
    }

    // What the world does.

    /// The vendor takes its price for a request.
    pub(crate) fn charge(&mut self, number: usize) {
        self.summary.charges += 1;
        self.mark(Mark::Charged);
        self.requests[number].charged = true;
        let Request { client, flight: id, ident, retry_of_unknown, .. } = self.requests[number];
        let wallet = self.clients[client].wallet;
        for (index, other) in self.clients.iter_mut().enumerate() {
            if other.wallet == wallet && index != client && other.engine.is_some() {
                other.foreign = true;
                other.watch.due = None;
                other.watch.base = false;
                other.watch.topped_up |= true;
            }
        }
        let life = &mut self.clients[client];
        life.charged += PRICE;
        let alive = life.engine.is_some();
        let Some(flight) = life.flights.get(&id) else { return };
        let (opened, read) = (flight.opened.unwrap_or_default(), flight.read);
        let allowed = flight.force || flight.fresh || retry_of_unknown;
        let unreported = alive && flight.closed && flight.told_confirmed == 0 && !flight.told_possible;
        let list = self.protected.entry(ident).or_default();
        let before = list
            .iter()
            .find(|one| {
                one.charged && one.request < number && one.until > opened && one.linked.is_none_or(|since| since < read)
            })
            .cloned();
        for one in list.iter_mut().filter(|one| one.request == number) {
            one.charged = true;
        }
        if let Some(before) = before
            && !allowed
        {
            let linked = if before.linked.is_some() { ", to whom it is linked," } else { "" };
            self.broken(
                Rule::DoubleCharge,
                format!("{ident} is charged by request {number}, and{linked} was by request {}", before.request),
            );
        }
        if unreported {
            self.broken(Rule::Reported, format!("request {number} was charged, and nobody was told"));
        }
    }

    /// An answer is kept until then: from now on that is how long nobody pays again.
    fn govern(&mut self, ident: Ident, request: usize, until: u64, linked: bool) {
        let list = self.protected.entry(ident).or_default();
        for one in list.iter_mut().filter(|one| one.request <= request || linked) {
            one.until = one.until.min(until);
        }
        list.push(Protection {
            request,
            until: if linked { 0 } else { until },
            charged: true,
            governs: true,
            linked: None,
        });
    }

    /// A client's reply comes in.
    pub(crate) fn judge_reply(&mut self, number: usize, reply: &Reply, state: State, ended: Option<Ended>) {
        let Request { client, flight: id, ident, .. } = self.requests[number];
        let arrived = self.requests[number].arrived.unwrap_or_default();
        self.settled(number, state, reply.balance);
        let clock = self.clients[client].clock;
        let life = &mut self.clients[client];
        if arrived < life.watch.last_arrival {
            self.summary.marks.set(Mark::Reordered);
        }
        life.watch.last_arrival = life.watch.last_arrival.max(arrived);
        if reply.says == Says::NoCredits {
            life.breaker = true;
            life.watch.refused = life.watch.refused.max(number);
        } else if reply.balance.is_some_and(|balance| balance >= PRICE)
            && number > life.watch.refused
            && std::mem::take(&mut life.breaker)
        {
            life.breaker_until = self.now;
            life.watch.refused = 0;
            self.summary.marks.set(Mark::BreakerClosed);
        }
        let life = &mut self.clients[client];
        let Some(flight) = life.flights.get_mut(&id) else { return };
        if let Says::TooMany(Some(wait)) = reply.says {
            flight.rate_limited = Some(wait);
        }
        flight.ended = ended.clone().map(|ended| (ended, clock));
        if ended == Some(Ended::NotFound) && flight.unknown == 0 {
            self.freed(client, ident);
        }
    }

    /// A request is over, as far as its client can know.
    pub(crate) fn settled(&mut self, number: usize, state: State, balance: Option<i64>) {
        let clock = self.clock();
        let Request { client, flight: id, charged, .. } = self.requests[number];
        let life = &mut self.clients[client];
        life.clock = life.clock.max(clock);
        let request = &mut self.requests[number];
        request.state = state;
        request.settled = life.clock;
        let arrived = request.arrived.unwrap_or_default();
        let watch = &mut life.watch;
        watch.out = watch.out.saturating_sub(1);
        watch.settled = true;
        if balance.is_some() {
            watch.told = true;
            watch.told_arrival = watch.told_arrival.max(arrived);
        } else if state == State::Charged {
            watch.untold = true;
        }
        if state == State::Unknown {
            watch.unknown_ever = true;
            if let Some(flight) = life.flights.get_mut(&id) {
                flight.unknown += 1;
            }
            if charged {
                self.mark(Mark::ChargedUnseen);
            }
        }
    }

    pub(crate) fn cancelled(&mut self, client: usize, number: usize) {
        if self.requests[number].state == State::Out {
            self.settled(number, State::Unknown, None);
        }
        self.mark(if self.clients[client].told_now { Mark::Cancelled } else { Mark::BrokenOff });
    }

    /// A flight's request did not take place, or its price is no longer set aside.
    pub(crate) fn flight_free(&mut self, client: usize, id: Id) {
        let clock = self.clients[client].clock;
        if let Some(flight) = self.clients[client].flights.get_mut(&id) {
            flight.ended = (flight.request.is_some()).then_some((Ended::Free, clock));
        }
    }

    /// A process is dead: nobody expects anything of it any more.
    pub(crate) fn buried(&mut self, client: usize) {
        for flight in self.clients[client].flights.values_mut() {
            flight.closed = true;
        }
        for call in self.clients[client].calls.values_mut() {
            call.done = true;
        }
    }

    pub(crate) fn warned(&mut self, client: usize) {
        for flight in self.clients[client].flights.values_mut().filter(|flight| !flight.closed) {
            flight.warned = true;
        }
    }

    pub(crate) fn anomaly(&mut self, client: usize, expected: i64, seen: i64) {
        self.note(|| format!("client {client} expects {expected} credits and sees {seen}"));
        self.mark(Mark::Anomaly);
        self.clients[client].anomaly = true;
        if !self.clients[client].foreign {
            self.broken(Rule::FalseAlarm, format!("client {client} expects {expected} credits, and sees {seen}"));
        }
    }

    pub(crate) fn topped_up(&mut self, wallet: usize) {
        for index in 0..self.clients.len() {
            if self.clients[index].wallet == wallet && self.clients[index].engine.is_some() {
                let watch = &mut self.clients[index].watch;
                watch.due = None;
                watch.base = false;
                watch.topped_up = true;
                if self.host.happens((1, 2)) {
                    self.after(0, Next::CloseBreaker(index));
                }
            }
        }
    }

    /// Somebody else took credits.
    pub(crate) fn taken(&mut self, wallet: usize, credits: i64) {
        let at = self.arrival();
        for life in self.clients.iter_mut().filter(|life| life.wallet == wallet && life.engine.is_some()) {
            life.foreign = true;
            let watch = &mut life.watch;
            let before = watch.due.map_or(0, |(credits, _)| credits);
            if watch.base && watch.out == 0 {
                watch.due = Some((before + credits, at));
            } else {
                watch.due = None;
                watch.topped_up = true;
            }
        }
    }

    fn govern_down(&mut self, ident: Ident, until: u64) {
        for one in self.protected.entry(ident).or_default() {
            one.until = one.until.min(until);
        }
    }

    /// Whoever waits for this person may try the next rung.
    fn freed(&mut self, client: usize, ident: Ident) {
        for call in self.clients[client].calls.values_mut().filter(|call| !call.done && call.idents.contains(&ident)) {
            call.free.push(ident);
        }
    }

    fn waited(&self, client: usize, ident: Ident) -> bool {
        self.clients[client].calls.values().any(|call| !call.done && call.idents.contains(&ident))
    }
}
