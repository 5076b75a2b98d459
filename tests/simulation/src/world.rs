//! The world: one clock, one queue of what is to come, and everything that lives in it.

use crate::mark::{Mark, Marks};
use crate::options::{Fault, Options};
use crate::people::{Ident, KINDS, OTHER_EMAIL, PEOPLE, People};
use crate::random::Random;
use crate::rule::Rule;
use crate::store::Store;
use phone_enrichment::config::{Config, Environment, Settings};
use phone_enrichment::endpoint::PHONE;
use phone_enrichment::engine::{Engine, Event, Id, Order};
use phone_enrichment::identity::HostText;
use phone_enrichment::twin::{self, Twin};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;

/// What everybody costs, in credits.
pub(crate) const PRICE: i64 = PHONE.price as i64;
/// A second, in milliseconds.
pub(crate) const SECOND: u64 = 1000;
/// A day, in milliseconds.
pub(crate) const DAY: u64 = 24 * 3600 * SECOND;
const BEGINNING: u64 = 1_767_225_600_000;
/// So many steps without one lookup that ends are no progress.
const PATIENCE: u64 = 200_000;

/// Something to come.
#[derive(Debug)]
pub(crate) enum Next {
    /// A caller of a client asks.
    Ask(usize, usize),
    Abort(usize, Id),
    Screened(usize, Id, Option<bool>),
    Granted(usize, Id),
    Read(usize, Id, Option<Fault>),
    Authorized(usize, Id, bool),
    /// A write takes effect.
    Applied,
    Saved(u64),
    NotSent(usize),
    /// A request is at the vendor's.
    Arrived(usize),
    /// What the vendor said of a request is here.
    Replied(usize),
    Lost(usize),
    Elapsed(usize, Id),
    Restart(usize),
    TopUp(usize, i64),
    Foreign(usize),
    Jump(i64),
    CloseBreaker(usize),
}

/// What a caller asked for, and what became of it.
pub(crate) struct Call {
    pub(crate) number: u32,
    pub(crate) begun: u64,
    pub(crate) caller: usize,
    pub(crate) idents: Vec<Ident>,
    /// Identifiers of which it is known that asking was free.
    pub(crate) free: Vec<Ident>,
    pub(crate) force: bool,
    pub(crate) fresh: bool,
    pub(crate) retry_unknown: bool,
    pub(crate) retries: u32,
    pub(crate) run: Option<u32>,
    pub(crate) suppressed: bool,
    pub(crate) aborted: bool,
    pub(crate) done: bool,
}

/// How a flight's request ended, as far as its client was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Found: charged.
    Found,
    NotFound,
    /// Certainly free.
    Free,
}

/// The work for one person, as the world sees it.
pub(crate) struct Flight {
    pub(crate) key: String,
    pub(crate) ident: Ident,
    pub(crate) force: bool,
    pub(crate) fresh: bool,
    /// When its client read the store, by its own clock.
    pub(crate) opened: Option<u64>,
    /// When that was in the order of all that happens.
    pub(crate) read: u64,
    /// Why it may not go on, if so.
    pub(crate) allowed: Option<Rule>,
    /// A claim lay there.
    pub(crate) inherited: bool,
    /// An answer lay there.
    pub(crate) before: bool,
    /// Until when it is good.
    pub(crate) before_until: Option<u64>,
    /// Somebody linked an answer to it meanwhile, whatever came of that.
    pub(crate) overwritten: bool,
    pub(crate) reserved: bool,
    /// When the claim was written, and until when it stands.
    pub(crate) claim: Option<(u64, u64)>,
    pub(crate) sends: u32,
    /// Requests that may have been charged.
    pub(crate) unknown: u32,
    pub(crate) rate_limited: Option<u64>,
    pub(crate) request: Option<usize>,
    pub(crate) ended: Option<(Ended, u64)>,
    /// The answer is kept until then, and was written for these.
    pub(crate) settles: Option<(u64, Option<Ident>, bool)>,
    /// Its record was removed.
    pub(crate) erased: bool,
    pub(crate) save_failed: bool,
    pub(crate) warned: bool,
    pub(crate) told_confirmed: u32,
    pub(crate) told_answer: bool,
    pub(crate) told_possible: bool,
    pub(crate) closed: bool,
}

/// A request on the wire.
pub(crate) struct Request {
    pub(crate) client: usize,
    pub(crate) flight: Id,
    pub(crate) ident: Ident,
    pub(crate) fate: Option<Fault>,
    pub(crate) charged: bool,
    pub(crate) arrived: Option<u64>,
    pub(crate) reply: Option<crate::vendor::Reply>,
    pub(crate) state: State,
    /// When its client learnt what became of it, by its own clock.
    pub(crate) settled: u64,
    pub(crate) run: Option<u32>,
    pub(crate) retry_of_unknown: bool,
}

/// What a client was told of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Out,
    Free,
    Charged,
    Unknown,
}

/// One life of a process.
pub(crate) struct Client {
    pub(crate) process: usize,
    pub(crate) engine: Option<Engine>,
    /// What its clock says: never less than before.
    pub(crate) clock: u64,
    pub(crate) born: u64,
    pub(crate) after_crash: bool,
    pub(crate) wallet: usize,
    pub(crate) runs: Vec<(u32, Option<u32>)>,
    pub(crate) calls: BTreeMap<Id, Call>,
    pub(crate) flights: BTreeMap<Id, Flight>,
    pub(crate) timers: BTreeMap<Id, u64>,
    pub(crate) requests: Vec<usize>,
    pub(crate) breaker: bool,
    /// When it was open last.
    pub(crate) breaker_until: u64,
    /// Credits that the vendor took for its requests.
    pub(crate) charged: i64,
    /// Somebody else took credits from its wallet since it was born.
    pub(crate) foreign: bool,
    pub(crate) watch: crate::judge::Watch,
    pub(crate) anomaly: bool,
    /// Flights that end with this event.
    pub(crate) closing: Vec<Id>,
    /// A call ends with this event.
    pub(crate) told_now: bool,
}

/// What a broken rule looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub rule: Rule,
    /// How it came about.
    pub what: String,
}

/// What a world came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lookups that were begun.
    pub lookups: u64,
    /// Charges of the vendor.
    pub charges: u64,
    /// Charges that should not have been.
    pub double_charges: u64,
    /// Rules that were broken.
    pub violations: Vec<Violation>,
    /// What was seen.
    pub marks: Marks,
    /// Effects that were carried out.
    pub effects: u64,
    /// One line for each step, if asked for.
    pub trace: Vec<String>,
}

/// The world.
pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) people: Rc<People>,
    pub(crate) now: u64,
    pub(crate) offset: i64,
    /// The clocks have jumped.
    pub(crate) jumped: bool,
    sequence: u64,
    heap: BinaryHeap<Reverse<(u64, u64)>>,
    coming: BTreeMap<u64, Next>,
    pub(crate) network: Random,
    pub(crate) storage: Random,
    pub(crate) vendor: Random,
    pub(crate) callers: Random,
    pub(crate) crashes: Random,
    pub(crate) host: Random,
    pub(crate) store: Store,
    /// What each write is to leave behind, by its number.
    pub(crate) intended: BTreeMap<u64, Vec<(String, Option<String>)>>,
    pub(crate) clients: Vec<Client>,
    /// The client that each process is now.
    pub(crate) processes: Vec<Option<usize>>,
    pub(crate) wallets: Vec<i64>,
    pub(crate) requests: Vec<Request>,
    pub(crate) found: Vec<bool>,
    pub(crate) bonus: Vec<Option<usize>>,
    pub(crate) suppressed: Vec<bool>,
    pub(crate) protected: BTreeMap<Ident, Vec<crate::judge::Protection>>,
    pub(crate) summary: Summary,
    config: Config,
    begun: u32,
    pub(crate) arrivals: u64,
    /// Faults are over.
    pub(crate) calm: bool,
    /// The one effect before which everything dies, if any, and whether that loses what is being written.
    pub(crate) crash_at: Option<(u64, bool)>,
    tracing: bool,
    progress: u64,
}

/// Runs one world to its end.
#[must_use]
pub fn run(options: Options, broken: Option<Twin>, tracing: bool, crash_at: Option<(u64, bool)>) -> Summary {
    let people = People::all(broken);
    twin::breaking(broken);
    let mut world = World::new(options, people, tracing);
    world.crash_at = crash_at;
    world.live();
    twin::breaking(None);
    world.summary
}

impl World {
    fn new(options: Options, people: Rc<People>, tracing: bool) -> Self {
        let mut random = Random::new(options.seed ^ 0x5eed);
        let settings = Settings { base_url: Some("/api"), share: options.share, ..Settings::default() };
        let config = Config::for_client(&settings, Environment { browser: true, has_location: true })
            .unwrap_or_else(|failure| panic!("{failure:?}"));
        let mut people_random = random.fork();
        let found = (0..PEOPLE * KINDS).map(|_| people_random.happens(options.found)).collect();
        let bonus = (0..PEOPLE)
            .map(|_| people_random.happens(options.bonus).then(|| people_random.pick(&[1, OTHER_EMAIL, OTHER_EMAIL])))
            .collect();
        let suppressed = (0..PEOPLE).map(|_| people_random.happens(options.suppressed)).collect();
        let wallets = vec![options.wallet; if options.one_wallet { 1 } else { options.processes }];
        let mut world = Self {
            people,
            now: BEGINNING,
            offset: 0,
            jumped: false,
            sequence: 0,
            heap: BinaryHeap::new(),
            coming: BTreeMap::new(),
            network: random.fork(),
            storage: random.fork(),
            vendor: random.fork(),
            callers: random.fork(),
            crashes: random.fork(),
            host: random.fork(),
            store: Store::default(),
            intended: BTreeMap::new(),
            clients: Vec::new(),
            processes: vec![None; options.processes],
            wallets,
            requests: Vec::new(),
            found,
            bonus,
            suppressed,
            protected: BTreeMap::new(),
            summary: Summary::default(),
            config,
            begun: 0,
            arrivals: 0,
            calm: false,
            crash_at: None,
            tracing,
            progress: 0,
            options,
        };
        for process in 0..world.options.processes {
            world.start(process);
        }
        world
    }

    /// What the clocks of all machines say.
    pub(crate) fn clock(&self) -> u64 {
        self.now.saturating_add_signed(self.offset)
    }

    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        if self.tracing {
            let time = self.now - BEGINNING;
            self.summary.trace.push(format!("{:>12}.{:03}  {}", time / SECOND, time % SECOND, line()));
        }
    }

    pub(crate) fn mark(&mut self, mark: Mark) {
        self.summary.marks.set(mark);
    }

    pub(crate) fn broken(&mut self, rule: Rule, what: String) {
        self.note(|| format!("BROKEN: {}: {what}", rule.words()));
        if rule == Rule::DoubleCharge {
            self.summary.double_charges += 1;
        }
        if self.summary.violations.iter().filter(|other| other.rule == rule).count() < 3 {
            self.summary.violations.push(Violation { rule, what });
        }
    }

    pub(crate) fn after(&mut self, milliseconds: u64, next: Next) -> u64 {
        self.sequence += 1;
        self.heap.push(Reverse((self.now + milliseconds, self.sequence)));
        self.coming.insert(self.sequence, next);
        self.sequence
    }

    /// Whether something of this class goes wrong, and what.
    pub(crate) fn fault(&mut self, class: &'static [Fault]) -> Option<Fault> {
        let options = &self.options;
        let random = match class {
            Fault::Network => &mut self.network,
            Fault::Writing | Fault::Reading => &mut self.storage,
            _ => &mut self.host,
        };
        let (happens, fault) =
            (random.happens(options.faults), random.weigh(class.iter().map(|fault| (*fault, options.weight(*fault)))));
        fault.filter(|_| happens && !self.calm)
    }

    /// A process starts.
    fn start(&mut self, process: usize) {
        let mut engine = Engine::new(PHONE, self.options.limits, &HostText);
        let runs = self.options.runs.iter().map(|limit| (engine.run(*limit), *limit)).collect();
        let wallet = if self.options.one_wallet { 0 } else { process };
        let clock = self.clock();
        self.processes[process] = Some(self.clients.len());
        self.clients.push(Client {
            process,
            engine: Some(engine),
            clock: 0,
            born: clock,
            after_crash: self.clients.iter().any(|client| client.process == process),
            wallet,
            runs,
            calls: BTreeMap::new(),
            flights: BTreeMap::new(),
            timers: BTreeMap::new(),
            requests: Vec::new(),
            breaker: false,
            breaker_until: 0,
            charged: 0,
            foreign: false,
            watch: crate::judge::Watch::default(),
            anomaly: false,
            closing: Vec::new(),
            told_now: false,
        });
        for caller in 0..self.options.callers {
            let pause = self.callers.between(self.options.think_ms);
            self.after(pause, Next::Ask(self.clients.len() - 1, caller));
        }
    }

    /// Until all is done, and then until all is quiet.
    fn live(&mut self) {
        let mut idle_steps = 0;
        while let Some(Reverse((time, sequence))) = self.heap.pop() {
            let Some(next) = self.coming.remove(&sequence) else { continue };
            self.now = self.now.max(time);
            if !self.calm && self.begun >= self.options.lookups {
                self.calm = true;
                self.note(|| "no more faults".into());
            }
            self.step(sequence, next);
            idle_steps = if std::mem::take(&mut self.progress) > 0 { 0 } else { idle_steps + 1 };
            if idle_steps > PATIENCE {
                self.broken(Rule::Settles, "no lookup ends".into());
                break;
            }
        }
        self.calm = true;
        self.summary.lookups = self.begun.into();
        self.judge_end();
    }

    fn step(&mut self, sequence: u64, next: Next) {
        match next {
            Next::Ask(client, caller) => self.ask(client, caller),
            Next::Abort(client, id) => {
                if let Some(call) = self.clients[client].calls.get_mut(&id).filter(|call| !call.done) {
                    call.aborted = true;
                    self.note(|| format!("client {client}: call {id} is aborted"));
                    self.feed(client, Event::Aborted(id));
                }
            }
            Next::Elapsed(client, id) => {
                if self.clients[client].timers.get(&id) == Some(&sequence) {
                    self.clients[client].timers.remove(&id);
                    self.note(|| format!("client {client}: the time of {id} is over"));
                    self.feed(client, Event::Elapsed(id));
                }
            }
            Next::Restart(process) => {
                self.note(|| format!("process {process} starts again"));
                self.start(process);
            }
            Next::TopUp(wallet, credits) => {
                self.note(|| format!("wallet {wallet} gets {credits}"));
                self.wallets[wallet] += credits;
                self.topped_up(wallet);
            }
            Next::Foreign(wallet) => self.foreign(wallet),
            Next::Jump(milliseconds) => {
                self.note(|| format!("the clocks jump by {milliseconds} ms"));
                if milliseconds < 0 {
                    self.mark(Mark::ClockBack);
                }
                self.offset += milliseconds;
                self.jumped = true;
            }
            Next::CloseBreaker(client) => {
                if let Some(engine) = &mut self.clients[client].engine {
                    engine.close_breaker();
                    self.clients[client].watch.refused = 0;
                    if std::mem::take(&mut self.clients[client].breaker) {
                        self.clients[client].breaker_until = self.now;
                    }
                    self.note(|| format!("client {client} is told that its wallet is full"));
                }
            }
            Next::Arrived(request) => self.arrived(request),
            Next::Replied(request) => self.deliver_reply(request),
            Next::Lost(request) => self.deliver_loss(request),
            Next::NotSent(request) => self.deliver_not_sent(request),
            Next::Applied => self.apply(sequence),
            other => self.carry_on(other),
        }
    }

    /// A caller asks for somebody.
    fn ask(&mut self, client: usize, caller: usize) {
        if self.clients[client].engine.is_none() || self.begun >= self.options.lookups {
            return;
        }
        self.begun += 1;
        let number = self.begun;
        let options = &self.options;
        let random = &mut self.callers;
        let hot = random.happens((1, 2));
        let person = random.below(if hot { options.hot } else { options.people }) as usize;
        let kind = random.pick(&[0, 0, 0, 0, 1, 1, 2, 2, 3, 4]);
        let ladder = random.happens(options.ladder);
        let more = [1 + random.below(2) as usize, 3 + random.below(2) as usize];
        let kinds = if ladder { vec![kind, more[0], more[1]] } else { vec![kind] };
        let mut idents: Vec<Ident> = kinds.into_iter().map(|kind| Ident::of(person, kind)).collect();
        idents.sort();
        idents.dedup();
        let rungs: Vec<_> = idents
            .iter()
            .map(|ident| {
                let spellings = self.people.spellings(*ident);
                Rc::clone(&spellings[random.below(spellings.len() as u64) as usize])
            })
            .collect();
        let mut flag = |ratio| random.happens(ratio);
        let (force, fresh) = (flag(options.force), flag(options.fresh));
        let (cancel, retry_unknown) = (flag(options.cancel), flag(options.retry_unknown));
        let found_days = random.pick(&options.found_days);
        let timeout = random.pick(&options.timeouts_ms);
        let retries = options.retries;
        let run = random.pick(&[None, None, Some(0), Some(1)]);
        let numbers = [
            ("timeoutMs", timeout),
            ("maxRateLimitRetries", retries),
            ("foundDays", found_days),
            ("ladder", ladder.into()),
            ("abort", (!cancel).into()),
            ("force", force.into()),
            ("fresh", fresh.into()),
            ("retryUnknown", retry_unknown.into()),
        ]
        .map(|(name, value)| (name, f64::from(value)));
        let config = self.config.for_call(&numbers).unwrap_or_else(|failure| panic!("{failure:?}"));
        let entropy = random.number();
        let screened = if options.screened { rungs.clone() } else { Vec::new() };
        let order = Order { rungs, config, entropy, screened, run };
        let aborts = random.between((0, u64::from(timeout)));
        let Some(engine) = &mut self.clients[client].engine else { return };
        let id = engine.admit(number.to_string().into(), Ok(order));
        self.note(|| {
            let whom: Vec<String> = idents.iter().map(ToString::to_string).collect();
            format!(
                "client {client}: call {id} (lookup {number}) asks for {}, force {force}, fresh {fresh}, cancel {cancel}, retryUnknown {retry_unknown}, timeout {timeout}, run {run:?}",
                whom.join(", ")
            )
        });
        let first = idents[0];
        let life = &self.clients[client];
        let detached = life.flights.values().any(|flight| {
            let out = |request: usize| self.requests[request].state == State::Out;
            flight.ident == first && !flight.closed && flight.request.is_some_and(out)
        });
        if detached && self.options.share && !life.calls.values().any(|call| !call.done && call.idents.contains(&first))
        {
            self.mark(Mark::JoinedDetached);
        }
        let call = Call {
            number,
            begun: self.now,
            caller,
            idents,
            free: Vec::new(),
            force,
            fresh,
            retry_unknown,
            retries,
            run,
            suppressed: false,
            aborted: false,
            done: false,
        };
        self.clients[client].calls.insert(id, call);
        if self.fault(Fault::Host) == Some(Fault::Abort) {
            self.after(aborts, Next::Abort(client, id));
        }
        self.disturb();
        self.feed(client, Event::Begin(id));
    }

    /// Now and then something happens in the world.
    fn disturb(&mut self) {
        let Some(fault) = self.fault(Fault::World) else { return };
        let random = &mut self.host;
        let longest = random.pick(&[SECOND, 20 * SECOND]);
        let pause = random.between((0, longest));
        let wallet = random.below(self.wallets.len() as u64) as usize;
        let minutes = random.pick(&[1, 60, 1440, 3 * 1440, 40 * 1440]) * 60 * SECOND;
        let credits = PRICE * random.between((1, 20)) as i64;
        let next = match fault {
            Fault::ClockForward => Next::Jump(minutes as i64),
            Fault::ClockBack => Next::Jump(-(minutes.min(DAY) as i64)),
            Fault::Foreign => Next::Foreign(wallet),
            Fault::TopUp => Next::TopUp(wallet, credits),
            _ => return,
        };
        self.after(pause, next);
    }

    /// A call is over: its caller thinks, and goes on.
    pub(crate) fn go_on(&mut self, client: usize, id: Id) {
        self.progress += 1;
        let caller = self.clients[client].calls[&id].caller;
        let days = self.callers.happens(self.options.days);
        let pause = self.callers.between(self.options.think_ms);
        let long = self.callers.between((1, 20 * 24)) * 3600 * SECOND;
        self.after(if days { long } else { pause }, Next::Ask(client, caller));
    }

    /// A process dies, and starts again.
    pub(crate) fn crash(&mut self, client: usize, loses: Option<bool>) {
        self.note(|| format!("client {client} CRASHES"));
        let process = self.clients[client].process;
        self.clients[client].engine = None;
        self.clients[client].timers.clear();
        self.processes[process] = None;
        self.buried(client);
        let (next, written) = self.store.bury(client);
        for write in written {
            let drawn = self.crashes.happens(self.options.crash_loses);
            if loses.unwrap_or(drawn) {
                self.mark(Mark::CrashLost);
                continue;
            }
            self.mark(Mark::CrashKept);
            let (client, id) = write.holder;
            self.note(|| format!("what flight {id} of client {client} was writing is in the store"));
            self.judge_applied(client, id, &write.texts);
            self.store.put(write.texts, write.expires);
        }
        for (client, flight) in next {
            self.grant(client, flight);
        }
        let pause = self.crashes.between((0, 5 * SECOND));
        self.after(pause, Next::Restart(process));
    }
}
