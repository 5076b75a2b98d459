//! From a lookup to what goes on the wire.

use core::fmt;

use crate::config::Credentials;
use crate::endpoint::Endpoint;
use crate::identity::concat;
use crate::json;
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
        let mut body = String::from("{");
        for (field, value) in lookup.fields() {
            if body.len() > 1 {
                body.push(',');
            }
            json::write_text(&mut body, field.wire_name());
            body.push(':');
            json::write_text(&mut body, value);
        }
        body.push('}');
        let mut headers = credentials.into_headers();
        headers.push(("Content-Type".into(), "application/json".into()));
        Self { method: "POST", url: concat(&[base_url, endpoint.path]), headers, body }
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HttpRequest(redacted)")
    }
}
