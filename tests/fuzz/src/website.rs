//! A company's website.

use crate::input::{AROUND, is_plain_domain, refusal_holds, same_refusal};
use phone_enrichment::identity::{Domain, Field, HostText, Issue, trim};

fn read(raw: &str) -> Result<Domain, Box<Issue>> {
    Domain::parse(raw, &HostText)
}

pub(crate) fn holds(raw: &str) {
    let surrounded = read(&format!("{}{raw}{}", AROUND.0, AROUND.1));
    let domain = match read(raw) {
        Ok(domain) => domain,
        Err(issue) => {
            refusal_holds(&issue, Field::CompanyWebsite, raw);
            match surrounded {
                Ok(_) => panic!("accepted with white space around it alone: {raw:?}"),
                Err(other) => same_refusal(&issue, &other, AROUND.0, raw),
            }
            return;
        }
    };
    let wire = domain.as_str();
    let same = |how: &str, spelling: &str| match read(spelling) {
        Ok(other) => assert!(other == domain, "{how}: {spelling:?} is {}, {raw:?} is {wire}", other.as_str()),
        Err(issue) => panic!("{how}: {spelling:?} is refused with {:?}, {raw:?} is not", issue.code),
    };
    assert!(surrounded.as_ref() == Ok(&domain), "white space around {raw:?}");
    assert!(is_plain_domain(wire), "{wire} of {raw:?}");
    assert!(wire.strip_prefix("www.").is_none_or(|rest| !rest.contains('.')), "{wire} of {raw:?}");

    same("the wire", wire);
    same("an address", &format!("https://{wire}./a?b#c"));
    let whole = trim(raw);
    same("capitals", &whole.to_ascii_uppercase());
    let separator = if whole.contains('?') { '&' } else { '?' };
    same("a tracking query", &format!("{whole}{separator}utm_source=x%2E&y=/../@:1"));
    if wire.len() <= 249 {
        same("www", &format!("http://WWW.{wire}:80"));
    }
}
