//! A whole request: any fields in any order, with any values.

use crate::input::{refusal_holds, text};
use phone_enrichment::identity::{
    Domain, Email, Field, HostText, Issue, IssueCode, Issues, LinkedinProfile, Name, is_blank,
};
use phone_enrichment::lookup::{Checked, Lookup, RawRequest, check};

/// Stands between two fields: a byte that no text has.
const BETWEEN: u8 = 0xff;

/// A field as the caller gave it: its name and, if that is a text, its value.
type Given = (String, Option<String>);

/// Reads the fields out of the bytes. The first byte of each says which it is: one of the six by its number, one that is
/// no text, or one that nobody knows.
fn given(data: &[u8]) -> Vec<Given> {
    data.split(|&byte| byte == BETWEEN)
        .filter_map(|record| {
            let (&kind, value) = record.split_first()?;
            let known = |number: u8| Field::ALL[usize::from(number) % Field::ALL.len()].wire_name().to_owned();
            Some(match kind % 8 {
                6 => (known(value.first().copied().unwrap_or_default()), None),
                7 => (text(value), Some("x".to_owned())),
                number => (known(number), Some(text(value))),
            })
        })
        .collect()
}

fn judge<'a>(given: impl IntoIterator<Item = &'a Given>, drop_invalid: bool) -> Result<Checked, Issues> {
    let mut request = RawRequest::default();
    for (name, value) in given {
        request.put(name, value.as_deref());
    }
    check(request, drop_invalid, &HostText)
}

pub(crate) fn holds(data: &[u8]) {
    let given = given(data);
    let strict = judge(&given, false);
    let lenient = judge(&given, true);
    for outcome in [&strict, &lenient] {
        let issues = match outcome {
            Ok(checked) => {
                checked_holds(checked, &given);
                &checked.dropped
            }
            Err(issues) => {
                assert!(!issues.is_empty(), "refused for nothing: {given:?}");
                issues
            }
        };
        issues_hold(issues, &given);
    }
    match (&strict, &lenient) {
        (Ok(strict), Ok(lenient)) => assert!(strict == lenient, "the ladder changes a valid request: {given:?}"),
        (Ok(_), Err(_)) => panic!("the ladder refuses a valid request: {given:?}"),
        (Err(issues), Ok(lenient)) => {
            // Half a name is no error of its own beside a whole identifier.
            let errors = lenient.dropped.iter().filter(|issue| issue.code != IssueCode::IncompleteName);
            assert!(errors.eq(issues), "{issues:?} or {:?} for {given:?}", lenient.dropped);
        }
        (Err(strict), Err(lenient)) => assert_eq!(strict, lenient, "{given:?}"),
    }
    every_invalid_field_is_told(&strict, &given);
}

/// The value of a field that counts: its last one that is not blank.
fn value(field: Field, given: &[Given]) -> Option<&str> {
    let mut texts =
        given.iter().filter(|(name, _)| name == field.wire_name()).filter_map(|(_, value)| value.as_deref());
    texts.rfind(|text| !is_blank(text))
}

fn refused(field: Field, raw: &str) -> Option<Box<Issue>> {
    match field {
        Field::LinkedinUrl => LinkedinProfile::parse(raw, &HostText).err(),
        Field::Email => Email::parse(raw, &HostText).err(),
        Field::CompanyWebsite => Domain::parse(raw, &HostText).err(),
        Field::FirstName | Field::LastName | Field::CompanyName => Name::parse(raw, field, &HostText).err(),
    }
}

fn checked_holds(checked: &Checked, given: &[Given]) {
    let ladder = checked.ladder();
    assert!(ladder.first() == Some(checked.lookup()), "{given:?}");
    let rank =
        |lookup: &Lookup| ["linkedin_url", "email", "name_website", "name_company"].map(|kind| kind == lookup.kind());
    assert!(ladder.windows(2).all(|pair| rank(&pair[0]) > rank(&pair[1])), "the ladder is out of order: {given:?}");
    for lookup in ladder {
        let prefix = match lookup.kind() {
            "linkedin_url" => "in:",
            "email" => "email:",
            _ => "name:",
        };
        assert!(lookup.key().starts_with(prefix), "{} for {given:?}", lookup.key());
        // What goes on the wire is judged as what came in was.
        let wire: Vec<Given> = lookup
            .fields()
            .into_iter()
            .map(|(field, value)| (field.wire_name().to_owned(), Some(value.to_owned())))
            .collect();
        match judge(&wire, false) {
            Ok(again) => {
                assert!(again.lookup() == lookup && again.ladder().len() == 1, "{wire:?} is not its own, of {given:?}");
                assert_eq!(again.lookup().key(), lookup.key(), "{given:?}");
                assert!(again.dropped.is_empty(), "{given:?}");
            }
            Err(issues) => panic!("{wire:?}, the wire of {given:?}, is refused: {issues:?}"),
        }
    }
}

fn issues_hold(issues: &[Box<Issue>], given: &[Given]) {
    for issue in issues {
        match (issue.code, issue.field) {
            (IssueCode::UnknownField, None) => {
                let name = issue.name.as_deref().unwrap_or_else(|| panic!("nameless: {given:?}"));
                assert!(name.len() <= 43 && !name.contains(char::is_control), "{name:?} of {given:?}");
            }
            (IssueCode::WrongType, Some(field)) => {
                let is_there = given.iter().any(|(name, value)| name == field.wire_name() && value.is_none());
                assert!(is_there, "{given:?}");
            }
            (IssueCode::IncompleteName, None) => {
                assert!((1..=2).contains(&issue.missing.len()), "{given:?}");
                assert!(issue.missing.iter().all(|&field| value(field, given).is_none()), "{given:?}");
            }
            (IssueCode::NoIdentifier, None) => assert_eq!(issues.len(), 1, "{given:?}"),
            (_, Some(field)) => match value(field, given) {
                Some(raw) => refusal_holds(issue, field, raw),
                None => panic!("{:?} of an absent {field:?} in {given:?}", issue.code),
            },
            (code, None) => panic!("{code:?} of nothing in {given:?}"),
        }
    }
}

fn every_invalid_field_is_told(strict: &Result<Checked, Issues>, given: &[Given]) {
    let told = strict.as_ref().err().map_or(&[][..], Vec::as_slice);
    for field in Field::ALL {
        if let Some(issue) = value(field, given).and_then(|raw| refused(field, raw)) {
            assert!(told.contains(&issue), "{:?} of {field:?} is not told: {given:?}", issue.code);
        }
    }
    for (name, value) in given {
        if !Field::ALL.iter().any(|field| field.wire_name() == name) {
            assert!(told.contains(&Issue::unknown_field(name)), "{name:?} is not told: {given:?}");
        } else if value.is_none() {
            assert!(told.iter().any(|issue| issue.code == IssueCode::WrongType), "{name} is not told: {given:?}");
        }
    }
}
