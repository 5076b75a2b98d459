use phone_enrichment::identity::{Field, IssueCode};
use phone_enrichment::lookup::{RawRequest, check, fingerprint, unreadable_request};

use crate::fixtures::{checked, raw, unicode};

type Fields<'a> = &'a [(&'a str, &'a str)];

const PROFILE: (&str, &str) = ("linkedin_url", "linkedin.com/in/Jane");
const EMAIL: (&str, &str) = ("email", "Jane@Acme.com");
const FIRST: (&str, &str) = ("first_name", "Jane");
const LAST: (&str, &str) = ("last_name", "Doe");
const COMPANY: (&str, &str) = ("company_name", "Acme Corp");
const WEBSITE: (&str, &str) = ("company_website", "https://www.acme.com/about");

/// The issues of a request that is refused, as field and code.
fn issues(request: RawRequest<'_>, ladder: bool) -> Vec<(Option<&'static str>, &'static str)> {
    let issues = check(request, ladder, &unicode()).err().expect("the request is refused");
    issues.iter().map(|issue| (issue.field.map(Field::wire_name), issue.code.as_str())).collect()
}

everywhere! {
    fn each_combination_of_the_contract_is_one_lookup() {
        let cases: [(Fields, &str, &str); 4] = [
            (&[PROFILE], "linkedin_url", "in:jane"),
            (&[EMAIL], "email", "email:jane@acme.com"),
            (&[FIRST, LAST, WEBSITE], "name_website", "name:jane|doe|@acme.com"),
            (&[FIRST, LAST, COMPANY], "name_company", "name:jane|doe|acme corp"),
        ];
        for (fields, kind, key) in cases {
            let checked = checked(fields);
            assert_eq!((checked.lookup().kind(), checked.lookup().key().as_str()), (kind, key));
            assert!(checked.dropped.is_empty());
        }
    }

    fn a_fingerprint_is_the_published_hash_of_the_key() {
        // The first three are the reference values of FNV-1a with 128 bits.
        for (key, expected) in [
            ("", "6c62272e07bb014262b821756295c58d"),
            ("a", "d228cb696f1a8caf78912b704e4a8964"),
            ("foobar", "343e1662793c64bf6f0d3597ba446f18"),
        ] {
            assert_eq!(fingerprint(key), expected);
        }
        let of = |url| fingerprint(&checked(&[("linkedin_url", url)]).lookup().key());
        assert_eq!(of("uk.linkedin.com/in/Jane/?trk=x"), of("https://www.linkedin.com/in/jane"));
        assert_ne!(of("linkedin.com/in/jane"), of("linkedin.com/in/janet"));
    }

    fn only_the_strongest_identifier_is_sent_and_the_ladder_names_the_rest() {
        let checked = checked(&[COMPANY, WEBSITE, LAST, FIRST, EMAIL, PROFILE]);
        let kinds: Vec<&str> = checked.ladder().iter().map(|rung| rung.kind()).collect();
        assert_eq!(kinds, ["linkedin_url", "email", "name_website", "name_company"]);
        let sent = checked.lookup().fields();
        assert_eq!(sent, [(Field::LinkedinUrl, "https://www.linkedin.com/in/jane")]);
    }

    fn a_name_goes_on_the_wire_as_given_and_is_keyed_folded() {
        let checked = checked(&[("first_name", " Zoë "), ("last_name", "O'NEIL"), ("company_name", "ACME  Corp")]);
        let sent = checked.lookup().fields();
        assert_eq!(sent, [(Field::FirstName, "Zoë"), (Field::LastName, "O'NEIL"), (Field::CompanyName, "ACME Corp")]);
        assert_eq!(checked.lookup().key(), "name:zoë|o'neil|acme corp");
    }

    fn everything_that_is_wrong_is_reported_at_once() {
        let mut request = raw(&[("linkedin_url", "https://www.linkedin.com/company/acme"), ("email", "john@"), ("first_name", "!"), ("linkedinUrl", "x")]);
        request.put("last_name", None);
        assert_eq!(
            issues(request, false),
            [
                (None, "unknown_field"),
                (Some("last_name"), "wrong_type"),
                (Some("linkedin_url"), "company_page"),
                (Some("email"), "email_syntax"),
                (Some("first_name"), "name_empty"),
                (None, "incomplete_name"),
            ]
        );
    }

    fn an_unknown_field_is_refused_even_beside_a_valid_identifier() {
        for ladder in [false, true] {
            assert_eq!(issues(raw(&[PROFILE, ("phone", "1")]), ladder), [(None, "unknown_field")]);
        }
        let issue = check(raw(&[("linkedinUrl", "x")]), false, &unicode()).err().unwrap().remove(0);
        assert_eq!((issue.name.as_deref(), issue.suggestion), (Some("linkedinUrl"), Some(Field::LinkedinUrl)));
    }

    fn nobody_is_named_by_nothing() {
        for fields in [vec![], vec![("email", "")], vec![("linkedin_url", " \t\u{a0}\u{feff}")]] {
            assert_eq!(issues(raw(&fields), false), [(None, "no_identifier")]);
        }
        assert_eq!(unreadable_request()[0].code, IssueCode::NotAnObject);
    }

    fn an_empty_string_is_as_good_as_absent() {
        assert_eq!(checked(&[PROFILE, ("email", ""), ("first_name", "  ")]).ladder().len(), 1);
    }

    fn half_a_name_says_what_is_missing() {
        let cases: [(Fields, &[Field]); 5] = [
            (&[FIRST], &[Field::LastName, Field::CompanyName]),
            (&[LAST, WEBSITE], &[Field::FirstName]),
            (&[FIRST, LAST], &[Field::CompanyName]),
            (&[COMPANY], &[Field::FirstName, Field::LastName]),
            (&[WEBSITE], &[Field::FirstName, Field::LastName]),
        ];
        for (fields, missing) in cases {
            let issues = check(raw(fields), false, &unicode()).err().unwrap();
            assert_eq!(issues.len(), 1);
            assert_eq!((issues[0].code, issues[0].missing.as_slice()), (IssueCode::IncompleteName, missing));
        }
    }

    fn half_a_name_beside_a_whole_identifier_is_reported_and_no_error() {
        let checked = checked(&[EMAIL, FIRST, LAST]);
        assert_eq!(checked.lookup().kind(), "email");
        assert_eq!(checked.dropped.iter().map(|issue| issue.code).collect::<Vec<_>>(), [IssueCode::IncompleteName]);
    }

    fn an_invalid_identifier_is_an_error_unless_the_ladder_was_asked_for() {
        let request = || raw(&[("linkedin_url", "https://lnkd.in/x"), EMAIL]);
        assert_eq!(issues(request(), false), [(Some("linkedin_url"), "short_link")]);
        let checked = check(request(), true, &unicode()).ok().unwrap();
        assert_eq!(checked.lookup().kind(), "email");
        assert_eq!(checked.dropped.iter().map(|issue| issue.code).collect::<Vec<_>>(), [IssueCode::ShortLink]);
        assert_eq!(issues(raw(&[("email", "john@")]), true), [(Some("email"), "email_syntax")], "no rung is left");
    }
}
