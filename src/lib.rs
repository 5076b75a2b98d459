#![doc = include_str!("../README.md")]

extern crate alloc;

#[macro_use]
pub mod twin;

pub mod breaker;
pub mod budget;
pub mod cache;
pub mod charge;
pub mod config;
pub mod endpoint;
pub mod engine;
pub mod failure;
pub mod identity;
pub mod journal;
pub mod json;
pub mod ledger;
pub mod lookup;
pub mod outcome;
// Not in the module of single lookups: whatever is compiled along has a say in what is inlined there.
#[cfg(any(feature = "lists", not(target_arch = "wasm32")))]
pub mod plan;
pub mod reply;
pub mod request;
pub mod retry;
pub mod token;

#[cfg(target_arch = "wasm32")]
pub mod wasm;
