#![doc = include_str!("../README.md")]

extern crate alloc;

pub mod charge;
pub mod config;
pub mod endpoint;
pub mod engine;
pub mod failure;
pub mod identity;
pub mod json;
pub mod lookup;
pub mod outcome;
pub mod reply;
pub mod request;
pub mod retry;
pub mod token;

#[cfg(target_arch = "wasm32")]
pub mod wasm;
