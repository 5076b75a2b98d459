//! Raw text in, one canonical identifier out, or an [`Issue`] that says what is wrong with it.
//!
//! A lookup that finds nobody is free; a lookup of the wrong person is paid. So whatever certainly
//! is one person is accepted however oddly it is written, whatever certainly is not is refused, and
//! nothing is rewritten by a guess. The canonical form decides what is paid for twice: changing it
//! is a breaking release.

mod canonical;
mod email;
mod issue;
mod linkedin;
mod name;
mod text;
mod web_address;
mod website;

pub use email::Email;
pub use issue::{Field, Issue, IssueCode, Issues};
pub use linkedin::LinkedinProfile;
pub use name::Name;
#[cfg(not(target_arch = "wasm32"))]
pub use text::HostText;
pub use text::{Text, is_blank, trim};
pub(crate) use text::{all, concat, find_any};
pub use website::Domain;
