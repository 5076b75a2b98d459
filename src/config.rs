//! Settings, checked before they are used: its one job is to refuse an option that can't work by
//! its name, and to make sure that a token can only go where it is safe.

use core::fmt;

use crate::failure::{Code, Failure};
use crate::token::ApiToken;

/// The vendor's service.
pub const VENDOR_BASE_URL: &str = "https://app.ecoreservice.com/backend/api/v1";

/// How long one request may take by default, in milliseconds, from authorisation to the last byte of the reply.
pub const DEFAULT_TIMEOUT_MS: u32 = 20_000;

/// How often a rate-limited request is sent again by default, where the service says when.
pub const DEFAULT_RATE_LIMIT_RETRIES: u32 = 2;

const LONGEST_TIMEOUT_MS: u32 = 600_000;
const MOST_RATE_LIMIT_RETRIES: u32 = 10;

/// An option's value as the caller gave it.
#[derive(Clone, PartialEq)]
pub enum Given {
    /// A string.
    Text(String),
    /// A number.
    Number(f64),
    /// A boolean.
    Flag(bool),
    /// A function.
    Function,
    /// An object that events of can be listened to.
    Signal,
    /// Any other object.
    Object,
    /// Anything else.
    Other,
}

impl Given {
    fn kind(&self) -> u8 {
        match self {
            Self::Text(_) => TEXT,
            Self::Number(_) => NUMBER,
            Self::Flag(_) => FLAG,
            Self::Function => FUNCTION,
            Self::Signal => SIGNAL,
            Self::Object => OBJECT,
            Self::Other => 0,
        }
    }
}

const TEXT: u8 = 1;
const NUMBER: u8 = 2;
const FLAG: u8 = 4;
const FUNCTION: u8 = 8;
const OBJECT: u8 = 16;
const SIGNAL: u8 = 32;

/// Who may give an option.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Client,
    Call,
    Both,
}

/// Every option: its name, the kinds of value it takes, who may give it, and how to say so.
const OPTIONS: [(&str, u8, Scope, &str); 11] = [
    ("token", TEXT | FUNCTION, Scope::Client, "a string or a function that returns one"),
    ("headers", OBJECT | FUNCTION, Scope::Client, "an object of strings or a function that returns one"),
    ("baseUrl", TEXT, Scope::Client, "an https address, an http address on this machine, or a path"),
    ("fetch", FUNCTION, Scope::Client, "a function"),
    ("timeoutMs", NUMBER, Scope::Both, "a whole number from 1 to 600000"),
    ("maxRateLimitRetries", NUMBER, Scope::Client, "a whole number from 0 to 10"),
    ("dangerouslyAllowBrowser", FLAG, Scope::Client, "true or false"),
    ("onRequest", FUNCTION, Scope::Client, "a function"),
    ("onOutcome", FUNCTION, Scope::Client, "a function"),
    ("onCredits", FUNCTION, Scope::Client, "a function"),
    ("signal", SIGNAL, Scope::Call, "an AbortSignal"),
];

/// What the runtime is, as far as a setting depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Environment {
    /// A page, a web worker or an extension: whoever opens it can read what it holds.
    pub browser: bool,
    /// Relative addresses have something to be relative to.
    pub has_location: bool,
}

/// A client's settings, all checked.
#[derive(Clone, PartialEq)]
pub struct Config {
    base_url: String,
    timeout_ms: u32,
    max_rate_limit_retries: u32,
    has_token: bool,
    has_headers: bool,
    allow_browser: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            base_url: VENDOR_BASE_URL.into(),
            timeout_ms: DEFAULT_TIMEOUT_MS,
            max_rate_limit_retries: DEFAULT_RATE_LIMIT_RETRIES,
            has_token: false,
            has_headers: false,
            allow_browser: false,
        }
    }
}

impl Config {
    /// The settings of a client.
    ///
    /// # Errors
    /// `invalid_options` that names the option; `token_in_browser` for a token in a browser without the opt-in.
    pub fn for_client(options: Vec<(String, Given)>, environment: Environment) -> Result<Self, Box<Failure>> {
        let mut config = Self::default();
        config.take(options, Scope::Client)?;
        let relative = config.base_url.starts_with('/');
        if relative && !environment.has_location {
            return Err(refused(&["baseUrl is relative, and this runtime has no page that it could be relative to."]));
        }
        if !config.has_token && !config.has_headers && config.base_url == VENDOR_BASE_URL {
            return Err(refused(&["Give a token, or the baseUrl of your own server."]));
        }
        if config.has_token && environment.browser && !config.allow_browser {
            return Err(Failure::refused(Code::TokenInBrowser, &[]));
        }
        if config.has_token && is_clear_text(&config.base_url) {
            return Err(refused(&["baseUrl must be https: a token never leaves this machine in clear text."]));
        }
        Ok(config)
    }

    /// The settings of one call: the client's, with what the call says otherwise.
    ///
    /// # Errors
    /// `invalid_options` that names the option.
    pub fn for_call(&self, options: Vec<(String, Given)>) -> Result<Self, Box<Failure>> {
        let mut config = self.clone();
        config.take(options, Scope::Call)?;
        Ok(config)
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

    fn take(&mut self, options: Vec<(String, Given)>, scope: Scope) -> Result<(), Box<Failure>> {
        for (name, given) in options {
            let row = OPTIONS.iter().find(|row| row.0 == name && (row.2 == scope || row.2 == Scope::Both));
            let Some((name, kinds, _, expected)) = row else {
                let shown: String = name.chars().filter(|character| !character.is_control()).take(40).collect();
                return Err(refused(&["Unknown option: ", &shown, "."]));
            };
            if given.kind() & kinds == 0 || !self.set(name, given) {
                return Err(refused(&[name, " must be ", expected, "."]));
            }
        }
        Ok(())
    }

    fn set(&mut self, name: &str, given: Given) -> bool {
        match (name, given) {
            ("token", _) => self.has_token = true,
            ("headers", _) => self.has_headers = true,
            ("dangerouslyAllowBrowser", Given::Flag(flag)) => self.allow_browser = flag,
            ("timeoutMs", Given::Number(number)) => return whole(number, 1, LONGEST_TIMEOUT_MS, &mut self.timeout_ms),
            ("maxRateLimitRetries", Given::Number(number)) => {
                return whole(number, 0, MOST_RATE_LIMIT_RETRIES, &mut self.max_rate_limit_retries);
            }
            ("baseUrl", Given::Text(text)) => {
                let trimmed = text.trim_end_matches('/');
                self.base_url = trimmed.into();
                return is_base_url(trimmed);
            }
            _ => {}
        }
        true
    }
}

fn refused(detail: &[&str]) -> Box<Failure> {
    Failure::refused(Code::InvalidOptions, detail)
}

fn whole(number: f64, least: u32, most: u32, into: &mut u32) -> bool {
    // A cast saturates, so that NaN, fractions and anything out of range fail the comparison or the range.
    let candidate = number as u32;
    *into = candidate;
    f64::from(candidate) == number && (least..=most).contains(&candidate)
}

/// Whether an absolute base URL is https, and its host and port.
fn split(base_url: &str) -> Option<(bool, &str)> {
    let (scheme, rest) = base_url.split_once(':')?;
    let secure = scheme.eq_ignore_ascii_case("https");
    let authority = rest.strip_prefix("//")?.split('/').next()?;
    (secure || scheme.eq_ignore_ascii_case("http")).then_some((secure, authority))
}

/// Every character that could make a URL parser see another host, a query or a fragment is refused.
fn is_base_url(base_url: &str) -> bool {
    let plain = base_url.bytes().all(|byte| {
        byte.is_ascii_graphic()
            && !matches!(byte, b'\\' | b'?' | b'#' | b'@' | b'"' | b'<' | b'>' | b'`' | b'{' | b'}' | b'|' | b'^')
    });
    let addressed = match split(base_url) {
        Some((_, authority)) => {
            let allowed =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
            !authority.starts_with(':') && !authority.is_empty() && authority.bytes().all(allowed)
        }
        None => base_url.starts_with('/') && !base_url.starts_with("//"),
    };
    plain && addressed
}

/// Whether a request to this address would cross a network unencrypted.
fn is_clear_text(base_url: &str) -> bool {
    let Some((false, authority)) = split(base_url) else { return false };
    let authority = authority.to_ascii_lowercase();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => &authority,
    };
    let loopback_address = host.starts_with("127.") && host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    !(loopback_address || host == "localhost" || host.ends_with(".localhost") || host == "[::1]")
}

/// What a request carries to be let in: the vendor's token, or the headers of one's own server, or both.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    token: Option<ApiToken>,
    headers: Vec<(String, String)>,
}

impl Credentials {
    /// Checks a token and headers before a runtime sees them: runtimes quote what they refuse.
    ///
    /// # Errors
    /// `invalid_token`, or `invalid_options` that names the header.
    pub fn parse(token: Option<&str>, headers: Vec<(String, String)>) -> Result<Self, Box<Failure>> {
        let token = token.map(ApiToken::parse).transpose()?;
        for (name, value) in &headers {
            let is_name = !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
            if !is_name {
                return Err(refused(&["headers has a name that is none."]));
            }
            if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
                return Err(refused(&["headers: the value of ", name, " may hold printable ASCII characters only."]));
            }
            let taken = name.eq_ignore_ascii_case("content-type")
                || (token.is_some() && name.eq_ignore_ascii_case("authorization"));
            if taken {
                return Err(refused(&["headers may not hold ", name, ": the client sets it."]));
            }
        }
        Ok(Self { token, headers })
    }

    /// The headers to send, names and values.
    #[must_use]
    pub fn headers(&self) -> Vec<(String, String)> {
        let mut headers = self.headers.clone();
        headers.extend(self.token.as_ref().map(|token| (String::from("Authorization"), token.authorization())));
        headers
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(redacted)")
    }
}
