//! An e-mail address.

use crate::input::{AROUND, is_plain_domain, refusal_holds, same_refusal};
use phone_enrichment::identity::{Domain, Email, Field, HostText, Issue, IssueCode, trim};

fn read(raw: &str) -> Result<Email, Box<Issue>> {
    Email::parse(raw, &HostText)
}

pub(crate) fn holds(raw: &str) {
    let surrounded = read(&format!("{}{raw}{}", AROUND.0, AROUND.1));
    let email = match read(raw) {
        Ok(email) => email,
        Err(issue) => {
            refusal_holds(&issue, Field::Email, raw);
            match surrounded {
                Ok(_) => panic!("accepted with white space around it alone: {raw:?}"),
                Err(other) => same_refusal(&issue, &other, AROUND.0, raw),
            }
            return;
        }
    };
    assert!(surrounded.as_ref() == Ok(&email), "white space around {raw:?}");
    let (wire, key) = (email.address(), email.folded());
    assert_eq!(key, wire.to_ascii_lowercase(), "{raw:?}");
    assert!(wire.is_ascii() && wire.len() <= 254, "{wire} of {raw:?}");
    let whole = trim(raw);
    let Some((local, domain)) = wire.split_once('@') else { panic!("{wire} of {raw:?}") };
    let Some((written_local, written_domain)) = whole.rsplit_once('@') else { panic!("{wire} of {raw:?}") };
    assert_eq!(local, written_local, "{raw:?}");
    assert!(local.len() <= 64 && local.split('.').all(is_atom), "{wire} of {raw:?}");
    assert!(is_plain_domain(domain), "{wire} of {raw:?}");

    assert!(read(wire).as_ref() == Ok(&email), "{wire} of {raw:?} is not its own");
    let capitals = format!("{local}@{}", written_domain.to_ascii_uppercase());
    assert!(read(&capitals).as_ref() == Ok(&email), "{capitals:?} is not {raw:?}");
    for folded in [whole.to_ascii_lowercase(), whole.to_ascii_uppercase(), key.to_owned()] {
        assert!(read(&folded).is_ok_and(|other| other.folded() == key), "{folded:?} is not {raw:?}");
    }
    // What is a domain here is one there, unless it is one that stands for no company.
    match Domain::parse(domain, &HostText) {
        Ok(company) => assert!(domain.ends_with(company.as_str()), "{domain} of {raw:?}"),
        Err(issue) => assert!(
            matches!(issue.code, IssueCode::WebsiteSpecialUse | IssueCode::WebsiteNotCompany),
            "{domain} of {raw:?} is refused with {:?}",
            issue.code
        ),
    }
}

/// Letters, digits and the signs that RFC 5322 allows without quotes; at least one.
fn is_atom(atom: &str) -> bool {
    !atom.is_empty() && atom.chars().all(|sign| sign.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(sign))
}
