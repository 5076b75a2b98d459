//! What several tests need: a Unicode, a request, a lookup.

use std::rc::Rc;

use phone_enrichment::identity::Text;
use phone_enrichment::lookup::{Checked, Lookup, RawRequest, RawValue, check};

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
    fields.iter().map(|(name, value)| ((*name).into(), RawValue::Text((*value).into()))).collect()
}

pub(crate) fn checked(fields: &[(&str, &str)]) -> Checked {
    check(&raw(fields), false, &unicode()).unwrap_or_else(|issues| panic!("{issues:?}"))
}

pub(crate) fn jane() -> Rc<Lookup> {
    checked(&[("linkedin_url", "linkedin.com/in/jane")]).lookup().clone()
}
