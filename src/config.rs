//! Settings, checked before they are used: its one job is to refuse an option that can't work by
//! its name, and to make sure that a token can only go where it is safe.

use alloc::rc::Rc;
use core::fmt;

use crate::budget::Limits;
use crate::cache::{LONGEST_RETENTION_DAYS, Retention};
use crate::charge::Charge;
use crate::failure::{Code, Failure};
use crate::identity::all;
use crate::json::Writer;
use crate::token::ApiToken;

/// The vendor's service.
pub const VENDOR_BASE_URL: &str = "https://app.ecoreservice.com/backend/api/v1";

/// How long one request may take by default, in milliseconds, from authorisation to the last byte of the reply.
pub const DEFAULT_TIMEOUT_MS: u32 = 20_000;

/// How often a rate-limited request is sent again by default, where the service says when.
pub const DEFAULT_RATE_LIMIT_RETRIES: u32 = 2;

/// An option that is a number, or a flag, which is 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// How long one request may take, in milliseconds.
    TimeoutMs,
    /// How often a rate-limited request is sent again.
    MaxRateLimitRetries,
    /// The most that one call may spend, in credits.
    PerCall,
    /// The most that may be spent within any 60 seconds, in credits.
    PerMinute,
    /// The most that may be spent within any 24 hours, in credits.
    PerDay,
    /// The most that the client may spend, in credits.
    Total,
    /// For how long found people are kept, in days.
    FoundDays,
    /// For how long it is kept that somebody was not found, in days.
    NotFoundDays,
    /// Whether a free not-found moves on to the next identifier.
    Ladder,
    /// Whether a request that the caller gave up on is left to finish.
    Abort,
    /// Whether to ask although an earlier request may have been charged.
    Force,
    /// Whether to ask although the answer is kept.
    Fresh,
    /// Whether a request that may have been charged is sent again.
    RetryUnknown,
}

/// No limit.
const NONE: u32 = u32::MAX;
const MOST_CREDITS: u32 = 1_000_000_000;

/// What each option is called, the least and the most that it may be, and what it is when nobody says.
const OPTIONS: [(Setting, &str, u32, u32, u32); 13] = [
    (Setting::TimeoutMs, "timeoutMs", 1, 600_000, DEFAULT_TIMEOUT_MS),
    (Setting::MaxRateLimitRetries, "maxRateLimitRetries", 0, 10, DEFAULT_RATE_LIMIT_RETRIES),
    (Setting::PerCall, "perCall", 0, MOST_CREDITS, NONE),
    (Setting::PerMinute, "perMinute", 0, MOST_CREDITS, NONE),
    (Setting::PerDay, "perDay", 0, MOST_CREDITS, NONE),
    (Setting::Total, "total", 0, MOST_CREDITS, NONE),
    (Setting::FoundDays, "foundDays", 0, LONGEST_RETENTION_DAYS, 30),
    (Setting::NotFoundDays, "notFoundDays", 0, LONGEST_RETENTION_DAYS, 1),
    (Setting::Ladder, "ladder", 0, 1, 0),
    (Setting::Abort, "abort", 0, 1, 1),
    (Setting::Force, "force", 0, 1, 0),
    (Setting::Fresh, "fresh", 0, 1, 0),
    (Setting::RetryUnknown, "retryUnknown", 0, 1, 0),
];

/// The value of `abort`: whether a request that was given up on is left to finish.
#[must_use]
pub fn abort(word: &str) -> f64 {
    match word {
        "cancel" => 0.0,
        "detach" => 1.0,
        _ => f64::NAN,
    }
}

/// What a caller set, by the names of the options; their types are the surface's to check.
#[derive(Clone, Default)]
pub struct Settings<'a> {
    /// `baseUrl`
    pub base_url: Option<&'a str>,
    /// Numbers and flags by name.
    pub numbers: Vec<(&'a str, f64)>,
    /// Whether there is a `token`, or a function for one.
    pub has_token: bool,
    /// Whether there are `headers`, or a function for them.
    pub has_headers: bool,
    /// `dangerouslyAllowBrowser`
    pub allow_browser: bool,
    /// Whether calls may wait for each other's promises.
    pub share: bool,
}

/// What the runtime is, as far as a setting depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Environment {
    /// A page, a web worker or an extension: whoever opens it can read what it holds.
    pub browser: bool,
    /// Relative addresses have something to be relative to.
    pub has_location: bool,
}

/// A client's settings, all checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    base_url: Rc<str>,
    share: bool,
    values: [u32; OPTIONS.len()],
}

impl Config {
    /// The settings of a client.
    ///
    /// # Errors
    /// `invalid_options` that names the option; `token_in_browser` for a token in a browser without the opt-in.
    pub fn for_client(settings: &Settings<'_>, environment: Environment) -> Result<Self, Box<Failure>> {
        let given = settings.base_url;
        let base_url = given.unwrap_or(VENDOR_BASE_URL).trim_end_matches('/');
        if !is_base_url(base_url) {
            return Err(refused(&["baseUrl must be an http(s) address or a path."]));
        }
        if base_url.starts_with('/') && !environment.has_location {
            return Err(refused(&["baseUrl is a path, and there is no page."]));
        }
        if settings.has_token {
            if environment.browser && !settings.allow_browser {
                return Err(Failure::new(Code::TokenInBrowser, Charge::None));
            }
            if is_clear_text(base_url) {
                return Err(refused(&["baseUrl must be https: a token never leaves this machine in clear text."]));
            }
        } else if !settings.has_headers && given.is_none() {
            return Err(refused(&["Give a token, or the baseUrl of your own server."]));
        }
        let values = OPTIONS.map(|(.., default)| default);
        Self { base_url: base_url.into(), share: settings.share, values }.for_call(&settings.numbers)
    }

    /// The settings of one call: the client's, but for those that it has of its own.
    ///
    /// # Errors
    /// `invalid_options` that names the option.
    pub fn for_call(&self, numbers: &[(&str, f64)]) -> Result<Self, Box<Failure>> {
        let mut config = self.clone();
        for (name, number) in numbers {
            for (setting, option, least, most, _) in &OPTIONS {
                if name != option {
                    continue;
                }
                let Some(value) = config.values.get_mut(*setting as usize) else { continue };
                // A cast saturates, so that NaN, fractions and anything out of range fail the comparison or the range.
                let candidate = *number as u32;
                if f64::from(candidate) != *number || !(*least..=*most).contains(&candidate) {
                    if *setting == Setting::Abort {
                        return Err(refused(&["abort must be \"detach\" or \"cancel\"."]));
                    }
                    let mut range = Writer::begin();
                    range.count(" must be a whole number from ", (*least).into());
                    range.count(" to ", (*most).into());
                    return Err(refused(&[name, range.as_str(), "."]));
                }
                *value = candidate;
            }
        }
        Ok(config)
    }

    /// Where requests go, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Whether calls may wait for each other's promises.
    #[must_use]
    pub fn shares(&self) -> bool {
        self.share
    }

    /// The value of a setting.
    #[must_use]
    pub fn value(&self, setting: Setting) -> u32 {
        self.values.get(setting as usize).copied().unwrap_or_default()
    }

    /// How long a request may take, in milliseconds.
    #[must_use]
    pub fn timeout_ms(&self) -> u64 {
        self.value(Setting::TimeoutMs).into()
    }

    /// Whether a flag is set.
    #[must_use]
    pub fn is(&self, setting: Setting) -> bool {
        self.value(setting) > 0
    }

    /// Sets a flag that is set there.
    pub fn allow(&mut self, setting: Setting, there: &Self) {
        if let Some(value) = self.values.get_mut(setting as usize) {
            *value |= there.value(setting);
        }
    }

    /// What may be spent.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let limit = |setting| Some(self.value(setting)).filter(|credits| *credits != NONE);
        Limits {
            per_call: limit(Setting::PerCall),
            per_minute: limit(Setting::PerMinute),
            per_day: limit(Setting::PerDay),
            total: limit(Setting::Total),
        }
    }

    /// For how long answers are kept.
    #[must_use]
    pub fn retention(&self) -> Retention {
        Retention { found_days: self.value(Setting::FoundDays), not_found_days: self.value(Setting::NotFoundDays) }
    }
}

fn refused(detail: &[&str]) -> Box<Failure> {
    Failure::refused(Code::InvalidOptions, detail)
}

/// An address taken apart: whether it is https, and its host and port.
fn split(base_url: &str) -> Option<(bool, &str)> {
    [(true, "https://"), (false, "http://")].into_iter().find_map(|(secure, scheme)| {
        let (start, rest) = base_url.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then(|| (secure, before(rest, b'/')))
    })
}

/// The part before the first `byte`, or all of it.
fn before(text: &str, byte: u8) -> &str {
    let end = text.bytes().position(|candidate| candidate == byte);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Every character that could make a URL parser see another host, a query or a fragment is refused.
fn is_base_url(base_url: &str) -> bool {
    match split(base_url) {
        Some((_, authority)) => {
            let allowed =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
            !authority.starts_with(':')
                && !authority.is_empty()
                && all(authority.as_bytes(), allowed)
                && is_plain(base_url)
        }
        None => base_url.starts_with('/') && !base_url.starts_with("//") && is_plain(base_url),
    }
}

fn is_plain(base_url: &str) -> bool {
    all(base_url.as_bytes(), |byte| {
        byte.is_ascii_graphic()
            && !matches!(byte, b'\\' | b'?' | b'#' | b'@' | b'"' | b'<' | b'>' | b'`' | b'{' | b'}' | b'|' | b'^')
    })
}

/// Whether a request to this address would cross a network unencrypted.
fn is_clear_text(base_url: &str) -> bool {
    let Some((false, authority)) = split(base_url) else { return false };
    let authority = authority.to_ascii_lowercase();
    if authority == "[::1]" || authority.starts_with("[::1]:") {
        return false;
    }
    let host = before(&authority, b':');
    let loopback_address =
        host.starts_with("127.") && all(host.as_bytes(), |byte| byte.is_ascii_digit() || byte == b'.');
    !(loopback_address || host == "localhost" || host.ends_with(".localhost"))
}

/// What a request carries to be let in: the vendor's token, or the headers of one's own server, or both.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(Vec<(String, String)>);

impl Credentials {
    /// Checks a token and headers before a runtime sees them: runtimes quote what they refuse.
    ///
    /// # Errors
    /// `invalid_token`, or `invalid_options` that names the header.
    pub fn parse(token: Option<&str>, mut headers: Vec<(String, String)>) -> Result<Self, Box<Failure>> {
        for (name, value) in &headers {
            let is_name = !name.is_empty()
                && all(name.as_bytes(), |byte| {
                    byte.is_ascii_alphanumeric()
                        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
                });
            if !is_name {
                return Err(refused(&["headers has an invalid name."]));
            }
            if !all(value.as_bytes(), |byte| matches!(byte, b' '..=b'~')) {
                return Err(refused(&["headers: the value of ", name, " is not printable ASCII."]));
            }
            let taken = name.eq_ignore_ascii_case("content-type")
                || (token.is_some() && name.eq_ignore_ascii_case("authorization"));
            if taken {
                return Err(refused(&["headers may not hold ", name, ": the client sets it."]));
            }
        }
        if let Some(token) = token {
            headers.push(("Authorization".into(), ApiToken::parse(token)?.authorization()));
        }
        Ok(Self(headers))
    }

    /// The headers to send, names and values.
    #[must_use]
    pub fn into_headers(self) -> Vec<(String, String)> {
        self.0
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(redacted)")
    }
}
