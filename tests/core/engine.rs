//! The engine by itself: events in, effects out, and a clock that is a number.

use phone_enrichment::charge::Charge;
use phone_enrichment::config::{Config, Credentials, Environment, Settings};
use phone_enrichment::endpoint::PHONE;
use phone_enrichment::engine::{Effect, Engine, Event};
use phone_enrichment::failure::{Code, Failure};
use phone_enrichment::outcome::{Outcome, Source};

use crate::fixtures::{jane, reply};

const NOW: u64 = 1_700_000_000_000;
const FOUND: &str =
    r#"{"success":true,"status":"success","results":{"phone":"+1 555-123-4567"},"remaining_credits":95}"#;
const NOT_FOUND: &str = r#"{"success":true,"status":"not_found","message":"Phone not found","remaining_credits":100}"#;

/// What the engine asked for, in words, and how the call ended.
#[derive(Default)]
struct Watched {
    asked: Vec<String>,
    ended: Option<Result<Outcome, Box<Failure>>>,
}

struct Call {
    engine: Engine,
    now: u64,
}

impl Call {
    fn with(retries: u32) -> Self {
        let settings = Settings {
            has_token: true,
            timeout_ms: Some(1000.0),
            max_rate_limit_retries: Some(retries.into()),
            ..Settings::default()
        };
        let config = Config::for_client(&settings, Environment { browser: false, has_location: false }).unwrap();
        Self { engine: Engine::new(PHONE, jane(), config, 7), now: NOW }
    }

    fn tell(&mut self, event: Event) -> Watched {
        let mut watched = Watched::default();
        for effect in self.engine.handle(event, self.now) {
            watched.asked.push(match effect {
                Effect::Authorize => "authorize".into(),
                Effect::Send(request) => format!("send {}", request.url),
                Effect::Cancel => "cancel".into(),
                Effect::Sleep(milliseconds) => format!("sleep {milliseconds}"),
                Effect::Finish(result) => {
                    watched.ended = Some(result);
                    "finish".into()
                }
            });
        }
        watched
    }

    fn begin(&mut self) -> Watched {
        self.tell(Event::Begin)
    }

    fn authorized(&mut self) -> Watched {
        self.tell(Event::Authorized(Credentials::parse(Some("t"), vec![])))
    }

    /// A call whose first request is on the wire.
    fn sent(retries: u32) -> Self {
        let mut call = Self::with(retries);
        call.begin();
        call.authorized();
        call
    }

    fn replied(&mut self, status: u16, retry_after: Option<&str>, body: &str) -> Watched {
        self.tell(Event::Replied(reply(status, retry_after, body)))
    }
}

/// How a failed call ended: code, charge, and whether it is safe to repeat.
fn ending(watched: Watched) -> (Code, Charge, bool) {
    let failure = watched.ended.expect("the call is over").err().expect("it failed");
    (failure.code, failure.charge, failure.retryable())
}

everywhere! {
    fn a_found_phone_is_one_request_and_a_confirmed_charge() {
        let mut call = Call::with(2);
        assert_eq!(call.begin().asked, ["sleep 1000", "authorize"]);
        assert_eq!(call.authorized().asked, ["send https://app.ecoreservice.com/backend/api/v1/external/phone/enrichment/"]);
        let outcome = call.replied(200, None, FOUND).ended.unwrap().ok().unwrap();
        let meta = outcome.meta;
        assert_eq!((meta.charge, meta.credits, meta.attempts, meta.source), (Charge::Confirmed, 5, 1, Source::Network));
        assert_eq!((meta.collected_at, meta.expires_at), (NOW, NOW + 30 * 86_400_000));
        assert!(meta.lookup == jane());
        assert_eq!(outcome.remaining_credits, Some(95));
    }

    fn a_not_found_is_an_outcome_and_free() {
        let outcome = Call::sent(2).replied(200, None, NOT_FOUND).ended.unwrap().ok().unwrap();
        assert_eq!((outcome.meta.charge, outcome.meta.credits), (Charge::None, 0));
        assert_eq!(outcome.meta.expires_at, NOW + 86_400_000);
    }

    fn nothing_but_a_rate_limit_is_ever_sent_again() {
        for status in (0..700).filter(|status| *status != 429) {
            let asked = Call::sent(10).replied(status, Some("1"), "").asked;
            assert_eq!(asked, ["finish"], "{status}");
        }
        for event in [Event::Lost, Event::NotSent] {
            assert_eq!(Call::sent(10).tell(event).asked, ["finish"]);
        }
        assert_eq!(Call::sent(10).tell(Event::Elapsed).asked, ["cancel", "finish"]);
    }

    fn a_rate_limit_that_says_when_is_waited_for_with_a_new_deadline() {
        let mut call = Call::sent(2);
        assert_eq!(call.replied(429, Some("3"), "").asked, ["sleep 3007"]);
        assert_eq!(call.tell(Event::Elapsed).asked[0], "sleep 1000");
        assert_eq!(call.replied(429, Some("1"), "").asked, ["sleep 1007"]);
        call.tell(Event::Elapsed);
        let watched = call.replied(429, Some("1"), "");
        assert_eq!(watched.ended.as_ref().unwrap().as_ref().err().unwrap().retry_after_ms, Some(1000));
        assert_eq!(ending(watched), (Code::RateLimited, Charge::None, true));
    }

    fn an_outcome_after_a_wait_says_how_many_requests_it_took() {
        let mut call = Call::sent(1);
        call.replied(429, Some("0"), "");
        call.tell(Event::Elapsed);
        assert_eq!(call.replied(200, None, FOUND).ended.unwrap().ok().unwrap().meta.attempts, 2);
    }

    fn zero_retries_is_one_request() {
        assert_eq!(ending(Call::sent(0).replied(429, Some("1"), "")), (Code::RateLimited, Charge::None, true));
    }

    fn a_wait_beyond_a_minute_is_an_error_that_carries_it() {
        let watched = Call::sent(2).replied(429, Some("61"), "");
        assert_eq!(watched.ended.unwrap().err().unwrap().retry_after_ms, Some(61_000));
    }

    fn giving_up_is_free_until_the_request_is_out() {
        let mut before = Call::with(2);
        assert_eq!(ending(before.tell(Event::Aborted)), (Code::Aborted, Charge::None, true));
        let mut asking = Call::with(2);
        asking.begin();
        assert_eq!(ending(asking.tell(Event::Elapsed)), (Code::Timeout, Charge::None, true));
        let mut waiting = Call::sent(2);
        waiting.replied(429, Some("9"), "");
        assert_eq!(ending(waiting.tell(Event::Aborted)), (Code::Aborted, Charge::None, true));
        assert_eq!(ending(Call::sent(2).tell(Event::Aborted)), (Code::Aborted, Charge::Possible, false));
        assert_eq!(ending(Call::sent(2).tell(Event::Elapsed)), (Code::Timeout, Charge::Possible, false));
    }

    fn a_lost_reply_may_have_been_charged_and_a_request_that_was_never_sent_was_not() {
        assert_eq!(ending(Call::sent(2).tell(Event::Lost)), (Code::Network, Charge::Possible, false));
        assert_eq!(ending(Call::sent(2).tell(Event::NotSent)), (Code::InvalidOptions, Charge::None, false));
    }

    fn without_credentials_nothing_is_sent() {
        let mut call = Call::with(2);
        call.begin();
        let watched = call.tell(Event::Authorized(Credentials::parse(Some("a b"), vec![])));
        assert_eq!(watched.asked, ["finish"]);
        assert_eq!(ending(watched), (Code::InvalidToken, Charge::None, false));
    }

    fn what_comes_after_the_end_changes_nothing() {
        let mut call = Call::sent(2);
        call.replied(200, None, FOUND);
        for event in [Event::Begin, Event::Lost, Event::Elapsed, Event::Aborted, Event::NotSent] {
            assert!(call.tell(event).asked.is_empty());
        }
        assert!(call.replied(200, None, FOUND).asked.is_empty(), "a reply is settled once");
        assert!(call.authorized().asked.is_empty());
    }

    fn every_code_has_a_name_of_its_own_and_a_message() {
        let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|code| code.message().ends_with('.')));
    }
}
