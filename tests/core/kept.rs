//! What is written into a store and read back: answers and claims.

use std::rc::Rc;

use phone_enrichment::cache::{Kept, Retention};
use phone_enrichment::journal::{claim, read};
use phone_enrichment::outcome::{Answer, Results};

use crate::fixtures::parse;

const NOW: u64 = 1_700_000_000_000;
const DAY_MS: u64 = 86_400_000;

fn found(phone: Option<&str>, email: Option<&str>) -> Answer {
    Answer::Found(Rc::new(Results {
        phone: phone.map(Into::into),
        e164: phone.map(|_| "+15551234567".into()),
        email: email.map(Into::into),
    }))
}

fn not_found() -> Answer {
    Answer::NotFound { message: "Nobody \"here\"\n".into() }
}

fn kept(answer: Answer) -> Kept {
    Kept { answer, collected_at: NOW, expires_at: NOW + DAY_MS }
}

fn read_kept(text: &str) -> Option<Kept> {
    Kept::read(&parse(text).expect("it is JSON"), "")
}

/// What a record says at a time: whether it is a claim, and the answer that may still be used.
fn entry(text: &str, now: u64) -> Option<(bool, Option<Kept>)> {
    let record = parse(text).expect("it is JSON");
    read(Some(&record), now).map(|entry| (entry.claimed, entry.answer))
}

everywhere! {
    fn an_answer_is_read_back_as_it_was_written() {
        for answer in [found(Some("+1 555-123-4567"), Some("jane@acme.com")), found(Some("+1 (555) 123-4567"), None), found(None, Some("jane@acme.com")), not_found()] {
            let kept = kept(answer);
            assert!(read_kept(&kept.record()) == Some(kept));
        }
    }

    fn an_answer_may_be_used_until_it_expires_and_not_a_moment_longer() {
        let record = kept(not_found()).record();
        for (now, usable) in [(0, true), (NOW, true), (NOW + DAY_MS - 1, true), (NOW + DAY_MS, false), (u64::MAX, false)] {
            let (claimed, answer) = entry(&record, now).unwrap();
            assert_eq!((claimed, answer.is_some()), (false, usable), "{now}");
        }
    }

    fn nothing_is_kept_longer_than_150_days_whatever_the_record_says() {
        let record = Kept { expires_at: NOW + 10_000 * DAY_MS, ..kept(not_found()) }.record();
        assert!(read_kept(&record).is_some_and(|kept| kept.expires_at == NOW + 150 * DAY_MS));
        assert!(entry(&record, NOW + 150 * DAY_MS).is_some_and(|(_, answer)| answer.is_none()));
    }

    fn found_and_not_found_have_times_of_their_own_and_a_claim_lives_as_long_as_what_it_stands_for() {
        for (found_days, not_found_days, claim_days) in [(30, 1, 30), (0, 0, 1), (150, 2, 150)] {
            let retention = Retention { found_days, not_found_days };
            assert_eq!(retention.of(&found(None, None)), u64::from(found_days) * DAY_MS);
            assert_eq!(retention.of(&not_found()), u64::from(not_found_days) * DAY_MS);
            assert_eq!(retention.of_claim(), claim_days * DAY_MS);
        }
    }

    fn a_claim_is_open_until_it_expires() {
        let record = claim("lk_1", NOW, DAY_MS, None);
        assert!(record.contains("lk_1"), "it names the lookup, to find it by in logs");
        for (now, open) in [(NOW, true), (NOW + DAY_MS - 1, true), (NOW + DAY_MS, false)] {
            let (claimed, answer) = entry(&record, now).unwrap();
            assert_eq!((claimed, answer.is_none()), (open, true), "{now}");
        }
    }

    fn a_claim_keeps_the_answer_before_it_for_as_long_as_that_may_be_used() {
        let before = kept(found(Some("+1 555-123-4567"), None));
        let record = claim("lk_1", NOW, 2 * DAY_MS, Some(&before));
        assert!(entry(&record, NOW) == Some((true, Some(before))));
        assert!(entry(&record, NOW + DAY_MS) == Some((true, None)));
        assert!(entry(&record, NOW + 2 * DAY_MS) == Some((false, None)));
    }

    fn nothing_is_nothing() {
        let entry = read(None, NOW).unwrap();
        assert!(!entry.claimed && entry.answer.is_none());
    }

    fn garbage_is_never_taken_for_nothing() {
        for garbage in [
            "null", "true", "1", "\"claimed\"", "[]", "{}", r#"{"status":1}"#, r#"{"status":"found"}"#, r#"{"status":"Claimed","until":9e15}"#,
            r#"{"status":"claimed"}"#, r#"{"status":"claimed","until":"tomorrow"}"#, r#"{"status":"claimed","until":-1}"#, r#"{"status":"claimed","until":1.5}"#,
            r#"{"status":"not_found","message":"m","at":8640000000000001,"until":8640000000000001}"#,
            r#"{"status":"not_found","at":1,"until":2}"#, r#"{"status":"not_found","message":"m","until":2}"#, r#"{"status":"not_found","message":"m","at":1}"#,
            r#"{"status":"success","at":1,"until":2}"#, r#"{"status":"success","phone":null,"email":null,"at":1,"until":2}"#,
            r#"{"status":"success","phone":5,"at":1,"until":2}"#, r#"{"status":"success","phone":"+1","at":-1,"until":2}"#, r#"{"status":"success","phone":"+1","at":1,"until":1e300}"#,
        ] {
            assert!(entry(garbage, 0).is_none(), "{garbage}");
        }
    }

    fn a_claim_over_garbage_is_a_claim() {
        let record = r#"{"status":"claimed","lookup":"lk","at":0,"until":9,"before":{"status":"success"}}"#;
        assert!(entry(record, 0) == Some((true, None)));
    }
}
