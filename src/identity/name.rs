//! The name of a person or a company, in its one canonical form.

use alloc::rc::Rc;

#[cfg(any(feature = "lists", not(target_arch = "wasm32")))]
use super::canonical::reuse;
use super::canonical::{Canonical, Verdict, refuse, refuse_at, report};
use super::issue::{Field, Issue, IssueCode};
use super::text::{Text, all, count_characters, find_any, fold, is_ascii, is_unseen, nfc, trim};

/// The most characters that a name may have once it is normalized.
const LONGEST_NAME: usize = 200;

/// No 200 characters take more bytes than this, decomposed as far as Unicode goes (12
/// bytes each): beyond it a name is refused unread.
const LONGEST_RAW_NAME: usize = 2400;

/// A first name, a last name or a company's name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name(Rc<Canonical>);

impl Name {
    /// Reads a name by the identity rules; an issue is reported against `field`.
    pub fn parse(raw: &str, field: Field, text: &dyn Text) -> Result<Self, Box<Issue>> {
        report(read(raw, text), field, raw).map(Self)
    }

    /// The same, in the memory of a name that nobody needs any more, if there is one.
    #[cfg(any(feature = "lists", not(target_arch = "wasm32")))]
    pub fn parse_over(spare: Option<Self>, raw: &str, field: Field, text: &dyn Text) -> Result<Self, Box<Issue>> {
        if let Some(Self(spare)) = spare
            && is_plain(raw)
            && let Some(reused) = reuse(spare, "", raw, raw.len())
        {
            return Ok(Self(reused));
        }
        Self::parse(raw, field, text)
    }

    /// The name as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0.wire
    }

    /// The name in lower case, ready to be joined with others by `|`: two names are the same
    /// exactly if these are.
    ///
    /// A `|` or `\` of the name itself, and an `@` in front, stand behind a `\`: without it
    /// `a|b` and `c` would make the key of `a` and `b|c`, and a company named `@acme.com` the key of
    /// a web site.
    pub fn folded(&self) -> &str {
        &self.0.key
    }
}

fn read<'a>(raw: &'a str, text: &dyn Text) -> Verdict<'a> {
    let whole = trim(raw);
    // A list has millions of names; one alone is not worth the bytes.
    if cfg!(any(feature = "lists", not(target_arch = "wasm32"))) && is_plain(whole) {
        return Ok(Canonical { wire: whole.into(), key: whole.to_ascii_lowercase() });
    }
    let mut name = String::with_capacity(whole.len().min(LONGEST_RAW_NAME));
    let mut is_after_space = false;
    for (at, character) in whole.char_indices() {
        if character.is_whitespace() {
            is_after_space = true;
            continue;
        }
        if is_unseen(character) {
            let place = whole.as_bytes().get(at);
            return refuse_at(IssueCode::NameForbiddenCharacter, place);
        }
        if is_after_space {
            name.push(' ');
            is_after_space = false;
        }
        name.push(character);
        if name.len() > LONGEST_RAW_NAME {
            return refuse(IssueCode::NameTooLong);
        }
    }
    let name = nfc(name, text);
    if count_characters(&name) > LONGEST_NAME {
        return refuse(IssueCode::NameTooLong);
    }
    let has_letter_or_digit = !all(name.as_bytes(), |byte| !byte.is_ascii_alphanumeric())
        || !is_ascii(&name) && text.has_letter_or_digit(&name);
    if !has_letter_or_digit {
        return refuse(IssueCode::NameEmpty);
    }
    Ok(Canonical { key: fence(fold(&name, text)), wire: name })
}

/// Whether a name is nothing but ASCII letters, digits and what commonly stands between them, and is canonical as it is.
// Once is enough: it stands in two places that every name of a list comes by.
#[inline(never)]
fn is_plain(name: &str) -> bool {
    let mut previous = b' ';
    for &byte in name.as_bytes() {
        let is_plain =
            byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'.' | b',' | b'&') && previous != b' ';
        if !is_plain {
            return false;
        }
        previous = byte;
    }
    previous != b' ' && name.len() <= LONGEST_NAME && name.as_bytes().iter().any(u8::is_ascii_alphanumeric)
}

fn fence(folded: String) -> String {
    if find_any(folded.as_bytes(), b"|\\@") == folded.len() {
        return folded;
    }
    let mut fenced = String::new();
    for character in folded.chars() {
        if matches!(character, '|' | '\\') || character == '@' && fenced.is_empty() {
            fenced.push('\\');
        }
        fenced.push(character);
    }
    fenced
}
