//! Failures on their way to JavaScript, where the surface makes an `EnrichmentError` of each.

use wasm_bindgen::JsValue;

use super::convert::{Object, Plain, issues};
use crate::failure::{Code, Failure};

/// The fields of the error.
pub(super) fn failure(failure: &Failure, lookup_id: &str) -> JsValue {
    let message = failure.message();
    let mut object = Object::default();
    object.text("code", failure.code.as_str());
    object.text("charge", failure.charge.as_str());
    object.put("retryable", Plain::Flag(failure.retryable()));
    object.text("message", &message);
    object.text("lookupId", lookup_id);
    if let Some(status) = failure.status {
        object.number("status", status.into());
    }
    if failure.code == Code::InvalidRequest || !failure.issues.is_empty() {
        object.put("issues", issues(&failure.issues));
    }
    if let Some(milliseconds) = failure.retry_after_ms {
        // A wait that is longer than a float is exact is as good as any other that long.
        object.number("retryAfterMs", milliseconds as f64);
    }
    if failure.code == Code::InsufficientCredits {
        object.whole("required", failure.required);
        object.whole("remainingCredits", failure.remaining_credits);
    }
    if let Some(text) = &failure.response_text {
        object.text("responseText", text);
    }
    object.into_js()
}
