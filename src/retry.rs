//! When a request may be sent again: its one job is to say so, and how long to wait first.
//!
//! Only a 429 is ever repeated: the service certainly did nothing, and it said when to come back.
//! The cap of a test token is a *daily* one, so a 429 without `Retry-After` is final.

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

/// Reads a `Retry-After` header, in milliseconds from `now` (milliseconds since 1970): whole
/// seconds, or a date in any of the three forms of HTTP (RFC 9110, 5.6.7). A date that has passed
/// is no wait; anything else is as good as no header.
#[must_use]
pub fn retry_after_ms(header: &str, now: u64) -> Option<u64> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(number(header)?.saturating_mul(1000));
    }
    Some(http_date_ms(header)?.saturating_sub(now))
}

fn number(digits: &str) -> Option<u64> {
    digits.bytes().try_fold(0_u64, |number, byte| {
        byte.is_ascii_digit().then(|| number.saturating_mul(10).saturating_add(u64::from(byte & 15)))
    })
}

/// The three forms differ in order and separators only: a month by name, a time with colons, a
/// first number for the day and a second one for the year.
fn http_date_ms(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (mut day, mut month, mut year, mut seconds) = (None, None, None, None);
    for word in text.split([' ', ',', '-']).filter(|word| !word.is_empty()) {
        if let Some(place) = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(word)) {
            month = u64::try_from(place).ok()?.checked_add(1);
        } else if word.contains(':') {
            let mut parts = word.split(':').map(number);
            let (hours, minutes, rest) = (parts.next()??, parts.next()??, parts.next()??);
            if parts.next().is_some() || hours > 23 || minutes > 59 || rest > 60 {
                return None;
            }
            seconds = Some(hours.saturating_mul(3600).saturating_add(minutes.saturating_mul(60)).saturating_add(rest));
        } else if word.starts_with(|first: char| first.is_ascii_digit()) {
            let value = number(word)?;
            if day.is_none() {
                day = Some(value);
            } else if year.is_none() {
                // Two digits are RFC 850's; they can't lie more than fifty years ahead, and today is well past 2000.
                year = Some(if word.len() == 2 { value.saturating_add(2000) } else { value });
            }
        }
    }
    let (day, month, year) = (day?, month?, year?);
    if !(1..=31).contains(&day) || !(1970..=9999).contains(&year) {
        return None;
    }
    // Days since 1970 in a year that begins in March, so that the leap day is its last.
    let shifted_month = if month > 2 { month.wrapping_sub(3) } else { month.wrapping_add(9) };
    let shifted_year = if month > 2 { year } else { year.wrapping_sub(1) };
    let days = shifted_year
        .wrapping_mul(365)
        .wrapping_add(shifted_year / 4)
        .wrapping_sub(shifted_year / 100)
        .wrapping_add(shifted_year / 400)
        .wrapping_add(shifted_month.wrapping_mul(153).wrapping_add(2) / 5)
        .wrapping_add(day)
        .wrapping_sub(719_469);
    Some(days.wrapping_mul(86_400).wrapping_add(seconds?).wrapping_mul(1000))
}
