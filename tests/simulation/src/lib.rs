//! The engine in a world of its own: time, order, faults and crashes are drawn from a seed, and the money rules must hold
//! whatever happens.
//!
//! A run is many short episodes, each with a seed of its own. What an episode is like stands in [`options`], what must
//! hold in [`rule`], and what must have been seen in [`mark`].

mod host;
mod judge;
pub mod mark;
pub mod options;
pub mod people;
pub mod plan;
pub mod random;
pub mod rule;
mod store;
mod vendor;
mod world;

pub use world::{Summary, Violation, run};
