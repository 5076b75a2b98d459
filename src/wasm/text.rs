//! Unicode by JavaScript's own functions, so that no tables travel with the wasm.

use js_sys::{JsString, RegExp};
use web_sys::Url;

use crate::identity::{Text, concat};

/// The runtime's Unicode.
pub struct JsText;

impl Text for JsText {
    fn nfc(&self, text: &str) -> String {
        JsString::from(text).normalize("NFC").into()
    }

    fn lowercase(&self, text: &str) -> String {
        JsString::from(text).to_lower_case().into()
    }

    fn domain_to_ascii(&self, domain: &str) -> Option<String> {
        let host = Url::new(&concat(&["http://", domain])).ok()?.hostname();
        // Chromium looks behind `xn--` only where something in the host is not ASCII.
        let is_sound =
            !host.as_bytes().windows(4).any(|part| part == b"xn--") || Url::new(&concat(&["http://é.", &host])).is_ok();
        (is_sound && !host.is_empty()).then_some(host)
    }

    fn has_letter_or_digit(&self, text: &str) -> bool {
        RegExp::new("[\\p{L}\\p{N}]", "u").test(text)
    }
}
