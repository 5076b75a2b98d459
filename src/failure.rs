//! What a caller gets instead of an outcome: a code, what is known about credits, and a way out.

use core::fmt;

use crate::charge::Charge;
use crate::identity::{Issues, concat};

/// Why there is no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The request can't be sent; every problem is in `issues`.
    InvalidRequest,
    /// The token is malformed, unknown, expired or revoked.
    InvalidToken,
    /// The wallet holds less than the price.
    InsufficientCredits,
    /// The service refused the request itself.
    BadRequest,
    /// The service refused the caller.
    Forbidden,
    /// The service knows no such resource: the base URL is probably wrong.
    NotFoundEndpoint,
    /// Too many requests, or the daily cap of a test token.
    RateLimited,
    /// The service failed.
    ServerError,
    /// The service answered with something that can't be read.
    MalformedResponse,
    /// No whole reply within the deadline.
    Timeout,
    /// The caller gave up.
    Aborted,
    /// The connection failed or was lost, or the service redirected.
    Network,
    /// A limit of the caller's own has no room for the price.
    BudgetExceeded,
    /// The person is on the caller's suppression list.
    Suppressed,
    /// An earlier request for the person may have been charged, and nobody knows what came of it.
    OutcomeUnknown,
    /// The store can't be relied on.
    StoreFailed,
    /// A token in a browser without the explicit opt-in.
    TokenInBrowser,
    /// The client's or the call's options are wrong.
    InvalidOptions,
}

impl Code {
    /// Every code, for tables and tests.
    pub const ALL: [Self; 18] = [
        Self::InvalidRequest,
        Self::InvalidToken,
        Self::InsufficientCredits,
        Self::BadRequest,
        Self::Forbidden,
        Self::NotFoundEndpoint,
        Self::RateLimited,
        Self::ServerError,
        Self::MalformedResponse,
        Self::Timeout,
        Self::Aborted,
        Self::Network,
        Self::BudgetExceeded,
        Self::Suppressed,
        Self::OutcomeUnknown,
        Self::StoreFailed,
        Self::TokenInBrowser,
        Self::InvalidOptions,
    ];

    fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::InvalidRequest => ("invalid_request", "The request is not valid; nothing was sent."),
            Self::InvalidToken => ("invalid_token", "The token was refused."),
            Self::InsufficientCredits => ("insufficient_credits", "The wallet holds less than the price."),
            Self::BadRequest => ("bad_request", "The service refused the request."),
            Self::Forbidden => ("forbidden", "The service refused the caller."),
            Self::NotFoundEndpoint => ("not_found_endpoint", "Nothing is at this address; check baseUrl."),
            Self::RateLimited => ("rate_limited", "Too many requests, or a test token's daily cap."),
            Self::ServerError => ("server_error", "The service failed; it may have been charged."),
            Self::MalformedResponse => {
                ("malformed_response", "The reply can't be read; it may have been charged. See responseText.")
            }
            Self::Timeout => ("timeout", "There was no whole reply in time."),
            Self::Aborted => ("aborted", "The call was aborted."),
            Self::Network => ("network", "The request or its reply was lost."),
            Self::BudgetExceeded => ("budget_exceeded", "The budget has no room for the price; nothing was sent."),
            Self::Suppressed => ("suppressed", "The person is suppressed; nothing was sent."),
            Self::OutcomeUnknown => (
                "outcome_unknown",
                "An earlier request for this person may have been charged; nothing was sent. force: true asks again.",
            ),
            Self::StoreFailed => ("store_failed", "The store failed; nothing was sent."),
            Self::TokenInBrowser => (
                "token_in_browser",
                "Whoever opens the page can read the token: use your own server, or set dangerouslyAllowBrowser.",
            ),
            Self::InvalidOptions => ("invalid_options", "The options are not valid; nothing was sent."),
        }
    }

    /// The code as callers see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// What happened, in a sentence without personal data.
    #[must_use]
    pub fn message(self) -> &'static str {
        self.row().1
    }
}

/// Why there is no outcome, and everything a caller needs to go on.
#[derive(PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub code: Code,
    /// What is known about credits.
    pub charge: Charge,
    /// What exactly is wrong, where the code alone doesn't say; never personal data.
    pub detail: String,
    /// The HTTP status, where there was a reply.
    pub status: Option<u16>,
    /// Every problem of the request, for `invalid_request`.
    pub issues: Issues,
    /// How long the service asked to wait, in milliseconds, for `rate_limited`; when the limit has room again, for
    /// `budget_exceeded`.
    pub retry_after_ms: Option<u64>,
    /// Credits that the call needed, for `insufficient_credits` and `budget_exceeded`.
    pub required: Option<i64>,
    /// Credits left: for `insufficient_credits`, where the service said it; for `budget_exceeded`, within the limit.
    pub remaining_credits: Option<i64>,
    /// The beginning of a reply that was not an answer, for support: it may hold personal data,
    /// so that it is never part of a message.
    pub response_text: Option<String>,
}

impl Failure {
    /// A failure of which nothing more is known. Boxed, as all are: an answer must not have to make
    /// room for it at every step.
    #[must_use]
    pub fn new(code: Code, charge: Charge) -> Box<Self> {
        Box::new(Self {
            code,
            charge,
            detail: String::new(),
            status: None,
            issues: Vec::new(),
            retry_after_ms: None,
            required: None,
            remaining_credits: None,
            response_text: None,
        })
    }

    /// The same for another caller. Issues are one request's own, and not told to others.
    #[must_use]
    pub fn echo(&self) -> Box<Self> {
        let mut failure = Self::new(self.code, self.charge);
        failure.detail.push_str(&self.detail);
        failure.status = self.status;
        failure.retry_after_ms = self.retry_after_ms;
        failure.required = self.required;
        failure.remaining_credits = self.remaining_credits;
        failure.response_text.clone_from(&self.response_text);
        failure
    }

    /// A request that was refused before it cost anything, with every reason.
    #[must_use]
    pub fn invalid_request(issues: Issues) -> Box<Self> {
        let mut failure = Self::new(Code::InvalidRequest, Charge::None);
        failure.issues = issues;
        failure
    }

    /// A failure before anything was sent, with what exactly is wrong.
    #[must_use]
    pub fn refused(code: Code, detail: &[&str]) -> Box<Self> {
        let mut failure = Self::new(code, Charge::None);
        failure.detail = concat(detail);
        failure
    }

    /// Whether the same call can be made again without any risk of paying twice, and may then succeed.
    #[must_use]
    pub fn retryable(&self) -> bool {
        let passes = match self.code {
            Code::RateLimited | Code::Timeout | Code::Aborted | Code::StoreFailed => true,
            Code::BudgetExceeded => self.retry_after_ms.is_some(),
            _ => false,
        };
        passes && self.charge == Charge::None
    }

    /// What happened, in words without personal data and without secrets.
    #[must_use]
    pub fn message(&self) -> String {
        let mut message = String::from(self.code.message());
        if !self.detail.is_empty() {
            message.push(' ');
            message.push_str(&self.detail);
        }
        if self.code == Code::InvalidRequest {
            for issue in &self.issues {
                message.push(' ');
                if let Some(field) = issue.field {
                    message.push_str(field.wire_name());
                    message.push_str(": ");
                }
                message.push_str(issue.code.message());
            }
        }
        message
    }
}

/// Without the reply's text, which may hold personal data.
impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Failure")
            .field("code", &self.code)
            .field("charge", &self.charge)
            .field("message", &self.message())
            .finish_non_exhaustive()
    }
}
