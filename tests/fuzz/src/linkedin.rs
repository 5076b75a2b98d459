//! The address of a profile.

use crate::input::{AROUND, refusal_holds, same_refusal};
use phone_enrichment::identity::{Field, HostText, Issue, LinkedinProfile, trim};
use std::fmt::Write;
use unicode_normalization::{UnicodeNormalization, is_nfc};

const PREFIX: &str = "https://www.linkedin.com/in/";

fn read(raw: &str) -> Result<LinkedinProfile, Box<Issue>> {
    LinkedinProfile::parse(raw, &HostText)
}

pub(crate) fn holds(raw: &str) {
    let surrounded = read(&format!("{}{raw}{}", AROUND.0, AROUND.1));
    let profile = match read(raw) {
        Ok(profile) => profile,
        Err(issue) => {
            refusal_holds(&issue, Field::LinkedinUrl, raw);
            match surrounded {
                Ok(_) => panic!("accepted with white space around it alone: {raw:?}"),
                Err(other) => same_refusal(&issue, &other, AROUND.0, raw),
            }
            return;
        }
    };
    let same = |how: &str, spelling: &str| match read(spelling) {
        Ok(other) => assert!(
            other.slug() == profile.slug() && other.url() == profile.url(),
            "{how}: {spelling:?} is {} and {raw:?} is {}",
            other.url(),
            profile.url()
        ),
        Err(issue) => panic!("{how}: {spelling:?} is refused with {:?}, {raw:?} is not", issue.code),
    };
    assert!(surrounded.as_ref() == Ok(&profile), "white space around {raw:?}");

    wire_is_plain(profile.url(), profile.slug(), raw);
    same("the wire", profile.url());
    let whole = trim(raw);
    same("a tracking query", &format!("{whole}{}trk=people-guest%2E&x=/../@:1", separator(whole)));
    if let Some(host) = whole.to_ascii_lowercase().find("linkedin.com") {
        let (front, path) = whole.split_at(host + "linkedin.com".len());
        same("a host in capitals", &format!("{}{path}", front.to_ascii_uppercase()));
        same("a host in small letters", &format!("{}{path}", front.to_ascii_lowercase()));
    }
    for host in ["uk.linkedin.com", "m.linkedin.com", "LINKEDIN.com."] {
        same("another host", &format!("{host}/in/{}/details/", &profile.url()[PREFIX.len()..]));
    }
    let mut escaped = String::from(PREFIX);
    for byte in profile.slug().bytes() {
        let _ = write!(escaped, "%{byte:02x}");
    }
    same("every byte escaped", &escaped);
    let decomposed: String = profile.slug().nfd().collect();
    // `<` with a stroke through it is one character composed and two decomposed, the first of them a `<`.
    if !decomposed.contains(['<', '>']) {
        same("decomposed", &format!("{PREFIX}{}?", decomposed));
    }
}

fn separator(whole: &str) -> char {
    if whole.contains('?') { '&' } else { '?' }
}

fn wire_is_plain(wire: &str, slug: &str, raw: &str) {
    let encoded = wire.strip_prefix(PREFIX).unwrap_or_else(|| panic!("{wire} of {raw:?}"));
    let mut decoded = Vec::new();
    let mut bytes = encoded.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => decoded.push(byte),
            b'%' => {
                let mut digit = || match bytes.next() {
                    Some(digit @ b'0'..=b'9') => digit - b'0',
                    Some(digit @ b'A'..=b'F') => digit - b'A' + 10,
                    _ => panic!("a broken escape in {wire} of {raw:?}"),
                };
                let byte = digit() << 4 | digit();
                assert!(!byte.is_ascii_alphanumeric(), "an escape too many in {wire} of {raw:?}");
                decoded.push(byte);
            }
            _ => panic!("{wire} of {raw:?} is not plain"),
        }
    }
    assert_eq!(decoded, slug.as_bytes(), "{raw:?}");
    assert!((1..=200).contains(&slug.chars().count()), "{raw:?}");
    assert!(is_nfc(slug), "{slug:?} of {raw:?} is not in normal form");
    let forbidden =
        |character: char| character.is_control() || character.is_whitespace() || r#"/\?#%<>"{}|^`"#.contains(character);
    assert!(!slug.contains(forbidden), "{slug:?} of {raw:?}");
    assert!(!matches!(slug, "." | ".." | "me"), "{raw:?}");
}
