//! What identifies a person, spelled out: the vectors in `vectors/` say what is accepted, in which
//! canonical form, and what is refused and where; the properties say what holds for every text.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::string_slice, clippy::arithmetic_side_effects)]

use phone_enrichment::identity::{
    Domain, Email, Field, HostText, Issue, IssueCode, LinkedinProfile, Name, is_blank, trim,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::Value;
use std::collections::HashSet;
use unicode_normalization::UnicodeNormalization;

/// What a parser made of a text: wire and key as the vectors write them.
type Read = Result<(String, String), Box<Issue>>;

fn linkedin(raw: &str) -> Read {
    let profile = LinkedinProfile::parse(raw, &HostText);
    let spare = LinkedinProfile::parse("linkedin.com/in/somebody-else", &HostText).unwrap();
    assert_eq!(LinkedinProfile::parse_over(Some(spare), raw, &HostText), profile, "in the memory of another: {raw:?}");
    let profile = profile?;
    Ok((profile.url().into(), format!("in:{}", profile.slug())))
}

fn email(raw: &str) -> Read {
    let email = Email::parse(raw, &HostText);
    let spare = Email::parse("Somebody.Else@example.com", &HostText).unwrap();
    assert_eq!(Email::parse_over(Some(spare), raw, &HostText), email, "in the memory of another: {raw:?}");
    let email = email?;
    Ok((email.address().into(), format!("email:{}", email.folded())))
}

fn website(raw: &str) -> Read {
    let domain = Domain::parse(raw, &HostText)?;
    Ok((domain.as_str().into(), domain.as_str().into()))
}

fn name(raw: &str) -> Read {
    named(raw, Field::FirstName)
}

fn named(raw: &str, field: Field) -> Read {
    let name = Name::parse(raw, field, &HostText);
    let spare = Name::parse("Somebody Else", field, &HostText).unwrap();
    assert_eq!(Name::parse_over(Some(spare), raw, field, &HostText), name, "in the memory of another: {raw:?}");
    let name = name?;
    Ok((name.as_str().into(), name.folded().into()))
}

struct Vectors {
    file: &'static str,
    field: Field,
    cases: Vec<Value>,
}

fn all_vectors() -> Vec<Vectors> {
    let load = |file, field, text: &str| Vectors { file, field, cases: serde_json::from_str(text).unwrap() };
    vec![
        load("linkedin", Field::LinkedinUrl, include_str!("vectors/linkedin.json")),
        load("email", Field::Email, include_str!("vectors/email.json")),
        load("website", Field::CompanyWebsite, include_str!("vectors/website.json")),
        load("name", Field::FirstName, include_str!("vectors/name.json")),
    ]
}

/// The field that a case is about: a name says it itself.
fn field_of(vectors: &Vectors, case: &Value) -> Field {
    match case["field"].as_str() {
        None => vectors.field,
        Some(wire_name) => Field::ALL.into_iter().find(|field| field.wire_name() == wire_name).unwrap(),
    }
}

fn read(field: Field, raw: &str) -> Read {
    match field {
        Field::LinkedinUrl => linkedin(raw),
        Field::Email => email(raw),
        Field::CompanyWebsite => website(raw),
        Field::FirstName | Field::LastName | Field::CompanyName => named(raw, field),
    }
}

fn utf16_length(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap()
}

#[test]
fn every_vector_is_judged_as_it_says() {
    let mut wrong = Vec::new();
    for vectors in all_vectors() {
        for case in &vectors.cases {
            let raw = case["in"].as_str().unwrap();
            let field = field_of(&vectors, case);
            let holds = match (read(field, raw), case["refuse"].as_str()) {
                (Ok((wire, key)), None) => case["wire"] == wire && (case["key"].is_null() || case["key"] == key),
                (Err(issue), Some(code)) => {
                    issue.code.as_str() == code
                        && issue.field == Some(field)
                        && (case["position"].is_null() || case["position"].as_u64() == issue.position.map(u64::from))
                }
                _ => false,
            };
            if !holds {
                let read = read(field, raw).map_err(|issue| (issue.code.as_str(), issue.field, issue.position));
                wrong.push(format!("{} {case}\n    but {read:?}", vectors.file));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_vector_has_a_reason_of_its_own_and_an_expectation() {
    let mut count = 0;
    for vectors in all_vectors() {
        let mut reasons = HashSet::new();
        for case in &vectors.cases {
            let why = case["why"].as_str().unwrap();
            assert!(reasons.insert(why.to_owned()), "{}: {why} twice", vectors.file);
            let is_accepted = case["wire"].is_string();
            assert_ne!(is_accepted, case["refuse"].is_string(), "{case}");
            let needs_key = vectors.field != Field::CompanyWebsite;
            assert_eq!(case["key"].is_string(), is_accepted && needs_key, "{case}");
            count += 1;
        }
    }
    assert!(count >= 400, "only {count} vectors");
}

/// Codes that no text can earn: they are about the request around it.
const OF_THE_REQUEST: [IssueCode; 5] = [
    IssueCode::UnknownField,
    IssueCode::WrongType,
    IssueCode::NoIdentifier,
    IssueCode::IncompleteName,
    IssueCode::NotAnObject,
];

#[test]
fn every_code_of_a_text_is_earned_by_some_vector() {
    let vectors = all_vectors();
    let earned: HashSet<&str> =
        vectors.iter().flat_map(|vectors| &vectors.cases).filter_map(|case| case["refuse"].as_str()).collect();
    for code in IssueCode::ALL {
        let is_earned = earned.contains(code.as_str());
        assert_ne!(OF_THE_REQUEST.contains(code), is_earned, "{code:?}");
    }
}

#[test]
fn every_code_has_a_name_and_a_message_of_its_own() {
    let mut names = HashSet::new();
    let mut messages = HashSet::new();
    for code in IssueCode::ALL {
        let snake_case: String = format!("{code:?}")
            .chars()
            .flat_map(|letter| {
                let underscore = letter.is_ascii_uppercase().then_some('_');
                underscore.into_iter().chain([letter.to_ascii_lowercase()])
            })
            .skip(1)
            .collect();
        assert_eq!(code.as_str(), snake_case);
        assert!(names.insert(code.as_str()), "{code:?}");
        assert!(messages.insert(code.message()), "{code:?}");
    }
}

#[test]
fn messages_and_fixes_are_single_plain_sentences() {
    for code in IssueCode::ALL {
        let fix = code.fix();
        assert!(fix.is_some() || OF_THE_REQUEST.contains(code), "{code:?} leaves people without advice");
        for sentence in [Some(code.message()), fix].into_iter().flatten() {
            assert!(sentence.starts_with(|first: char| first.is_ascii_uppercase()));
            assert!(sentence.ends_with('.') && sentence.len() <= 80, "{sentence}");
            assert!(!sentence.contains(". "), "{sentence}");
        }
    }
    assert_eq!(IssueCode::CompanyPage.fix(), Some("Open the person's profile on LinkedIn and copy its address."));
    assert_eq!(IssueCode::WrongType.fix(), None);
}

#[test]
fn an_unknown_field_is_told_with_the_one_that_was_meant() {
    for (given, meant) in [
        ("linkedinUrl", Some(Field::LinkedinUrl)),
        ("LinkedIn-URL", Some(Field::LinkedinUrl)),
        ("linkedin", Some(Field::LinkedinUrl)),
        ("e-mail", Some(Field::Email)),
        ("emailAddress", Some(Field::Email)),
        ("firstName", Some(Field::FirstName)),
        ("FIRST NAME", Some(Field::FirstName)),
        ("last", Some(Field::LastName)),
        ("company", Some(Field::CompanyName)),
        ("companyWebsite", Some(Field::CompanyWebsite)),
        ("company website url", Some(Field::CompanyWebsite)),
        // A company's LinkedIn page is not a person's profile.
        ("company_linkedin_url", None),
        ("link", Some(Field::LinkedinUrl)),
        ("lin", None),
        ("phone", None),
        ("_", None),
        ("", None),
    ] {
        let issue = Issue::unknown_field(given);
        assert_eq!(issue.code, IssueCode::UnknownField);
        assert_eq!(issue.field, None);
        assert_eq!(issue.suggestion, meant, "{given}");
        assert_eq!(issue.name.as_deref(), Some(given));
    }
}

#[test]
fn the_name_of_an_unknown_field_is_bounded_and_shows_nothing_hidden() {
    let shown = |given: &str| Issue::unknown_field(given).name.unwrap();
    assert_eq!(shown(&"x".repeat(40)), "x".repeat(40));
    assert_eq!(shown(&"x".repeat(41)), "x".repeat(40));
    assert_eq!(shown(&"é".repeat(1_000_000)), "é".repeat(20));
    assert_eq!(shown(&"x🚀".repeat(20)), "x🚀".repeat(8));
    assert_eq!(shown("phone\0\u{202e}number"), "phonenumber");
    for hidden in ['\0', '\n', '\u{1b}', '\u{7f}', '\u{202e}', '\u{fffd}'] {
        assert!(!shown(&format!("phone{hidden}number")).contains(hidden));
    }
}

#[test]
fn half_a_name_says_what_it_misses() {
    let issue = Issue::incomplete_name(vec![Field::LastName, Field::CompanyName]);
    assert_eq!(issue.code, IssueCode::IncompleteName);
    assert_eq!(issue.missing, [Field::LastName, Field::CompanyName]);
    assert_eq!((issue.field, issue.position), (None, None));
}

#[test]
fn what_cannot_be_seen_counts_as_absent() {
    for blank in ["", " ", "\t\r\n", "\u{a0}\u{3000}", "\u{feff}\u{200b}\u{200e}"] {
        assert!(is_blank(blank), "{blank:?}");
    }
    for present in ["a", " a ", "\0", "-", "\u{301}", "\u{202e}"] {
        assert!(!is_blank(present), "{present:?}");
    }
    assert_eq!(trim("\u{feff} a \u{200b} b\u{2060}\n"), "a \u{200b} b");
}

#[test]
fn no_identifier_is_printed_for_debugging() {
    let printed = [
        format!("{:?}", LinkedinProfile::parse("linkedin.com/in/jane", &HostText)),
        format!("{:?}", Email::parse("jane@acme.com", &HostText)),
        format!("{:?}", Domain::parse("acme.com", &HostText)),
        format!("{:?}", Name::parse("Jane", Field::FirstName, &HostText)),
        format!("{:?}", LinkedinProfile::parse("jane.acme", &HostText)),
    ];
    for text in printed {
        assert!(!text.to_lowercase().contains("jane"), "{text}");
        assert!(!text.contains("acme"), "{text}");
    }
}

#[test]
fn a_text_of_any_length_is_judged_in_linear_time() {
    let started = std::time::Instant::now();
    for run in ["a", "%", "/", ".", "@", ":", "-", " ", "a.", "%41", "a/", "é", "e\u{301}", "|", "\\"] {
        let long = run.repeat(5_000);
        for raw in [
            format!("https://{long}"),
            format!("https://www.linkedin.com/in/{long}"),
            format!("https://www.linkedin.com/in/jane/{long}"),
            format!("jane@{long}"),
            format!("a{long}a"),
        ] {
            for field in Field::ALL {
                let _ = read(field, &raw);
            }
        }
    }
    // A second, on a slow machine and unoptimized. In quadratic time it would be minutes.
    assert!(started.elapsed().as_secs() < 10);
}

#[test]
fn a_megabyte_is_refused() {
    let long = "a".repeat(1_000_000);
    let codes = Field::ALL.map(|field| read(field, &long).unwrap_err().code);
    let expected = [
        IssueCode::NotLinkedin,
        IssueCode::EmailTooLong,
        IssueCode::NameTooLong,
        IssueCode::NameTooLong,
        IssueCode::NameTooLong,
        IssueCode::WebsiteSyntax,
    ];
    assert_eq!(codes, expected);
    let profile = format!("https://www.linkedin.com/in/{long}");
    assert_eq!(linkedin(&profile).unwrap_err().code, IssueCode::SlugTooLong);
}

#[test]
fn a_long_query_is_no_reason_to_refuse_a_profile() {
    let raw = format!("https://www.linkedin.com/in/jane?trk={}", "x".repeat(100_000));
    assert_eq!(linkedin(&raw).unwrap().1, "in:jane");
}

#[test]
fn every_character_that_folding_or_normal_form_changes_ends_in_a_form_of_its_own() {
    for character in ('\u{80}'..='\u{2ffff}').filter(|character| {
        let text = character.to_string();
        text.to_lowercase() != text || text.nfc().ne(text.chars())
    }) {
        for field in [Field::LinkedinUrl, Field::FirstName] {
            let raw = match field {
                Field::LinkedinUrl => format!("linkedin.com/in/x{character}x"),
                _ => format!("x{character}x"),
            };
            if let Ok((wire, key)) = read(field, &raw) {
                assert_eq!(read(field, &wire), Ok((wire, key)), "{character:?}");
            }
        }
        // What the bounds on unread text rest on.
        assert!(character.to_string().nfd().map(char::len_utf8).sum::<usize>() <= 12);
    }
}

/// Pieces of which addresses, and attacks on them, are made.
const PIECES: &[&str] = &[
    "https:",
    "http:",
    "//",
    "/",
    "\\",
    "?",
    "#",
    "@",
    ":",
    ":443",
    ":80",
    "www.",
    "linkedin.com",
    "uk.",
    "m.",
    "lnkd.in",
    "in",
    "/in/",
    "/IN/",
    "mwlite",
    "profile",
    "pub",
    "dir",
    "company",
    "me",
    "jane",
    "Jane",
    "ACoAAB0123456789abcdefg",
    "..",
    ".",
    "%2e",
    "%2E",
    "%25",
    "%",
    "%2F",
    "%C3%A9",
    "%ff",
    "%00",
    "é",
    "e\u{301}",
    "\u{301}",
    "İ",
    "ΟΔΟΣ",
    "Σ",
    "ς",
    "ß",
    "ẞ",
    "한",
    "\u{1112}\u{1161}\u{11ab}",
    "\u{958}",
    "\u{212a}",
    "\u{1fef}",
    "🚀",
    "\u{200d}",
    "\u{202e}",
    "\u{feff}",
    "\u{fffd}",
    " ",
    "\t",
    "\u{a0}",
    "acme",
    ".com",
    "gmail.com",
    "xn--",
    "ü",
    "１",
    "127.0.0.1",
    "0x7f",
    "[::1]",
    "-",
    "_",
    "'",
    "&",
    "+",
    "|",
    "`",
    "<",
    "\"",
    "\0",
];

fn awkward_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        vec(select(PIECES), 0..12).prop_map(|pieces| pieces.concat()),
        vec(select(PIECES), 0..6).prop_map(|pieces| format!("https://www.linkedin.com/in/{}", pieces.concat())),
        vec(any::<char>(), 1..8).prop_map(|slug| format!("linkedin.com/in/{}", slug.iter().collect::<String>())),
    ]
}

/// Slugs as people choose them, in canonical form: of any script, each character its own lower case.
fn slug() -> impl Strategy<Value = String> {
    let letters: Vec<char> =
        "abcdefghijklmnopqrstuvwxyz0123456789-_.&'~+,()@:éüñåçжяλ李小龍한مד\u{200c}🚀ß".chars().collect();
    vec(select(letters), 1..24).prop_map(String::from_iter).prop_filter("another rule is about these", |slug| {
        !matches!(slug.as_str(), "." | ".." | "me") && !slug.starts_with("ac")
    })
}

#[derive(Clone, Debug)]
struct Spelling {
    before: &'static str,
    prefix: &'static str,
    host: String,
    path: &'static str,
    tail: &'static str,
    after: &'static str,
    in_capitals: bool,
    is_decomposed: bool,
    lower_hex: bool,
    capitals: u64,
    escapes: u64,
}

fn spelling() -> impl Strategy<Value = Spelling> {
    let where_it_is = (
        select(&["", " ", "\t\n", "\u{feff}", "\u{a0}\u{200b}"][..]),
        select(&["https://", "http://", "HTTPS://", "//", "", "https:/"][..]),
        prop_oneof![
            select(
                &[
                    "linkedin.com",
                    "www.linkedin.com",
                    "m.linkedin.com",
                    "touch.linkedin.com",
                    "www.linkedin.com.",
                    "WWW.LinkedIn.COM",
                    "www.linkedin.com:",
                ][..],
            )
            .prop_map(str::to_owned),
            // Any locale that LinkedIn has, or will have.
            "[a-zA-Z]{2}\\.[lL]inked[iI]n\\.(com|COM)\\.?",
        ],
        select(&["/in/", "//in//", "/IN/", "/m/in/", "/mwlite/in/", "/mwlite/profile/in///"][..]),
    );
    let what_follows = (
        select(
            &[
                "",
                "/",
                "//",
                "/en",
                "/details/experience/",
                "/overlay/contact-info/?x",
                "?trk=people-guest",
                "?a=/../b%",
                "#experience",
                "/recent-activity/all/?u=@:443#",
            ][..],
        ),
        select(&["", " ", "\r\n", "\u{feff}\u{3000}"][..]),
    );
    let how = (any::<bool>(), any::<bool>(), any::<bool>(), any::<u64>(), any::<u64>());
    let spelling =
        (where_it_is, what_follows, how).prop_map(|((before, prefix, host, path), (tail, after), how)| Spelling {
            before,
            prefix,
            host,
            path,
            tail,
            after,
            in_capitals: how.0,
            is_decomposed: how.1,
            lower_hex: how.2,
            capitals: how.3,
            escapes: how.4,
        });
    // `linkedin.com://` is no host with an empty port: it would be a scheme.
    spelling.prop_filter("a scheme of its own", |spelling| {
        !(spelling.prefix.is_empty() && spelling.host.ends_with(':') && spelling.path.starts_with("//"))
    })
}

impl Spelling {
    /// Another way to write the address of this slug.
    fn of(&self, slug: &str) -> String {
        let mut spelled: String = slug
            .chars()
            .enumerate()
            .map(|(place, letter)| {
                let is_capital = self.in_capitals || self.capitals >> (place % 64) & 1 == 1;
                let capital: String = letter.to_uppercase().collect();
                // `ß` has no capital that leads back to it.
                if is_capital && capital.to_lowercase() == letter.to_string() { capital } else { letter.to_string() }
            })
            .collect();
        if self.is_decomposed {
            spelled = spelled.nfd().collect();
        }
        let mut escaped = String::new();
        for (place, letter) in spelled.chars().enumerate() {
            if self.escapes >> (place % 64) & 1 == 0 {
                escaped.push(letter);
                continue;
            }
            for byte in letter.to_string().bytes() {
                escaped += &if self.lower_hex { format!("%{byte:02x}") } else { format!("%{byte:02X}") };
            }
        }
        let Spelling { before, prefix, host, path, tail, after, .. } = self;
        format!("{before}{prefix}{host}{path}{escaped}{tail}{after}")
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        // A failure's seed is told on the screen; the vectors are where a case is kept.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_panics_and_every_place_is_within_the_text(raw in awkward_text()) {
        for field in Field::ALL {
            if let Err(issue) = read(field, &raw) {
                prop_assert_eq!(issue.field, Some(field));
                prop_assert!(!OF_THE_REQUEST.contains(&issue.code));
                if let Some(position) = issue.position {
                    prop_assert!(position < utf16_length(&raw), "{} in {:?}", position, raw);
                }
            }
        }
        let issue = Issue::unknown_field(&raw);
        prop_assert!(issue.name.unwrap().chars().count() <= 40);
    }

    /// Each reader judges each text twice: anew, and in the memory of another, where what is plain is read at once.
    #[test]
    fn what_is_almost_plain_is_read_alike_in_the_memory_of_another(
        address in "[aZ0]?[._+-]{0,2}[aZ0]@[aZ-]{0,2}[.-]{1,2}[aZ0-]{1,2}([.][a0])?[@.-]?",
        long in "[a.]{55,66}@a[.]b|a@[a.]{50,60}[.]com",
        profile in "(https?://)?(www[.]|uk[.])?linkedin[.]com/in/(m|Me|AC[ow]AA|AC[ow]AA[a-zA-Z]{15,16}|[a-cA_.%/?-]{0,4}|a{199,201})/{0,2}",
        name in "[aZ0 .,&'|@-]{0,6}",
    ) {
        for _ in [email(&address), email(&long), linkedin(&profile), named(&name, Field::LastName)] {}
    }

    #[test]
    fn the_canonical_form_is_its_own(raw in awkward_text()) {
        for field in Field::ALL {
            if let Ok((wire, key)) = read(field, &raw) {
                prop_assert_eq!(read(field, &wire), Ok((wire, key)));
            }
        }
    }

    #[test]
    fn what_the_key_names_has_that_key(raw in awkward_text()) {
        if let Ok((_, key)) = name(&raw) {
            // A fenced key is no name, and a folded one may have outgrown what a name may have.
            prop_assume!(!key.contains('\\') && key.chars().count() <= 200);
            prop_assert_eq!(name(&key).unwrap().1, key);
        }
        if let Ok((_, key)) = email(&raw) {
            prop_assert_eq!(email(key.strip_prefix("email:").unwrap()).unwrap().1, key);
        }
    }

    #[test]
    fn every_spelling_of_a_profile_has_its_key(slug in slug(), spelling in spelling()) {
        let raw = spelling.of(&slug);
        prop_assert_eq!(linkedin(&raw).map(|read| read.1), Ok(format!("in:{slug}")), "{:?}", raw);
    }

    #[test]
    fn two_profiles_never_share_a_key(
        one in slug(),
        other in slug(),
        spellings in (spelling(), spelling()),
    ) {
        prop_assume!(one != other);
        let (first, second) = (
            linkedin(&spellings.0.of(&one)).unwrap(),
            linkedin(&spellings.1.of(&other)).unwrap(),
        );
        prop_assert_ne!(first.1, second.1);
        prop_assert_ne!(first.0, second.0);
    }

    #[test]
    fn two_profiles_that_look_alike_never_share_a_key(
        front in "[a-z]{1,8}",
        // Neighbours in a keyboard, in an alphabet and in Unicode; none is the small letter of another.
        pair in subsequence(
            "-_.~&'+aаαäåáạ1lıiіj0oοо\u{200c}\u{200d}ßsʃѕ🚀🚁ﬁ李里小한하".chars().collect::<Vec<_>>(),
            2,
        ),
        spellings in (spelling(), spelling()),
    ) {
        let slugs = [format!("{front}{}z", pair[0]), format!("{front}{}z", pair[1])];
        prop_assume!(slugs.iter().all(|slug| !slug.starts_with("ac")));
        let (one, other) = (linkedin(&spellings.0.of(&slugs[0])).unwrap(), linkedin(&spellings.1.of(&slugs[1])).unwrap());
        prop_assert_ne!(one.1, other.1);
        prop_assert_ne!(one.0, other.0);
    }

    #[test]
    fn every_spelling_of_a_member_id_but_another_case_has_its_key(
        tail in "[A-Za-z0-9_-]{15,40}",
        spelling in spelling(),
    ) {
        let id = format!("ACwAA{tail}");
        let spelling = Spelling { in_capitals: false, capitals: 0, ..spelling };
        prop_assert_eq!(linkedin(&spelling.of(&id)).map(|read| read.1), Ok(format!("in:{id}")));
    }

    #[test]
    fn every_spelling_of_a_name_has_its_key(
        words in vec("[a-zéüñçжя李小한]{1,8}", 1..4),
        spaces in vec(select(&[" ", "  ", "\t", "\r\n", "\u{a0}", "\u{3000} \u{2003}"][..]), 4),
        around in (select(&["", " ", "\u{feff}", "\n"][..]), select(&["", " ", "\u{200b}", "\r\n"][..])),
        how in (any::<bool>(), any::<bool>()),
    ) {
        let mut spelled = String::new();
        for (word, space) in words.iter().zip(&spaces) {
            spelled += if spelled.is_empty() { around.0 } else { space };
            spelled += &if how.0 { word.to_uppercase() } else { word.clone() };
        }
        spelled += around.1;
        if how.1 {
            spelled = spelled.nfd().collect();
        }
        prop_assert_eq!(name(&spelled).map(|read| read.1), Ok(words.join(" ")), "{:?}", spelled);
    }

    #[test]
    fn member_ids_that_differ_in_case_are_two_people(tail in "[A-Za-z0-9_-]{15,40}") {
        let id = format!("ACoAA{tail}");
        let (wire, key) = linkedin(&format!("linkedin.com/in/{id}")).unwrap();
        prop_assert_eq!(wire, format!("https://www.linkedin.com/in/{id}"));
        prop_assert_eq!(key, format!("in:{id}"));
    }

    #[test]
    fn no_two_triples_of_names_are_joined_to_one_key(
        one in vec("[ab|@\\\\]{0,3}a", 3),
        other in vec("[ab|@\\\\]{0,3}a", 3),
    ) {
        let joined = |names: &[String]| {
            let keys: Vec<String> = names.iter().map(|raw| name(raw).unwrap().1).collect();
            keys.join("|")
        };
        prop_assert_eq!(joined(&one) == joined(&other), one == other);
        // What follows a bar and an `@` is a web site, never a company's name.
        prop_assert!(!name(&one[2]).unwrap().1.starts_with('@'));
    }

    #[test]
    fn an_address_differs_from_another_in_more_than_case(
        local in "[a-z0-9+_-]{1,20}(\\.[a-z0-9]{1,9})?",
        domain in "[a-z][a-z0-9]{0,10}(\\.[a-z]{2,5}){1,3}",
        capitals in any::<u64>(),
    ) {
        let plain = format!("{local}@{domain}");
        let shouted: String = plain
            .chars()
            .enumerate()
            .map(|(place, letter)| match capitals >> (place % 64) & 1 {
                1 => letter.to_ascii_uppercase(),
                _ => letter,
            })
            .collect();
        let (wire, key) = email(&format!(" {shouted}\n")).unwrap();
        prop_assert_eq!(&key, &format!("email:{plain}"));
        prop_assert_eq!(wire.split_once('@').unwrap(), (&shouted[..local.len()], domain.as_str()));
        let tagged = email(&format!("{local}+x@{domain}")).unwrap();
        prop_assert_ne!(tagged.1, key);
    }

    #[test]
    fn every_spelling_of_a_company_is_one_domain(
        domain in "[b-z][a-z0-9]{1,10}\\.(com|de|io|co\\.uk)",
        prefix in select(&["", "https://", "HTTP://", "//", " ", "www.", "https://WWW.www."][..]),
        suffix in select(&["", ".", "/", "/about?x=1#y", "?x", "#x", ":", " ", "./", "/a:b@c"][..]),
        is_shouted in any::<bool>(),
    ) {
        let expected = website(&domain);
        prop_assume!(expected.is_ok());
        let spelled = if is_shouted { domain.to_uppercase() } else { domain.clone() };
        prop_assert_eq!(website(&format!("{prefix}{spelled}{suffix}")), expected);
    }
}
