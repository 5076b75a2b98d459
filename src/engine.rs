//! One lookup from check to settle, as a state machine without any input or output of its own: an
//! event goes in, effects come out. Clock, randomness, storage and network are somebody else's.
//!
//! The contract: every effect that [`Engine::handle`] returns is carried out, in order, before the
//! next event. One timer is enough: each [`Effect::Sleep`] takes the place of the one before.

use alloc::rc::Rc;

use crate::charge::Charge;
use crate::config::{Config, Credentials};
use crate::endpoint::Endpoint;
use crate::failure::{Code, Failure};
use crate::lookup::Lookup;
use crate::outcome::{Meta, Outcome, Source};
use crate::reply::{self, HttpReply};
use crate::request::HttpRequest;
use crate::retry;

/// What happened outside.
pub enum Event {
    /// The caller asked.
    Begin,
    /// What the request may carry is known, or can't be had.
    Authorized(Result<Credentials, Box<Failure>>),
    /// The service replied.
    Replied(HttpReply),
    /// The runtime refused to make the request: nothing went on the wire.
    NotSent,
    /// The request or its reply was lost.
    Lost,
    /// The time of the last `Sleep` has passed.
    Elapsed,
    /// The caller gave up.
    Aborted,
}

/// What is to be done outside.
pub enum Effect {
    /// Find out what the request may carry; answered by `Authorized`.
    Authorize,
    /// Put this on the wire; answered by `Replied`, `NotSent` or `Lost`.
    Send(Rc<HttpRequest>),
    /// Break off what `Send` began; its answer is no longer wanted.
    Cancel,
    /// Wake the engine with `Elapsed` after this many milliseconds.
    Sleep(u64),
    /// The call is over.
    Finish(Result<Outcome, Box<Failure>>),
}

enum Stage {
    Ready,
    Authorizing,
    Sending,
    Waiting,
    Done,
}

/// One lookup on its way.
pub struct Engine {
    endpoint: Endpoint,
    lookup: Rc<Lookup>,
    config: Config,
    entropy: u64,
    stage: Stage,
    request: Option<Rc<HttpRequest>>,
    attempts: u32,
    effects: Vec<Effect>,
}

impl Engine {
    /// A lookup that has not begun. `entropy` is any random number; it spreads waits.
    #[must_use]
    pub fn new(endpoint: Endpoint, lookup: Rc<Lookup>, config: Config, entropy: u64) -> Self {
        Self { endpoint, lookup, config, entropy, stage: Stage::Ready, request: None, attempts: 0, effects: Vec::new() }
    }

    /// Requests put on the wire.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Takes in what happened, and says what is to be done, in order. `now` is in milliseconds since
    /// 1970. What no longer matters is ignored.
    #[must_use]
    pub fn handle(&mut self, event: Event, now: u64) -> Vec<Effect> {
        self.take(event, now);
        core::mem::take(&mut self.effects)
    }

    fn take(&mut self, event: Event, now: u64) {
        match (&self.stage, event) {
            (Stage::Ready, Event::Begin) => {
                self.stage = Stage::Authorizing;
                self.effects.push(Effect::Sleep(self.config.timeout_ms().into()));
                self.effects.push(Effect::Authorize);
            }
            (Stage::Authorizing, Event::Authorized(Ok(credentials))) => {
                self.request =
                    Some(Rc::new(HttpRequest::new(self.config.base_url(), &self.endpoint, &self.lookup, credentials)));
                self.send();
            }
            (Stage::Authorizing, Event::Authorized(Err(failure))) => self.fail(failure),
            (Stage::Sending, Event::Replied(reply)) => self.settle(&reply, now),
            (Stage::Sending, Event::NotSent) => {
                self.attempts = self.attempts.saturating_sub(1);
                // All but the address is ours, and checked.
                self.fail(Failure::refused(Code::InvalidOptions, &["baseUrl is no address."]));
            }
            (Stage::Sending, Event::Lost) => self.fail(Failure::new(Code::Network, Charge::Possible)),
            (Stage::Waiting, Event::Elapsed) => {
                self.effects.push(Effect::Sleep(self.config.timeout_ms().into()));
                self.send();
            }
            (Stage::Authorizing | Stage::Sending, Event::Elapsed) => self.give_up(Code::Timeout),
            (Stage::Ready | Stage::Authorizing | Stage::Sending | Stage::Waiting, Event::Aborted) => {
                self.give_up(Code::Aborted)
            }
            _ => {}
        }
    }

    fn send(&mut self) {
        if let Some(request) = self.request.clone() {
            self.stage = Stage::Sending;
            self.attempts = self.attempts.saturating_add(1);
            self.effects.push(Effect::Send(request));
        }
    }

    /// Once a request is out, giving up on it doesn't stop the service from charging.
    fn give_up(&mut self, code: Code) {
        let charge = if matches!(self.stage, Stage::Sending) {
            self.effects.push(Effect::Cancel);
            Charge::Possible
        } else {
            Charge::None
        };
        self.fail(Failure::new(code, charge));
    }

    fn settle(&mut self, reply: &HttpReply, now: u64) {
        let failure = match reply::read(reply, &self.endpoint, now) {
            Ok(reading) => {
                let charge = reading.answer.charge();
                let meta = Meta {
                    charge,
                    credits: if charge == Charge::Confirmed { self.endpoint.price } else { 0 },
                    lookup: Rc::clone(&self.lookup),
                    source: Source::Network,
                    attempts: self.attempts,
                    collected_at: now,
                    expires_at: now.saturating_add(reading.answer.lifetime_ms()),
                };
                return self.finish(Ok(Outcome {
                    answer: reading.answer,
                    remaining_credits: reading.remaining_credits,
                    meta,
                }));
            }
            Err(failure) => failure,
        };
        let tries_left = self.config.max_rate_limit_retries().saturating_add(1).saturating_sub(self.attempts);
        match retry::wait_ms(failure.retry_after_ms, tries_left, self.entropy) {
            Some(milliseconds) if failure.code == Code::RateLimited => {
                self.stage = Stage::Waiting;
                self.effects.push(Effect::Sleep(milliseconds));
            }
            _ => self.fail(failure),
        }
    }

    fn fail(&mut self, failure: Box<Failure>) {
        self.finish(Err(failure));
    }

    fn finish(&mut self, result: Result<Outcome, Box<Failure>>) {
        self.stage = Stage::Done;
        self.effects.push(Effect::Finish(result));
    }
}
