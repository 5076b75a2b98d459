//! A person's e-mail address, in its one canonical form.

use alloc::rc::Rc;

#[cfg(any(feature = "lists", not(target_arch = "wasm32")))]
use super::canonical::reuse;
use super::canonical::{Canonical, Verdict, refuse, refuse_at, report};
use super::issue::{Field, Issue, IssueCode};
use super::text::{Text, concat, find_last, trim};
use super::web_address::is_never_in_an_address;
use super::website;

/// The most octets of an address (RFC 5321: a path of 256 with its angle brackets).
const LONGEST_ADDRESS: usize = 254;

/// The most octets of the part before the `@` (RFC 5321).
const LONGEST_LOCAL_PART: usize = 64;

/// An e-mail address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Email(Rc<Canonical>);

impl Email {
    /// Reads an address by the identity rules: a plain `name@domain`, without quotes or comments.
    pub fn parse(raw: &str, text: &dyn Text) -> Result<Self, Box<Issue>> {
        report(read(raw, text), Field::Email, raw).map(Self)
    }

    /// The same, in the memory of an address that nobody needs any more, if there is one.
    #[cfg(any(feature = "lists", not(target_arch = "wasm32")))]
    pub fn parse_over(spare: Option<Self>, raw: &str, text: &dyn Text) -> Result<Self, Box<Issue>> {
        if let Some(Self(spare)) = spare
            && let Some(domain) = plain_domain(raw)
            && let Some(reused) = reuse(spare, "", raw, domain)
        {
            return Ok(Self(reused));
        }
        Self::parse(raw, text)
    }

    /// The address as it is sent: the local part as given, the domain in lower case.
    pub fn address(&self) -> &str {
        &self.0.wire
    }

    /// The address in lower case throughout: two addresses are the same exactly if these are.
    pub fn folded(&self) -> &str {
        &self.0.key
    }
}

fn read<'a>(raw: &'a str, text: &dyn Text) -> Verdict<'a> {
    let whole = trim(raw);
    // An A-label can be shorter than the letters that it stands for: one octet for the four of an
    // emoji that repeats, but never less.
    if whole.len() > LONGEST_ADDRESS.saturating_mul(4) {
        return refuse(IssueCode::EmailTooLong);
    }
    let bytes = whole.as_bytes();
    let Some(at_sign) = find_last(bytes, b'@') else {
        return refuse(IssueCode::EmailSyntax);
    };
    // A dot has something on both sides of it, and the `@` something before it.
    let mut previous = '.';
    for (at, character) in whole.char_indices() {
        let is_double = previous == '.' && matches!(character, '.' | '@');
        if at == at_sign && !is_double {
            break;
        }
        if is_double || !is_plain(character) {
            // White space and what cannot be seen is no letter of another alphabet.
            let code = if character.is_ascii() || is_never_in_an_address(character) {
                IssueCode::EmailSyntax
            } else {
                IssueCode::EmailNonAsciiLocal
            };
            return refuse_at(code, bytes.get(at));
        }
        previous = character;
    }
    let written = whole.get(at_sign.saturating_add(1)..).unwrap_or_default();
    if written.is_empty() {
        return refuse(IssueCode::EmailSyntax);
    }
    let Ok(domain) = website::read_host(written, false, text) else {
        let code = if written.starts_with('[') { IssueCode::EmailIpLiteral } else { IssueCode::EmailDomain };
        return refuse_at(code, written.as_bytes().first());
    };
    let address = concat(&[whole.get(..=at_sign).unwrap_or_default(), &domain]);
    if at_sign > LONGEST_LOCAL_PART || address.len() > LONGEST_ADDRESS {
        return refuse(IssueCode::EmailTooLong);
    }
    Ok(Canonical { key: address.to_ascii_lowercase(), wire: address })
}

/// Where the domain of an address begins that is nothing but letters, digits and single signs between them, as nearly all
/// are: to know that it is one takes a single look at each byte.
#[cfg(any(feature = "lists", not(target_arch = "wasm32")))]
fn plain_domain(whole: &str) -> Option<usize> {
    // No label and no local part is too long in what is no longer than this.
    const LONGEST_PLAIN: usize = 63;
    if whole.len() > LONGEST_PLAIN {
        return None;
    }
    // Where the domain begins, and its last label if it has several.
    let (mut domain, mut last) = (0, 0_usize);
    let mut previous = b'.';
    for (at, &byte) in whole.as_bytes().iter().enumerate() {
        match byte {
            _ if byte.is_ascii_alphanumeric() => {}
            // Behind two hyphens may be another alphabet.
            _ if !previous.is_ascii_alphanumeric() => return None,
            b'@' if domain == 0 => domain = at.wrapping_add(1),
            b'.' if domain > 0 => last = at.wrapping_add(1),
            b'.' | b'-' => {}
            b'_' | b'+' if domain == 0 => {}
            _ => return None,
        }
        previous = byte;
    }
    // A last label that begins with a digit may be part of an address of four numbers.
    let first = whole.as_bytes().get(last)?;
    (last > 0 && first.is_ascii_alphabetic() && previous.is_ascii_alphanumeric()).then_some(domain)
}

/// What a local part may have without quotes.
fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(
            character,
            '.' | '!' | '#'..='\'' | '*' | '+' | '-' | '/' | '=' | '?' | '^'..='`' | '{'..='~'
        )
}
