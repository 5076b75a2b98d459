//! JavaScript values to the core's, and back: field by field on the way in, and as one plain tree through serde on the way out.

use alloc::borrow::Cow;

use js_sys::{Array, Date, Reflect};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::*;

use crate::failure::{Code, Failure};
use crate::identity::{Field, Issue, concat};
use crate::json::Json;
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
    let mut index = 0_u32;
    while index < fields.length() {
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

/// What goes out: one type for all, so that one serialisation is compiled.
pub(super) enum Plain<'a> {
    Null,
    Flag(bool),
    Number(f64),
    Text(Cow<'a, str>),
    List(Vec<Plain<'a>>),
    Object(Object<'a>),
}

/// The fields of a plain object, in order.
#[derive(Default)]
pub(super) struct Object<'a>(Vec<(&'static str, Plain<'a>)>);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(None)?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Object(Object(fields)) => {
                let mut map = serializer.serialize_map(None)?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

// Out of line: a field is then one call.
impl<'a> Object<'a> {
    #[inline(never)]
    pub(super) fn put(&mut self, name: &'static str, value: Plain<'a>) {
        self.0.push((name, value));
    }

    #[inline(never)]
    pub(super) fn text(&mut self, name: &'static str, text: &'a str) {
        self.put(name, Plain::Text(Cow::Borrowed(text)));
    }

    #[inline(never)]
    pub(super) fn owned(&mut self, name: &'static str, text: String) {
        self.put(name, Plain::Text(Cow::Owned(text)));
    }

    /// `null` where there is no text.
    #[inline(never)]
    pub(super) fn nullable(&mut self, name: &'static str, text: Option<&'a str>) {
        match text {
            Some(text) => self.text(name, text),
            None => self.put(name, Plain::Null),
        }
    }

    #[inline(never)]
    pub(super) fn number(&mut self, name: &'static str, number: f64) {
        self.put(name, Plain::Number(number));
    }

    #[inline(never)]
    pub(super) fn object(&mut self, name: &'static str, object: Self) {
        self.put(name, Plain::Object(object));
    }

    /// A whole number that is exact in JavaScript too, as the core makes them, or `null`.
    #[inline(never)]
    pub(super) fn whole(&mut self, name: &'static str, number: Option<i64>) {
        match number {
            Some(number) => self.number(name, number as f64),
            None => self.put(name, Plain::Null),
        }
    }

    /// ISO 8601 in UTC, of milliseconds since 1970.
    #[inline(never)]
    fn time(&mut self, name: &'static str, milliseconds: u64) {
        self.owned(name, Date::new(&(milliseconds as f64).into()).to_iso_string().into());
    }

    pub(super) fn into_js(self) -> JsValue {
        // Maps become plain objects, and a missing value is `null`: `JSON.stringify` shows a `Map` as `{}`.
        let serializer =
            serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true).serialize_missing_as_null(true);
        // Strings, numbers and plain objects of ours: there is nothing in them that could fail.
        Plain::Object(self).serialize(&serializer).unwrap_or(JsValue::UNDEFINED)
    }
}

fn lookup(lookup: &Lookup) -> Object<'_> {
    let mut fields = Object::default();
    for (field, value) in lookup.fields() {
        fields.text(field.wire_name(), value);
    }
    let mut object = Object::default();
    object.text("kind", lookup.kind());
    object.object("request", fields);
    object.owned("key", lookup.key());
    object
}

pub(super) fn issues(issues: &[Issue]) -> Plain<'_> {
    let mut list = Vec::new();
    for issue in issues {
        let mut object = Object::default();
        object.nullable("field", issue.field.map(Field::wire_name));
        object.text("code", issue.code.as_str());
        object.text("message", issue.code.message());
        match issue.suggestion {
            Some(field) => object.owned("fix", concat(&["Write it as ", field.wire_name(), "."])),
            None => object.nullable("fix", issue.code.fix()),
        }
        if let Some(position) = issue.position {
            object.number("position", position.into());
        }
        if !issue.missing.is_empty() {
            let mut missing = Vec::new();
            for field in &issue.missing {
                missing.push(Plain::Text(Cow::Borrowed(field.wire_name())));
            }
            object.put("missing", Plain::List(missing));
        }
        if let Some(name) = &issue.name {
            object.text("name", name);
        }
        list.push(Plain::Object(object));
    }
    Plain::List(list)
}

/// What `check` gives its caller.
pub(super) fn checked(result: &Result<Checked, Vec<Issue>>, price: u32) -> JsValue {
    let mut object = Object::default();
    object.put("ok", Plain::Flag(result.is_ok()));
    match result {
        Ok(checked) => {
            let mut ladder = Vec::new();
            for rung in checked.ladder() {
                ladder.push(Plain::Object(lookup(rung)));
            }
            object.object("lookup", lookup(checked.lookup()));
            object.owned("fingerprint", fingerprint(&checked.lookup().key()));
            object.put("ladder", Plain::List(ladder));
            object.put("dropped", issues(&checked.dropped));
            object.number("price", price.into());
        }
        Err(refused) => object.put("issues", issues(refused)),
    }
    object.into_js()
}

/// What a caller gets when the service answered.
pub(super) fn outcome(outcome: &Outcome) -> JsValue {
    let mut object = Object::default();
    object.text("status", outcome.answer.status());
    match &outcome.answer {
        Answer::Found(found) => {
            let mut results = Object::default();
            results.nullable("phone", found.phone.as_deref());
            results.nullable("e164", found.e164.as_deref());
            results.nullable("email", found.email.as_deref());
            object.object("results", results);
        }
        Answer::NotFound { message } => object.text("message", message),
    }
    object.whole("remaining_credits", outcome.remaining_credits);
    let mut meta = Object::default();
    meta.text("charge", outcome.meta.charge.as_str());
    meta.number("credits", outcome.meta.credits.into());
    meta.object("lookup", lookup(&outcome.meta.lookup));
    meta.text("source", outcome.meta.source.as_str());
    meta.number("attempts", outcome.meta.attempts.into());
    meta.time("collected_at", outcome.meta.collected_at);
    meta.time("expires_at", outcome.meta.expires_at);
    object.object("meta", meta);
    object.into_js()
}
