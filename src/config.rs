//! Settings, checked before they are used: its one job is to refuse an option that can't work by
//! its name, and to make sure that a token can only go where it is safe.

use core::fmt;

use crate::charge::Charge;
use crate::failure::{Code, Failure};
use crate::identity::all;
use crate::token::ApiToken;

/// The vendor's service.
pub const VENDOR_BASE_URL: &str = "https://app.ecoreservice.com/backend/api/v1";

/// How long one request may take by default, in milliseconds, from authorisation to the last byte of the reply.
pub const DEFAULT_TIMEOUT_MS: u32 = 20_000;

/// How often a rate-limited request is sent again by default, where the service says when.
pub const DEFAULT_RATE_LIMIT_RETRIES: u32 = 2;

const LONGEST_TIMEOUT_MS: u32 = 600_000;
const MOST_RATE_LIMIT_RETRIES: u32 = 10;

/// What a caller set, by the names of the options; their types are the surface's to check.
#[derive(Clone, Default)]
pub struct Settings {
    /// `baseUrl`
    pub base_url: Option<String>,
    /// `timeoutMs`
    pub timeout_ms: Option<f64>,
    /// `maxRateLimitRetries`
    pub max_rate_limit_retries: Option<f64>,
    /// Whether there is a `token`, or a function for one.
    pub has_token: bool,
    /// Whether there are `headers`, or a function for them.
    pub has_headers: bool,
    /// `dangerouslyAllowBrowser`
    pub allow_browser: bool,
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
    base_url: String,
    timeout_ms: u32,
    max_rate_limit_retries: u32,
}

impl Config {
    /// The settings of a client.
    ///
    /// # Errors
    /// `invalid_options` that names the option; `token_in_browser` for a token in a browser without the opt-in.
    pub fn for_client(settings: &Settings, environment: Environment) -> Result<Self, Box<Failure>> {
        let given = settings.base_url.as_deref();
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
        let tries = settings.max_rate_limit_retries;
        let max_rate_limit_retries = whole(tries, DEFAULT_RATE_LIMIT_RETRIES, 0, MOST_RATE_LIMIT_RETRIES)
            .ok_or_else(|| refused(&["maxRateLimitRetries must be a whole number from 0 to 10."]))?;
        let config = Self { base_url: base_url.into(), timeout_ms: DEFAULT_TIMEOUT_MS, max_rate_limit_retries };
        config.for_call(settings.timeout_ms)
    }

    /// The settings of one call: the client's, with a deadline of its own, where it has one.
    ///
    /// # Errors
    /// `invalid_options` that names the option.
    pub fn for_call(&self, timeout_ms: Option<f64>) -> Result<Self, Box<Failure>> {
        let timeout_ms = whole(timeout_ms, self.timeout_ms, 1, LONGEST_TIMEOUT_MS)
            .ok_or_else(|| refused(&["timeoutMs must be a whole number from 1 to 600000."]))?;
        Ok(Self { timeout_ms, ..self.clone() })
    }

    /// Where requests go, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// How long one request may take, in milliseconds.
    #[must_use]
    pub fn timeout_ms(&self) -> u32 {
        self.timeout_ms
    }

    /// How often a rate-limited request is sent again.
    #[must_use]
    pub fn max_rate_limit_retries(&self) -> u32 {
        self.max_rate_limit_retries
    }
}

fn refused(detail: &[&str]) -> Box<Failure> {
    Failure::refused(Code::InvalidOptions, detail)
}

fn whole(given: Option<f64>, default: u32, least: u32, most: u32) -> Option<u32> {
    let Some(number) = given else { return Some(default) };
    // A cast saturates, so that NaN, fractions and anything out of range fail the comparison or the range.
    let candidate = number as u32;
    (f64::from(candidate) == number && (least..=most).contains(&candidate)).then_some(candidate)
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
