//! What several tests need: a Unicode, a request, a lookup.

use std::rc::Rc;

use phone_enrichment::identity::Text;
use phone_enrichment::json::Members;
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

pub(crate) fn raw<'a>(fields: &[(&str, &'a str)]) -> RawRequest<'a> {
    let mut request = RawRequest::default();
    for (name, value) in fields {
        request.put(name, Some(value));
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
        is_free: false,
        text: text.into(),
        json: parse(text),
    }
}

/// JSON, as JavaScript lists it.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn parse(text: &str) -> Option<Members> {
    serde_json::from_str::<serde_json::Value>(text).ok().map(|value| (&value).into())
}

/// The same where the crate itself leaves it to JavaScript.
#[cfg(target_arch = "wasm32")]
pub(crate) fn parse(text: &str) -> Option<Members> {
    let json = js_sys::JSON::parse(text).ok()?;
    let list = js_sys::Function::new_with_args("json", LIST).call1(&wasm_bindgen::JsValue::NULL, &json).ok()?;
    list.as_string().map(Members)
}

/// As the package's `membersOf` and `wire` list it.
#[cfg(target_arch = "wasm32")]
const LIST: &str = r#"
const wire = (values) => values.map((one) => ({ string: "s" + one, number: "n" + one }[typeof one] ?? (one === true ? "t" : "x")).replaceAll("\x1f", "\x1e") + "\x1f").join("");
const plain = (one) => typeof one === "object" && one !== null && !Array.isArray(one);
return wire(Object.entries(plain(json) ? json : {}).flatMap(([name, value]) =>
  plain(value) ? Object.entries(value).flatMap(([member, value]) => [name + "." + member, value]) : [name, value]));
"#;
