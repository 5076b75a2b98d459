//! The bindings: they hand the engine's effects to JavaScript and bring its events back, and they
//! convert. They decide nothing about people, money or retries; a decision found here belongs into
//! the core.
//!
//! What is asynchronous (fetch, timers, the caller's functions) is carried out by `pkg/src/transport.ts`,
//! the host of each call: a state machine needs no futures, and the ones of wasm-bindgen would weigh
//! as much as a third of the core.
//!
//! With the feature `lists` they are those of a list instead: two modules of one crate.

#[cfg(not(feature = "lists"))]
mod call;
#[cfg(not(feature = "lists"))]
mod convert;
#[cfg(feature = "lists")]
mod list;
mod text;

#[cfg(not(feature = "lists"))]
pub use call::{Client, check};
#[cfg(feature = "lists")]
pub use list::List;
pub use text::JsText;

#[global_allocator]
static ALLOCATOR: talc::cell::TalcSyncCell<talc::wasm::WasmGrowAndClaim, talc::wasm::WasmBinning> =
    talc::cell::TalcSyncCell::new_wasm(talc::wasm::WasmGrowAndClaim);
