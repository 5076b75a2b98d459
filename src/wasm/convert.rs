//! JavaScript values to the core's, and back: value by value on the way in, and as
//! one JSON text on the way out.

use js_sys::JsString;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::config::Settings;
use crate::engine::{Balance, Effect};
use crate::failure::{Code, Failure};
use crate::identity::{Field, Issue, Issues, concat};
use crate::json::{Values, Writer};
use crate::lookup::{Checked, Lookup, RawRequest, fingerprint, unreadable_request};
use crate::outcome::{Answer, Outcome};
use crate::reply::MAX_REPLY_BYTES;

/// A request as the caller gave it: a sign that it could be read, and its fields, name and value in turn.
pub(super) fn request(mut values: Values<'_>) -> Result<RawRequest<'_>, Issues> {
    let mut raw = RawRequest::default();
    if values.take().is_empty() {
        return Err(unreadable_request());
    }
    while !values.is_over() {
        let name = values.text().unwrap_or_default();
        raw.put(name, values.text());
    }
    Ok(raw)
}

/// Headers, as a request is listed.
pub(super) fn headers(mut values: Values<'_>) -> Result<Vec<(String, String)>, Box<Failure>> {
    let mut pairs = Vec::new();
    let mut all_text = !values.take().is_empty();
    while !values.is_over() {
        let (name, value) = (values.text().unwrap_or_default(), values.text());
        all_text &= value.is_some();
        pairs.push((name.into(), value.unwrap_or_default().into()));
    }
    if all_text {
        Ok(pairs)
    } else {
        Err(Failure::refused(Code::InvalidOptions, &["headers must be an object of strings."]))
    }
}

/// So many options that are numbers or flags, name and number in turn.
pub(super) fn numbers<'a>(values: &mut Values<'a>, count: u32) -> Vec<(&'a str, f64)> {
    let mut pairs = Vec::new();
    for _ in 0..count {
        pairs.push((values.text().unwrap_or_default(), values.number()));
    }
    pairs
}

/// Options of a client: the base URL, how many others there are, and they.
pub(super) fn settings(facts: u32, mut values: Values<'_>) -> Settings<'_> {
    let is = |fact: u32| facts & fact > 0;
    Settings {
        base_url: values.text(),
        numbers: {
            let count = values.number() as u32;
            numbers(&mut values, count)
        },
        share: is(4),
        has_token: is(8),
        has_headers: is(16),
        allow_browser: is(32),
    }
}

/// A text of ours, all at once: that is half the work of a call for every member, and weighs less.
pub(super) fn to_js(json: &Writer) -> JsString {
    // There is nothing in a text that could fail.
    json.as_str().serialize(&serde_wasm_bindgen::Serializer::new()).unwrap_or_default().unchecked_into()
}

fn lookup(json: &mut Writer, lookup: &Lookup) {
    json.text(r#"{"kind":""#, lookup.kind());
    json.raw(r#","request":"#);
    lookup.write(json);
    json.text(r#","key":""#, &lookup.key());
    json.raw("}");
}

/// The wallet.
pub(super) fn balance(json: &mut Writer, balance: &Balance) {
    json.whole(r#"{"remaining_credits":"#, balance.remaining.map(|(credits, _)| credits));
    json.whole(r#","as_of":"#, balance.remaining.map(|(_, at)| at.cast_signed()));
    json.count(r#","spent":"#, balance.spent);
    json.count(r#","reserved":"#, balance.reserved);
    json.count(r#","possible":"#, balance.possible);
    json.raw("}");
}

fn issues(json: &mut Writer, issues: &[Box<Issue>]) {
    let mut begin = "[";
    for issue in issues {
        json.raw(begin);
        json.nullable(r#"{"field":"#, issue.field.map(Field::wire_name));
        json.text(r#","code":""#, issue.code.as_str());
        json.text(r#","message":""#, issue.code.message());
        match issue.suggestion {
            Some(field) => json.text(r#","fix":""#, &concat(&["Write it as ", field.wire_name(), "."])),
            None => json.nullable(r#","fix":"#, issue.code.fix()),
        }
        if let Some(position) = issue.position {
            json.count(r#","position":"#, position.into());
        }
        let mut lead = r#","missing":[""#;
        for field in &issue.missing {
            json.text(lead, field.wire_name());
            lead = ",\"";
        }
        if !issue.missing.is_empty() {
            json.raw("]");
        }
        if let Some(name) = &issue.name {
            json.text(r#","name":""#, name);
        }
        json.raw("}");
        begin = ",";
    }
    json.raw(if issues.is_empty() { "[]" } else { "]" });
}

/// What `check` gives its caller.
pub(super) fn checked(json: &mut Writer, result: &Result<Checked, Issues>, price: u32) {
    match result {
        Ok(checked) => {
            json.raw(r#"{"ok":true,"lookup":"#);
            let begin = json.end();
            lookup(json, checked.lookup());
            let end = json.end();
            json.text(r#","fingerprint":""#, &fingerprint(&checked.lookup().key()));
            // The first rung is the lookup.
            json.raw(r#","ladder":["#);
            json.repeat(begin, end);
            for rung in checked.ladder().iter().skip(1) {
                json.raw(",");
                lookup(json, rung);
            }
            json.raw(r#"],"dropped":"#);
            issues(json, &checked.dropped);
            json.count(r#","price":"#, price.into());
        }
        Err(refused) => {
            json.raw(r#"{"ok":false,"issues":"#);
            issues(json, refused);
        }
    }
    json.raw("}");
}

/// What a caller gets when the service answered; times are in milliseconds since 1970.
fn outcome(json: &mut Writer, outcome: &Outcome) {
    json.text(r#"{"status":""#, outcome.answer.status());
    match &outcome.answer {
        Answer::Found(found) => {
            json.nullable(r#","results":{"phone":"#, found.phone.as_deref());
            json.nullable(r#","e164":"#, found.e164.as_deref());
            json.nullable(r#","email":"#, found.email.as_deref());
            json.raw("}");
        }
        Answer::NotFound { message } => json.text(r#","message":""#, message),
    }
    json.whole(r#","remaining_credits":"#, outcome.remaining_credits);
    json.text(r#","meta":{"charge":""#, outcome.meta.charge.as_str());
    json.count(r#","credits":"#, outcome.meta.credits.into());
    json.raw(r#","lookup":"#);
    lookup(json, &outcome.meta.lookup);
    json.text(r#","source":""#, outcome.meta.source.as_str());
    json.count(r#","attempts":"#, outcome.meta.attempts.into());
    json.count(r#","collected_at":"#, outcome.meta.collected_at);
    json.count(r#","expires_at":"#, outcome.meta.expires_at);
    json.raw("}}");
}

/// The members of the error.
fn failure(json: &mut Writer, failure: &Failure, lookup_id: &str) {
    json.text(r#"{"code":""#, failure.code.as_str());
    json.text(r#","charge":""#, failure.charge.as_str());
    json.flag(r#","retryable":"#, failure.retryable());
    json.text(r#","message":""#, &failure.message());
    json.text(r#","lookupId":""#, lookup_id);
    if let Some(status) = failure.status {
        json.count(r#","status":"#, status.into());
    }
    if failure.code == Code::InvalidRequest || !failure.issues.is_empty() {
        json.raw(r#","issues":"#);
        issues(json, &failure.issues);
    }
    if let Some(milliseconds) = failure.retry_after_ms {
        json.count(r#","retryAfterMs":"#, milliseconds);
    }
    if matches!(failure.code, Code::InsufficientCredits | Code::BudgetExceeded) {
        json.whole(r#","required":"#, failure.required);
        json.whole(r#","remainingCredits":"#, failure.remaining_credits);
    }
    if let Some(text) = &failure.response_text {
        json.text(r#","responseText":""#, text);
    }
    json.raw("}");
}

/// What is to be done, in order: each effect is a list of its number, that of the call or the flight, and what it takes.
/// Before all else the wallet is told, where it may have changed.
pub(super) fn effects(json: &mut Writer, effects: &[Effect], wallet: Option<&Balance>) {
    json.raw("[");
    let mut lead = "";
    if let Some(wallet) = wallet {
        json.raw("[12,0,");
        balance(json, wallet);
        json.raw("]");
        lead = ",";
    }
    for effect in effects {
        json.raw(lead);
        lead = ",";
        match effect {
            Effect::Screen(call, lookups) => {
                json.count("[0,", (*call).into());
                let mut lead = ",[";
                for one in lookups {
                    json.raw(lead);
                    lookup(json, one);
                    lead = ",";
                }
                json.raw("]");
            }
            Effect::Open(flight, key) => {
                json.count("[1,", (*flight).into());
                json.text(",\"", key);
            }
            Effect::Authorize(flight) => json.count("[2,", (*flight).into()),
            Effect::Save(flight, also, record, lifetime_ms) => {
                json.count("[3,", (*flight).into());
                json.count(",", *lifetime_ms);
                json.text(",\"", record);
                json.nullable(",", also.as_deref());
            }
            Effect::Erase(flight) => json.count("[4,", (*flight).into()),
            Effect::Send(flight, request, _, lookup_id) => {
                json.count("[5,", (*flight).into());
                json.count(",", MAX_REPLY_BYTES as u64);
                json.text(",\"", lookup_id);
                json.text(",\"", &request.url);
                json.text(",\"", &request.body);
            }
            Effect::Cancel(flight) => json.count("[6,", (*flight).into()),
            Effect::Close(flight) => json.count("[7,", (*flight).into()),
            Effect::Sleep(id, milliseconds) => {
                json.count("[8,", (*id).into());
                json.count(",", *milliseconds);
            }
            Effect::Warn => json.raw("[9"),
            Effect::Anomaly { expected, seen } => {
                json.whole("[10,0,", Some(*expected));
                json.whole(",", Some(*seen));
            }
            Effect::Finish(call, lookup_id, result) => {
                json.count("[11,", (*call).into());
                json.raw(",");
                match result {
                    Ok(known) => outcome(json, known),
                    Err(refused) => failure(json, refused, lookup_id),
                }
            }
        }
        json.raw("]");
    }
    json.raw("]");
}
