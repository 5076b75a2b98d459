//! The address of one person's LinkedIn profile, in its one canonical form.

use alloc::rc::Rc;

#[cfg(any(feature = "lists", not(target_arch = "wasm32")))]
use super::canonical::reuse;
use super::canonical::{Canonical, Refusal, Verdict, refuse, refuse_at, report};
use super::issue::{Field, Issue, IssueCode};
use super::text::{Text, all, before, count_characters, find_any, fold, from, nfc, skip, split};
use super::{web_address, website};

/// The most characters that a slug may have in its canonical form.
const LONGEST_SLUG: usize = 200;

/// No 200 characters take more bytes than this, percent-encoded and decomposed as far as Unicode
/// goes (36 bytes each): beyond it a slug is refused unread.
const LONGEST_RAW_SLUG: usize = 7200;

const CANONICAL_PREFIX: &str = "https://www.linkedin.com/in/";

/// What the first step of a path says about a page that is no profile, or the first two.
const PAGES: &[(&[u8], &[u8], IssueCode)] = &[
    (b"in", b"", IssueCode::EmptySlug),
    (b"company", b"", IssueCode::CompanyPage),
    (b"school", b"", IssueCode::SchoolPage),
    (b"showcase", b"", IssueCode::ShowcasePage),
    (b"directory", b"", IssueCode::DirectoryPage),
    (b"pub", b"dir", IssueCode::DirectoryPage),
    (b"pub", b"", IssueCode::LegacyPub),
    (b"profile", b"view", IssueCode::LegacyView),
    (b"jobs", b"", IssueCode::JobPage),
    (b"feed", b"", IssueCode::FeedPage),
    (b"posts", b"", IssueCode::FeedPage),
    (b"pulse", b"", IssueCode::FeedPage),
    (b"search", b"", IssueCode::SearchPage),
    (b"groups", b"", IssueCode::GroupPage),
    (b"sales", b"", IssueCode::SalesNavigator),
    (b"talent", b"", IssueCode::Recruiter),
    (b"recruiter", b"", IssueCode::Recruiter),
];

/// A LinkedIn profile, named by its slug.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkedinProfile(Rc<Canonical>);

impl LinkedinProfile {
    /// Reads the address of a profile by the identity rules, whatever its scheme, its locale and
    /// whatever follows the slug.
    pub fn parse(raw: &str, text: &dyn Text) -> Result<Self, Box<Issue>> {
        report(read(raw, text), Field::LinkedinUrl, raw).map(Self)
    }

    /// The same, in the memory of a profile that nobody needs any more, if there is one.
    #[cfg(any(feature = "lists", not(target_arch = "wasm32")))]
    pub fn parse_over(spare: Option<Self>, raw: &str, text: &dyn Text) -> Result<Self, Box<Issue>> {
        if let Some(Self(spare)) = spare
            && let Some(slug) = plain_slug(raw)
            && let Some(reused) = reuse(spare, CANONICAL_PREFIX, slug, 0)
        {
            return Ok(Self(reused));
        }
        Self::parse(raw, text)
    }

    /// The canonical address, which is also what is sent.
    pub fn url(&self) -> &str {
        &self.0.wire
    }

    /// The slug, decoded and folded: two profiles are the same exactly if their slugs are.
    pub fn slug(&self) -> &str {
        &self.0.key
    }
}

fn read<'a>(raw: &'a str, text: &dyn Text) -> Verdict<'a> {
    let address = match web_address::split(raw) {
        Ok(address) => address,
        Err(None) => return refuse(IssueCode::UnsupportedScheme),
        Err(bad) => return refuse_at(IssueCode::ForbiddenCharacter, bad),
    };
    if let Some(code) = judge_host(address.host.as_bytes()) {
        return refuse(code);
    }
    if address.credentials.is_some() {
        return refuse_at(IssueCode::CredentialsInUrl, address.credentials);
    }
    if address.odd_port.is_some() {
        return refuse_at(IssueCode::UnexpectedPort, address.odd_port);
    }
    // A parser that resolves them would end on another page, even behind the slug.
    if let Some(step) = split(address.path, b'/').find(|step| is_dot_segment(step)) {
        return refuse_at(IssueCode::DotSegment, step.first());
    }
    let encoded = match find_slug(address.path) {
        Ok(encoded) => encoded,
        Err(code) => return refuse(code),
    };
    if encoded.len() > LONGEST_RAW_SLUG {
        return refuse(IssueCode::SlugTooLong);
    }
    let mut slug = nfc(decode(encoded)?, text);
    if !is_member_id(slug.as_bytes()) {
        slug = fold(&slug, text);
    }
    // Counted last, because folding can make a text longer.
    if count_characters(&slug) > LONGEST_SLUG {
        return refuse(IssueCode::SlugTooLong);
    }
    if slug == "me" {
        return refuse(IssueCode::OwnProfile);
    }
    let mut url = String::with_capacity(128);
    url.push_str(CANONICAL_PREFIX);
    for byte in slug.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            url.push(char::from(byte));
        } else {
            url.push('%');
            push_hex(&mut url, byte >> 4);
            push_hex(&mut url, byte & 15);
        }
    }
    Ok(Canonical { wire: url, key: slug })
}

/// The slug of an address as LinkedIn writes it, of letters, digits and hyphens, as nearly all are: of what can be odd about
/// an address there is nothing.
#[cfg(any(feature = "lists", not(target_arch = "wasm32")))]
fn plain_slug(whole: &str) -> Option<&str> {
    let path = whole.strip_prefix(CANONICAL_PREFIX)?;
    let slug = path.strip_suffix('/').unwrap_or(path);
    let is_plain = all(slug.as_bytes(), |byte| byte.is_ascii_alphanumeric() || byte == b'-');
    // `me` is nobody's, and what begins like a member's identifier may be one.
    let is_odd = slug.len() < 3 || slug.len() > LONGEST_SLUG || slug.starts_with("AC");
    (is_plain && !is_odd).then_some(slug)
}

fn push_hex(url: &mut String, digit: u8) {
    let first = if digit < 10 { b'0' } else { b'A'.wrapping_sub(10) };
    url.push(char::from(first.wrapping_add(digit)));
}

/// What is wrong with the host, if anything is.
fn judge_host(host: &[u8]) -> Option<IssueCode> {
    let host = host.strip_suffix(b".").unwrap_or(host);
    let Some(site) = subdomain_of(host, b"linkedin.com") else {
        let is_short = subdomain_of(host, b"lnkd.in").is_some();
        return Some(if is_short { IssueCode::ShortLink } else { IssueCode::NotLinkedin });
    };
    let is_profile_host = match site {
        [] => true,
        [first, second, b'.'] => first.is_ascii_alphabetic() && second.is_ascii_alphabetic(),
        _ => split(b"www. m. touch.", b' ').any(|known| site.eq_ignore_ascii_case(known)),
    };
    (!is_profile_host).then_some(IssueCode::NoProfile)
}

/// What stands before the domain in the host: nothing, or a name that ends in a dot.
///
/// `learning.linkedin.com` belongs to LinkedIn, but `%77ww.linkedin.com` to nobody.
pub(super) fn subdomain_of<'a>(host: &'a [u8], domain: &[u8]) -> Option<&'a [u8]> {
    let (front, end) = host.split_at_checked(host.len().checked_sub(domain.len())?)?;
    let is_name = matches!(front, [] | [.., b'.']) && all(front, website::is_plain);
    (is_name && end.eq_ignore_ascii_case(domain)).then_some(front)
}

/// `.` and `..`, also with their dots percent-encoded, as URL parsers recognise them.
fn is_dot_segment(step: &[u8]) -> bool {
    matches!(step, [b'.' | b'%', ..]) && matches!(decode(step).as_deref(), Ok("." | ".."))
}

/// The slug as written, or what the page is instead of a profile.
fn find_slug(path: &[u8]) -> Result<&[u8], IssueCode> {
    let mut rest = path;
    let mut page = next_step(&mut rest);
    if page.eq_ignore_ascii_case(b"m") {
        page = next_step(&mut rest);
    } else if page.eq_ignore_ascii_case(b"mwlite") {
        page = next_step(&mut rest);
        if page.eq_ignore_ascii_case(b"profile") {
            page = next_step(&mut rest);
        }
    }
    let detail = next_step(&mut rest);
    for &(known, second, code) in PAGES {
        if page.eq_ignore_ascii_case(known) {
            if code == IssueCode::EmptySlug && !detail.is_empty() {
                return Ok(detail);
            }
            if second.is_empty() || detail.eq_ignore_ascii_case(second) {
                return Err(code);
            }
        }
    }
    Err(IssueCode::NoProfile)
}

/// Takes the next step from the path; doubled slashes are one.
fn next_step<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let path = skip(rest, b'/');
    let end = find_any(path, b"/");
    *rest = from(path, end);
    before(path, end)
}

/// Percent-decodes a step of the path exactly once, as strict UTF-8.
fn decode(encoded: &[u8]) -> Result<String, Refusal<'_>> {
    let mut decoded = String::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some(place) = rest.first() {
        match next_character(&mut rest) {
            // A `%` that is left would be decoded once more by whoever is next.
            None | Some('%') => return refuse_at(IssueCode::BadEncoding, Some(place)),
            Some(character) if is_forbidden(character) => {
                return refuse_at(IssueCode::ForbiddenCharacter, Some(place));
            }
            Some(character) => decoded.push(character),
        }
    }
    Ok(decoded)
}

/// Reads a character that may be escaped; nothing if it is not in UTF-8, in its shortest form.
fn next_character(rest: &mut &[u8]) -> Option<char> {
    let first = next_byte(rest)?;
    let length = first.leading_ones();
    if length == 0 {
        return Some(char::from(first));
    }
    if !(2..=4).contains(&length) {
        return None;
    }
    let mut code = u32::from(first & 0x7F_u8.wrapping_shr(length));
    for _ in 1..length {
        let byte = next_byte(rest)?;
        if byte.leading_ones() != 1 {
            return None;
        }
        code = code << 6 | u32::from(byte & 0x3F);
    }
    char::from_u32(code).filter(|character| character.len_utf8() == length as usize)
}

fn next_byte(rest: &mut &[u8]) -> Option<u8> {
    let (byte, beyond) = match rest {
        [b'%', high, low, beyond @ ..] => {
            let digit = |digit: &u8| char::from(*digit).to_digit(16);
            ((digit(high)? << 4 | digit(low)?) as u8, beyond)
        }
        [b'%', ..] | [] => return None,
        [byte, beyond @ ..] => (*byte, beyond),
    };
    *rest = beyond;
    Some(byte)
}

fn is_forbidden(character: char) -> bool {
    web_address::is_never_in_an_address(character)
        || matches!(
            character,
            '/' | '?' | '#' | '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`'
            // A back-tick in normal form, and the only such character.
            | '\u{1FEF}'
        )
}

/// LinkedIn's own identifiers of members are case-sensitive, unlike the names that people choose.
fn is_member_id(slug: &[u8]) -> bool {
    matches!(slug, [b'A', b'C', b'o' | b'w', b'A', b'A', ..])
        && slug.len() >= 20
        && all(slug, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
