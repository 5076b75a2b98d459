//! From a reply to what it means: every odd body of the vendor ends here, and every one of them
//! leaves with a charge state.

use alloc::rc::Rc;

use crate::charge::Charge;
use crate::endpoint::{Endpoint, PaidField};
use crate::failure::{Code, Failure};
use crate::identity::is_blank;
use crate::json::Members;
use crate::outcome::{Answer, Results, e164};
use crate::retry;

/// The largest reply that is read, in bytes.
pub const MAX_REPLY_BYTES: usize = 64 * 1024;

/// The longest beginning of an unreadable reply that is kept for support, in characters.
const KEPT_CHARACTERS: usize = 4096;

/// A reply as it came in.
pub struct HttpReply {
    /// The HTTP status; 0 where the runtime hides a redirect.
    pub status: u16,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
    /// The same as a date, in milliseconds since 1970, as the runtime's parser reads it.
    pub retry_date: Option<f64>,
    /// Whether a server of one's own, between here and the service, says that it cost nothing: its `Enrichment-Charge`
    /// header is `none`. It has an answer that was paid for before, say, or could not reach the service at all.
    pub is_free: bool,
    /// The body as text, of at most [`MAX_REPLY_BYTES`] bytes; what is no UTF-8 is U+FFFD by now.
    pub text: String,
    /// The body as JSON, if it is whole (neither cut off by the connection nor longer than the
    /// limit) and JSON at all.
    pub json: Option<Members>,
}

/// What the service answered, and the wallet after it.
#[derive(Clone, PartialEq, Eq)]
pub struct Reading {
    /// Found or not found.
    pub answer: Answer,
    /// What the answer cost.
    pub charge: Charge,
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
    let body = reply.json.as_ref();
    if (200..=299).contains(&reply.status)
        && let Some(mut reading) = body.and_then(|body| answer(body, endpoint))
    {
        if reply.is_free {
            reading.charge = Charge::None;
        }
        return Ok(reading);
    }
    let (code, mut charge) = judge(reply.status);
    if reply.is_free {
        charge = Charge::None;
    }
    let mut failure = Failure::new(code, charge);
    failure.status = (reply.status > 0).then_some(reply.status);
    failure.response_text = (!reply.text.is_empty()).then(|| beginning(&reply.text).into());
    if code == Code::RateLimited {
        failure.retry_after_ms =
            reply.retry_after.as_deref().and_then(|header| retry::retry_after_ms(header, reply.retry_date, now));
    }
    if code == Code::InsufficientCredits {
        failure.required = body.and_then(|body| body.whole("", "required")).or(Some(endpoint.price.into()));
        failure.remaining_credits = body.and_then(|body| body.whole("", "balance"));
    }
    Err(failure)
}

/// The beginning of a text, as much as is kept of it.
fn beginning(text: &str) -> &str {
    let mut left = KEPT_CHARACTERS;
    let mut end = 0_usize;
    for byte in text.bytes() {
        if byte & 0xC0 != 0x80 {
            if left == 0 {
                break;
            }
            left = left.wrapping_sub(1);
        }
        end = end.wrapping_add(1);
    }
    text.get(..end).unwrap_or_default()
}

/// A found or a not found, where every field that is needed is there and of its type. `success` is
/// `true` on a not-found too: only `status` tells the two apart.
fn answer(body: &Members, endpoint: &Endpoint) -> Option<Reading> {
    if body.denies("success") {
        return None;
    }
    let answer = match body.text("", "status")?.as_str() {
        "success" => {
            // Missing, null and empty are all absent.
            let member = |name| body.text("results.", name).filter(|text| !is_blank(text));
            let (phone, email) = (member("phone"), member("email"));
            let paid = match endpoint.paid_field {
                PaidField::Phone => &phone,
                PaidField::Email => &email,
            };
            paid.as_ref()?;
            Answer::Found(Rc::new(Results { e164: phone.as_deref().and_then(e164), phone, email }))
        }
        "not_found" => Answer::NotFound {
            message: body.text("", "message").map_or_else(|| endpoint.not_found_message.into(), Into::into),
        },
        _ => return None,
    };
    Some(Reading { charge: answer.charge(), answer, remaining_credits: body.whole("", "remaining_credits") })
}
