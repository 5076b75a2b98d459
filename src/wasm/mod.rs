//! The bindings: they carry out the engine's effects with fetch, timers and the caller's objects,
//! and they convert. They decide nothing about people, money or retries; a decision found here
//! belongs into the core.

#[allow(unreachable_pub, reason = "exported to JavaScript")]
mod client;
mod convert;
mod error;
mod text;
mod timer;
mod transport;

pub use client::{Client, check};
pub use text::JsText;
