//! A whole name in one cell: its one job is to split it where there is only one way to do so.
//!
//! A name that is split wrongly is somebody else's, and a lookup of somebody else is paid.

/// Titles before a name.
const TITLES: &str = "mr mrs ms miss dr prof sir madam herr frau mme mlle sr sra sig";

/// Words that belong to another one, so that two are not first and last name.
const BOUND: &str =
    "jr sr ii iii iv phd md mba dds esq cpa van von de da di del della dos der den la le el bin ibn al st";

/// First and last name, if the name has exactly one of each, in an alphabet that writes them in this order.
pub(super) fn split(name: &str) -> Option<(&str, &str)> {
    let mut words = name.split_whitespace();
    let mut first = words.next()?;
    if is_one_of(TITLES, first) {
        first = words.next()?;
    }
    let last = words.next()?;
    (words.next().is_none() && is_name(first) && is_name(last)).then_some((first, last))
}

fn is_one_of(words: &str, word: &str) -> bool {
    let bare = word.strip_suffix('.').unwrap_or(word);
    words.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(bare))
}

/// Whether a word is a name of its own: letters of a European alphabet, more than an initial.
fn is_name(word: &str) -> bool {
    let mut letters = 0_u32;
    for letter in word.chars() {
        match letter {
            '-' | '\'' | '\u{2019}' => {}
            'a'..='z' | 'A'..='Z' => letters = letters.saturating_add(1),
            '\u{C0}'..='\u{24F}' | '\u{300}'..='\u{36F}' | '\u{370}'..='\u{52F}' | '\u{1E00}'..='\u{1FFF}' => {
                letters = letters.saturating_add(1);
            }
            _ => return false,
        }
    }
    letters >= 2 && !is_one_of(BOUND, word)
}
