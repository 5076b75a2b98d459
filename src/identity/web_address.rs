//! Takes an address of the web apart, without ever repairing it.
//!
//! A URL parser turns `\` into `/`, drops TAB and newlines and resolves `..` in silence: the address
//! it returns can be someone else's. So the raw text is judged here, as it was given.

use super::text::{all, before, find, find_any, find_last, from, is_unseen, skip, slice, trim};

/// The parts of an address that identity depends on; the query and the fragment are not among them.
pub(super) struct WebAddress<'a> {
    /// The host as written.
    pub(super) host: &'a str,
    /// Where a user name or password begins.
    pub(super) credentials: Option<&'a u8>,
    /// Where a port begins that is not the scheme's default.
    pub(super) odd_port: Option<&'a u8>,
    /// The path as written, with its leading slash.
    pub(super) path: &'a [u8],
}

/// White space, back-slashes and unseen characters: a parser of URLs drops or rewrites them.
pub(super) fn is_never_in_an_address(character: char) -> bool {
    character == '\\' || character.is_whitespace() || is_unseen(character)
}

/// Takes apart an address whose scheme is `https`, `http`, `//` or left out; in error, the place
/// that no address has, or nothing if the scheme is another.
pub(super) fn split(raw: &str) -> Result<WebAddress<'_>, Option<&u8>> {
    let whole = trim(raw);
    let mut rest = whole.as_bytes();
    let is_plain = all(rest, |byte| byte.is_ascii_graphic() && byte != b'\\');
    let bad = if is_plain { rest.len() } else { find(whole, is_never_in_an_address) };
    if let Some(place) = rest.get(bad) {
        return Err(Some(place));
    }

    let front_end = find_any(rest, b":/?#");
    let front = before(rest, front_end);
    // Without a scheme either default port will do.
    let (mut is_http, mut is_https) = (true, true);
    match from(rest, front_end) {
        [b':', after @ ..] => {
            is_http = front.eq_ignore_ascii_case(b"http");
            is_https = front.eq_ignore_ascii_case(b"https");
            if is_http || is_https {
                // Every browser reads any number of slashes here as two.
                rest = skip(after, b'/');
            } else if find_any(front, b".") < front_end && !after.starts_with(b"//") || front == b"[" {
                // `linkedin.com:443/in/jane` and `[::1]` have no scheme; `javascript:alert(1)` has.
                (is_http, is_https) = (true, true);
            } else {
                return Err(None);
            }
        }
        [b'/', b'/', ..] if front_end == 0 => rest = skip(rest, b'/'),
        _ => {}
    }

    let authority_end = find_any(rest, b"/?#");
    let authority = before(rest, authority_end);
    let beyond = from(rest, authority_end);
    let path = before(beyond, find_any(beyond, b"?#"));
    let at_sign = find_last(authority, b'@');
    let server = match at_sign {
        Some(end) => from(authority, end.saturating_add(1)),
        None => authority,
    };
    let host_end = match server {
        [b'[', ..] => server.len(),
        _ => find_any(server, b":"),
    };
    let port = from(server, host_end);
    let is_default = match port {
        [] | [b':'] => true,
        b":80" => is_http,
        b":443" => is_https,
        _ => false,
    };
    Ok(WebAddress {
        host: slice(whole, before(server, host_end)),
        credentials: at_sign.and(authority.first()),
        odd_port: if is_default { None } else { port.first() },
        path,
    })
}
