//! From a reply to what it means: every odd body of the vendor ends here, and every one of them
//! leaves with a charge state.

use crate::charge::Charge;
use crate::endpoint::{Endpoint, PaidField};
use crate::failure::{Code, Failure};
use crate::identity::{Field, Issue, IssueCode};
use crate::json::Json;
use crate::outcome::{Answer, Results, e164};
use crate::retry;

/// The largest reply that is read, in bytes.
pub const MAX_REPLY_BYTES: usize = 64 * 1024;

/// The longest beginning of an unreadable reply that is kept for support, in characters.
const KEPT_CHARACTERS: usize = 4096;

/// A reply as it came in.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpReply {
    /// The HTTP status; 0 where the runtime hides a redirect.
    pub status: u16,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
    /// The body as text, of at most [`MAX_REPLY_BYTES`] bytes; what is no UTF-8 is U+FFFD by now.
    pub body: String,
    /// Whether the body is whole: neither cut off by the connection nor longer than the limit.
    pub whole: bool,
}

/// What the service answered, and the wallet after it.
#[derive(Clone, PartialEq, Eq)]
pub struct Reading {
    /// Found or not found.
    pub answer: Answer,
    /// The wallet after the call, where the service said it in whole credits.
    pub remaining_credits: Option<i64>,
}

/// What a status means by itself, whatever the body says. Only what the vendor documents as a
/// refusal before any work, or what HTTP and the vendor's framework decide before they look at the
/// request (403, 405), is certainly free.
fn judge(status: u16) -> (Code, Charge) {
    match status {
        400 | 405 => (Code::BadRequest, Charge::None),
        401 => (Code::InvalidToken, Charge::None),
        402 => (Code::InsufficientCredits, Charge::None),
        403 => (Code::Forbidden, Charge::None),
        404 => (Code::NotFoundEndpoint, Charge::None),
        429 => (Code::RateLimited, Charge::None),
        406..=499 => (Code::BadRequest, Charge::Possible),
        500..=599 => (Code::ServerError, Charge::Possible),
        // A redirect is never followed with the token; runtimes that refuse it by themselves call it a network error.
        0 | 300..=399 => (Code::Network, Charge::Possible),
        _ => (Code::MalformedResponse, Charge::Possible),
    }
}

/// Reads a reply: status first, then the body.
///
/// # Errors
/// A failure for everything but a readable found or not found. `now` is in milliseconds since 1970.
pub fn read(reply: &HttpReply, endpoint: &Endpoint, now: u64) -> Result<Reading, Box<Failure>> {
    let text = &reply.body;
    let body = if reply.whole { Json::parse(text) } else { None };
    let answered = (200..=299).contains(&reply.status);
    if answered && let Some(reading) = body.as_ref().and_then(|body| answer(body, endpoint)) {
        return Ok(reading);
    }
    let (code, charge) = judge(reply.status);
    let mut failure = Failure::new(code, charge);
    failure.status = (reply.status > 0).then_some(reply.status);
    failure.response_text = (!text.is_empty()).then(|| text.chars().take(KEPT_CHARACTERS).collect());
    match code {
        Code::RateLimited => {
            failure.retry_after_ms = reply.retry_after.as_deref().and_then(|header| retry::retry_after_ms(header, now));
        }
        Code::InsufficientCredits => {
            let whole = |name| body.as_ref().and_then(|body| body.get(name)).and_then(Json::as_whole);
            failure.required = whole("required").or(Some(i64::from(endpoint.price)));
            failure.remaining_credits = whole("balance");
        }
        Code::BadRequest => failure.issues = refused_fields(body.as_ref()),
        _ => {}
    }
    Err(failure)
}

/// A found or a not found, where every field that is needed is there and of its type. `success` is
/// `true` on a not-found too: only `status` tells the two apart.
fn answer(body: &Json, endpoint: &Endpoint) -> Option<Reading> {
    if !matches!(body.get("success"), None | Some(Json::Bool(true))) {
        return None;
    }
    let answer = match body.get("status")?.as_text()? {
        "success" => {
            let results = body.get("results")?;
            // Missing, null and empty are all absent.
            let text = |name| results.get(name).and_then(Json::as_text).filter(|text| !text.trim().is_empty());
            let (phone, email) = (text("phone"), text("email"));
            match endpoint.paid_field {
                PaidField::Phone => phone?,
                PaidField::Email => email?,
            };
            Answer::Found(Results {
                phone: phone.map(Into::into),
                e164: phone.and_then(e164),
                email: email.map(Into::into),
            })
        }
        "not_found" => Answer::NotFound {
            message: body.get("message").and_then(Json::as_text).unwrap_or(endpoint.not_found_message).into(),
        },
        _ => return None,
    };
    Some(Reading { answer, remaining_credits: body.get("remaining_credits").and_then(Json::as_whole) })
}

/// The request's fields that the service names in a 400. Its words are not passed on: they may
/// quote what they refuse.
fn refused_fields(body: Option<&Json>) -> Vec<Issue> {
    let named = |field: &Field| names(body, field.wire_name(), 8);
    Field::ALL.into_iter().filter(named).map(|field| Issue::of(field, IssueCode::RefusedByService)).collect()
}

fn names(body: Option<&Json>, name: &str, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match body {
        Some(Json::Object(members)) => {
            members.iter().any(|(member, value)| member == name || names(Some(value), name, depth))
        }
        Some(Json::List(items)) => items.iter().any(|item| names(Some(item), name, depth)),
        _ => false,
    }
}
