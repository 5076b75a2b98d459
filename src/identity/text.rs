//! What the identity rules need to know about characters.
//!
//! Unicode tables are far too heavy to ship, and every JavaScript runtime has them already: what
//! needs one goes through [`Text`]. ASCII, by far the most common, is decided here.

/// The Unicode functions that the identity rules need from their surroundings.
///
/// In WebAssembly JavaScript's own functions stand behind it, on the host well-kept crates; the
/// test vectors prove them equal.
pub trait Text {
    /// Normalization form C, as `String.prototype.normalize` gives it.
    fn nfc(&self, text: &str) -> String;

    /// Full Unicode lower case, as `String.prototype.toLowerCase` gives it.
    fn lowercase(&self, text: &str) -> String;

    /// The A-label form of a domain (UTS 46, as `new URL()` applies it to a host), `None` if refused.
    ///
    /// Asked for every domain but those of ASCII letters alone: what it is asked for has no ASCII but
    /// letters, digits, `-` and `.`.
    fn domain_to_ascii(&self, domain: &str) -> Option<String>;

    /// Whether the text has a letter or digit of any script (`/[\p{L}\p{N}]/u`).
    fn has_letter_or_digit(&self, text: &str) -> bool;
}

/// Removes what surrounds a pasted text and cannot be seen: white space of any script, the byte
/// order mark, zero-width spaces and direction marks.
///
/// Neither Rust's nor JavaScript's own `trim` does, and they differ from each other.
pub fn trim(text: &str) -> &str {
    // A list has millions of texts, of which nearly all begin and end with what is seen; one alone is not worth the bytes.
    #[cfg(any(feature = "lists", not(target_arch = "wasm32")))]
    if let [first, .., last] = text.as_bytes()
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return text;
    }
    let whole = text.get(find(text, is_content)..).unwrap_or_default();
    // Nearly every text ends in a letter or a digit.
    if let [.., last] = whole.as_bytes()
        && last.is_ascii_graphic()
    {
        return whole;
    }
    let mut end = 0;
    for (at, character) in whole.char_indices() {
        if is_content(character) {
            end = at.saturating_add(character.len_utf8());
        }
    }
    whole.get(..end).unwrap_or_default()
}

fn is_edge(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

fn is_content(character: char) -> bool {
    !is_edge(character)
}

/// Whether nothing is left of the text once [`trim`]med: such a field counts as absent.
pub fn is_blank(text: &str) -> bool {
    find(text, is_content) == text.len()
}

/// Whether the character leaves no trace on the screen, or stands for one that was lost on the way:
/// controls, zero-width spaces, marks and overrides of direction, blank Hangul fillers, and U+FFFD,
/// as which a lone surrogate arrives. Two texts that differ in these alone look the same.
///
/// The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji are spelled with them.
pub(super) fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{AD}'
                | '\u{61C}'
                | '\u{180E}'
                | '\u{200B}'
                | '\u{200E}'
                | '\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF9}'..='\u{FFFF}'
        )
}

/// Normalization form C; ASCII is in it already.
pub(super) fn nfc(text: String, unicode: &dyn Text) -> String {
    if is_ascii(&text) { text } else { unicode.nfc(&text) }
}

/// Lower case, normalized once more: lower-casing can leave a text denormalized.
pub(super) fn fold(text: &str, unicode: &dyn Text) -> String {
    if is_ascii(text) { text.to_ascii_lowercase() } else { unicode.nfc(&unicode.lowercase(text)) }
}

// The helpers below stand in for methods of `str`, whose searchers and counters weigh several
// kilobytes of wasm between them.

/// Whether the text is ASCII.
pub(super) fn is_ascii(text: &str) -> bool {
    all(text.as_bytes(), |byte| byte < 128)
}

/// How many characters the text has: every byte begins one but those that continue one.
pub(super) fn count_characters(text: &str) -> usize {
    let mut characters: usize = 0;
    for byte in text.bytes() {
        characters = characters.wrapping_add(usize::from(byte & 0xC0 != 0x80));
    }
    characters
}

/// The parts as one text. `[&str]::concat` weighs three times as much.
pub(crate) fn concat(parts: &[&str]) -> String {
    let mut whole = String::with_capacity(parts.iter().map(|part| part.len()).sum());
    for part in parts {
        whole.push_str(part);
    }
    whole
}

/// Where a byte of `raw` stands in it, in UTF-16 code units: one for every character before it, and
/// one more for those of four bytes.
pub(super) fn position(raw: &str, place: &u8) -> u32 {
    let bytes = core::ptr::from_ref(place).addr().wrapping_sub(raw.as_ptr().addr());
    let mut units: u32 = 0;
    for byte in raw.bytes().take(bytes) {
        units = units.wrapping_add(u32::from(byte & 0xC0 != 0x80)).wrapping_add(u32::from(byte >= 0xF0));
    }
    units
}

/// Where the first character of a kind begins, or the length of the text if it has none.
pub(super) fn find(text: &str, is_sought: impl Fn(char) -> bool) -> usize {
    for (at, character) in text.char_indices() {
        if is_sought(character) {
            return at;
        }
    }
    text.len()
}

/// Where the first of these bytes stands, or the length of the text if it has none.
pub(crate) fn find_any(text: &[u8], sought: &[u8]) -> usize {
    let mut at: usize = 0;
    for byte in text {
        // Not `contains`: that is a search through words of memory, and weighs as much.
        for candidate in sought {
            if candidate == byte {
                return at;
            }
        }
        at = at.wrapping_add(1);
    }
    at
}

/// Whether every byte is of a kind.
pub(crate) fn all(text: &[u8], is_right: impl Fn(u8) -> bool) -> bool {
    for byte in text {
        if !is_right(*byte) {
            return false;
        }
    }
    true
}

/// Where the last such byte stands.
pub(super) fn find_last(text: &[u8], sought: u8) -> Option<usize> {
    text.iter().rposition(|&byte| byte == sought)
}

/// The text before a place.
pub(super) fn before(text: &[u8], end: usize) -> &[u8] {
    text.get(..end).unwrap_or_default()
}

/// The text from a place on.
pub(super) fn from(text: &[u8], begin: usize) -> &[u8] {
    text.get(begin..).unwrap_or_default()
}

/// The text without such bytes in front.
pub(super) fn skip(text: &[u8], skipped: u8) -> &[u8] {
    let mut rest = text;
    while let [first, shorter @ ..] = rest
        && *first == skipped
    {
        rest = shorter;
    }
    rest
}

/// The parts between such bytes.
pub(super) fn split(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    text.split(move |&byte| byte == separator)
}

/// The bytes as the text that they are a slice of.
pub(super) fn slice<'a>(text: &'a str, part: &[u8]) -> &'a str {
    let begin = part.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
    text.get(begin..begin.wrapping_add(part.len())).unwrap_or_default()
}

/// Unicode for tests and tools on the host, from well-kept crates.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct HostText;

#[cfg(not(target_arch = "wasm32"))]
impl Text for HostText {
    fn nfc(&self, text: &str) -> String {
        use unicode_normalization::UnicodeNormalization;
        text.nfc().collect()
    }

    fn lowercase(&self, text: &str) -> String {
        text.to_lowercase()
    }

    fn domain_to_ascii(&self, domain: &str) -> Option<String> {
        let ascii = idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::URL).ok()?;
        // `new URL()` reads a host whose last label is a number as an IPv4 address, or refuses it.
        let numbers = ascii.strip_suffix('.').unwrap_or(&ascii);
        let last = numbers.rsplit('.').next()?;
        let is_decimal = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
        if is_decimal || ipv4_number(last).is_some() {
            return ipv4_address(numbers).map(|address| address.to_string());
        }
        (!ascii.is_empty()).then(|| ascii.into_owned())
    }

    fn has_letter_or_digit(&self, text: &str) -> bool {
        // `char::is_alphanumeric` also takes what is Alphabetic without being a letter: vowel signs
        // of Indic scripts, which are marks, and letters in circles or squares, which are symbols.
        text.chars().any(|character| {
            character.is_alphanumeric()
                && !unicode_normalization::char::is_combining_mark(character)
                && !matches!(character, '\u{24B6}'..='\u{24E9}' | '\u{1F130}'..='\u{1F189}')
        })
    }
}

/// One number of an IPv4 address as `new URL()` reads it: decimal, octal after `0`, hexadecimal
/// after `0x`.
#[cfg(not(target_arch = "wasm32"))]
fn ipv4_number(label: &str) -> Option<u64> {
    let (digits, radix) = match (label.strip_prefix("0x"), label.strip_prefix('0')) {
        (Some(""), _) | (_, Some("")) => return Some(0),
        (Some(digits), _) => (digits, 16),
        (_, Some(digits)) => (digits, 8),
        _ => (label, 10),
    };
    // A number beyond all bounds is one too, and no part of an address.
    let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    is_number.then(|| u64::from_str_radix(digits, radix).unwrap_or(u64::MAX))
}

/// An IPv4 address as `new URL()` reads it: the last number fills all octets that are left.
#[cfg(not(target_arch = "wasm32"))]
fn ipv4_address(host: &str) -> Option<core::net::Ipv4Addr> {
    let numbers: Vec<u64> = host.split('.').map(ipv4_number).collect::<Option<_>>()?;
    let (&last, octets) = numbers.split_last()?;
    let free_bits = 32u32.checked_sub(u32::try_from(octets.len()).ok()?.checked_mul(8)?)?;
    if free_bits == 0 || last.checked_shr(free_bits)? != 0 {
        return None;
    }
    let mut bits = u32::try_from(last).ok()?;
    for (&octet, shift) in octets.iter().zip([24u32, 16, 8]) {
        bits |= u32::from(u8::try_from(octet).ok()?).checked_shl(shift)?;
    }
    Some(bits.into())
}
