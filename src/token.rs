//! The API token: checked once, never text again.

use core::fmt;

use crate::failure::{Code, Failure};
use crate::identity::{all, concat};

/// A token that every runtime accepts in a header.
///
/// It has no `Display` and its `Debug` is redacted: the only way out is the header value.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken(String);

impl ApiToken {
    /// The longest token, in bytes, that is taken for one.
    pub const MAX_BYTES: usize = 4096;

    /// Checks a token before a header exists: runtimes quote a header value that they refuse, and
    /// with it the token, in their error.
    ///
    /// # Errors
    /// `invalid_token` where the text is empty, longer than [`Self::MAX_BYTES`], or holds anything
    /// but visible ASCII.
    pub fn parse(text: &str) -> Result<Self, Box<Failure>> {
        let problem = if text.is_empty() {
            "It is empty."
        } else if text.len() > Self::MAX_BYTES {
            "It is too long."
        } else if all(text.as_bytes(), |byte| byte.is_ascii_graphic()) {
            return Ok(Self(text.into()));
        } else {
            "It may hold visible ASCII only: no space, no line break, no scheme word."
        };
        Err(Failure::refused(Code::InvalidToken, &[problem]))
    }

    /// The value of the `Authorization` header.
    #[must_use]
    pub fn authorization(&self) -> String {
        concat(&["Token ", &self.0])
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiToken(redacted)")
    }
}
