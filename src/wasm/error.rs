//! Failures on their way to JavaScript, where the surface makes an `EnrichmentError` of each.

use js_sys::Array;
use serde::{Serialize, Serializer};

use super::convert::{issues, parse};
use crate::failure::{Code, Failure};
use crate::json::Writer;

/// What a member of the error can be.
enum Plain<'a> {
    Null,
    Flag(bool),
    Number(f64),
    Text(&'a str),
}

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// The members of the error, listed name and value in turn, as requests come in: a map would weigh more.
struct Members(Array);

// Out of line: a member is then one call.
impl Members {
    #[inline(never)]
    fn put(&self, name: &str, value: &Plain<'_>) {
        let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
        self.0.push(&name.into());
        // A text, a number or a flag: there is nothing in them that could fail.
        self.0.push(&value.serialize(&serializer).unwrap_or_default());
    }

    #[inline(never)]
    fn text(&self, name: &str, text: &str) {
        self.put(name, &Plain::Text(text));
    }

    #[inline(never)]
    fn number(&self, name: &str, number: f64) {
        self.put(name, &Plain::Number(number));
    }

    /// Credits, whole and exact in JavaScript too, as the core makes them, or `null`.
    fn credits(&self, name: &str, credits: Option<i64>) {
        match credits {
            Some(credits) => self.number(name, credits as f64),
            None => self.put(name, &Plain::Null),
        }
    }
}

/// The members of the error.
pub(super) fn failure(failure: &Failure, lookup_id: &str) -> Array {
    let members = Members(Array::new());
    members.text("code", failure.code.as_str());
    members.text("charge", failure.charge.as_str());
    members.put("retryable", &Plain::Flag(failure.retryable()));
    members.text("message", &failure.message());
    members.text("lookupId", lookup_id);
    if let Some(status) = failure.status {
        members.number("status", status.into());
    }
    if failure.code == Code::InvalidRequest || !failure.issues.is_empty() {
        let mut json = Writer::begin();
        issues(&mut json, &failure.issues);
        members.0.push(&"issues".into());
        members.0.push(&parse(json.as_str()));
    }
    if let Some(milliseconds) = failure.retry_after_ms {
        // A wait that is longer than a float is exact is as good as any other that long.
        members.number("retryAfterMs", milliseconds as f64);
    }
    if matches!(failure.code, Code::InsufficientCredits | Code::BudgetExceeded) {
        members.credits("required", failure.required);
        members.credits("remainingCredits", failure.remaining_credits);
    }
    if let Some(text) = &failure.response_text {
        members.text("responseText", text);
    }
    members.0
}
