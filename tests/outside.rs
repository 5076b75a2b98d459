//! What others hold to be an address, case by case: isemail's list of e-mail addresses, the URLs of web-platform-tests
//! and Unicode's internationalised domains.
//!
//! Each list says in `outside/` where it comes from and what its licence is. Where we judge otherwise, a rule below
//! says why. A disagreement without a rule fails, and so does a rule for a case in which all agree.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::string_slice, clippy::arithmetic_side_effects)]

use phone_enrichment::identity::{Domain, Email, HostText, LinkedinProfile, trim};
use serde_json::Value;

/// A case of a list, and what it makes of the input: a canonical form, or nothing.
struct Case {
    number: usize,
    input: String,
    listed: Option<String>,
    /// What the list says besides: a diagnosis, a status, the URL as it is written out.
    note: String,
}

/// Why we judge a group of cases otherwise than the list, and how: with a code, or by accepting.
struct Rule {
    why: &'static str,
    ours: &'static str,
    applies: fn(&Case) -> bool,
}

const ACCEPTED: &str = "accepted";

fn cases(text: &str, read: impl Fn(usize, &[Value]) -> Case) -> Vec<Case> {
    let list: Value = serde_json::from_str(text).unwrap();
    assert!(list["origin"].is_string() && list["licence"].is_string());
    let cases: Vec<Case> = list["cases"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
        .map(|(at, case)| read(at, case.as_array().unwrap()))
        .collect();
    assert!(!cases.is_empty());
    cases
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn compare(cases: &[Case], rules: &[Rule], read: impl Fn(&str) -> Result<String, &'static str>) {
    let mut wrong = Vec::new();
    let mut used = vec![0; rules.len()];
    for case in cases {
        let ours = read(&case.input);
        let verdict = ours.as_ref().err().copied().unwrap_or(ACCEPTED);
        let agrees = ours.as_ref().ok() == case.listed.as_ref();
        match rules.iter().position(|rule| (rule.applies)(case)) {
            None if agrees => {}
            Some(at) if !agrees && rules[at].ours == verdict => used[at] += 1,
            at => wrong.push(format!(
                "{} {:?} ({}): {:?} by the list, {ours:?} by us; {}",
                case.number,
                case.input,
                case.note,
                case.listed,
                at.map_or("no rule says why", |at| rules[at].why)
            )),
        }
    }
    for (rule, used) in rules.iter().zip(used) {
        if used == 0 {
            wrong.push(format!("no case any more: {}", rule.why));
        }
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
}

fn website(raw: &str) -> Result<String, &'static str> {
    Domain::parse(raw, &HostText).map(|domain| domain.as_str().to_owned()).map_err(|issue| issue.code.as_str())
}

/// By the numbers of the cases, all of which have to be found.
const EMAIL: &[Rule] = &[
    Rule {
        why: "a single label is nobody's mail domain",
        ours: "email_domain",
        applies: |case| matches!(case.number, 5 | 166),
    },
    Rule {
        why: "a last label of digits makes an IP address, or nothing",
        ours: "email_domain",
        applies: |case| matches!(case.number, 23 | 24),
    },
    Rule {
        why: "RFC 5321 bounds the local part and the whole; the list only warns",
        ours: "email_too_long",
        applies: |case| matches!(case.number, 26 | 39),
    },
    Rule {
        why: "the DNS bounds a label and a domain; the list only warns",
        ours: "email_domain",
        applies: |case| matches!(case.number, 28 | 40 | 41),
    },
    Rule {
        why: "a quoted local part is refused",
        ours: "email_syntax",
        applies: |case| {
            matches!(case.number, 42 | 43 | 45 | 46 | 48 | 54 | 55 | 56 | 58 | 59 | 60 | 124 | 125 | 134 | 138 | 139)
        },
    },
    Rule {
        why: "a domain literal is refused, whatever is in it",
        ours: "email_ip_literal",
        applies: |case| matches!(case.number, 61 | 63..=84 | 112 | 115..=117 | 120 | 121 | 159),
    },
    Rule {
        why: "white space within is refused, which the list calls obsolete",
        ours: "email_syntax",
        applies: |case| matches!(case.number, 85 | 87),
    },
    Rule {
        why: "white space within the domain is refused, which the list calls obsolete",
        ours: "email_domain",
        applies: |case| case.number == 86,
    },
    Rule {
        why: "a comment is refused",
        ours: "email_syntax",
        applies: |case| matches!(case.number, 90 | 92 | 96 | 98 | 126 | 140 | 165),
    },
    Rule {
        why: "a comment in front of the domain is refused",
        ours: "email_domain",
        applies: |case| matches!(case.number, 93 | 95 | 97),
    },
    Rule {
        why: "outer white space is trimmed, line ends as well: it came along when the address was copied",
        ours: ACCEPTED,
        applies: |case| matches!(case.number, 99 | 127 | 128 | 132 | 141..=143 | 145..=147 | 150..=152 | 154..=156),
    },
    Rule {
        why: "a domain holds letters, digits and hyphens alone; the list only warns",
        ours: "email_domain",
        applies: |case| case.number == 161,
    },
];

#[test]
fn email_addresses_are_judged_as_isemail_judges_them_but_for_what_is_listed() {
    let cases = cases(include_str!("outside/isemail.json"), |_, case| {
        let (input, note) = (text(&case[1]), text(&case[2]));
        let canonical = |at: usize| {
            let (local, domain) = trim(&input).split_at(at);
            format!("{local}{}", domain.to_lowercase())
        };
        let listed = (!note.starts_with("ERR_")).then(|| trim(&input).rfind('@').map(canonical).unwrap());
        Case { number: case[0].as_u64().unwrap() as usize, input, listed, note }
    });
    compare(&cases, EMAIL, |raw| {
        let read = Email::parse(raw, &HostText);
        read.map(|email| email.address().to_owned()).map_err(|issue| issue.code.as_str())
    });
}

/// What stands between the scheme and the path.
fn authority(url: &str) -> &str {
    let rest = url.split_once(':').map_or("", |(_, rest)| rest).trim_start_matches('/');
    &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())]
}

/// The host of a URL that is written out, without a root dot.
fn host(case: &Case) -> &str {
    let server = authority(&case.note).rsplit('@').next().unwrap();
    let server = if server.starts_with('[') { server } else { server.split(':').next().unwrap() };
    server.strip_suffix('.').unwrap_or(server)
}

fn is_web(case: &Case) -> bool {
    case.note.starts_with("http:") || case.note.starts_with("https:")
}

fn is_rewritten(character: char) -> bool {
    matches!(character, '\\' | '\u{ad}' | '\u{202a}'..='\u{202e}' | '\u{feff}' | '\u{fff9}'..='\u{ffff}')
        || character.is_control()
        || character.is_whitespace()
}

/// In this order: the first that applies says why.
const URLS: &[Rule] = &[
    Rule {
        why: "a back-slash, a control or what can't be seen is refused before any URL logic drops or rewrites it",
        ours: "website_syntax",
        applies: |case| is_web(case) && trim(&case.input).contains(is_rewritten),
    },
    Rule {
        why: "a user name or password is refused, an empty one as well",
        ours: "website_credentials",
        applies: |case| is_web(case) && authority(&case.input).contains('@'),
    },
    Rule {
        why: "an IP address is no company, in any notation",
        ours: "website_ip_address",
        applies: |case| {
            let is_address = host(case).bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            is_web(case) && (host(case).starts_with('[') || is_address && host(case).contains(|sign| sign != '.'))
        },
    },
    Rule {
        why: "a single label, or an empty one, is no domain of a company",
        ours: "website_syntax",
        applies: |case| is_web(case) && (!host(case).contains('.') || host(case).split('.').any(str::is_empty)),
    },
    Rule {
        why: "`.example` is reserved",
        ours: "website_special_use",
        applies: |case| is_web(case) && host(case).ends_with(".example"),
    },
    Rule {
        why: "the canonical form has no www",
        ours: ACCEPTED,
        applies: |case| is_web(case) && host(case).starts_with("www."),
    },
    Rule {
        why: "a domain holds letters, digits and hyphens alone",
        ours: "website_syntax",
        applies: |case| {
            is_web(case) && host(case).contains(|sign: char| !sign.is_ascii_alphanumeric() && !"-.".contains(sign))
        },
    },
];

/// The URLs of the list that stand for themselves; those with a scheme of their own name no website, and none of them is
/// read as one.
fn urls() -> Vec<Case> {
    cases(include_str!("outside/urls.json"), |number, case| {
        let mut case =
            Case { number, input: text(&case[0]), listed: None, note: case.get(1).map(text).unwrap_or_default() };
        if is_web(&case) {
            case.listed = Some(host(&case).to_owned());
        }
        case
    })
}

#[test]
fn the_host_of_a_url_is_read_as_web_platform_tests_read_it_but_for_what_is_listed() {
    compare(&urls(), URLS, website);
}

#[test]
fn no_url_of_the_list_is_taken_for_a_profile() {
    for case in urls() {
        assert!(LinkedinProfile::parse(&case.input, &HostText).is_err(), "{:?}", case.input);
    }
}

#[test]
fn a_path_that_is_accepted_behind_a_profile_is_the_one_a_browser_would_ask_for() {
    let mut accepted = 0;
    for case in urls() {
        let Some(("" | "http:" | "https:", path)) = case.input.split_once("//example.com/") else { continue };
        let raw = format!("https://www.linkedin.com/in/{path}");
        let Ok(profile) = LinkedinProfile::parse(&raw, &HostText) else { continue };
        let asked = case.note.splitn(4, '/').nth(3).unwrap();
        let step = &asked[..asked.find(['/', '?', '#']).unwrap_or(asked.len())];
        let through_the_browser = LinkedinProfile::parse(&format!("linkedin.com/in/{step}"), &HostText);
        assert_eq!(through_the_browser.as_ref().map(LinkedinProfile::url), Ok(profile.url()), "{raw:?}");
        accepted += 1;
    }
    assert!(accepted >= 8, "only {accepted}");
}

/// Whether a sign stands decomposed, its first half a sign of ASCII that no domain holds.
fn is_decomposed_sign(input: &str) -> bool {
    ["=\u{338}", "<\u{338}", ">\u{338}"].iter().any(|sign| input.contains(sign))
}

const IDNA: &[Rule] = &[
    Rule {
        why: "a single label is no domain of a company",
        ours: "website_syntax",
        applies: |case| case.listed.as_ref().is_some_and(|domain| !domain.contains('.')),
    },
    Rule {
        why: "a sign such as ≠, decomposed, begins with one that no domain holds: the raw text is judged first",
        ours: "website_syntax",
        applies: |case| case.listed.is_some() && is_decomposed_sign(&case.input),
    },
    Rule {
        why: "the canonical form has no www",
        ours: ACCEPTED,
        applies: |case| case.listed.as_ref().is_some_and(|domain| domain.starts_with("www.")),
    },
    Rule {
        why: "one dot at the end names the root, as in every browser, and is dropped",
        ours: ACCEPTED,
        applies: |case| {
            let dots = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];
            let whole = case.input.strip_suffix(dots).unwrap_or_default();
            // These are too long besides, or end in a number.
            let is_wrong_besides = matches!(case.number, 204 | 230..=234 | 379 | 380 | 409 | 1664);
            let has_labels = whole.contains(dots) && !whole.split(dots).any(str::is_empty);
            case.note == "A4_2" && has_labels && !is_wrong_besides
        },
    },
    Rule {
        why: "a hyphen at the edge of a label that its A-label puts inside, as in every browser",
        ours: ACCEPTED,
        applies: |case| matches!(case.number, 490 | 610 | 746..=750 | 997 | 1318 | 1371 | 1372 | 1732..=1734),
    },
    Rule {
        why: "a question mark begins a query",
        ours: ACCEPTED,
        applies: |case| case.note == "U1" && case.input.ends_with("-?") && !case.input.contains(['<', '=']),
    },
    Rule {
        why: "unassigned code points of plane 3, which the host's crate takes; JavaScript's URL refuses them",
        ours: ACCEPTED,
        applies: |case| matches!(case.number, 1032 | 1298 | 1707..=1709),
    },
    Rule {
        why: "hyphens in the third and fourth place, as in every browser",
        ours: ACCEPTED,
        applies: |case| case.note == "V2",
    },
];

#[test]
fn domains_are_read_as_unicode_reads_them_but_for_what_is_listed() {
    let cases = cases(include_str!("outside/idna.json"), |number, case| {
        let (input, ascii, note) = (text(&case[0]), text(&case[1]), text(&case[2]));
        Case { number, input, listed: note.is_empty().then_some(ascii), note }
    });
    compare(&cases, IDNA, website);
}
