//! From a fuzzer's bytes to a text, and what must hold for whatever a parser makes of it.

use phone_enrichment::identity::{Field, Issue, IssueCode};

/// What stands for bytes that are not UTF-8, so that no input is wasted on them: the characters that have been, or may
/// be, a parser's undoing.
const RARE: [&str; 32] = [
    "\u{fffd}",
    "\u{301}",
    "\u{307}",
    "\u{345}",
    "\u{200c}",
    "\u{200d}",
    "\u{200b}",
    "\u{202e}",
    "\u{feff}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{3000}",
    "\u{0}",
    "\u{ad}",
    "\u{1fef}",
    "\u{37e}",
    "\u{ff0f}",
    "\u{ff0e}",
    "\u{3002}",
    "\u{ff05}",
    "\u{ff11}",
    "\u{212a}",
    "\u{130}",
    "\u{3a3}",
    "\u{df}",
    "\u{1e9e}",
    "\u{fb01}",
    "\u{1112}\u{1161}\u{11ab}",
    "\u{958}",
    "\u{1f680}",
    "\u{10ffff}",
];

/// White space and marks that a copied text may have around it.
pub(crate) const AROUND: (&str, &str) = ("\u{feff} \t\u{3000}", "\u{200b}\r\n\u{a0}");

/// Every sequence of bytes as a text.
pub(crate) fn text(data: &[u8]) -> String {
    let mut text = String::with_capacity(data.len());
    for chunk in data.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(RARE[usize::from(*byte) % RARE.len()]);
        }
    }
    text
}

/// What must hold for every refusal of one field's text.
pub(crate) fn refusal_holds(issue: &Issue, field: Field, raw: &str) {
    assert_eq!(issue.field, Some(field), "{raw:?}");
    assert!(issue.missing.is_empty() && issue.name.is_none() && issue.suggestion.is_none(), "{raw:?}");
    if let Some(position) = issue.position {
        let mut units = 0;
        let begins_a_character = raw.chars().any(|character| {
            let here = units == position;
            units += character.len_utf16() as u32;
            here
        });
        assert!(begins_a_character, "{:?} at {position} of {raw:?}", issue.code);
    }
}

/// What must hold for two refusals of one text, of which the second has this much more before it.
pub(crate) fn same_refusal(one: &Issue, other: &Issue, shift: &str, raw: &str) {
    let shifted = |position: u32| position + shift.encode_utf16().count() as u32;
    let expected: (IssueCode, Option<u32>) = (one.code, one.position.map(shifted));
    assert_eq!((other.code, other.position), expected, "{raw:?}");
}

/// Whether this is a domain as it goes on the wire: two labels or more, of lower-case letters, digits and inner hyphens.
pub(crate) fn is_plain_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(is_label)
        && !domain.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
}
