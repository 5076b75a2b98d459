//! Unicode by JavaScript's own functions, so that no tables travel with the wasm.

use wasm_bindgen::prelude::*;

use crate::identity::Text;

#[wasm_bindgen(module = "/src/wasm/text.js")]
extern "C" {
    fn unicode(kind: u8, text: &str) -> String;
}

/// The runtime's Unicode.
pub struct JsText;

impl Text for JsText {
    fn nfc(&self, text: &str) -> String {
        unicode(0, text)
    }

    fn lowercase(&self, text: &str) -> String {
        unicode(1, text)
    }

    fn domain_to_ascii(&self, domain: &str) -> Option<String> {
        Some(unicode(2, domain)).filter(|host| !host.is_empty())
    }

    fn has_letter_or_digit(&self, text: &str) -> bool {
        !unicode(3, text).is_empty()
    }
}
