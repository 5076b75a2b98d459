//! The engine by itself, as a table of scenarios: on the left what happens outside, on the right what the engine asks for,
//! in order. The clock is a number.
//!
//! Calls are `c1`, `c2`, … and flights `f1`, `f2`, …, in the order in which they begin. A line without an arrow only sets
//! the scene.

use std::fmt::Write;
use std::rc::Rc;

use phone_enrichment::budget::Limits;
use phone_enrichment::cache::Kept;
use phone_enrichment::charge::Charge;
use phone_enrichment::config::{Config, Credentials, Environment, Settings};
use phone_enrichment::endpoint::PHONE;
use phone_enrichment::engine::{Balance, Effect, Engine, Event, Id, Order};
use phone_enrichment::failure::{Code, Failure};
use phone_enrichment::identity::Text;
use phone_enrichment::journal;
use phone_enrichment::json::Members;
use phone_enrichment::lookup::Lookup;
use phone_enrichment::outcome::{Answer, Outcome, Results};

use crate::fixtures::{checked, parse, reply, unicode};

const NOW: u64 = 1_700_000_000_000;
const DAY_MS: u64 = 86_400_000;

/// Whom a scenario asks for.
fn identifiers(person: &str) -> Vec<Rc<Lookup>> {
    let profile = ("linkedin_url", "linkedin.com/in/jane");
    let email = ("email", "jane@acme.com");
    let company = [("first_name", "Jane"), ("last_name", "Doe"), ("company_name", "Acme")];
    let fields = match person {
        "jane" => vec![profile],
        "jane-by-email" => vec![email],
        "john" => vec![("linkedin_url", "linkedin.com/in/john")],
        "jane-by-everything" => [vec![profile, email], company.to_vec()].concat(),
        _ => panic!("nobody is called {person}"),
    };
    checked(&fields).ladder().to_vec()
}

fn found() -> Answer {
    Answer::Found(Rc::new(Results { phone: Some("+1 555-123-4567".into()), e164: None, email: None }))
}

/// What a store may have of a person.
fn record(name: &str, now: u64) -> Result<Option<Members>, ()> {
    let kept = |answer| Kept { answer, collected_at: now - 1000, expires_at: now + DAY_MS };
    let text = match name {
        "nothing" => return Ok(None),
        "a-failure" => return Err(()),
        "a-found" => kept(found()).record(),
        "a-not-found" => kept(Answer::NotFound { message: "Phone not found".into() }).record(),
        "an-expired-found" => Kept { expires_at: now, ..kept(found()) }.record(),
        "a-claim" => journal::claim("lk_before", now - 1000, DAY_MS, None),
        "a-claim-over-a-found" => journal::claim("lk_before", now - 1000, DAY_MS, Some(&kept(found()))),
        "an-expired-claim" => journal::claim("lk_before", now - DAY_MS, DAY_MS, None),
        "garbage" => r#"{"status":"sucess"}"#.into(),
        _ => panic!("no store has {name}"),
    };
    Ok(parse(&text))
}

/// One client and the world around it.
struct Scene {
    engine: Engine,
    config: Config,
    now: u64,
    calls: Vec<Id>,
    flights: Vec<Id>,
    run: Option<u32>,
}

/// The settings of a scenario's client: `total 5, alone`.
fn settings(words: &str) -> Settings<'_> {
    let mut settings = Settings { has_token: true, share: true, ..Settings::default() };
    for setting in words.split(", ").filter(|word| !word.is_empty()) {
        match setting.split_once(' ') {
            Some((name, number)) => settings.numbers.push((name, number.parse().unwrap())),
            None => settings.share = setting != "alone",
        }
    }
    settings
}

impl Scene {
    fn new(words: &str) -> Self {
        let environment = Environment { browser: false, has_location: false };
        let config = Config::for_client(&settings(words), environment).unwrap();
        let limits = config.limits();
        let text: &'static dyn Text = Box::leak(Box::new(unicode()));
        Self { engine: Engine::new(PHONE, limits, text), config, now: NOW, calls: vec![], flights: vec![], run: None }
    }

    /// A call with options: `ask jane fresh force`.
    fn admit(&mut self, person: &str, options: &[&str]) -> Id {
        let mut numbers = Vec::new();
        let (mut screened, mut in_run) = (false, false);
        for option in options {
            match *option {
                "screened" => screened = true,
                "in-run" => in_run = true,
                "cancel" => numbers.push(("abort", 0.0)),
                "for-a-second" => numbers.push(("timeoutMs", 1000.0)),
                flag => numbers.push((flag, 1.0)),
            }
        }
        let everybody = identifiers(person);
        let screened = if screened { everybody.clone() } else { vec![] };
        let rungs = if options.contains(&"ladder") { everybody } else { vec![everybody[0].clone()] };
        let config = self.config.for_call(&numbers).unwrap();
        let run = self.run.filter(|_| in_run);
        self.engine.admit("lk".into(), Ok(Order { rungs, config, entropy: 7, screened, run }))
    }

    /// The call or flight of a name; flights are named when they first show.
    fn id(&self, name: &str) -> Id {
        let (kind, number) = name.split_at(1);
        let ids = if kind == "c" { &self.calls } else { &self.flights };
        let number: usize = number.parse().unwrap();
        *ids.get(number - 1).unwrap_or_else(|| panic!("there is no {name} yet"))
    }

    fn name(&mut self, id: Id) -> String {
        if let Some(index) = self.calls.iter().position(|call| *call == id) {
            return format!("c{}", index + 1);
        }
        let index = self.flights.iter().position(|flight| *flight == id).unwrap_or_else(|| {
            self.flights.push(id);
            self.flights.len() - 1
        });
        format!("f{}", index + 1)
    }

    /// Carries out one step, and says what the engine asked for.
    fn step(&mut self, step: &str) -> Vec<String> {
        let words: Vec<&str> = step.split_whitespace().collect();
        let event = match words.as_slice() {
            ["ask", person, options @ ..] => {
                let id = self.admit(person, options);
                self.calls.push(id);
                Event::Begin(id)
            }
            // All the way to the wire.
            ["send", person, options @ ..] => {
                self.step(&format!("ask {person} {}", options.join(" ")));
                let flight = format!("f{}", self.flights.len());
                for event in ["has nothing", "authorized", "saved"] {
                    self.step(&format!("{flight} {event}"));
                }
                return vec![];
            }
            ["wait", milliseconds] => {
                self.now += milliseconds.parse::<u64>().unwrap();
                return vec![];
            }
            ["run", credits] => {
                self.run = Some(self.engine.run(credits.parse().ok()));
                return vec![];
            }
            ["inherit", credits, spent] => {
                // The time is that of the last event; this one is nobody's.
                assert!(self.engine.handle(Event::Elapsed(0), self.now).is_empty());
                assert_eq!(self.engine.inherit(credits.parse().unwrap()), PHONE.price);
                self.engine.confirm(spent.parse().unwrap());
                return vec![];
            }
            ["close", "breaker"] => {
                self.engine.close_breaker();
                return vec![];
            }
            ["balance", about @ ..] => {
                let Balance { remaining, spent, reserved, possible } =
                    self.engine.balance(self.run.filter(|_| *about == ["in-run"]));
                let told = remaining.map_or("-".into(), |(credits, _)| credits.to_string());
                return vec![format!("told {told}, spent {spent}, reserved {reserved}, possible {possible}")];
            }
            ["idle"] => return vec![self.engine.is_idle().to_string()],
            [name, rest @ ..] => self.event(name, rest),
            [] => panic!("an empty step"),
        };
        let effects = self.engine.handle(event, self.now);
        effects.into_iter().map(|effect| self.words(effect)).collect()
    }

    fn event(&mut self, name: &str, words: &[&str]) -> Event {
        let id = self.id(name);
        match words {
            ["begins"] => Event::Begin(id),
            ["screened", "in"] => Event::Screened(id, Ok(false)),
            ["screened", "out"] => Event::Screened(id, Ok(true)),
            ["screened", "badly"] => Event::Screened(id, Err(Failure::refused(Code::InvalidOptions, &["suppress"]))),
            ["locked"] => Event::Locked(id),
            ["has", what] => Event::Opened(id, record(what, self.now)),
            ["authorized"] => Event::Authorized(id, Credentials::parse(Some("t"), vec![])),
            ["unauthorized"] => Event::Authorized(id, Credentials::parse(Some("a b"), vec![])),
            ["saved"] => Event::Saved(id, true),
            ["unsaved"] => Event::Saved(id, false),
            ["unsent"] => Event::NotSent(id),
            ["lost"] => Event::Lost(id),
            ["elapsed"] => Event::Elapsed(id),
            ["elapsed", times, "times"] => {
                for _ in 1..times.parse::<u32>().unwrap() {
                    let _ = self.engine.handle(Event::Elapsed(id), self.now);
                }
                Event::Elapsed(id)
            }
            ["aborted"] => Event::Aborted(id),
            ["replied", "found", credits] => Event::Replied(id, reply(200, None, &found_body(credits, "null"))),
            ["replied", "found-with-email", credits] => {
                Event::Replied(id, reply(200, None, &found_body(credits, r#""Jane@Acme.com""#)))
            }
            ["replied", "not-found", credits] => {
                let body = format!(r#"{{"success":true,"status":"not_found","remaining_credits":{credits}}}"#);
                Event::Replied(id, reply(200, None, &body))
            }
            ["replied", "402", "holding", credits] => {
                Event::Replied(id, reply(402, None, &format!(r#"{{"required":5,"balance":{credits}}}"#)))
            }
            ["replied", "429", "after", seconds] => Event::Replied(id, reply(429, Some(seconds), "")),
            ["replied", status] => Event::Replied(id, reply(status.parse().unwrap(), None, "?")),
            _ => panic!("nothing is called {words:?}"),
        }
    }

    /// An effect as a scenario has it.
    fn words(&mut self, effect: Effect) -> String {
        match effect {
            Effect::Screen(id, lookups) => {
                let keys: Vec<String> = lookups.iter().map(|lookup| lookup.key()).collect();
                format!("screen {} {}", self.name(id), keys.join(" "))
            }
            Effect::Open(id, key) => format!("open {} {key}", self.name(id)),
            Effect::Authorize(id) => format!("authorize {}", self.name(id)),
            Effect::Save(id, also, text, lifetime_ms) => {
                let mut words = format!("{} {}", kept(&text), self.name(id));
                if let Some(also) = also {
                    write!(words, " and {also}").unwrap();
                }
                match lifetime_ms % DAY_MS {
                    0 => write!(words, " for {}d", lifetime_ms / DAY_MS).unwrap(),
                    _ => write!(words, " for {lifetime_ms}").unwrap(),
                }
                words
            }
            Effect::Erase(id) => format!("erase {}", self.name(id)),
            Effect::Send(id, request, attempt, lookup_id) => {
                assert_eq!(&*lookup_id, "lk");
                assert!(request.url.ends_with("/external/phone/enrichment/"));
                format!("send {} #{attempt}", self.name(id))
            }
            Effect::Cancel(id) => format!("cancel {}", self.name(id)),
            Effect::Close(id) => format!("close {}", self.name(id)),
            Effect::Sleep(id, milliseconds) => format!("sleep {} {milliseconds}", self.name(id)),
            Effect::Warn => "warn".into(),
            Effect::Anomaly { expected, seen } => format!("anomaly {expected} {seen}"),
            Effect::Finish(id, lookup_id, result) => {
                assert_eq!(&*lookup_id, "lk");
                format!("{} {}", self.name(id), ending(result))
            }
        }
    }
}

fn found_body(credits: &str, email: &str) -> String {
    format!(
        r#"{{"success":true,"status":"success","results":{{"phone":"+1 555-123-4567","email":{email}}},"remaining_credits":{credits}}}"#
    )
}

/// A record that is to be kept, in words.
fn kept(text: &str) -> String {
    let record: serde_json::Value = serde_json::from_str(text).unwrap();
    assert!(!text.contains("jane") && !text.contains("john"), "a record says who was asked for: {text}");
    match (record["status"].as_str().unwrap(), record.get("before")) {
        ("claimed", None) => "claim".into(),
        ("claimed", Some(before)) => format!("claim over {}", before["status"].as_str().unwrap()),
        (status, _) => format!("keep {status}"),
    }
}

/// How a call ended, in words: what, the charge, and what else there is to tell.
fn ending(result: Result<Box<Outcome>, Box<Failure>>) -> String {
    let mut words = match &result {
        Ok(outcome) => {
            let Outcome { answer, meta, .. } = &**outcome;
            assert_eq!(meta.credits, if meta.charge == Charge::Confirmed { 5 } else { 0 });
            let (charge, source) = (meta.charge.as_str(), meta.source.as_str());
            format!("{} {charge} {source} x{}", answer.status(), meta.attempts)
        }
        Err(failure) => format!("{} {}", failure.code.as_str(), failure.charge.as_str()),
    };
    let left = match &result {
        Ok(outcome) => outcome.remaining_credits,
        Err(failure) => failure.remaining_credits,
    };
    if let Some(left) = left {
        write!(words, " left {left}").unwrap();
    }
    if let Err(failure) = &result {
        if let Some(milliseconds) = failure.retry_after_ms {
            write!(words, " again in {milliseconds}").unwrap();
        }
        if failure.retryable() {
            words.push_str(" retryable");
        }
    }
    words
}

/// Plays scenarios, and shows every line that went otherwise.
fn play(scenarios: &[(&str, &str, &str)]) {
    let mut wrong = String::new();
    for (name, settings, script) in scenarios {
        let mut scene = Scene::new(settings);
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (step, expected) =
                line.split_once('→').map_or((line, None), |(step, expected)| (step, Some(expected.trim())));
            let asked = scene.step(step).join(", ");
            if expected.is_some_and(|expected| expected != asked) {
                writeln!(wrong, "{name}:\n    {line}\n    got {asked}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The states of the store in which nothing may be sent, and what the caller hears.
fn unsent(has: &str) -> Vec<String> {
    let mut scene = Scene::new("");
    scene.step("ask jane");
    scene.step(&format!("f1 has {has}"))
}

everywhere! {
    fn the_order_of_a_lookup() {
        play(&[
            ("a found phone is one request, a confirmed charge, and kept for 30 days", "", "
                ask jane           → sleep c1 20000, open f1 in:jane
                f1 locked          →
                f1 has nothing     → authorize f1
                f1 authorized      → claim f1 for 30d
                f1 saved           → send f1 #1
                f1 replied found 95 → keep success f1 for 30d
                f1 saved           → close f1, c1 success confirmed network x1 left 95
                idle               → true
            "),
            ("a not-found is an outcome, free, and kept for a day", "", "
                send jane
                f1 replied not-found 100 → keep not_found f1 for 1d
                f1 saved           → close f1, c1 not_found none network x1 left 100
            "),
            ("the e-mail that comes with an answer names the same person", "", "
                send jane
                f1 replied found-with-email 95 → keep success f1 and email:jane@acme.com for 30d
            "),
            ("an e-mail that was asked for is not linked with itself", "", "
                send jane-by-email
                f1 replied found-with-email 95 → keep success f1 for 30d
            "),
            ("what is kept for no time at all takes the claim away", "foundDays 0, notFoundDays 0", "
                ask jane
                f1 has nothing
                f1 authorized      → claim f1 for 1d
                f1 saved
                f1 replied found 95 → erase f1
                f1 saved           → close f1, c1 success confirmed network x1 left 95
            "),
            ("without credentials nothing is claimed and nothing is sent", "total 5", "
                ask jane
                f1 has nothing
                f1 unauthorized    → close f1, c1 invalid_token none
                balance            → told -, spent 0, reserved 0, possible 0
                idle               → true
            "),
            ("a request that the runtime refuses cost nothing, and its claim is taken back", "total 5", "
                send jane
                f1 unsent          → erase f1
                f1 saved           → close f1, c1 invalid_options none
                balance            → told -, spent 0, reserved 0, possible 0
            "),
            ("what comes after the end changes nothing", "", "
                send jane
                f1 replied found 95
                f1 saved
                c1 begins          →
                c1 elapsed         →
                c1 aborted         →
                f1 elapsed         →
                f1 authorized      →
                f1 saved           →
                f1 lost            →
                f1 unsent          →
                f1 has nothing     →
                f1 replied found 90 →
                balance            → told 95, spent 5, reserved 0, possible 0
            "),
            ("what comes out of turn changes nothing", "", "
                ask jane
                f1 saved           →
                f1 authorized      →
                f1 replied found 95 →
                f1 lost            →
                f1 has nothing
                f1 has nothing     →
                f1 authorized
                f1 authorized      →
                f1 replied found 95 →
                f1 saved           → send f1 #1
                f1 saved           →
            "),
        ]);
    }

    fn a_person_is_suppressed_before_anything_else_is_asked() {
        play(&[
            ("suppressed", "", "
                ask jane screened  → sleep c1 20000, screen c1 in:jane
                c1 screened out    → c1 suppressed none
                idle               → true
            "),
            ("not suppressed", "", "
                ask jane screened
                c1 screened in     → open f1 in:jane
                c1 screened in     →
            "),
            ("a list that fails", "", "
                ask jane screened
                c1 screened badly  → c1 invalid_options none
            "),
            ("a list that takes too long", "", "
                ask jane screened
                c1 elapsed         → c1 timeout none retryable
                c1 screened in     →
            "),
            ("a caller that gives up meanwhile", "", "
                ask jane screened
                c1 aborted         → c1 aborted none retryable
                c1 screened in     →
            "),
            ("whoever the request names is asked for, at once and with a ladder or without", "", "
                ask jane-by-everything screened → sleep c1 20000, screen c1 in:jane email:jane@acme.com name:jane|doe|acme
            "),
            ("and every rung", "", "
                ask jane-by-everything ladder screened → sleep c1 20000, screen c1 in:jane email:jane@acme.com name:jane|doe|acme
            "),
        ]);
    }

    fn what_the_store_has_decides_before_anything_is_sent() {
        for (has, expected) in [
            ("nothing", "authorize f1"),
            ("a-found", "close f1, c1 success none cache x0"),
            ("a-not-found", "close f1, c1 not_found none cache x0"),
            ("an-expired-found", "authorize f1"),
            ("a-claim", "close f1, c1 outcome_unknown possible"),
            ("a-claim-over-a-found", "close f1, c1 success none cache x0"),
            ("an-expired-claim", "authorize f1"),
            ("garbage", "close f1, c1 store_failed none retryable"),
            ("a-failure", "close f1, c1 store_failed none retryable"),
        ] {
            assert_eq!(unsent(has).join(", "), expected, "{has}");
        }
    }

    fn a_claim_that_is_not_there_for_certain_lets_nothing_out() {
        play(&[
            ("a claim that can't be saved or read back", "total 5", "
                ask jane
                f1 has nothing
                f1 authorized      → claim f1 for 30d
                f1 unsaved         → erase f1
                f1 saved           → close f1, c1 store_failed none retryable
                balance            → told -, spent 0, reserved 0, possible 0
            "),
            ("nor can it be taken back: then somebody hears of it", "", "
                ask jane
                f1 has nothing
                f1 authorized
                f1 unsaved         → erase f1
                f1 unsaved         → warn, close f1, c1 store_failed none retryable
            "),
            ("the answer that was there is put back", "", "
                ask jane fresh
                f1 has a-found
                f1 authorized      → claim over success f1 for 30d
                f1 unsaved         → keep success f1 for 1d
                f1 saved           → close f1, c1 store_failed none retryable
            "),
        ]);
    }

    fn an_open_claim_is_overridden_by_force_alone() {
        play(&[
            ("force asks again", "", "
                ask jane force
                f1 has a-claim     → authorize f1
                f1 authorized      → claim f1 for 30d
                f1 saved           → send f1 #1
                f1 replied found 95 → keep success f1 for 30d
                f1 saved           → close f1, c1 success confirmed network x1 left 95
            "),
            ("fresh does not override a claim", "", "
                ask jane fresh
                f1 has a-claim     → close f1, c1 outcome_unknown possible
            "),
            ("fresh does not override a claim over an answer either", "", "
                ask jane fresh
                f1 has a-claim-over-a-found → close f1, c1 outcome_unknown possible
            "),
            ("a free failure says nothing of the earlier request: its claim stays", "", "
                ask jane force
                f1 has a-claim
                f1 authorized
                f1 saved
                f1 replied 401     → close f1, c1 invalid_token none
            "),
        ]);
    }

    fn a_fresh_answer_takes_the_place_of_the_one_before_only_when_it_is_there() {
        play(&[
            ("it comes", "", "
                ask jane fresh
                f1 has a-found     → authorize f1
                f1 authorized      → claim over success f1 for 30d
                f1 saved           → send f1 #1
                f1 replied not-found 100 → keep not_found f1 for 1d
            "),
            ("a free failure puts the answer before back", "", "
                ask jane fresh
                f1 has a-found
                f1 authorized
                f1 saved
                f1 replied 401     → keep success f1 for 1d
                f1 saved           → close f1, c1 invalid_token none
            "),
            ("an unknown outcome leaves the claim, with the answer before in it", "", "
                ask jane fresh
                f1 has a-found
                f1 authorized
                f1 saved
                f1 replied 500     → close f1, c1 server_error possible
            "),
        ]);
    }

    fn nothing_but_a_rate_limit_is_sent_again() {
        for status in (0..700).filter(|status| *status != 429) {
            let mut scene = Scene::new("maxRateLimitRetries 10");
            scene.step("send jane");
            let event = Event::Replied(scene.id("f1"), reply(status, Some("1"), ""));
            let asked = scene.engine.handle(event, NOW);
            assert!(!asked.iter().any(|effect| matches!(effect, Effect::Send(..) | Effect::Sleep(..))), "{status}");
        }
        play(&[
            ("a lost reply may have been charged, and the claim stays", "maxRateLimitRetries 10", "
                send jane
                f1 lost            → close f1, c1 network possible
                balance            → told -, spent 0, reserved 0, possible 5
            "),
            ("a failure of the service may have been charged, and the claim stays", "maxRateLimitRetries 10", "
                send jane
                f1 replied 503     → close f1, c1 server_error possible
            "),
            ("a 200 that can't be read may have been charged, and the claim stays", "maxRateLimitRetries 10", "
                send jane
                f1 replied 200     → close f1, c1 malformed_response possible
            "),
        ]);
    }

    fn a_rate_limit_that_says_when_is_waited_for() {
        play(&[
            ("twice, each time with a new deadline, and then it is an error", "", "
                send jane
                f1 replied 429 after 3 → sleep f1 3007
                c1 elapsed         →
                balance            → told -, spent 0, reserved 5, possible 0
                f1 elapsed         → sleep c1 20000, send f1 #2
                f1 replied 429 after 1 → sleep f1 1007
                f1 elapsed         → sleep c1 20000, send f1 #3
                f1 replied 429 after 1 → erase f1
                f1 saved           → close f1, c1 rate_limited none again in 1000 retryable
            "),
            ("an outcome after a wait says how many requests it took", "", "
                send jane
                f1 replied 429 after 0
                f1 elapsed
                f1 replied found 95
                f1 saved           → close f1, c1 success confirmed network x2 left 95
            "),
            ("zero retries is one request", "maxRateLimitRetries 0", "
                send jane
                f1 replied 429 after 1 → erase f1
            "),
            ("a wait beyond a minute is an error that carries it", "", "
                send jane
                f1 replied 429 after 61 → erase f1
                f1 saved           → close f1, c1 rate_limited none again in 61000 retryable
            "),
            ("without a wait it is final", "", "
                send jane
                f1 replied 429     → erase f1
                f1 saved           → close f1, c1 rate_limited none retryable
            "),
            ("giving up while waiting is free, and takes the claim back", "total 5", "
                send jane
                f1 replied 429 after 9
                c1 aborted         → c1 aborted none retryable, erase f1
                f1 saved           → close f1
                balance            → told -, spent 0, reserved 0, possible 0
                idle               → true
            "),
            ("what nobody waits for is not sent again", "", "
                send jane
                c1 aborted
                f1 replied 429 after 9 → erase f1
                f1 saved           → close f1
                idle               → true
            "),
        ]);
    }

    fn after_a_402_nothing_is_sent() {
        play(&[
            ("until a reply tells a balance that suffices", "", "
                send john
                send jane
                f2 replied 402 holding 3 → erase f2
                f2 saved           → close f2, c2 insufficient_credits none left 3
                ask jane
                f3 has nothing     → close f3, c3 insufficient_credits none left 3
                f1 replied not-found 100 → keep not_found f1 for 1d
                ask jane
                f4 has nothing     → close f4, c4 insufficient_credits none left 3
            "),
            ("one that was sent later tells", "", "
                send jane
                send john
                f1 replied 402
                f2 replied not-found 5
                ask jane-by-email
                f3 has nothing     → authorize f3
            "),
            ("a balance below the price does not close it", "", "
                send jane
                send john
                f1 replied 402
                f2 replied not-found 4
                ask jane-by-email
                f3 has nothing     → close f3, c3 insufficient_credits none
            "),
            ("the caller may know better", "", "
                send jane
                f1 replied 402
                f1 saved
                close breaker
                ask jane
                f2 has nothing     → authorize f2
            "),
            ("what is kept is given all the same", "", "
                send jane
                f1 replied 402
                f1 saved
                ask john
                f2 has a-found     → close f2, c2 success none cache x0
            "),
        ]);
    }

    fn a_budget_sets_the_price_aside_before_anything_is_claimed() {
        play(&[
            ("what is out counts", "total 5", "
                send jane
                balance            → told -, spent 0, reserved 5, possible 0
                ask john
                f2 has nothing     → close f2, c2 budget_exceeded none left 0 again in 1000 retryable
            "),
            ("a free end gives it back", "total 5", "
                send jane
                f1 replied not-found 100
                ask john
                f2 has nothing     → authorize f2
            "),
            ("a paid one does not", "total 9", "
                send jane
                f1 replied found 95
                ask john
                f2 has nothing     → close f2, c2 budget_exceeded none left 4
            "),
            ("what nobody knows of counts", "total 5", "
                send jane
                f1 lost
                ask john
                f2 has nothing     → close f2, c2 budget_exceeded none left 0
            "),
            ("a limit that passes says when", "perMinute 5", "
                send jane
                f1 replied found 95
                f1 saved
                wait 20000
                ask john
                f2 has nothing     → close f2, c2 budget_exceeded none left 0 again in 40000 retryable
                wait 40000
                ask john
                f3 has nothing     → authorize f3
            "),
            ("what an earlier engine spent, or may have, counts as its own", "total 19", "
                inherit 15 10
                balance            → told -, spent 10, reserved 0, possible 5
                ask jane
                f1 has nothing     → close f1, c1 budget_exceeded none left 4
            "),
            ("what it spent counts from when it was spent", "perMinute 5", "
                inherit 5 5
                wait 50000
                inherit 0 0
                ask jane
                f1 has nothing     → close f1, c1 budget_exceeded none left 0 again in 10000 retryable
                wait 10000
                ask john
                f2 has nothing     → authorize f2
                balance            → told -, spent 5, reserved 5, possible 0
            "),
            ("what is kept costs nothing", "total 0", "
                ask jane
                f1 has a-found     → close f1, c1 success none cache x0
                ask john
                f2 has nothing     → close f2, c2 budget_exceeded none left 0
            "),
            ("a run has a budget of its own, within the client's", "total 10", "
                run 5
                ask jane in-run
                f1 has nothing     → authorize f1
                ask john in-run
                f2 has nothing     → close f2, c2 budget_exceeded none left 0 again in 1000 retryable
                balance in-run     → told -, spent 0, reserved 5, possible 0
                ask john
                f3 has nothing     → authorize f3
                ask jane-by-email
                f4 has nothing     → close f4, c4 budget_exceeded none left 0 again in 1000 retryable
            "),
        ]);
    }

    fn what_may_have_been_charged_is_sent_again_only_on_request() {
        play(&[
            ("as often as a rate limit would be, after a pause", "", "
                send jane retryUnknown
                f1 replied 500     → sleep f1 1007
                balance            → told -, spent 0, reserved 5, possible 5
                f1 elapsed         → sleep c1 20000, send f1 #2
                f1 lost            → sleep f1 2007
                f1 elapsed         → sleep c1 20000, send f1 #3
                f1 replied 500     → close f1, c1 server_error possible
                balance            → told -, spent 0, reserved 0, possible 15
            "),
            ("an answer after that is what it is, and what it cost is certain", "", "
                send jane retryUnknown
                f1 lost
                f1 elapsed
                f1 replied found 95 → keep success f1 for 30d
                f1 saved           → close f1, c1 success confirmed network x2 left 95
            "),
            ("a free answer after that is not certainly free", "", "
                send jane retryUnknown
                f1 lost
                f1 elapsed
                f1 replied not-found 95 → keep not_found f1 for 1d
                f1 saved           → close f1, c1 not_found possible network x2 left 95
            "),
            ("a refusal after that is not certainly free, and the claim stays", "", "
                send jane retryUnknown
                f1 lost
                f1 elapsed
                f1 replied 401     → close f1, c1 invalid_token possible
            "),
            ("not beyond the limit of one call", "perCall 5", "
                send jane retryUnknown
                f1 lost            → close f1, c1 network possible
            "),
            ("not beyond the budget", "total 9", "
                send jane retryUnknown
                f1 lost            → close f1, c1 network possible
            "),
            ("giving up meanwhile leaves the claim", "", "
                send jane retryUnknown
                f1 lost
                c1 aborted         → c1 aborted possible, close f1
                balance            → told -, spent 0, reserved 0, possible 5
            "),
            ("not for a caller that is gone", "", "
                send jane retryUnknown
                c1 aborted
                f1 lost            → close f1
            "),
        ]);
    }

    fn the_next_rung_is_tried_only_after_a_free_not_found() {
        play(&[
            ("rung by rung", "", "
                send jane-by-everything ladder
                f1 replied not-found 100
                f1 saved           → close f1, sleep c1 20000, open f2 email:jane@acme.com
                f2 has nothing     → authorize f2
                f2 authorized
                f2 saved           → send f2 #1
                f2 replied not-found 100
                f2 saved           → close f2, sleep c1 20000, open f3 name:jane|doe|acme
                f3 has nothing
                f3 authorized
                f3 saved
                f3 replied not-found 100
                f3 saved           → close f3, c1 not_found none network x3 left 100
            "),
            ("a not-found that is kept moves on too", "", "
                ask jane-by-everything ladder
                f1 has a-not-found → close f1, sleep c1 20000, open f2 email:jane@acme.com
                f2 has a-found     → close f2, c1 success none cache x0
            "),
            ("never after what may have been charged", "", "
                send jane-by-everything ladder
                f1 lost            → close f1, c1 network possible
            "),
            ("nor after an open claim", "", "
                ask jane-by-everything ladder
                f1 has a-claim     → close f1, c1 outcome_unknown possible
            "),
            ("nor after a not-found of which an earlier request may have been charged", "", "
                send jane-by-everything ladder retryUnknown
                f1 lost
                f1 elapsed
                f1 replied not-found 95
                f1 saved           → close f1, c1 not_found possible network x2 left 95
            "),
            ("nor after an error, however free", "", "
                send jane-by-everything ladder
                f1 replied 401
                f1 saved           → close f1, c1 invalid_token none
            "),
            ("by default the first is all", "", "
                send jane-by-everything
                f1 replied not-found 100
                f1 saved           → close f1, c1 not_found none network x1 left 100
            "),
        ]);
    }

    fn a_caller_that_gives_up_leaves_the_request_to_finish() {
        play(&[
            ("its late answer is kept", "", "
                send jane
                c1 aborted         → c1 aborted possible, sleep f1 60000
                f1 replied found 95 → keep success f1 for 30d
                f1 saved           → close f1
                balance            → told 95, spent 5, reserved 0, possible 0
            "),
            ("a deadline is the same", "", "
                send jane
                c1 elapsed         → c1 timeout possible, sleep f1 60000
                f1 replied not-found 100 → keep not_found f1 for 1d
            "),
            ("whoever asks meanwhile waits for the same request", "", "
                send jane
                c1 aborted
                ask jane           → sleep c2 20000
                f1 elapsed         →
                f1 replied found 95
                f1 saved           → close f1, c2 success confirmed network x1 left 95
            "),
            ("after a minute it is broken off, and the claim stays", "", "
                send jane
                c1 aborted
                wait 60000
                f1 elapsed         → cancel f1, close f1
                balance            → told -, spent 0, reserved 0, possible 5
                idle               → true
            "),
            ("a late failure of the service leaves the claim", "", "
                send jane
                c1 aborted
                f1 replied 500     → close f1
            "),
            ("a late refusal takes the claim back", "", "
                send jane
                c1 aborted
                f1 replied 401     → erase f1
                f1 saved           → close f1
            "),
            ("cancel breaks it off at once, and the claim stays", "", "
                send jane cancel
                c1 aborted         → c1 aborted possible, cancel f1, close f1
                balance            → told -, spent 0, reserved 0, possible 5
            "),
            ("cancel at the deadline, too", "", "
                send jane cancel
                c1 elapsed         → c1 timeout possible, cancel f1, close f1
            "),
            ("but not while somebody waits", "", "
                send jane cancel
                ask jane cancel
                c1 aborted         → c1 aborted possible
                c2 aborted         → c2 aborted possible, cancel f1, close f1
            "),
            ("nor if one of them wanted it to finish", "", "
                send jane cancel
                ask jane
                c1 aborted         → c1 aborted possible
                c2 aborted         → c2 aborted possible, sleep f1 60000
            "),
        ]);
    }

    fn giving_up_before_the_send_is_free_and_sends_nothing() {
        play(&[
            ("while the store is read", "", "
                ask jane
                c1 aborted         → c1 aborted none retryable, close f1
                f1 has nothing     →
                idle               → true
            "),
            ("while credentials are asked for", "total 5", "
                ask jane
                f1 has nothing
                c1 aborted         → c1 aborted none retryable, close f1
                f1 authorized      →
                balance            → told -, spent 0, reserved 0, possible 0
            "),
            ("while the claim is saved", "total 5", "
                ask jane
                f1 has nothing
                f1 authorized
                c1 aborted         → c1 aborted none retryable
                f1 saved           → erase f1
                balance            → told -, spent 0, reserved 0, possible 0
                f1 saved           → close f1
            "),
            ("whoever asks meanwhile gets it", "", "
                ask jane
                f1 has nothing
                f1 authorized
                c1 aborted
                ask jane           → sleep c2 20000
                f1 saved           → send f1 #1
            "),
            ("but not an end that is none of their own", "", "
                send jane
                f1 replied 429 after 9
                c1 aborted         → c1 aborted none retryable, erase f1
                ask jane           → sleep c2 20000, sleep f2 50
                f1 saved           → close f1
                f2 elapsed         → open f2 in:jane
            "),
        ]);
    }

    fn each_stage_has_its_own_end_when_time_is_up() {
        play(&[
            ("waiting for the lock", "", "
                ask jane
                c1 elapsed         → c1 timeout none retryable, close f1
            "),
            ("reading the store", "", "
                ask jane
                f1 locked
                c1 elapsed         → c1 store_failed none retryable, close f1
            "),
            ("asking for credentials", "", "
                ask jane
                f1 has nothing
                c1 elapsed         → c1 timeout none retryable, close f1
            "),
            ("saving the claim", "", "
                ask jane
                f1 has nothing
                f1 authorized
                c1 elapsed         → c1 store_failed none retryable
                f1 saved           → erase f1
            "),
            ("on the wire", "", "
                send jane
                c1 elapsed         → c1 timeout possible, sleep f1 60000
            "),
            ("keeping a paid answer, which is given all the same", "", "
                send jane
                f1 replied found 95
                c1 elapsed         → warn, c1 success confirmed network x1 left 95
                f1 saved           → close f1
            "),
            ("taking a claim back, whose end is known", "", "
                send jane
                f1 replied 401
                c1 elapsed         → c1 invalid_token none
                f1 saved           → close f1
            "),
        ]);
    }

    fn a_paid_answer_that_cannot_be_kept_is_given_all_the_same() {
        play(&[
            ("the store is full", "", "
                send jane
                f1 replied found 95
                f1 unsaved         → warn, close f1, c1 success confirmed network x1 left 95
            "),
            ("giving up while it is kept does not make it free", "", "
                send jane
                f1 replied found 95
                c1 aborted         → c1 aborted confirmed
                f1 saved           → close f1
            "),
        ]);
    }

    fn calls_for_the_same_person_share_one_request_and_one_of_them_pays() {
        play(&[
            ("whoever waits behind one that failed ends nobody else's call", "", "
                ask jane for-a-second
                f1 has nothing
                f1 authorized
                ask jane           → sleep c2 20000
                f1 unsaved         → erase f1
                ask jane           → sleep c3 20000, sleep f2 50
                wait 5000
                f2 elapsed         → sleep f2 50
            "),
            ("the first pays", "", "
                send jane
                ask jane           → sleep c2 20000
                ask jane           → sleep c3 20000
                f1 replied found 95
                ask jane           → sleep c4 20000
                f1 saved           → close f1, c1 success confirmed network x1 left 95, c2 success none cache x0, c3 success none cache x0, c4 success none cache x0
            "),
            ("where the first gave up, the next one pays", "", "
                send jane
                ask jane
                ask jane
                c1 aborted         → c1 aborted possible
                f1 replied found 95
                f1 saved           → close f1, c2 success confirmed network x1 left 95, c3 success none cache x0
            "),
            ("whoever hears of the charge first is the only one", "", "
                send jane
                ask jane
                f1 replied found 95
                c2 aborted         → c2 aborted confirmed
                f1 saved           → close f1, c1 success none cache x0
            "),
            ("at the deadline, too", "", "
                send jane
                ask jane
                f1 replied found 95
                c2 elapsed         → warn, c2 success confirmed network x1 left 95
                f1 saved           → close f1, c1 success none cache x0
            "),
            ("an error is everybody's", "", "
                send jane
                ask jane
                f1 lost            → close f1, c1 network possible, c2 network possible
                balance            → told -, spent 0, reserved 0, possible 5
            "),
            ("one that was forced past a claim is everybody's", "", "
                ask jane
                ask jane force
                f1 has a-claim     → authorize f1
            "),
            ("one that is fresh is everybody's", "", "
                ask jane
                ask jane fresh
                f1 has a-found     → authorize f1
            "),
            ("everybody waits out a rate limit", "", "
                send jane
                f1 replied 429 after 9
                ask jane for-a-second → sleep c2 1000
                c2 elapsed         →
                f1 elapsed         → sleep c1 20000, sleep c2 1000, send f1 #2
            "),
            ("a ladder goes on by itself", "", "
                send jane
                ask jane-by-everything ladder
                f1 replied not-found 100
                f1 saved           → close f1, c1 not_found none network x1 left 100, sleep c2 20000, open f2 email:jane@acme.com
            "),
            ("another person is another request", "", "
                send jane
                ask john           → sleep c2 20000, open f2 in:john
            "),
        ]);
    }

    fn where_calls_cannot_wait_for_each_other_they_look_again() {
        play(&[
            ("until the one before is over, and then the answer is there", "alone", "
                send jane
                ask jane           → sleep c2 20000, sleep f2 50
                f2 elapsed         → sleep f2 50
                f1 replied found 95
                f2 elapsed         → sleep f2 50
                f1 saved           → close f1, c1 success confirmed network x1 left 95
                f2 elapsed         → open f2 in:jane
                f2 has a-found     → close f2, c2 success none cache x0
            "),
            ("until time is up", "alone", "
                send jane
                ask jane for-a-second → sleep c2 1000, sleep f2 50
                c2 elapsed         → c2 timeout none retryable, close f2
                f2 elapsed         →
            "),
            ("whoever is gone without a word is given up", "alone", "
                send jane cancel
                wait 21001
                ask jane           → sleep c2 20000, sleep f2 50, c1 aborted possible, cancel f1, close f1
                f2 elapsed         → open f2 in:jane
                f2 has a-claim     → close f2, c2 outcome_unknown possible
            "),
            ("a request that was left to finish is given up after its minute", "alone", "
                send jane
                wait 21001
                ask jane           → sleep c2 20000, sleep f2 50, c1 aborted possible, sleep f1 60000
                wait 60001
                f2 elapsed         → sleep f2 50, cancel f1, close f1
                f2 elapsed         → open f2 in:jane
            "),
            ("and so is a store that never answers", "alone", "
                ask jane
                f1 has nothing
                f1 authorized
                wait 21001
                ask jane           → sleep c2 20000, sleep f2 50, c1 aborted none retryable
                wait 86400000
                f2 elapsed         → sleep f2 50
                f2 elapsed 1197 times → sleep f2 50
                f2 elapsed         → sleep f2 50, close f1
                f2 elapsed         → open f2 in:jane
                balance            → told -, spent 0, reserved 0, possible 0
            "),
        ]);
    }

    fn what_is_being_written_is_waited_for_until_the_store_is_silent_for_a_minute() {
        for (name, writing, left) in [
            ("a claim", ["f1 has nothing", "f1 authorized", "c1 aborted"], "told -, spent 0, reserved 0, possible 0"),
            ("an answer", ["f1 saved", "c1 aborted", "f1 replied found 95"], "told 95, spent 5, reserved 0, possible 0"),
            ("the end of a claim", ["f1 saved", "c1 aborted", "f1 replied 401"], "told -, spent 0, reserved 0, possible 0"),
        ] {
            let mut scene = Scene::new("alone, timeoutMs 600000");
            scene.step("ask jane");
            if writing[0] == "f1 saved" {
                scene.step("f1 has nothing");
                scene.step("f1 authorized");
            }
            for step in writing.iter().chain(&["ask jane"]) {
                scene.step(step);
            }
            // A clock that jumps is no minute.
            scene.step("wait 3600000");
            let mut looks = 1;
            while scene.step("f2 elapsed").join(", ") == "sleep f2 50" {
                assert!(looks < 5000, "{name}: never given up");
                looks += 1;
                scene.step("wait 50");
            }
            assert!(looks >= 60_000 / 50 - 1, "{name}: given up after {looks} looks");
            assert_eq!(scene.step("f2 elapsed").join(", "), "open f2 in:jane", "{name}");
            assert_eq!(scene.step("balance").join(", "), left, "{name}");
        }
    }

    fn the_wallet_is_held_against_what_the_calls_explain() {
        play(&[
            ("somebody else spends", "", "
                send jane
                f1 replied found 95
                f1 saved
                send john
                f2 replied not-found 80 → anomaly 95 80, keep not_found f2 for 1d
                balance            → told 80, spent 5, reserved 0, possible 0
            "),
            ("a drop that only a lost reply explains settles it as charged", "", "
                send jane
                f1 replied not-found 100
                f1 saved
                send john
                f2 lost
                balance            → told 100, spent 0, reserved 0, possible 5
                send jane-by-email
                f3 replied not-found 95 → keep not_found f3 for 1d
                balance            → told 95, spent 5, reserved 0, possible 0
            "),
            ("a rate limit that is waited out is no request that is still out", "", "
                send jane
                f1 replied found 95
                send john
                f2 replied 429 after 1
                send jane-by-email
                f3 replied found 85 → anomaly 90 85, keep success f3 for 30d
            "),
        ]);
    }

    fn a_call_that_cannot_begin_ends_at_once() {
        let mut engine = Engine::new(PHONE, Limits::default(), Box::leak(Box::new(unicode())));
        let id = engine.admit("lk".into(), Err(Failure::invalid_request(vec![])));
        match engine.handle(Event::Begin(id), NOW).as_slice() {
            [Effect::Finish(call, lookup_id, Err(failure))] => {
                assert_eq!((*call, &**lookup_id, failure.code), (id, "lk", Code::InvalidRequest));
            }
            _ => panic!("it did not end"),
        }
        assert!(engine.is_idle());
    }

    fn a_clock_that_goes_back_stands_still() {
        let mut scene = Scene::new("perMinute 5");
        for step in ["send jane", "f1 replied found 95", "f1 saved"] {
            scene.step(step);
        }
        scene.now -= 1000;
        scene.step("ask john");
        assert_eq!(scene.step("f2 has nothing").join(", "), "close f2, c2 budget_exceeded none left 0 again in 60000 retryable");
    }

    fn many_calls_for_one_person_are_one_request() {
        let mut scene = Scene::new("");
        scene.step("send jane");
        for _ in 1..500 {
            scene.step("ask jane");
        }
        scene.step("f1 replied found 95");
        let ends = scene.step("f1 saved");
        assert_eq!(ends.len(), 501);
        assert_eq!(ends.iter().filter(|end| end.contains("confirmed")).count(), 1);
    }

    fn every_code_has_a_name_of_its_own_and_a_message() {
        let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|code| code.message().ends_with('.')));
    }
}
