//! The host of each client: it carries out what the engine asks for, as `transport.ts` and `keeper.ts` do.

use crate::mark::Mark;
use crate::options::Fault;
use crate::store::{Write, envelopes};
use crate::world::{Flight, Next, SECOND, World};
use phone_enrichment::config::Credentials;
use phone_enrichment::engine::{Effect, Event, Id};
use phone_enrichment::failure::{Code, Failure};
use phone_enrichment::twin::{Twin, is};

impl World {
    /// Lets a client's engine handle an event, and carries out what it asks for.
    pub(crate) fn feed(&mut self, client: usize, event: Event) {
        let clock = self.clock();
        let life = &mut self.clients[client];
        let Some(engine) = &mut life.engine else { return };
        life.clock = life.clock.max(clock);
        let possible = engine.balance(None).possible;
        let effects = engine.handle(event, clock);
        if engine.balance(None).possible < possible {
            self.summary.marks.set(Mark::LedgerSettled);
        }
        for effect in effects {
            self.summary.effects += 1;
            if let Some(loses) = self.dies(client) {
                return self.crash(client, loses);
            }
            self.carry_out(client, effect);
        }
        self.judge_quiet(client);
    }

    /// Whether a client dies now, and whether that certainly loses or keeps what it is writing.
    fn dies(&mut self, client: usize) -> Option<Option<bool>> {
        if let Some((effect, loses)) = self.crash_at {
            return (effect == self.summary.effects).then_some(Some(loses));
        }
        let (times, out_of) = self.options.crashes;
        let weight = if self.store.is_written_by(client) { 10 } else { 1 };
        let dies = self.crashes.happens((times * weight, out_of));
        (dies && !self.calm && self.options.weight(Fault::Crash) > 0).then_some(None)
    }

    fn carry_out(&mut self, client: usize, effect: Effect) {
        match effect {
            Effect::Screen(id, lookups) => {
                let suppressed = lookups.iter().any(|lookup| self.suppressed[self.people.of_lookup(lookup).person()]);
                let fails = self.fault(Fault::Host) == Some(Fault::Unscreened);
                if let Some(call) = self.clients[client].calls.get_mut(&id) {
                    call.suppressed = suppressed || fails;
                }
                let pause = self.host.between(self.options.store_ms);
                self.after(pause, Next::Screened(client, id, (!fails).then_some(suppressed)));
            }
            Effect::Open(id, key) => self.open(client, id, key),
            Effect::Authorize(id) => {
                self.judge_authorize(client, id);
                let fails = self.fault(Fault::Host) == Some(Fault::Unauthorized);
                let pause = self.host.between(self.options.store_ms);
                self.after(pause, Next::Authorized(client, id, !fails));
            }
            Effect::Save(id, also, record, lifetime_ms) => {
                self.note(|| format!("client {client}: flight {id} saves {record}"));
                self.judge_save(client, id, also.as_deref(), &record, lifetime_ms);
                let names: Vec<String> =
                    [self.clients[client].flights[&id].key.clone()].into_iter().chain(also).collect();
                self.write(client, id, envelopes(&names, &record), lifetime_ms);
            }
            Effect::Erase(id) => {
                self.note(|| format!("client {client}: flight {id} erases its record"));
                let Some(flight) = self.clients[client].flights.get_mut(&id) else { return };
                flight.erased = true;
                let key = flight.key.clone();
                self.write(client, id, vec![(key, None)], 0);
            }
            Effect::Send(id, request, attempt, lookup_id) => {
                let lookup = lookup_id.parse().unwrap_or_default();
                self.send(client, id, &request.body, attempt, lookup);
            }
            Effect::Cancel(id) => self.cancel(client, id),
            Effect::Close(id) => {
                self.note(|| format!("client {client}: flight {id} is over"));
                self.clients[client].timers.remove(&id);
                // One that only waited behind another never opened anything.
                if self.clients[client].flights.contains_key(&id) {
                    self.judge_close(client, id);
                    self.unlock(client, id);
                }
            }
            Effect::Sleep(id, milliseconds) => {
                let token = self.after(milliseconds, Next::Elapsed(client, id));
                self.clients[client].timers.insert(id, token);
                if milliseconds == 50
                    && !self.clients[client].calls.contains_key(&id)
                    && !self.clients[client].flights.contains_key(&id)
                {
                    self.mark(Mark::Queued);
                }
            }
            Effect::Warn => {
                self.note(|| format!("client {client} warns"));
                self.warned(client);
            }
            Effect::Anomaly { expected, seen } => self.anomaly(client, expected, seen),
            Effect::Finish(id, _, result) => {
                self.clients[client].timers.remove(&id);
                self.judge_finish(client, id, &result);
                self.go_on(client, id);
            }
        }
    }

    fn open(&mut self, client: usize, id: Id, key: String) {
        let ident = self.people.of_key(&key);
        self.note(|| format!("client {client}: flight {id} for {ident} opens"));
        let flight = Flight {
            key: key.clone(),
            ident,
            force: false,
            fresh: false,
            opened: None,
            erased: false,
            overwritten: false,
            read: 0,
            allowed: None,
            inherited: false,
            before: false,
            before_until: None,
            reserved: false,
            claim: None,
            sends: 0,
            unknown: 0,
            rate_limited: None,
            request: None,
            ended: None,
            settles: None,
            save_failed: false,
            warned: false,
            told_confirmed: 0,
            told_answer: false,
            told_possible: false,
            closed: false,
        };
        self.clients[client].flights.insert(id, flight);
        if self.store.lock(&key, (client, id)) {
            self.grant(client, id);
        } else {
            self.mark(Mark::WaitedForLock);
        }
    }

    /// A flight has its lock.
    pub(crate) fn grant(&mut self, client: usize, id: Id) {
        let pause = self.storage.between(self.options.store_ms);
        self.after(pause, Next::Granted(client, id));
    }

    fn unlock(&mut self, client: usize, id: Id) {
        let key = self.clients[client].flights[&id].key.clone();
        if let Some((client, flight)) = self.store.release(&key, (client, id)) {
            self.grant(client, flight);
        }
    }

    /// Sets or removes, and reads back.
    fn write(&mut self, client: usize, id: Id, mut texts: Vec<(String, Option<String>)>, lifetime_ms: u64) {
        let fault = self.fault(Fault::Writing);
        let mut fails = matches!(fault, Some(Fault::WriteFails | Fault::WriteFailsAfter));
        let mut pause = self.storage.between(self.options.store_ms);
        let read = self.storage.between(self.options.store_ms);
        let intended = texts.clone();
        match fault {
            Some(Fault::WriteFails | Fault::WriteForgets) => texts.clear(),
            Some(Fault::WriteGarbled) => {
                for (_, text) in &mut texts {
                    *text = text.take().map(|text| text[..text.len() / 2].into());
                }
            }
            Some(Fault::WriteSlow) => pause += self.storage.between((0, 30 * SECOND)),
            Some(Fault::WriteHalf) => {
                let first = self.storage.happens((1, 2));
                texts.remove(if first { 0 } else { texts.len() - 1 });
            }
            _ => {}
        }
        if let Some(fault) = fault {
            self.note(|| format!("client {client}: {} for flight {id}", fault.word()));
            fails |= fault == Fault::WriteFailsAfter;
        }
        let applied = self.after(pause, Next::Applied);
        self.after(pause + read, Next::Saved(applied));
        // What is to be read back, beside what will be there.
        self.intended.insert(applied, intended);
        self.store.writes.insert(
            applied,
            Write { holder: (client, id), texts, expires: self.clock() + lifetime_ms, pending: true, fails },
        );
    }

    /// What the store and the caller's own functions answer.
    pub(crate) fn carry_on(&mut self, next: Next) {
        match next {
            Next::Screened(client, id, verdict) => {
                let verdict = verdict.ok_or_else(|| Failure::refused(Code::StoreFailed, &["The list failed."]));
                self.feed(client, Event::Screened(id, verdict));
            }
            Next::Granted(client, id) => self.granted(client, id),
            Next::Read(client, id, fault) => self.read(client, id, fault),
            Next::Authorized(client, id, ok) => {
                if !ok {
                    self.mark(Mark::Unauthorized);
                    self.flight_free(client, id);
                }
                let credentials = Credentials::parse(None, Vec::new());
                let failed = || Err(Failure::refused(Code::InvalidToken, &["No token."]));
                self.feed(client, Event::Authorized(id, if ok { credentials } else { failed() }));
            }
            Next::Saved(number) => {
                let intended = self.intended.remove(&number).unwrap_or_default();
                let Some(write) = self.store.writes.remove(&number) else { return };
                let (client, id) = write.holder;
                let there = intended.iter().all(|(name, text)| self.store.text(name, self.clock()) == text.as_ref());
                let ok = there && !write.fails;
                self.note(|| format!("client {client}: flight {id} has it in the store: {ok}"));
                self.judge_saved(client, id, ok);
                self.feed(client, Event::Saved(id, ok));
            }
            other => panic!("{other:?} is somebody else's"),
        }
    }

    /// A write takes effect.
    pub(crate) fn apply(&mut self, number: u64) {
        if let Some(write) = self.store.writes.get_mut(&number) {
            write.pending = false;
            let texts = std::mem::take(&mut write.texts);
            let ((client, id), expires) = (write.holder, write.expires);
            self.judge_applied(client, id, &texts);
            self.store.put(texts, expires);
        }
    }

    fn granted(&mut self, client: usize, id: Id) {
        if self.clients[client].engine.is_none() || self.clients[client].flights[&id].closed {
            return;
        }
        self.feed(client, Event::Locked(id));
        let fault = self.fault(Fault::Reading);
        let mut pause = self.storage.between(self.options.store_ms);
        if fault == Some(Fault::ReadSlow) {
            pause += self.storage.between((0, 30 * SECOND));
        }
        self.after(pause, Next::Read(client, id, fault));
    }

    fn read(&mut self, client: usize, id: Id, fault: Option<Fault>) {
        if self.clients[client].engine.is_none() {
            return;
        }
        let flight = &self.clients[client].flights[&id];
        let record = match fault {
            Some(Fault::ReadFails) => Err(()),
            Some(Fault::ReadGarbage) => match self.storage.below(4) {
                0 => Err(()),
                1 => Ok(Some(serde_json::json!({"status": "success"}))),
                2 => Ok(Some(serde_json::json!("claimed"))),
                _ => Ok(Some(serde_json::json!({"status": "claimed", "until": "soon"}))),
            },
            _ => self.store.record(&flight.key, self.clock()),
        };
        if is(Twin::LockNotHeld) {
            self.unlock(client, id);
        }
        self.judge_opened(client, id, &record);
        let record = record.map(|record| record.as_ref().map(Into::into));
        self.feed(client, Event::Opened(id, record));
    }
}
