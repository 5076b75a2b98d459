//! What several tests need: a Unicode, a request, a lookup.

use std::rc::Rc;

use phone_enrichment::identity::Text;
use phone_enrichment::json::Json;
use phone_enrichment::lookup::{Checked, Lookup, RawRequest, check};
use phone_enrichment::reply::HttpReply;

/// The Unicode of whichever side the tests run on.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn unicode() -> impl Text {
    phone_enrichment::identity::HostText
}

#[cfg(target_arch = "wasm32")]
pub(crate) fn unicode() -> impl Text {
    phone_enrichment::wasm::JsText
}

pub(crate) fn raw(fields: &[(&str, &str)]) -> RawRequest {
    let mut request = RawRequest::default();
    for (name, value) in fields {
        request.put(name, Some((*value).into()));
    }
    request
}

pub(crate) fn checked(fields: &[(&str, &str)]) -> Checked {
    check(raw(fields), false, &unicode()).unwrap_or_else(|issues| panic!("{issues:?}"))
}

pub(crate) fn jane() -> Rc<Lookup> {
    checked(&[("linkedin_url", "linkedin.com/in/jane")]).lookup().clone()
}

/// A reply whose body came whole.
pub(crate) fn reply(status: u16, retry_after: Option<&str>, text: &str) -> HttpReply {
    // Decoding drops a byte-order mark, as TextDecoder does.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    HttpReply {
        status,
        retry_after: retry_after.map(Into::into),
        retry_date: None,
        text: text.into(),
        json: parse(text),
    }
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn parse(text: &str) -> Option<Box<dyn Json>> {
    serde_json::from_str::<serde_json::Value>(text).ok().map(|value| Box::new(value) as _)
}

#[cfg(target_arch = "wasm32")]
pub(crate) fn parse(text: &str) -> Option<Box<dyn Json>> {
    js_sys::JSON::parse(text).ok().map(|value| Box::new(phone_enrichment::wasm::JsJson(value)) as _)
}
