//! When a request may be sent again: its one job is to say so, and how long to wait first.
//!
//! By default only a 429 is ever repeated: the service certainly did nothing, and it said when to come back.
//! The cap of a test token is a *daily* one, so a 429 without `Retry-After` is final.

use crate::json::digits;

/// The longest wait that is honoured, in milliseconds; a longer one is an error that carries it.
pub const LONGEST_WAIT_MS: u64 = 60_000;

/// Waits are lengthened by up to this many milliseconds, so that many clients don't come back at once.
const JITTER_MS: u64 = 500;

/// How long to wait before the next try, in milliseconds; `None` where there is none.
#[must_use]
pub fn wait_ms(retry_after_ms: Option<u64>, tries_left: u32, entropy: u64) -> Option<u64> {
    let asked = retry_after_ms.filter(|asked| *asked <= LONGEST_WAIT_MS && tries_left > 0)?;
    Some(asked.saturating_add(entropy.checked_rem(JITTER_MS).unwrap_or(0)))
}

/// How long to wait before a request that may have been charged is sent again, in milliseconds, where the caller opted in:
/// a second, and twice as long each time.
#[must_use]
pub fn pause_ms(attempts: u32) -> u64 {
    1000_u64.checked_shl(attempts.saturating_sub(1)).unwrap_or(LONGEST_WAIT_MS).min(LONGEST_WAIT_MS)
}

/// Reads a `Retry-After` header, in milliseconds from `now` (milliseconds since 1970): whole
/// seconds, or a date, of which the runtime's own parser says the milliseconds since 1970. A date
/// that has passed is no wait; anything else is as good as no header.
#[must_use]
pub fn retry_after_ms(header: &str, date: Option<f64>, now: u64) -> Option<u64> {
    // Every date of HTTP begins with a day's name; a parser that also takes "-1" for a date is not asked.
    if header.starts_with(|first: char| first.is_ascii_alphabetic()) {
        let date = date.filter(|date| date.is_finite())?;
        return Some((date as u64).saturating_sub(now));
    }
    digits(header).map(|seconds| seconds.saturating_mul(1000))
}
