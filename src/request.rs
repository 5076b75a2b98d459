//! From a lookup to what goes on the wire.

use core::fmt;

use crate::config::Credentials;
use crate::endpoint::Endpoint;
use crate::identity::concat;
use crate::json::Writer;
use crate::lookup::Lookup;

/// One HTTP request, whole. `Debug` shows neither headers nor body.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Always `POST`.
    pub method: &'static str,
    /// Absolute, or relative to the page where the base URL is.
    pub url: String,
    /// Names and values, each already acceptable to every runtime.
    pub headers: Vec<(String, String)>,
    /// JSON.
    pub body: String,
}

impl HttpRequest {
    /// The request that asks `endpoint` for `lookup`. The same lookup gives the same bytes.
    #[must_use]
    pub fn new(base_url: &str, endpoint: &Endpoint, lookup: &Lookup, credentials: Credentials) -> Self {
        let mut body = Writer::begin();
        lookup.write(&mut body);
        let mut headers = credentials.into_headers();
        headers.push(("Content-Type".into(), "application/json".into()));
        Self { method: "POST", url: concat(&[base_url, endpoint.path]), headers, body: body.into_text() }
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HttpRequest(redacted)")
    }
}
