//! Who can be asked for: people with all their identifiers, each in several spellings.

use phone_enrichment::identity::HostText;
use phone_enrichment::json::Writer;
use phone_enrichment::lookup::{Lookup, RawRequest, check};
use phone_enrichment::twin::{self, Twin};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How many people there are.
pub const PEOPLE: usize = 24;
/// The identifiers of each, strongest first; the third is the e-mail that the vendor adds to what it finds.
pub const KINDS: usize = 5;
/// LinkedIn profile.
pub const LINKEDIN: usize = 0;
/// The e-mail that a caller knows.
pub const EMAIL: usize = 1;
/// Another e-mail of the same person.
pub const OTHER_EMAIL: usize = 2;

/// One identifier of one person, whatever its spelling: what is paid for twice is decided by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ident(pub u16);

impl Ident {
    /// Of this person, of this kind.
    #[must_use]
    pub fn of(person: usize, kind: usize) -> Self {
        Self((person * KINDS + kind) as u16)
    }

    /// Whose it is.
    #[must_use]
    pub fn person(self) -> usize {
        usize::from(self.0) / KINDS
    }

    /// Which of the person's.
    #[must_use]
    pub fn kind(self) -> usize {
        usize::from(self.0) % KINDS
    }
}

impl std::fmt::Display for Ident {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = ["linkedin", "email", "other-email", "website", "company"][self.kind()];
        write!(formatter, "person{}/{kind}", self.person())
    }
}

/// Everybody, as the engine and the vendor read them.
pub struct People {
    /// The spellings of each identifier.
    spellings: Vec<Vec<Rc<Lookup>>>,
    by_key: BTreeMap<String, Ident>,
    by_body: BTreeMap<String, Ident>,
}

impl People {
    /// All of them, made once for each thread: parsing is the slowest thing there is here.
    #[must_use]
    pub fn all(broken: Option<Twin>) -> Rc<Self> {
        type Made = (Option<Twin>, Rc<People>);
        thread_local! {
            static ALL: RefCell<Option<Made>> = const { RefCell::new(None) };
        }
        let broken = broken.filter(|twin| *twin == Twin::KeyFromRawText);
        ALL.with_borrow_mut(|all| match all {
            Some((made, people)) if *made == broken => Rc::clone(people),
            _ => {
                let people = Rc::new(Self::make(broken));
                *all = Some((broken, Rc::clone(&people)));
                people
            }
        })
    }

    fn make(broken: Option<Twin>) -> Self {
        twin::breaking(broken);
        let mut people =
            Self { spellings: vec![Vec::new(); PEOPLE * KINDS], by_key: BTreeMap::new(), by_body: BTreeMap::new() };
        for person in 0..PEOPLE {
            for kind in [EMAIL, OTHER_EMAIL] {
                let told = Self::parse(&[("email", &bonus(person, kind))]);
                people.by_key.insert(told.key(), Ident::of(person, kind));
            }
            let (slug, first, last) =
                (format!("jane-doe-{person}"), format!("jane{}", letters(person)), "O\u{2019}Doe");
            let domain = format!("acme{person}.com");
            let upper = first.to_uppercase();
            let linkedin = [
                format!("https://www.linkedin.com/in/{slug}"),
                format!("uk.linkedin.com/in/{}/?trk=x", slug.to_uppercase()),
                format!("LINKEDIN.com/in/{slug}/details/experience/"),
            ];
            let mails = |local: &str| {
                [
                    format!("{local}@{domain}"),
                    format!("{}@{domain}", local.to_uppercase()),
                    format!(" {local}@{} ", domain.to_uppercase()),
                ]
            };
            for address in &linkedin {
                people.add(Ident::of(person, LINKEDIN), &[("linkedin_url", address)]);
            }
            for (kind, local) in [(EMAIL, "jane.doe"), (OTHER_EMAIL, "jd")] {
                for address in &mails(local) {
                    people.add(Ident::of(person, kind), &[("email", address)]);
                }
            }
            let name = [("first_name", &*first), ("last_name", last)];
            let shouted = [("first_name", &*upper), ("last_name", "O\u{2019}DOE")];
            let website = format!("https://www.{domain}/about");
            let company = format!("Acme {}", letters(person));
            for (name, website, company) in
                [(name, domain.clone(), company.clone()), (shouted, website, company.to_uppercase())]
            {
                people.add(Ident::of(person, 3), &[name[0], name[1], ("company_website", &website)]);
                people.add(Ident::of(person, 4), &[name[0], name[1], ("company_name", &company)]);
            }
        }
        people
    }

    fn parse(fields: &[(&str, &str)]) -> Rc<Lookup> {
        let mut request = RawRequest::default();
        for (name, value) in fields {
            request.put(name, Some(value));
        }
        let Ok(checked) = check(request, false, &HostText) else { panic!("{fields:?} is refused") };
        Rc::clone(checked.lookup())
    }

    fn add(&mut self, ident: Ident, fields: &[(&str, &str)]) {
        let lookup = Self::parse(fields);
        let mut body = Writer::begin();
        lookup.write(&mut body);
        for (table, text) in [(&mut self.by_key, lookup.key()), (&mut self.by_body, body.into_text())] {
            let other = table.insert(text, ident);
            assert!(other.is_none_or(|other| other == ident), "{ident} is taken for somebody else");
        }
        self.spellings[usize::from(ident.0)].push(lookup);
    }

    /// The spellings of an identifier.
    #[must_use]
    pub fn spellings(&self, ident: Ident) -> &[Rc<Lookup>] {
        &self.spellings[usize::from(ident.0)]
    }

    /// Whom a key is of.
    #[must_use]
    pub fn of_key(&self, key: &str) -> Ident {
        self.by_key[key]
    }

    /// Whom the vendor is asked for.
    #[must_use]
    pub fn of_body(&self, body: &str) -> Ident {
        self.by_body[body]
    }

    /// Whom a lookup is of.
    #[must_use]
    pub fn of_lookup(&self, lookup: &Lookup) -> Ident {
        self.of_key(&lookup.key())
    }
}

/// A number as letters, since names hold no digits.
fn letters(number: usize) -> String {
    ["a", "b", "c", "d", "e"][number % 5].repeat(number / 5 + 1)
}

/// The phone of a person.
#[must_use]
pub fn phone(person: usize) -> String {
    format!("+1 555 01{person:02}")
}

/// The bonus e-mail that the vendor adds, in a spelling of its own.
#[must_use]
pub fn bonus(person: usize, kind: usize) -> String {
    match kind {
        EMAIL => format!("Jane.Doe@ACME{person}.com"),
        _ => format!("JD@acme{person}.COM"),
    }
}
