//! JavaScript values to the core's, and back: field by field on the way in, and as
//! one JSON text on the way out.

use alloc::rc::Rc;

use js_sys::{Array, Date, Reflect};
use wasm_bindgen::prelude::*;

use crate::config::{self, Settings};
use crate::engine::Balance;
use crate::failure::{Code, Failure};
use crate::identity::{Field, Issue, concat};
use crate::json::{Json, Writer};
use crate::lookup::{Checked, Lookup, RawRequest, fingerprint, unreadable_request};
use crate::outcome::{Answer, Outcome};

/// A property, whatever the object does when it is read.
fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Hands over fields as the surface listed them, name and value in turn; `false` where there is no
/// list, because what was given refused to be read.
fn each_field(fields: &JsValue, take: &mut dyn FnMut(String, JsValue)) -> bool {
    if fields.is_undefined() {
        return false;
    }
    let fields: &Array = fields.unchecked_ref();
    let length = fields.length();
    let mut index = 0_u32;
    while index < length {
        let name = fields.get(index).as_string().unwrap_or_default();
        take(name, fields.get(index.wrapping_add(1)));
        index = index.wrapping_add(2);
    }
    true
}

/// A request as the caller gave it.
pub(super) fn request(fields: &JsValue) -> Result<RawRequest, Vec<Issue>> {
    let mut raw = RawRequest::default();
    if each_field(fields, &mut |name, value| raw.put(&name, value.as_string())) {
        Ok(raw)
    } else {
        Err(unreadable_request())
    }
}

/// Names and values of headers.
pub(super) fn headers(fields: &JsValue) -> Result<Vec<(String, String)>, Box<Failure>> {
    let mut pairs = Vec::new();
    let mut all_text = true;
    let readable = each_field(fields, &mut |name, value| match value.as_string() {
        Some(value) => pairs.push((name, value)),
        None => all_text = false,
    });
    if readable && all_text {
        Ok(pairs)
    } else {
        Err(Failure::refused(Code::InvalidOptions, &["headers must be an object of strings."]))
    }
}

/// Options of a client or a call.
pub(super) fn settings(fields: &JsValue, share: bool) -> Settings {
    let mut settings = Settings { share, ..Settings::default() };
    each_field(fields, &mut |name, value| match &*name {
        "baseUrl" => settings.base_url = value.as_string(),
        "token" => settings.has_token = true,
        "headers" => settings.has_headers = true,
        "dangerouslyAllowBrowser" => settings.allow_browser = value.is_truthy(),
        // A number, a flag, or a word for one.
        _ => {
            let flag = || value.as_bool().map(f64::from);
            let word = || config::abort(&value.as_string().unwrap_or_default());
            let number = value.as_f64().or_else(flag).unwrap_or_else(word);
            settings.numbers.push((name, number));
        }
    });
    settings
}

/// What `JSON.parse` made of a reply.
pub struct JsJson(pub JsValue);

impl Json for JsJson {
    fn get(&self, name: &str) -> Option<Box<dyn Json>> {
        let value = get(&self.0, name);
        (!value.is_undefined()).then(|| Box::new(Self(value)) as Box<dyn Json>)
    }

    fn as_text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn as_number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn is_true(&self) -> bool {
        self.0.is_truthy() && self.0.as_bool().is_some()
    }
}

#[wasm_bindgen]
extern "C" {
    /// What our own JSON means; it is always whole.
    //
    // One text that crosses at once is half the work of a call for every member, and weighs less.
    #[wasm_bindgen(js_namespace = JSON)]
    pub(super) fn parse(json: &str) -> JsValue;
}

fn lookup(json: &mut Writer, lookup: &Lookup) {
    json.text(r#"{"kind":""#, lookup.kind());
    json.raw(r#","request":"#);
    lookup.write(json);
    json.text(r#","key":""#, &lookup.key());
    json.raw("}");
}

/// Lookups, for the caller's suppression list.
pub(super) fn lookups(lookups: &[Rc<Lookup>]) -> JsValue {
    let mut json = Writer::begin();
    let mut lead = "[";
    for rung in lookups {
        json.raw(lead);
        lookup(&mut json, rung);
        lead = ",";
    }
    json.raw("]");
    parse(json.as_str())
}

/// The wallet.
pub(super) fn balance(balance: &Balance) -> JsValue {
    let mut json = Writer::begin();
    json.whole(r#"{"remaining_credits":"#, balance.remaining.map(|(credits, _)| credits));
    json.nullable(r#","as_of":"#, balance.remaining.map(|(_, at)| time(at)).as_deref());
    json.count(r#","spent":"#, balance.spent);
    json.count(r#","reserved":"#, balance.reserved);
    json.count(r#","possible":"#, balance.possible);
    json.raw("}");
    parse(json.as_str())
}

pub(super) fn issues(json: &mut Writer, issues: &[Issue]) {
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
pub(super) fn checked(result: &Result<Checked, Vec<Issue>>, price: u32) -> JsValue {
    let mut json = Writer::begin();
    match result {
        Ok(checked) => {
            json.raw(r#"{"ok":true,"lookup":"#);
            let begin = json.end();
            lookup(&mut json, checked.lookup());
            let end = json.end();
            json.text(r#","fingerprint":""#, &fingerprint(&checked.lookup().key()));
            // The first rung is the lookup.
            json.raw(r#","ladder":["#);
            json.repeat(begin, end);
            for rung in checked.ladder().iter().skip(1) {
                json.raw(",");
                lookup(&mut json, rung);
            }
            json.raw(r#"],"dropped":"#);
            issues(&mut json, &checked.dropped);
            json.count(r#","price":"#, price.into());
        }
        Err(refused) => {
            json.raw(r#"{"ok":false,"issues":"#);
            issues(&mut json, refused);
        }
    }
    json.raw("}");
    parse(json.as_str())
}

/// What a caller gets when the service answered.
pub(super) fn outcome(outcome: &Outcome) -> JsValue {
    let mut json = Writer::begin();
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
    lookup(&mut json, &outcome.meta.lookup);
    json.text(r#","source":""#, outcome.meta.source.as_str());
    json.count(r#","attempts":"#, outcome.meta.attempts.into());
    json.text(r#","collected_at":""#, &time(outcome.meta.collected_at));
    json.text(r#","expires_at":""#, &time(outcome.meta.expires_at));
    json.raw("}}");
    parse(json.as_str())
}

/// ISO 8601 in UTC, of milliseconds since 1970.
#[inline(never)]
fn time(milliseconds: u64) -> String {
    Date::new(&(milliseconds as f64).into()).to_iso_string().into()
}
