//! Lookups from check to settle, as a state machine without any input or output of its own: an event goes in, effects
//! come out. Clock, randomness, storage and network are somebody else's.
//!
//! A *call* is what a caller waits for; a *flight* is the work for one person, and serves every call for that person.
//! The order of a flight is the money rule itself: what is kept is read under the person's lock, the price is set aside,
//! the claim is on disk, and only then is anything sent. What became of it is on disk before the callers hear of it.
//!
//! The contract: every effect that [`Engine::handle`] returns is carried out, in order, before the next event. Each
//! [`Effect::Sleep`] takes the place of the one before with the same number.

use alloc::rc::Rc;

use crate::breaker::Breaker;
use crate::budget::{Budget, Limits, Refusal};
use crate::cache::Kept;
use crate::charge::Charge;
use crate::config::{Config, Credentials, Setting};
use crate::endpoint::Endpoint;
use crate::failure::{Code, Failure};
use crate::identity::{Email, Text};
use crate::journal::{self, Entry};
use crate::json::Members;
use crate::ledger::{Finding, Ledger};
use crate::lookup::Lookup;
use crate::outcome::{Answer, Meta, Outcome, Source};
use crate::reply::{self, HttpReply, Reading};
use crate::request::HttpRequest;
use crate::retry;

/// How long a request that all callers gave up on is left to finish, in milliseconds.
pub const DETACHED_MS: u64 = 60_000;

/// How long to wait before looking again whether another call for the same person is over, where calls can't wait for
/// each other, in milliseconds.
const POLL_MS: u64 = 50;

/// How often whoever is next looks before a flight is given up whose store does not answer: for a minute. A clock that
/// jumps is no reason to send while something may still be on its way to the store.
const MOST_POLLS: u32 = 1200;

/// How long after its deadline a flight is taken to be forgotten, in milliseconds.
const GRACE_MS: u64 = 1000;

/// A call or a flight; no two have the same.
pub type Id = u32;

/// What happened outside.
pub enum Event {
    /// The caller of a call asked.
    Begin(Id),
    /// Whether the caller's suppression list has somebody whom a call names.
    Screened(Id, Result<bool, Box<Failure>>),
    /// A flight holds its person's lock.
    Locked(Id),
    /// What the store has of a flight's person, or that it failed.
    Opened(Id, Result<Option<Members>, ()>),
    /// What a flight's request may carry is known, or can't be had.
    Authorized(Id, Result<Credentials, Box<Failure>>),
    /// What a flight had saved or erased is in the store, and reads back as such, or not.
    Saved(Id, bool),
    /// The service replied.
    Replied(Id, HttpReply),
    /// The runtime refused to make the request: nothing went on the wire.
    NotSent(Id),
    /// The request or its reply was lost.
    Lost(Id),
    /// The time of the last `Sleep` with this number has passed.
    Elapsed(Id),
    /// The caller of a call gave up.
    Aborted(Id),
}

/// What is to be done outside.
pub enum Effect {
    /// Ask the caller's suppression list for everybody whom the call names; answered by `Screened`.
    Screen(Id, Vec<Rc<Lookup>>),
    /// Take the person's lock and read what the store has; answered by `Locked`, where waiting for it can take long, and
    /// by `Opened`. The lock is held until `Close`.
    Open(Id, String),
    /// Find out what the request may carry; answered by `Authorized`.
    Authorize(Id),
    /// Keep a text for the person, and for whom else it is about, for so many milliseconds, and read it back; answered by
    /// `Saved`.
    Save(Id, Option<String>, String, u64),
    /// Remove what the store has of the person; answered by `Saved`.
    Erase(Id),
    /// Put this on the wire, as the flight's request of this number, for a call that is found by this in logs; answered
    /// by `Replied`, `NotSent` or `Lost`.
    Send(Id, Rc<HttpRequest>, u32, Rc<str>),
    /// Break off what `Send` began; its answer is no longer wanted.
    Cancel(Id),
    /// The flight is over: give the lock back, also if it is yet to come. No further event of it is wanted.
    Close(Id),
    /// Wake the engine with `Elapsed` after this many milliseconds.
    Sleep(Id, u64),
    /// A paid answer could not be kept: the next call for the person may pay again or be refused.
    Warn,
    /// The service's count and ours differ.
    Anomaly {
        /// The balance that our own calls explain, in credits.
        expected: i64,
        /// The balance that the service told, in credits.
        seen: i64,
    },
    /// The call, which is found by this in logs, is over; no further event of it is wanted.
    Finish(Id, Rc<str>, Result<Box<Outcome>, Box<Failure>>),
}

/// What a caller asks for.
pub struct Order {
    /// Whom: one identifier, or several to be tried in turn.
    pub rungs: Vec<Rc<Lookup>>,
    /// The settings of this call.
    pub config: Config,
    /// Any random number; it spreads waits.
    pub entropy: u64,
    /// Everybody whom the request names, whether asked for or not, where there is a suppression list.
    pub screened: Vec<Rc<Lookup>>,
    /// The run that the call belongs to, which has a budget of its own.
    pub run: Option<u32>,
}

/// The wallet as the client knows it, in credits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// What the service last told, and when, in milliseconds since 1970.
    pub remaining: Option<(i64, u64)>,
    /// Certainly spent.
    pub spent: u64,
    /// Set aside for requests that are out.
    pub reserved: u64,
    /// Of requests of which nobody knows whether they were charged.
    pub possible: u64,
}

struct Call {
    id: Id,
    lookup_id: Rc<str>,
    /// What is asked for, or why it can't even begin.
    order: Result<Order, Box<Failure>>,
    rung: usize,
    /// Requests that were put on the wire for earlier rungs.
    attempts: u32,
    /// The flight that it waits for; none while its suppression list is asked.
    flight: Option<Id>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Waits until another flight for the same person is over.
    Queued,
    Locking,
    Loading,
    Authorizing,
    Claiming,
    Sending,
    /// A rate limit or a failure is waited out.
    Waiting,
    /// The end is known, and being written down.
    Settling,
}

struct Flight {
    id: Id,
    key: String,
    lookup: Rc<Lookup>,
    stage: Stage,
    config: Config,
    lookup_id: Rc<str>,
    entropy: u64,
    run: Option<u32>,
    /// The calls that wait for it; the first one pays.
    callers: Vec<Id>,
    request: Option<Rc<HttpRequest>>,
    /// The number of the last request, over all flights, in the order of sending.
    sequence: u32,
    /// Requests put on the wire.
    attempts: u32,
    /// Requests of this flight that may have been charged.
    unknown: u32,
    /// An open claim was found and overridden.
    inherited: bool,
    /// The answer that was kept before a fresh one was asked for.
    before: Option<Kept>,
    /// When it should be over, in milliseconds since 1970, as far as its first caller is concerned.
    until: u64,
    /// How often somebody looked whether it is over, who has to wait for it alone.
    polls: u32,
    /// The end, once it is known.
    end: Option<Result<Box<Outcome>, Box<Failure>>>,
}

impl Flight {
    /// An answer as an outcome, of which it is not known yet what it cost.
    fn outcome(&self, kept: Kept) -> Box<Outcome> {
        let meta = Meta {
            charge: Charge::None,
            credits: 0,
            lookup: Rc::clone(&self.lookup),
            source: Source::Network,
            attempts: self.attempts,
            collected_at: kept.collected_at,
            expires_at: kept.expires_at,
        };
        Box::new(Outcome { answer: kept.answer, remaining_credits: None, meta })
    }

    /// The end as it is for the next caller who hears of it: the first one pays.
    fn next_end(&mut self) -> Option<Result<Box<Outcome>, Box<Failure>>> {
        match self.end.as_mut()? {
            Ok(outcome) => {
                let told = outcome.clone();
                if !twin!(BothCallersPay) {
                    outcome.share();
                }
                Some(Ok(told))
            }
            Err(failure) => Some(Err(failure.echo())),
        }
    }
}

/// All lookups of a client.
pub struct Engine {
    endpoint: Endpoint,
    text: &'static dyn Text,
    now: u64,
    last_id: Id,
    calls: Vec<Call>,
    flights: Vec<Flight>,
    last_sequence: u32,
    budget: Budget,
    /// The budgets of runs, by their number.
    runs: Vec<Budget>,
    breaker: Breaker,
    ledger: Ledger,
    /// What the service last told: the request, the balance and the time.
    told: Option<(u32, i64, u64)>,
    effects: Vec<Effect>,
}

impl Engine {
    /// A client that has not done anything yet.
    #[must_use]
    pub fn new(endpoint: Endpoint, limits: Limits, text: &'static dyn Text) -> Self {
        Self {
            endpoint,
            text,
            now: 0,
            last_id: 0,
            calls: Vec::new(),
            flights: Vec::new(),
            last_sequence: 0,
            budget: Budget::new(limits),
            runs: Vec::new(),
            breaker: Breaker::default(),
            ledger: Ledger::default(),
            told: None,
            effects: Vec::new(),
        }
    }

    /// A call, or the reason why it can't begin, and what to find it by in logs and in the journal. It begins, or ends,
    /// with [`Event::Begin`].
    pub fn admit(&mut self, lookup_id: Rc<str>, order: Result<Order, Box<Failure>>) -> Id {
        let id = self.next_id();
        self.calls.push(Call { id, lookup_id, order, rung: 0, attempts: 0, flight: None });
        id
    }

    /// A run: its calls together may spend `limit` credits, within what the client may.
    pub fn run(&mut self, limit: Option<u32>) -> u32 {
        self.runs.push(Budget::new(Limits { total: limit, ..Limits::default() }));
        self.runs.len().saturating_sub(1) as u32
    }

    /// The wallet: the client's, or what of it a run has to do with.
    #[must_use]
    pub fn balance(&self, run: Option<u32>) -> Balance {
        let budget = run.and_then(|run| self.runs.get(run as usize)).unwrap_or(&self.budget);
        Balance {
            remaining: self.told.map(|(_, balance, at)| (balance, at)),
            spent: budget.spent(),
            reserved: budget.reserved(),
            possible: budget.possible(),
        }
    }

    /// What a flight puts on the wire.
    #[must_use]
    #[inline(never)]
    pub fn request(&self, id: Id) -> Option<&HttpRequest> {
        self.flight_index(id).and_then(|index| self.flights.get(index))?.request.as_deref()
    }

    /// So many credits may have been spent by the time of the last event, by an earlier engine of the client. Returns the
    /// price of a request.
    pub fn inherit(&mut self, credits: u32) -> u32 {
        self.budget.reserve(0, credits, self.now);
        self.budget.settle(0, Charge::Possible, self.now);
        self.endpoint.price
    }

    /// So many of the credits that were inherited were certainly spent.
    pub fn confirm(&mut self, credits: u32) {
        self.budget.confirm(credits.into());
    }

    /// The wallet has been filled: requests may be sent again.
    pub fn close_breaker(&mut self) {
        self.breaker.close();
    }

    /// Whether nothing is left to be done.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.calls.is_empty() && self.flights.is_empty()
    }

    /// Takes in what happened, and says what is to be done, in order. `now` is in milliseconds since 1970; a clock that
    /// goes back is taken to stand still. What no longer matters is ignored.
    #[must_use]
    pub fn handle(&mut self, event: Event, now: u64) -> Vec<Effect> {
        self.now = self.now.max(now);
        self.take(event);
        core::mem::take(&mut self.effects)
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Begin(id) => self.begin(id),
            Event::Screened(id, Ok(false)) => self.fly(id),
            Event::Screened(id, Ok(true)) if twin!(SuppressionIgnored) => self.fly(id),
            Event::Screened(id, Ok(true)) => self.finish(id, Err(Failure::new(Code::Suppressed, Charge::None))),
            Event::Screened(id, Err(failure)) => self.finish(id, Err(failure)),
            Event::Locked(id) => {
                if let Some(flight) = self.flight(id, Stage::Locking) {
                    flight.stage = Stage::Loading;
                }
            }
            Event::Opened(id, record) => self.opened(id, record),
            Event::Authorized(id, credentials) => self.authorized(id, credentials),
            Event::Saved(id, ok) => self.saved(id, ok),
            Event::Replied(id, reply) => {
                if let Some(flight) = self.flight(id, Stage::Sending) {
                    flight.stage = Stage::Settling;
                    self.replied(id, &reply);
                } else if twin!(DuplicateSettledTwice) && self.flight(id, Stage::Settling).is_some() {
                    self.replied(id, &reply);
                }
            }
            Event::NotSent(id) => {
                if let Some(flight) = self.flight(id, Stage::Sending) {
                    flight.attempts = flight.attempts.saturating_sub(1);
                    // All but the address is ours, and checked.
                    let failure = Failure::refused(Code::InvalidOptions, &["baseUrl is no address."]);
                    self.account(id, Charge::None, None);
                    self.undo(id, failure);
                }
            }
            Event::Lost(id) => {
                if self.flight(id, Stage::Sending).is_some() {
                    self.unknown(id, Failure::new(Code::Network, Charge::Possible));
                }
            }
            Event::Elapsed(id) => self.elapsed(id),
            Event::Aborted(id) => self.leave(id, Code::Aborted),
        }
    }

    fn next_id(&mut self) -> Id {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    // Both lists are in the order of their numbers.

    #[inline(never)]
    fn call_index(&self, id: Id) -> Option<usize> {
        self.calls.binary_search_by_key(&id, |call| call.id).ok()
    }

    fn call(&self, id: Id) -> Option<&Call> {
        self.calls.get(self.call_index(id)?)
    }

    #[inline(never)]
    fn call_mut(&mut self, id: Id) -> Option<&mut Call> {
        let index = self.call_index(id)?;
        self.calls.get_mut(index)
    }

    #[inline(never)]
    fn flight_index(&self, id: Id) -> Option<usize> {
        self.flights.binary_search_by_key(&id, |flight| flight.id).ok()
    }

    #[inline(never)]
    fn flight_mut(&mut self, id: Id) -> Option<&mut Flight> {
        let index = self.flight_index(id)?;
        self.flights.get_mut(index)
    }

    /// A flight, if it is at this stage.
    fn flight(&mut self, id: Id, stage: Stage) -> Option<&mut Flight> {
        self.flight_mut(id).filter(|flight| flight.stage == stage)
    }

    fn begin(&mut self, id: Id) {
        let Some(call) = self.call_mut(id) else { return };
        let screened = match &mut call.order {
            Ok(order) => core::mem::take(&mut order.screened),
            Err(failure) => {
                let failure = core::mem::replace(failure, Failure::new(Code::InvalidOptions, Charge::None));
                return self.finish(id, Err(failure));
            }
        };
        self.doze(id);
        if screened.is_empty() {
            self.fly(id);
        } else {
            self.effects.push(Effect::Screen(id, screened));
        }
    }

    /// From now on the call has its time.
    fn doze(&mut self, id: Id) {
        if let Some(Ok(order)) = self.call(id).map(|call| &call.order) {
            let milliseconds = order.config.timeout_ms();
            self.effects.push(Effect::Sleep(id, milliseconds));
        }
    }

    /// Puts a call on a flight for the person of its rung.
    fn fly(&mut self, caller: Id) {
        let id = self.next_id();
        let Some(index) = self.call_index(caller) else { return };
        let Some(call) = self.calls.get_mut(index).filter(|call| call.flight.is_none()) else { return };
        let Ok(order) = &call.order else { return };
        let Some(lookup) = order.rungs.get(call.rung) else { return };
        let key = lookup.key();
        if order.config.shares()
            // A failure that is known already is only those callers' own.
            && let Some(flight) =
                self.flights.iter_mut().find(|flight| flight.key == key && !matches!(flight.end, Some(Err(_))))
        {
            flight.config.allow(Setting::Abort, &order.config);
            flight.callers.push(caller);
            call.flight = Some(flight.id);
            return;
        }
        call.flight = Some(id);
        self.flights.push(Flight {
            id,
            lookup: Rc::clone(lookup),
            stage: Stage::Queued,
            config: order.config.clone(),
            lookup_id: Rc::clone(&call.lookup_id),
            entropy: order.entropy,
            run: order.run,
            callers: vec![caller],
            request: None,
            sequence: 0,
            attempts: 0,
            unknown: 0,
            inherited: false,
            before: None,
            until: self.now.wrapping_add(order.config.timeout_ms()).wrapping_add(GRACE_MS),
            polls: 0,
            end: None,
            key,
        });
        self.open(id);
    }

    /// Begins a flight, unless one for the same person began before.
    fn open(&mut self, id: Id) {
        let Some(index) = self.flight_index(id) else { return };
        let (before, rest) = self.flights.split_at_mut(index);
        let Some(flight) = rest.first_mut() else { return };
        let mut others = before.iter_mut().filter(|other| other.key == flight.key);
        if let Some(other) = others.next() {
            if others.next().is_none() {
                other.polls = other.polls.wrapping_add(1);
            }
            let other = other.id;
            self.effects.push(Effect::Sleep(id, POLL_MS));
            return self.expire(other);
        }
        flight.stage = Stage::Locking;
        self.effects.push(Effect::Open(id, flight.key.clone()));
    }

    /// Ends what should have ended by itself: where calls can't wait for each other, whoever was to wake a flight may be
    /// gone without a word.
    fn expire(&mut self, id: Id) {
        let now = self.now;
        let Some(flight) = self.flight_mut(id) else { return };
        // Where calls do wait for each other, each has its own time, and somebody to wake it.
        if flight.until >= now || flight.config.shares() {
            return;
        }
        match (flight.callers.first(), flight.stage) {
            // Calls that can't wait for each other have a flight each.
            (Some(&caller), _) => self.leave(caller, Code::Aborted),
            (None, Stage::Sending) => self.cancel(id),
            (None, _) if flight.polls >= MOST_POLLS => {
                self.release(id, Charge::None);
                self.land(id);
            }
            (None, _) => {}
        }
    }

    fn opened(&mut self, id: Id, record: Result<Option<Members>, ()>) {
        let now = self.now;
        let (fresh, force) = (self.wants(id, Setting::Fresh), self.wants(id, Setting::Force));
        let resends = twin!(RecoveryResends) && self.last_sequence == 0;
        let Some(flight) = self.flight_mut(id) else { return };
        if !matches!(flight.stage, Stage::Locking | Stage::Loading) {
            return;
        }
        flight.stage = Stage::Settling;
        let entry = record.ok().and_then(|record| journal::read(record.as_ref(), now));
        match entry {
            None => self.fail(id, Failure::refused(Code::StoreFailed, &["What it has can't be read."])),
            Some(Entry { answer: Some(kept), .. }) if !fresh && !resends => {
                let mut outcome = flight.outcome(kept);
                outcome.share();
                flight.end = Some(Ok(outcome));
                self.land(id);
            }
            Some(Entry { claimed: true, .. }) if !force && !twin!(OpenClaimIgnored) => {
                self.fail(id, Failure::new(Code::OutcomeUnknown, Charge::Possible));
            }
            Some(Entry { claimed, answer }) => {
                flight.inherited = claimed;
                flight.before = answer;
                flight.stage = Stage::Authorizing;
                match self.room(id) {
                    Ok(()) => self.effects.push(Effect::Authorize(id)),
                    Err(failure) => self.fail(id, failure),
                }
            }
        }
    }

    /// Whether one of those who wait now wants this: what one of them wants, all get.
    fn wants(&self, id: Id, setting: Setting) -> bool {
        let Some(flight) = self.flight_index(id).and_then(|index| self.flights.get(index)) else { return false };
        flight
            .callers
            .iter()
            .filter_map(|caller| self.call(*caller)?.order.as_ref().ok())
            .any(|order| order.config.is(setting))
    }

    /// Sets the price of one request aside, where breaker and budgets have room for it.
    fn room(&mut self, id: Id) -> Result<(), Box<Failure>> {
        let (now, price) = (self.now, self.endpoint.price);
        self.funded()?;
        let Some(flight) = self.flight_index(id).and_then(|index| self.flights.get_mut(index)) else { return Ok(()) };
        let run = flight.run.and_then(|run| self.runs.get_mut(run as usize));
        let held = flight.unknown.wrapping_mul(price);
        let refused = |refusal: Refusal| {
            let mut failure = Failure::new(Code::BudgetExceeded, Charge::None);
            failure.required = Some(price.into());
            failure.remaining_credits = i64::try_from(refusal.left).ok();
            failure.retry_after_ms = refusal.resets_in_ms;
            failure
        };
        self.budget.room(price, held, now).map_err(refused)?;
        if twin!(ReserveAfterSend) {
            return Ok(());
        }
        if let Some(run) = run {
            run.room(price, 0, now).map_err(refused)?;
            run.reserve(id, price, now);
        }
        self.budget.reserve(id, price, now);
        Ok(())
    }

    /// Whether nobody was refused for want of credits.
    fn funded(&self) -> Result<(), Box<Failure>> {
        let Some(balance) = self.breaker.refusal().filter(|_| !twin!(BreakerIgnored)) else { return Ok(()) };
        let mut failure =
            Failure::refused(Code::InsufficientCredits, &["An earlier request was refused; nothing was sent."]);
        failure.required = Some(self.endpoint.price.into());
        failure.remaining_credits = balance;
        Err(failure)
    }

    fn authorized(&mut self, id: Id, credentials: Result<Credentials, Box<Failure>>) {
        let (now, endpoint) = (self.now, self.endpoint);
        let Some(flight) = self.flight(id, Stage::Authorizing) else { return };
        match credentials {
            Ok(credentials) => {
                flight.request =
                    Some(Rc::new(HttpRequest::new(flight.config.base_url(), &endpoint, &flight.lookup, credentials)));
                flight.stage = Stage::Claiming;
                // What a claim holds of an earlier answer lives as long as that.
                let kept_ms = flight.before.as_ref().map_or(0, |kept| kept.expires_at.saturating_sub(now));
                let lifetime_ms = flight.config.retention().of_claim().max(kept_ms);
                let claim = journal::claim(&flight.lookup_id, now, lifetime_ms, flight.before.as_ref());
                let effect = Effect::Save(id, None, claim, lifetime_ms);
                if twin!(SendBeforeClaim) {
                    self.send(id);
                }
                self.effects.push(effect);
                if twin!(ClaimNotAwaited) {
                    self.send(id);
                }
            }
            Err(failure) => {
                self.release(id, Charge::None);
                self.fail(id, failure);
            }
        }
    }

    fn saved(&mut self, id: Id, ok: bool) {
        let Some(flight) = self.flight_mut(id) else { return };
        match flight.stage {
            Stage::Claiming if ok && (!flight.callers.is_empty() || twin!(CancelledKeepsSending)) => self.send(id),
            Stage::Claiming => {
                self.release(id, Charge::None);
                // Whether the claim is there or not: nothing was sent that it could stand for.
                self.undo(id, Failure::refused(Code::StoreFailed, &["What was set could not be read back."]));
            }
            Stage::Settling => {
                if !ok {
                    self.effects.push(Effect::Warn);
                }
                self.land(id);
            }
            _ => {}
        }
    }

    fn send(&mut self, id: Id) {
        // Somebody may have been refused since the price was set aside.
        if let Err(failure) = self.funded() {
            self.release(id, Charge::None);
            return self.undo(id, failure);
        }
        let sequence = self.last_sequence.wrapping_add(1);
        let Some(flight) = self.flight_mut(id) else { return };
        let Some(request) = flight.request.clone() else { return };
        flight.stage = Stage::Sending;
        flight.sequence = sequence;
        flight.attempts = flight.attempts.wrapping_add(1);
        let effect = Effect::Send(id, request, flight.attempts, Rc::clone(&flight.lookup_id));
        self.effects.push(effect);
        self.last_sequence = sequence;
        self.ledger.sent();
        if twin!(ReserveAfterSend) {
            self.budget.reserve(id, self.endpoint.price, self.now);
        }
    }

    /// What was set aside for a flight's request becomes what it cost.
    fn release(&mut self, id: Id, charge: Charge) {
        let now = self.now;
        if twin!(ReservationNeverReturned) && charge == Charge::None {
            return;
        }
        self.budget.settle(id, charge, now);
        let run = self.flight_mut(id).and_then(|flight| flight.run);
        if let Some(run) = run.and_then(|run| self.runs.get_mut(run as usize)) {
            run.settle(id, charge, now);
        }
    }

    /// A request that was out is over: budget, breaker and ledger learn what it cost.
    fn account(&mut self, id: Id, charge: Charge, balance: Option<i64>) {
        self.release(id, charge);
        let (now, price) = (self.now, self.endpoint.price);
        let Some(flight) = self.flight_mut(id) else { return };
        if charge == Charge::Possible {
            flight.unknown = flight.unknown.wrapping_add(1);
        }
        let sequence = flight.sequence;
        if let Some(balance) = balance {
            self.breaker.seen(sequence, balance, price);
            if self.told.is_none_or(|(last, ..)| last < sequence) {
                self.told = Some((sequence, balance, now));
            }
        }
        self.reconcile(charge, balance);
    }

    /// The ledger learns what a request came to.
    fn reconcile(&mut self, charge: Charge, balance: Option<i64>) {
        let price = self.endpoint.price;
        match self.ledger.settled(charge, price, balance) {
            Some(Finding::Charged(requests)) => {
                self.budget.confirm(u64::from(requests).wrapping_mul(price.into()));
            }
            Some(Finding::Anomaly { .. }) if twin!(AnomalySwallowed) => {}
            Some(Finding::Anomaly { expected, seen }) => self.effects.push(Effect::Anomaly { expected, seen }),
            None => {}
        }
    }

    fn replied(&mut self, id: Id, reply: &HttpReply) {
        let now = self.now;
        let failure = match reply::read(reply, &self.endpoint, now) {
            Ok(reading) => return self.answered(id, reading),
            Err(failure) => failure,
        };
        if failure.charge == Charge::Possible {
            return self.unknown(id, failure);
        }
        if failure.code == Code::RateLimited
            && let Some(milliseconds) = self.wait_ms(id, failure.retry_after_ms)
        {
            // The price stays set aside, and the claim stays: the same request goes out again.
            self.reconcile(Charge::None, None);
            return self.wait(id, milliseconds);
        }
        if failure.code == Code::InsufficientCredits
            && let Some(flight) = self.flight_mut(id)
        {
            let sequence = flight.sequence;
            self.breaker.refuse(sequence, failure.remaining_credits);
        }
        self.account(id, Charge::None, failure.remaining_credits);
        self.undo(id, failure);
    }

    /// How long to wait before the flight's next request, in milliseconds; `None` where there is none, as for a flight
    /// that nobody waits for.
    fn wait_ms(&mut self, id: Id, asked_ms: Option<u64>) -> Option<u64> {
        let flight = self.flight_mut(id).filter(|flight| !flight.callers.is_empty())?;
        let extra = if twin!(OneRetryTooMany) { 2 } else { 1 };
        let tries = flight.config.value(Setting::MaxRateLimitRetries).wrapping_add(extra);
        retry::wait_ms(asked_ms, tries.saturating_sub(flight.attempts), flight.entropy)
    }

    /// Waits before the flight's next request; the time of its callers begins anew with that.
    fn wait(&mut self, id: Id, milliseconds: u64) {
        let now = self.now;
        let Some(flight) = self.flight_mut(id) else { return };
        flight.stage = Stage::Waiting;
        flight.until = now.wrapping_add(milliseconds.wrapping_add(flight.config.timeout_ms()).wrapping_add(GRACE_MS));
        self.effects.push(Effect::Sleep(id, milliseconds));
    }

    fn answered(&mut self, id: Id, reading: Reading) {
        let Reading { answer, mut charge, remaining_credits } = reading;
        let (now, price) = (self.now, self.endpoint.price);
        if twin!(LateReplyIgnored) && self.flight_mut(id).is_some_and(|flight| flight.callers.is_empty()) {
            return self.unknown(id, Failure::new(Code::Timeout, Charge::Possible));
        }
        self.account(id, charge, remaining_credits);
        let text = self.text;
        let Some(flight) = self.flight_mut(id) else { return };
        if flight.unknown > 0 && charge == Charge::None {
            charge = Charge::Possible;
        }
        let lifetime_ms = flight.config.retention().of(&answer);
        // Whoever asks by the bonus e-mail asks for the same person.
        let mut also = None;
        if let Answer::Found(results) = &answer
            && let Some(Ok(email)) = results.email.as_deref().map(|email| Email::parse(email, text))
        {
            also = Some(Lookup::Email(email).key()).filter(|key| *key != flight.key && !twin!(LinkForgotten));
        }
        let kept = Kept { answer, collected_at: now, expires_at: now.wrapping_add(lifetime_ms) };
        let effect =
            if lifetime_ms > 0 { Effect::Save(id, also, kept.record(), lifetime_ms) } else { Effect::Erase(id) };
        let mut outcome = flight.outcome(kept);
        outcome.meta.charge = charge;
        outcome.meta.credits = if charge == Charge::Confirmed { price } else { 0 };
        outcome.remaining_credits = remaining_credits;
        flight.end = Some(Ok(outcome));
        flight.stage = Stage::Settling;
        if twin!(AnswerNotKept) {
            return self.land(id);
        }
        self.effects.push(effect);
    }

    /// A request came to an end of which nobody knows what it cost. The claim stays.
    fn unknown(&mut self, id: Id, mut failure: Box<Failure>) {
        if twin!(UnknownIsFailed) {
            failure.charge = Charge::None;
            self.account(id, Charge::None, None);
            return self.undo(id, failure);
        }
        self.account(id, Charge::Possible, None);
        let Some(flight) = self.flight_mut(id) else { return };
        if flight.config.is(Setting::RetryUnknown) {
            let pause_ms = retry::pause_ms(flight.attempts);
            if let Some(milliseconds) = self.wait_ms(id, Some(pause_ms))
                && self.room(id).is_ok()
            {
                return self.wait(id, milliseconds);
            }
        }
        self.fail(id, failure);
    }

    /// The end is known to be free: what the store had before the claim is put back, and the callers hear of it.
    fn undo(&mut self, id: Id, mut failure: Box<Failure>) {
        let now = self.now;
        let Some(flight) = self.flight_mut(id) else { return };
        if flight.unknown > 0 {
            failure.charge = Charge::Possible;
        }
        if flight.unknown > 0 || flight.inherited {
            return self.fail(id, failure);
        }
        flight.stage = Stage::Settling;
        flight.end = Some(Err(failure));
        let effect = match &flight.before {
            Some(kept) if kept.expires_at > now => {
                Effect::Save(id, None, kept.record(), kept.expires_at.saturating_sub(now))
            }
            _ => Effect::Erase(id),
        };
        if twin!(FreeClaimStays) {
            return self.land(id);
        }
        self.effects.push(effect);
    }

    fn fail(&mut self, id: Id, failure: Box<Failure>) {
        if let Some(flight) = self.flight_mut(id) {
            flight.end = Some(Err(failure));
        }
        self.land(id);
    }

    /// The flight is over; its callers hear how it ended, or try their next rung.
    fn land(&mut self, id: Id) {
        let Some(index) = self.flight_index(id) else { return };
        let mut flight = self.flights.remove(index);
        self.effects.push(Effect::Close(id));
        for caller in core::mem::take(&mut flight.callers) {
            if let Some(end) = flight.next_end() {
                self.tell(caller, end, flight.unknown);
            }
        }
    }

    /// A caller of a flight hears how it ended, or tries its next rung, where that cost nothing.
    fn tell(&mut self, caller: Id, end: Result<Box<Outcome>, Box<Failure>>, unknown: u32) {
        if twin!(LedgerCountsReplays) && matches!(&end, Ok(outcome) if outcome.meta.source == Source::Cache) {
            self.budget.reserve(caller, self.endpoint.price, self.now);
            self.budget.settle(caller, Charge::Confirmed, self.now);
        }
        let Some(call) = self.call_mut(caller) else { return };
        call.flight = None;
        if twin!(LadderClimbsAfterPossible)
            && matches!(&end, Err(failure) if failure.charge == Charge::Possible)
            && call.order.as_ref().is_ok_and(|order| call.rung.wrapping_add(1) < order.rungs.len())
        {
            call.rung = call.rung.wrapping_add(1);
            return self.fly(caller);
        }
        let end = end.map(|mut outcome| {
            call.attempts = call.attempts.wrapping_add(outcome.meta.attempts);
            outcome.meta.attempts = call.attempts;
            outcome
        });
        let rungs = call.order.as_ref().map_or(0, |order| order.rungs.len());
        if let Ok(outcome) = &end
            && let Answer::NotFound { .. } = outcome.answer
            && unknown == 0
            && call.rung.wrapping_add(1) < rungs
        {
            call.rung = call.rung.wrapping_add(1);
            self.doze(caller);
            return self.fly(caller);
        }
        self.finish(caller, end);
    }

    fn elapsed(&mut self, id: Id) {
        if self.call(id).is_some() {
            return self.leave(id, Code::Timeout);
        }
        let Some(flight) = self.flight_mut(id) else { return };
        match flight.stage {
            Stage::Queued => self.open(id),
            Stage::Waiting => {
                if twin!(FreshClaimOnRetry) {
                    flight.unknown = 0;
                }
                for caller in flight.callers.clone() {
                    self.doze(caller);
                }
                self.send(id);
            }
            Stage::Sending if flight.callers.is_empty() => self.cancel(id),
            _ => {}
        }
    }

    /// A caller waits no longer.
    fn leave(&mut self, caller: Id, code: Code) {
        let Some(call) = self.call(caller) else { return };
        let late = code == Code::Timeout;
        let Some(id) = call.flight else { return self.finish(caller, Err(Failure::new(code, Charge::None))) };
        let Some(flight) = self.flight_mut(id) else { return };
        // A rate limit's own time does not count.
        if late && flight.stage == Stage::Waiting {
            return;
        }
        flight.callers.retain(|other| *other != caller);
        let is_unknown = flight.stage == Stage::Sending || flight.unknown > 0;
        let charge = if is_unknown { Charge::Possible } else { Charge::None };
        let mut end = Err(Failure::new(code, charge));
        if late && matches!(flight.stage, Stage::Loading | Stage::Claiming) {
            end = Err(Failure::refused(Code::StoreFailed, &["It took too long."]));
        }
        // It is paid for, and only yet to be kept: nobody loses it by that, and whoever hears of it first has paid.
        let paid = matches!(flight.end, Some(Ok(_)));
        if late || paid {
            match flight.next_end() {
                Some(Ok(outcome)) if !late => end = Err(Failure::new(code, outcome.meta.charge)),
                Some(known) => end = known,
                None => {}
            }
        }
        let (forsaken, unknown) = (flight.callers.is_empty(), flight.unknown);
        if late && paid {
            self.effects.push(Effect::Warn);
        }
        self.tell(caller, end, unknown);
        if forsaken {
            self.forsake(id);
        }
    }

    /// Nobody waits for the flight any more.
    fn forsake(&mut self, id: Id) {
        let now = self.now;
        let Some(flight) = self.flight_mut(id) else { return };
        flight.until = now.wrapping_add(DETACHED_MS);
        match flight.stage {
            Stage::Queued | Stage::Locking | Stage::Loading => self.land(id),
            Stage::Authorizing => {
                self.release(id, Charge::None);
                self.land(id);
            }
            Stage::Sending if flight.config.is(Setting::Abort) => self.effects.push(Effect::Sleep(id, DETACHED_MS)),
            Stage::Sending => self.cancel(id),
            Stage::Waiting => {
                self.release(id, Charge::None);
                self.undo(id, Failure::new(Code::Aborted, Charge::None));
            }
            // What is being written is waited for.
            Stage::Claiming | Stage::Settling => {}
        }
    }

    /// Breaks a request off. It may have been charged, so that the claim stays.
    fn cancel(&mut self, id: Id) {
        self.effects.push(Effect::Cancel(id));
        let charge = if twin!(ReservationDroppedOnTimeout) { Charge::None } else { Charge::Possible };
        self.account(id, charge, None);
        self.land(id);
    }

    fn finish(&mut self, id: Id, result: Result<Box<Outcome>, Box<Failure>>) {
        if let Some(index) = self.call_index(id) {
            let call = self.calls.remove(index);
            self.effects.push(Effect::Finish(id, call.lookup_id, result));
        }
    }
}
