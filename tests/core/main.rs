//! The core's rules, on the host and, the same tests, in WebAssembly.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

/// A test that runs wherever the crate does.
macro_rules! everywhere {
    ($($(#[$meta:meta])* fn $name:ident() $body:block)+) => {
        $(
            #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
            #[cfg_attr(not(target_arch = "wasm32"), test)]
            $(#[$meta])*
            fn $name() $body
        )+
    };
}

mod breaker;
mod budget;
mod engine;
mod fixtures;
mod json;
mod kept;
mod ledger;
mod lookup;
mod reply;
mod retry;
mod settings;
mod token;
