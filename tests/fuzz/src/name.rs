//! The name of a person or a company.

use crate::input::{AROUND, refusal_holds, same_refusal};
use phone_enrichment::identity::{Field, HostText, Issue, Name, trim};
use unicode_normalization::{UnicodeNormalization, is_nfc};

fn read(raw: &str) -> Result<Name, Box<Issue>> {
    Name::parse(raw, Field::LastName, &HostText)
}

pub(crate) fn holds(raw: &str) {
    let surrounded = read(&format!("{}{raw}{}", AROUND.0, AROUND.1));
    let name = match read(raw) {
        Ok(name) => name,
        Err(issue) => {
            refusal_holds(&issue, Field::LastName, raw);
            match surrounded {
                Ok(_) => panic!("accepted with white space around it alone: {raw:?}"),
                Err(other) => same_refusal(&issue, &other, AROUND.0, raw),
            }
            return;
        }
    };
    let (wire, key) = (name.as_str(), name.folded());
    let same = |how: &str, spelling: &str| match read(spelling) {
        Ok(other) => assert!(other == name, "{how}: {spelling:?} is {:?}, {raw:?} is {wire:?}", other.as_str()),
        Err(issue) => panic!("{how}: {spelling:?} is refused with {:?}, {raw:?} is not", issue.code),
    };
    assert!(surrounded.as_ref() == Ok(&name), "white space around {raw:?}");
    assert!((1..=200).contains(&wire.chars().count()), "{wire:?} of {raw:?}");
    assert!(is_nfc(wire) && is_nfc(key), "{wire:?} or {key:?} of {raw:?} is not in normal form");
    assert!(!wire.contains(char::is_control) && !wire.contains("  ") && trim(wire) == wire, "{wire:?} of {raw:?}");
    assert!(wire.chars().all(|character| character == ' ' || !character.is_whitespace()), "{wire:?} of {raw:?}");

    same("the wire", wire);
    same("other white space", &wire.replace(' ', "\u{2003}\t"));
    same("decomposed", &wire.nfd().collect::<String>());
    let folded = unfenced(key, raw);
    if folded.chars().count() <= 200 {
        match read(&folded) {
            Ok(other) => assert_eq!(other.folded(), key, "the key of {raw:?} is not its own"),
            Err(issue) => panic!("{folded:?}, the key of {raw:?}, is refused with {:?}", issue.code),
        }
    }
}

/// The folded name without what keeps it apart from its neighbours in a key.
fn unfenced(key: &str, raw: &str) -> String {
    let mut folded = String::new();
    let mut characters = key.chars();
    while let Some(character) = characters.next() {
        let is_first = folded.is_empty();
        match character {
            '\\' => match characters.next() {
                Some(fenced @ ('|' | '\\')) => folded.push(fenced),
                Some('@') if is_first => folded.push('@'),
                other => panic!("{other:?} behind a fence in {key:?} of {raw:?}"),
            },
            '|' => panic!("an open bar in {key:?} of {raw:?}"),
            '@' if is_first => panic!("an open @ in {key:?} of {raw:?}"),
            plain => folded.push(plain),
        }
    }
    folded
}
