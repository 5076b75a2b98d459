//! The domain that stands for a company, in its one canonical form.

use alloc::rc::Rc;

use super::canonical::{Canonical, Verdict, refuse, refuse_at, report};
use super::issue::{Field, Issue, IssueCode};
use super::linkedin::subdomain_of;
use super::text::{Text, all, find_any, split};
use super::web_address;

/// Domains that stand for no company. With a dot in front: last labels that the DNS reserves. Then
/// hosts that give a link or a mailbox to everyone; `yahoo.*` stands for that name in any country.
const NO_COMPANY: &[u8] = b".localhost .local .test .example .invalid .onion .internal lnkd.in gmail.com googlemail.com yahoo.* ymail.com outlook.* hotmail.* live.com msn.com icloud.com me.com mac.com aol.com gmx.* web.de t-online.de freenet.de mail.com proton.me protonmail.com pm.me fastmail.com zoho.com zohomail.com mail.ru yandex.* qq.com 163.com 126.com comcast.net";

/// A company's domain: lower case, A-labels, without `www.` and without a trailing dot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Domain(Rc<Canonical>);

impl Domain {
    /// Reads a domain, or the host of an address, by the identity rules.
    pub fn parse(raw: &str, text: &dyn Text) -> Result<Self, Box<Issue>> {
        report(read(raw, text), Field::CompanyWebsite, raw).map(Self)
    }

    /// The canonical domain, which is also what is sent.
    pub fn as_str(&self) -> &str {
        &self.0.wire
    }
}

fn read<'a>(raw: &'a str, text: &dyn Text) -> Verdict<'a> {
    let address = match web_address::split(raw) {
        Ok(address) => address,
        Err(bad) => return refuse_at(IssueCode::WebsiteSyntax, bad),
    };
    if address.credentials.is_some() {
        return refuse_at(IssueCode::WebsiteCredentials, address.credentials);
    }
    let domain = match read_host(address.host, true, text) {
        Ok(domain) => domain,
        Err(code) => return refuse(code),
    };
    if address.odd_port.is_some() {
        return refuse_at(IssueCode::WebsitePort, address.odd_port);
    }
    // As often as it stands there, so that the canonical form is its own; but `www.com` is a domain.
    let mut company = domain.as_str();
    while let Some(shorter) = company.strip_prefix("www.")
        && find_any(shorter.as_bytes(), b".") < shorter.len()
    {
        company = shorter;
    }
    if let Some(code) = judge_domain(company.as_bytes()) {
        return refuse(code);
    }
    // A domain is sent as it is told apart: one form serves for both.
    Ok(Canonical { wire: company.into(), key: String::new() })
}

/// Reads a domain of two labels or more into lower case and A-labels.
///
/// `root_dot`: whether one trailing dot, which names the root of the DNS, may stand and is dropped.
pub(super) fn read_host(host: &str, root_dot: bool, text: &dyn Text) -> Result<String, IssueCode> {
    if host.starts_with('[') {
        return Err(IssueCode::WebsiteIpAddress);
    }
    // `new URL()` would read a path or a port out of any other ASCII. Four bytes are the most that
    // one character of a domain takes.
    if host.len() > 1016 || !all(host.as_bytes(), |byte| is_plain(byte) || byte >= 128) {
        return Err(IssueCode::WebsiteSyntax);
    }
    // Letters and dots stay what they are. Other ASCII may not: not every text behind `xn--` is an
    // A-label, and `0x7f.1` is an address.
    let mut domain = if all(host.as_bytes(), |byte| byte.is_ascii_alphabetic() || byte == b'.') {
        host.to_ascii_lowercase()
    } else {
        text.domain_to_ascii(host).ok_or(IssueCode::WebsiteSyntax)?
    };
    if root_dot && domain.ends_with('.') {
        domain.pop();
    }
    let mut labels: u32 = 0;
    let mut last: &[u8] = b"";
    for label in split(domain.as_bytes(), b'.') {
        labels = labels.wrapping_add(1);
        last = label;
        // What stands behind `xn--` may not be an A-label itself; runtimes do not agree on that.
        let is_twice_encoded = label.starts_with(b"xn--xn--");
        if is_twice_encoded
            || matches!(label, [] | [b'-', ..] | [.., b'-'])
            || label.len() > 63
            || !all(label, is_plain)
        {
            return Err(IssueCode::WebsiteSyntax);
        }
    }
    if all(last, |byte| byte.is_ascii_digit()) {
        return Err(IssueCode::WebsiteIpAddress);
    }
    if labels < 2 || domain.len() > 253 {
        return Err(IssueCode::WebsiteSyntax);
    }
    Ok(domain)
}

/// Whether a domain may hold the byte: a letter, a digit, `-` or `.`.
pub(super) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')
}

/// Why the domain stands for no company, if it does not.
fn judge_domain(domain: &[u8]) -> Option<IssueCode> {
    if subdomain_of(domain, b"linkedin.com").is_some() {
        return Some(IssueCode::WebsiteNotCompany);
    }
    let mail = domain.strip_prefix(b"mail.").unwrap_or(domain);
    split(NO_COMPANY, b' ').find_map(|entry| match entry {
        [b'.', ..] => domain.ends_with(entry).then_some(IssueCode::WebsiteSpecialUse),
        [family @ .., b'*'] => {
            mail.strip_prefix(family).filter(|suffix| is_public_suffix(suffix)).map(|_| IssueCode::WebsiteNotCompany)
        }
        _ => (domain == entry || mail == entry).then_some(IssueCode::WebsiteNotCompany),
    })
}

/// Enough of a public suffix list for `yahoo.*`: `com`, `net`, `de`, `co.uk`, `com.br`.
fn is_public_suffix(suffix: &[u8]) -> bool {
    suffix.len() <= 3 || suffix.len() <= 6 && suffix.starts_with(b"co")
}
