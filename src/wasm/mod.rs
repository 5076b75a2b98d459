//! The bindings: they hand the engine's effects to JavaScript and bring its events back, and they
//! convert. They decide nothing about people, money or retries; a decision found here belongs into
//! the core.
//!
//! What is asynchronous (fetch, timers, the caller's functions) is carried out by `pkg/src/transport.ts`,
//! the host of each call: a state machine needs no futures, and the ones of wasm-bindgen would weigh
//! as much as a third of the core.

mod call;
mod convert;
mod text;

pub use call::{Client, check};
pub use text::JsText;

#[global_allocator]
static ALLOCATOR: talc::cell::TalcSyncCell<talc::wasm::WasmGrowAndClaim, talc::wasm::WasmBinning> =
    talc::cell::TalcSyncCell::new_wasm(talc::wasm::WasmGrowAndClaim);
