use phone_enrichment::charge::Charge;
use phone_enrichment::endpoint::{EMAIL, Endpoint, PHONE};
use phone_enrichment::failure::{Code, Failure};
use phone_enrichment::outcome::Answer;
use phone_enrichment::reply::{HttpReply, MAX_REPLY_BYTES, Reading, read};
use serde_json::Value;

use crate::fixtures::reply;

fn read_phone(status: u16, body: &str) -> Result<Reading, Box<Failure>> {
    read(&reply(status, None, body), &PHONE, 0)
}

/// Judges one case by every expectation it names.
fn judge(case: &Value) -> Result<(), String> {
    let expect = case["expect"].as_object().unwrap();
    let result = read_phone(case["status"].as_u64().unwrap() as u16, case["body"].as_str().unwrap());
    for (what, wanted) in expect {
        let got: Value = match (&result, what.as_str()) {
            (Ok(reading), "status") => reading.answer.status().into(),
            (Ok(reading), "charge") => reading.answer.charge().as_str().into(),
            (Ok(reading), "remaining_credits") => reading.remaining_credits.into(),
            (Ok(Reading { answer: Answer::Found(results), .. }), "phone") => results.phone.clone().into(),
            (Ok(Reading { answer: Answer::Found(results), .. }), "e164") => results.e164.clone().into(),
            (Ok(Reading { answer: Answer::Found(results), .. }), "email") => results.email.clone().into(),
            (Ok(Reading { answer: Answer::NotFound { message }, .. }), "message") => (**message).into(),
            (Err(failure), "code") => failure.code.as_str().into(),
            (Err(failure), "charge") => failure.charge.as_str().into(),
            (Err(failure), "required") => failure.required.into(),
            (Err(failure), "remaining_credits") => failure.remaining_credits.into(),
            (Ok(_), other) => return Err(format!("an answer has no {other}")),
            (Err(failure), other) => return Err(format!("{} has no {other}", failure.code.as_str())),
        };
        if &got != wanted {
            return Err(format!("{what} is {got}, not {wanted}"));
        }
    }
    Ok(())
}

everywhere! {
    fn every_known_reply_means_what_its_vector_says() {
        let cases: Vec<Value> = serde_json::from_str(include_str!("../vectors/replies.json")).unwrap();
        let wrong: Vec<String> = cases
            .iter()
            .filter_map(|case| judge(case).err().map(|problem| format!("{}: {problem}", case["name"])))
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(cases.len() > 70);
    }

    fn every_status_has_a_charge_and_only_documented_refusals_are_free() {
        let free: Vec<u16> = (0..=1000)
            .filter(|status| read_phone(*status, "?").is_err_and(|failure| failure.charge == Charge::None))
            .collect();
        assert_eq!(free, [400, 401, 402, 403, 404, 405, 429]);
        assert!((0..=1000).all(|status| read_phone(status, "?").is_err()));
    }

    fn a_server_of_ones_own_can_say_that_it_was_free() {
        let free = |status, text| HttpReply { is_free: true, ..reply(status, None, text) };
        let found = r#"{"success":true,"status":"success","results":{"phone":"+15551234567"}}"#;
        assert_eq!(read(&free(200, found), &PHONE, 0).map(|reading| reading.charge).ok(), Some(Charge::None));
        assert_eq!(read_phone(200, found).map(|reading| reading.charge).ok(), Some(Charge::Confirmed));
        for status in 0..=1000 {
            assert!(read(&free(status, "?"), &PHONE, 0).is_err_and(|failure| failure.charge == Charge::None));
        }
    }

    fn a_reply_that_was_cut_off_is_no_answer_however_readable_it_is() {
        let found = r#"{"success":true,"status":"success","results":{"phone":"+15551234567"}}"#;
        let cut = HttpReply { json: None, ..reply(200, None, found) };
        let failure = read(&cut, &PHONE, 0).err().unwrap();
        assert_eq!((failure.code, failure.charge), (Code::MalformedResponse, Charge::Possible));
        assert_eq!(failure.response_text.as_deref(), Some(found), "what was received and may be paid for is kept");
    }

    fn an_unreadable_reply_is_kept_for_support_but_never_in_the_message() {
        let huge = "+1 555 ".repeat(MAX_REPLY_BYTES);
        let failure = read_phone(200, &huge).err().unwrap();
        assert_eq!(failure.response_text.as_ref().map(String::len), Some(4096));
        assert!(!failure.message().contains("555"));
    }

    fn the_sibling_endpoint_is_one_more_value() {
        let found = r#"{"success":true,"status":"success","results":{"email":"jane@acme.com"},"remaining_credits":9}"#;
        let by = |endpoint: &Endpoint| read(&reply(200, None, found), endpoint, 0).map(|reading| reading.answer);
        match by(&EMAIL) {
            Ok(Answer::Found(results)) => assert_eq!(results.email.as_deref(), Some("jane@acme.com")),
            _ => panic!("an e-mail is what was paid for"),
        }
        assert!(by(&PHONE).is_err_and(|failure| failure.charge == Charge::Possible), "a phone was paid for and is missing");
        let not_found = r#"{"success":true,"status":"not_found"}"#;
        match read(&reply(200, None, not_found), &EMAIL, 0).map(|reading| reading.answer) {
            Ok(Answer::NotFound { message }) => assert_eq!(&*message, "Email not found"),
            _ => panic!("a not-found"),
        }
    }

    fn a_rate_limit_carries_how_long_to_wait() {
        let limited = |header: Option<&str>, retry_date: Option<f64>| {
            let reply = HttpReply { retry_date, ..reply(429, header, "") };
            read(&reply, &PHONE, 784_111_770_000).err().unwrap().retry_after_ms
        };
        assert_eq!(limited(None, None), None);
        assert_eq!(limited(Some("7"), None), Some(7000));
        assert_eq!(limited(Some("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000.0)), Some(7000));
        assert_eq!(limited(Some("soon"), Some(f64::NAN)), None);
    }
}
