//! What the simulation found, each as a short scenario of its own.

use phone_enrichment::budget::Limits;
use phone_enrichment::charge::Charge;
use phone_enrichment::config::{Config, Credentials, Environment, Settings};
use phone_enrichment::endpoint::PHONE;
use phone_enrichment::engine::{Effect, Engine, Event, Id, Order};
use phone_enrichment::identity::HostText;
use phone_enrichment::ledger::{Finding, Ledger};
use phone_enrichment::lookup::{RawRequest, check};
use phone_enrichment::reply::HttpReply;
use serde_json::{Value, json};
use std::rc::Rc;

const DAY: u64 = 24 * 3600 * 1000;
/// When everything begins.
const START: u64 = 1_767_225_600_000;

/// An engine whose effects are told in words.
struct Desk {
    engine: Engine,
    now: u64,
}

impl Desk {
    fn new(limits: Limits) -> Self {
        Self { engine: Engine::new(PHONE, limits, &HostText), now: START }
    }

    /// Somebody asks, by LinkedIn profile and, with the ladder, by e-mail.
    fn ask(&mut self, slug: &str, options: &[(&str, u32)]) -> (Id, Vec<String>) {
        let (profile, email) = (format!("linkedin.com/in/{slug}"), format!("{slug}@acme.com"));
        let mut request = RawRequest::default();
        request.put("linkedin_url", Some(&profile));
        request.put("email", Some(&email));
        let Ok(checked) = check(request, false, &HostText) else { panic!("{slug} is refused") };
        let settings = Settings { base_url: Some("/api"), share: true, ..Settings::default() };
        let environment = Environment { browser: true, has_location: true };
        let numbers: Vec<_> = options.iter().map(|(name, value)| (*name, f64::from(*value))).collect();
        let config = Config::for_client(&settings, environment).unwrap().for_call(&numbers).unwrap();
        let ladder = options.contains(&("ladder", 1));
        let rungs = if ladder { checked.ladder().into() } else { vec![Rc::clone(checked.lookup())] };
        let order = Order { rungs, config, entropy: 0, screened: Vec::new(), run: None };
        let id = self.engine.admit(slug.into(), Ok(order));
        (id, self.tell(Event::Begin(id)))
    }

    /// Something happens; what the engine wants done, without its timers.
    fn tell(&mut self, event: Event) -> Vec<String> {
        let words = |effect: Effect| match effect {
            Effect::Screen(id, _) => Some(format!("screen {id}")),
            Effect::Open(id, _) => Some(format!("open {id}")),
            Effect::Authorize(id) => Some(format!("authorize {id}")),
            Effect::Save(id, _, record, lifetime_ms) => {
                let record: Value = serde_json::from_str(&record).unwrap();
                Some(format!("save {id} {} for {lifetime_ms}", record["status"].as_str().unwrap()))
            }
            Effect::Erase(id) => Some(format!("erase {id}")),
            Effect::Send(id, ..) => Some(format!("send {id}")),
            Effect::Cancel(id) => Some(format!("cancel {id}")),
            Effect::Close(id) => Some(format!("close {id}")),
            Effect::Sleep(..) => None,
            Effect::Warn => Some("warn".into()),
            Effect::Anomaly { expected, seen } => Some(format!("anomaly {expected} {seen}")),
            Effect::Finish(id, _, Ok(outcome)) => {
                let (meta, status) = (&outcome.meta, outcome.answer.status());
                Some(format!("finish {id} {status} {} {}", meta.source.as_str(), meta.charge.as_str()))
            }
            Effect::Finish(id, _, Err(failure)) => {
                Some(format!("finish {id} {} {}", failure.code.as_str(), failure.charge.as_str()))
            }
        };
        self.engine.handle(event, self.now).into_iter().filter_map(words).collect()
    }

    fn opened(&mut self, flight: Id, record: Option<Value>) -> Vec<String> {
        self.tell(Event::Opened(flight, Ok(record.as_ref().map(Into::into))))
    }

    /// From what the store has to the request on the wire.
    fn sent(&mut self, flight: Id, record: Option<Value>) {
        assert_eq!(self.opened(flight, record), [format!("authorize {flight}")]);
        self.authorized(flight);
        assert_eq!(self.tell(Event::Saved(flight, true)), [format!("send {flight}")]);
    }

    fn authorized(&mut self, flight: Id) -> Vec<String> {
        self.tell(Event::Authorized(flight, Credentials::parse(None, Vec::new())))
    }

    fn replied(&mut self, flight: Id, status: u16, body: Value) -> Vec<String> {
        self.heard(flight, status, false, body)
    }

    /// A server of one's own replies, and may say that it cost nothing.
    fn heard(&mut self, flight: Id, status: u16, is_free: bool, body: Value) -> Vec<String> {
        let retry_after = (status == 429).then(|| "60".into());
        let (text, json) = (body.to_string(), Some((&body).into()));
        self.tell(Event::Replied(flight, HttpReply { status, retry_after, retry_date: None, is_free, text, json }))
    }
}

fn found(remaining_credits: i64) -> Value {
    json!({"status": "success", "results": {"phone": "+1 555 0100"}, "remaining_credits": remaining_credits})
}

fn kept(status: &str, until: u64) -> Value {
    json!({"status": status, "phone": "+1 555 0100", "message": "Phone not found", "at": START - DAY, "until": until})
}

#[test]
fn a_limit_over_time_counts_from_the_charge() {
    let mut desk = Desk::new(Limits { per_minute: Some(5), ..Limits::default() });
    desk.ask("jane", &[]);
    desk.sent(2, None);
    desk.replied(2, 429, json!({}));
    desk.now += 60_000;
    assert_eq!(desk.tell(Event::Elapsed(2)), ["send 2"]);
    desk.now += 1000;
    desk.replied(2, 200, found(95));
    desk.tell(Event::Saved(2, true));
    desk.now += 1000;
    desk.ask("john", &[]);
    assert_eq!(desk.opened(4, None), ["close 4", "finish 3 budget_exceeded none"]);
    desk.now += 60_000;
    desk.ask("john", &[]);
    assert_eq!(desk.opened(6, None), ["authorize 6"]);
}

#[test]
fn nothing_is_sent_again_for_a_caller_who_is_gone() {
    let mut desk = Desk::new(Limits::default());
    let (call, _) = desk.ask("jane", &[]);
    desk.sent(2, None);
    assert_eq!(desk.tell(Event::Aborted(call)), ["finish 1 aborted possible"]);
    assert_eq!(desk.replied(2, 429, json!({})), ["erase 2"]);
    assert_eq!(desk.tell(Event::Saved(2, true)), ["close 2"]);
}

#[test]
fn an_open_breaker_stops_what_is_about_to_go_out() {
    let mut desk = Desk::new(Limits::default());
    desk.ask("jane", &[]);
    desk.ask("john", &[]);
    desk.sent(2, None);
    desk.opened(4, None);
    desk.authorized(4);
    desk.replied(2, 402, json!({"balance": 0}));
    assert_eq!(desk.tell(Event::Saved(4, true)), ["erase 4"]);
    assert_eq!(desk.tell(Event::Saved(4, true)), ["close 4", "finish 3 insufficient_credits none"]);
    assert_eq!(desk.engine.balance(None).reserved, 0);
}

#[test]
fn what_follows_a_request_that_may_have_been_charged_is_not_free() {
    let mut desk = Desk::new(Limits::default());
    desk.ask("jane", &[("retryUnknown", 1)]);
    desk.sent(2, None);
    assert!(desk.tell(Event::Lost(2)).is_empty());
    desk.now += 1000;
    assert_eq!(desk.tell(Event::Elapsed(2)), ["send 2"]);
    assert_eq!(desk.tell(Event::NotSent(2)), ["close 2", "finish 1 invalid_options possible"]);
}

#[test]
fn a_charge_is_told_to_one_caller() {
    let mut desk = Desk::new(Limits::default());
    desk.ask("jane", &[]);
    let (second, _) = desk.ask("jane", &[]);
    desk.sent(2, None);
    desk.replied(2, 200, found(95));
    assert_eq!(desk.tell(Event::Aborted(second)), [format!("finish {second} aborted confirmed")]);
    assert_eq!(desk.tell(Event::Saved(2, true)), ["close 2", "finish 1 success cache none"]);
}

#[test]
fn what_a_server_of_ones_own_calls_free_is_not_spent() {
    let mut desk = Desk::new(Limits { total: Some(5), ..Limits::default() });
    desk.ask("jane", &[]);
    desk.sent(2, None);
    desk.heard(2, 200, true, found(95));
    assert_eq!(desk.tell(Event::Saved(2, true)), ["close 2", "finish 1 success network none"]);
    let (failing, _) = desk.ask("john", &[]);
    desk.sent(4, None);
    assert_eq!(desk.heard(4, 503, true, json!({})), ["erase 4"], "nobody is in doubt");
    assert_eq!(desk.tell(Event::Saved(4, true)), ["close 4".into(), format!("finish {failing} server_error none")]);
    desk.ask("jim", &[]);
    desk.sent(6, None);
    desk.replied(6, 200, found(90));
    assert_eq!(
        desk.tell(Event::Saved(6, true)),
        ["close 6", "finish 5 success network confirmed"],
        "the budget has room"
    );
}

#[test]
fn nobody_joins_a_flight_that_failed() {
    let mut desk = Desk::new(Limits::default());
    let (call, _) = desk.ask("jane", &[]);
    desk.sent(2, None);
    desk.replied(2, 429, json!({}));
    assert_eq!(desk.tell(Event::Aborted(call)), ["finish 1 aborted none", "erase 2"]);
    let (_, waits) = desk.ask("jane", &[]);
    assert!(waits.is_empty());
    assert_eq!(desk.tell(Event::Saved(2, true)), ["close 2"]);
    assert_eq!(desk.tell(Event::Elapsed(4)), ["open 4"]);
}

#[test]
fn a_wish_for_a_fresh_answer_goes_with_its_caller() {
    let mut desk = Desk::new(Limits::default());
    desk.ask("jane", &[]);
    let (second, _) = desk.ask("jane", &[("fresh", 1), ("force", 1)]);
    assert_eq!(desk.tell(Event::Aborted(second)), [format!("finish {second} aborted none")]);
    let record = kept("success", START + DAY);
    assert_eq!(desk.opened(2, Some(record)), ["close 2", "finish 1 success cache none"]);
}

#[test]
fn no_earlier_not_found_is_served_while_a_claim_is_open() {
    let mut desk = Desk::new(Limits::default());
    desk.ask("jane", &[("ladder", 1)]);
    let mut claim = kept("claimed", START + DAY);
    claim["before"] = kept("not_found", START + DAY);
    assert_eq!(desk.opened(2, Some(claim.clone())), ["close 2", "finish 1 outcome_unknown possible"]);
    claim["before"] = kept("success", START + DAY);
    desk.ask("jane", &[("ladder", 1)]);
    assert_eq!(desk.opened(4, Some(claim)), ["close 4", "finish 3 success cache none"]);
}

#[test]
fn an_earlier_answer_keeps_its_own_time() {
    let mut desk = Desk::new(Limits::default());
    desk.ask("jane", &[("fresh", 1), ("foundDays", 1)]);
    assert_eq!(desk.opened(2, Some(kept("success", START + 20 * DAY))), ["authorize 2"]);
    assert_eq!(desk.authorized(2), [format!("save 2 claimed for {}", 20 * DAY)]);
    desk.tell(Event::Saved(2, true));
    desk.now += DAY;
    assert_eq!(desk.replied(2, 404, json!({})), [format!("save 2 success for {}", 19 * DAY)]);
}

#[test]
fn a_rate_limit_that_comes_last_hides_no_anomaly() {
    let mut desk = Desk::new(Limits::default());
    desk.ask("jane", &[]);
    desk.sent(2, None);
    desk.replied(2, 200, found(95));
    desk.ask("john", &[]);
    desk.ask("joan", &[]);
    desk.sent(4, None);
    desk.sent(6, None);
    // Somebody else took 3.
    desk.replied(4, 200, found(87));
    assert_eq!(desk.replied(6, 429, json!({})), ["anomaly 90 87"]);
}

#[test]
fn after_a_top_up_among_several_requests_the_ledger_can_not_tell() {
    let mut ledger = Ledger::default();
    ledger.sent();
    assert_eq!(ledger.settled(Charge::Confirmed, 5, Some(100)), None);
    ledger.sent();
    ledger.sent();
    // 30 more; the second request is counted before the first, which is told last.
    assert_eq!(ledger.settled(Charge::Confirmed, 5, Some(125)), None);
    assert_eq!(ledger.settled(Charge::Confirmed, 5, Some(120)), None);
    ledger.sent();
    assert_eq!(ledger.settled(Charge::Confirmed, 5, Some(115)), None);
    ledger.sent();
    assert_eq!(ledger.settled(Charge::Confirmed, 5, Some(107)), Some(Finding::Anomaly { expected: 110, seen: 107 }));
}
