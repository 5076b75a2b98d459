//! JavaScript values to the core's, and back: field by field on the way in, where nothing can be
//! trusted, and whole structures through serde on the way out.

use js_sys::{Array, Date, JsString, Reflect};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::*;

use crate::config::{Environment, Given};
use crate::failure::{Code, Failure};
use crate::identity::{Field, Issue};
use crate::lookup::{Checked, Lookup, RawRequest, RawValue, unreadable_request};
use crate::outcome::{Answer, Outcome};

/// Maps become plain objects, and a missing value is `null`: `JSON.stringify` shows a `Map` as `{}`.
const SERIALIZER: serde_wasm_bindgen::Serializer =
    serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true).serialize_missing_as_null(true);

/// More fields than any request or options can have are not read.
const MOST_FIELDS_READ: u32 = 64;

pub(super) fn to_js(value: &impl Serialize) -> JsValue {
    // Strings, numbers and plain objects of ours: there is nothing in them that could fail.
    value.serialize(&SERIALIZER).unwrap_or(JsValue::UNDEFINED)
}

/// A property, whatever the object does when it is read.
pub(super) fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// The own fields of an object, by name; `None` where it is no object or refuses to be read.
/// Inherited fields are never read, `undefined` is absent.
fn own_fields(object: &JsValue) -> Option<Vec<(String, JsValue)>> {
    if !object.is_object() || Array::is_array(object) {
        return None;
    }
    let names = Reflect::own_keys(object).ok()?;
    let mut fields = Vec::new();
    for index in 0..names.length().min(MOST_FIELDS_READ) {
        let name = names.get(index);
        let value = Reflect::get(object, &name).ok()?;
        if !value.is_undefined() {
            fields.push((name.as_string().unwrap_or_else(|| "symbol".into()), value));
        }
    }
    Some(fields)
}

/// A request as the caller gave it.
pub(super) fn request(request: &JsValue) -> Result<RawRequest, Vec<Issue>> {
    let fields = own_fields(request).ok_or_else(unreadable_request)?;
    Ok(fields
        .into_iter()
        .map(|(name, value)| (name, value.as_string().map_or(RawValue::NotText, RawValue::Text)))
        .collect())
}

/// Options as the caller gave them.
pub(super) fn options(options: &JsValue) -> Result<Vec<(String, Given)>, Failure> {
    if options.is_null() || options.is_undefined() {
        return Ok(Vec::new());
    }
    let fields = own_fields(options)
        .ok_or_else(|| Failure::refused(Code::InvalidOptions, &["They are not a readable object."]))?;
    Ok(fields.into_iter().map(|(name, value)| (name, given(&value))).collect())
}

fn given(value: &JsValue) -> Given {
    if let Some(text) = value.as_string() {
        Given::Text(text)
    } else if let Some(number) = value.as_f64() {
        Given::Number(number)
    } else if let Some(flag) = value.as_bool() {
        Given::Flag(flag)
    } else if value.is_function() {
        Given::Function
    } else if value.is_object() {
        Given::Object
    } else {
        Given::Other
    }
}

/// Names and values of headers: a plain object, or anything that lists pairs, as `Headers` does.
pub(super) fn headers(headers: &JsValue) -> Result<Vec<(String, String)>, Failure> {
    let wrong = || Failure::refused(Code::InvalidOptions, &["headers must be an object of strings."]);
    let pairs = if get(headers, "entries").is_function() {
        Array::from(headers)
            .iter()
            .map(|pair| (get(&pair, "0").as_string().unwrap_or_default(), get(&pair, "1")))
            .collect()
    } else {
        own_fields(headers).ok_or_else(wrong)?
    };
    pairs.into_iter().map(|(name, value)| Some((name, value.as_string()?))).collect::<Option<_>>().ok_or_else(wrong)
}

/// What the runtime is, as far as settings depend on it.
pub(super) fn environment() -> Environment {
    let global: JsValue = js_sys::global().into();
    let has = |name| get(&global, name).is_object() || get(&global, name).is_function();
    let location = get(&get(&global, "location"), "href");
    let has_location = location.is_string();
    // Workers of Deno and Bun have the scope too, Cloudflare's has no location.
    let worker = has("WorkerGlobalScope") && has_location && !has("Deno") && !has("Bun");
    Environment { browser: has("document") || worker, has_location }
}

/// Now, in milliseconds since 1970.
pub(super) fn now() -> u64 {
    Date::now() as u64
}

fn iso(milliseconds: u64) -> JsString {
    Date::new(&(milliseconds as f64).into()).to_iso_string()
}

struct Fields<'a>(Vec<(Field, &'a str)>);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, value) in &self.0 {
            map.serialize_entry(field.wire_name(), value)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct LookupView<'a> {
    kind: &'static str,
    request: Fields<'a>,
    key: String,
}

impl<'a> From<&'a Lookup> for LookupView<'a> {
    fn from(lookup: &'a Lookup) -> Self {
        Self { kind: lookup.kind(), request: Fields(lookup.fields()), key: lookup.key() }
    }
}

#[derive(Serialize)]
pub(super) struct IssueView {
    field: Option<&'static str>,
    code: &'static str,
    message: &'static str,
    fix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl From<&Issue> for IssueView {
    fn from(issue: &Issue) -> Self {
        let fix = match issue.suggestion {
            Some(field) => Some(["Write it as ", field.wire_name(), "."].concat()),
            None => issue.code.fix().map(Into::into),
        };
        Self {
            field: issue.field.map(Field::wire_name),
            code: issue.code.as_str(),
            message: issue.code.message(),
            fix,
            position: issue.position,
            missing: issue.missing.iter().map(|field| field.wire_name()).collect(),
            name: issue.name.clone(),
        }
    }
}

pub(super) fn issue_views(issues: &[Issue]) -> Vec<IssueView> {
    issues.iter().map(Into::into).collect()
}

#[derive(Serialize)]
struct CheckView<'a> {
    ok: bool,
    lookup: LookupView<'a>,
    ladder: Vec<LookupView<'a>>,
    dropped: Vec<IssueView>,
    price: u32,
}

#[derive(Serialize)]
struct RefusalView {
    ok: bool,
    issues: Vec<IssueView>,
}

/// What `check` gives its caller.
pub(super) fn checked(result: &Result<Checked, Vec<Issue>>, price: u32) -> JsValue {
    match result {
        Ok(checked) => to_js(&CheckView {
            ok: true,
            lookup: checked.lookup().into(),
            ladder: checked.ladder().map(Into::into).collect(),
            dropped: issue_views(&checked.dropped),
            price,
        }),
        Err(issues) => to_js(&RefusalView { ok: false, issues: issue_views(issues) }),
    }
}

#[derive(Serialize)]
struct ResultsView<'a> {
    phone: Option<&'a str>,
    e164: Option<&'a str>,
    email: Option<&'a str>,
}

#[derive(Serialize)]
struct MetaView<'a> {
    charge: &'static str,
    credits: u32,
    lookup: LookupView<'a>,
    source: &'static str,
    attempts: u32,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    collected_at: JsString,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    expires_at: JsString,
}

#[derive(Serialize)]
struct OutcomeView<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<ResultsView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    remaining_credits: Option<i64>,
    meta: MetaView<'a>,
}

/// What a caller gets when the service answered.
pub(super) fn outcome(outcome: &Outcome) -> JsValue {
    let (results, message) = match &outcome.answer {
        Answer::Found(results) => (
            Some(ResultsView {
                phone: results.phone.as_deref(),
                e164: results.e164.as_deref(),
                email: results.email.as_deref(),
            }),
            None,
        ),
        Answer::NotFound { message } => (None, Some(message.as_str())),
    };
    let meta = &outcome.meta;
    to_js(&OutcomeView {
        status: outcome.answer.status(),
        results,
        message,
        remaining_credits: outcome.remaining_credits,
        meta: MetaView {
            charge: meta.charge.as_str(),
            credits: meta.credits,
            lookup: (&meta.lookup).into(),
            source: meta.source.as_str(),
            attempts: meta.attempts,
            collected_at: iso(meta.collected_at),
            expires_at: iso(meta.expires_at),
        },
    })
}

/// What the caller's `onRequest` hears of a request that goes on the wire.
#[derive(Serialize)]
struct SentView<'a> {
    #[serde(rename = "lookupId")]
    lookup_id: &'a str,
    attempt: u32,
    lookup: LookupView<'a>,
}

pub(super) fn sent(lookup_id: &str, attempt: u32, lookup: &Lookup) -> JsValue {
    to_js(&SentView { lookup_id, attempt, lookup: lookup.into() })
}
