//! How every parser of this module ends: with a canonical form, or with a refusal.

use alloc::rc::Rc;

use super::issue::{Field, Issue, IssueCode};
use super::text::position;
use core::fmt;

/// An identifier in its one canonical form.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Canonical {
    /// As it is sent.
    pub(super) wire: String,
    /// What it is the same by: two identifiers are one exactly if these are equal.
    pub(super) key: String,
}

/// Makes a text canonical that is nothing but plain ASCII, in the memory of a form that nobody else has: it is told apart in
/// lower case, and sent behind the lead, in lower case from a place on.
#[cfg(any(feature = "lists", not(target_arch = "wasm32")))]
// Once is enough: whatever is inlined has to be compiled anew in each place while a list is read.
#[inline(never)]
pub(super) fn reuse(mut spare: Rc<Canonical>, lead: &str, text: &str, lower: usize) -> Option<Rc<Canonical>> {
    let Canonical { wire, key } = Rc::get_mut(&mut spare)?;
    key.clear();
    key.push_str(text);
    key.make_ascii_lowercase();
    wire.clear();
    wire.push_str(lead);
    wire.push_str(text.get(..lower)?);
    wire.push_str(key.get(lower..)?);
    Some(spare)
}

/// A person's data is nothing for a log.
impl fmt::Debug for Canonical {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("..")
    }
}

/// Why a text is refused, before it is told which field it was in.
pub(super) struct Refusal<'a> {
    code: IssueCode,
    /// The first byte of the offending place, within the raw text.
    place: Option<&'a u8>,
}

/// What a parser makes of a text.
pub(super) type Verdict<'a> = Result<Canonical, Refusal<'a>>;

/// Refuses the text as a whole.
pub(super) fn refuse<'a, Value>(code: IssueCode) -> Result<Value, Refusal<'a>> {
    refuse_at(code, None)
}

/// Refuses the text for what begins with this byte of it.
pub(super) fn refuse_at<Value>(code: IssueCode, place: Option<&u8>) -> Result<Value, Refusal<'_>> {
    Err(Refusal { code, place })
}

/// Tells a refusal as an issue of this field's raw text.
//
// Handing the parser over as a function would be shorter here, but a call through a pointer of that
// shape keeps every closure of wasm-bindgen that has the same in the wasm.
#[inline(never)]
pub(super) fn report(verdict: Verdict<'_>, field: Field, raw: &str) -> Result<Rc<Canonical>, Box<Issue>> {
    verdict.map(Rc::new).map_err(|refusal| {
        let mut issue = Issue::of(field, refusal.code);
        issue.position = refusal.place.map(|place| position(raw, place));
        issue
    })
}
