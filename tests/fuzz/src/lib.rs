//! What must hold for every input of the parsers, however absurd.
//!
//! A target takes any bytes, makes a text or a request of them, and panics when something that must hold does not.

mod email;
mod input;
mod linkedin;
mod name;
mod request;
mod website;

/// Judges one input; panics when it breaks something.
pub type Target = fn(&[u8]);

const TARGETS: &[(&str, Target)] = &[
    ("linkedin", |data| linkedin::holds(&input::text(data))),
    ("email", |data| email::holds(&input::text(data))),
    ("website", |data| website::holds(&input::text(data))),
    ("name", |data| name::holds(&input::text(data))),
    ("request", request::holds),
];

/// The target of that name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|&(_, target)| target)
}

/// The names of all targets.
pub fn names() -> impl Iterator<Item = &'static str> {
    TARGETS.iter().map(|&(name, _)| name)
}
