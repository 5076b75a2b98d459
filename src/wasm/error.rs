//! Failures on their way to JavaScript.

use js_sys::Reflect;
use serde::Serialize;
use wasm_bindgen::JsValue;

use super::convert::{IssueView, issue_views, to_js};
use crate::failure::{Code, Failure};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FailureView<'a> {
    code: &'static str,
    charge: &'static str,
    retryable: bool,
    message: String,
    lookup_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issues: Option<Vec<IssueView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining_credits: Option<Option<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_text: Option<&'a str>,
}

/// What a caller gets instead of an outcome, for the surface to make an `EnrichmentError` of.
///
/// `cause` is whatever was thrown, where something was: an `Error`, a string, anything.
pub(super) fn failure(failure: &Failure, lookup_id: &str, cause: &JsValue) -> JsValue {
    let has_issues = matches!(failure.code, Code::InvalidRequest) || !failure.issues.is_empty();
    let view = to_js(&FailureView {
        code: failure.code.as_str(),
        charge: failure.charge.as_str(),
        retryable: failure.retryable(),
        message: failure.message(),
        lookup_id,
        status: failure.status,
        issues: has_issues.then(|| issue_views(&failure.issues)),
        retry_after_ms: failure.retry_after_ms,
        required: failure.required,
        remaining_credits: matches!(failure.code, Code::InsufficientCredits).then_some(failure.remaining_credits),
        response_text: failure.response_text.as_deref(),
    });
    if !cause.is_undefined() {
        // A plain object of our own takes any property.
        let _ = Reflect::set(&view, &"cause".into(), cause);
    }
    view
}
