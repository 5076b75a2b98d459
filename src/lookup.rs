//! From a caller's request to the person it names: its one job is to decide which identifiers are
//! present and valid, which one is sent, and what is wrong with the rest, all at once.

use alloc::rc::Rc;

use crate::identity::{Domain, Email, Field, Issue, IssueCode, Issues, LinkedinProfile, Name, Text, concat, is_blank};
use crate::json::{Writer, write_digit};

/// A request as the caller gave it, field by field: nothing judged yet but the names and types.
#[derive(Default)]
pub struct RawRequest<'a> {
    values: [Option<&'a str>; 6],
    faults: Issues,
}

impl<'a> RawRequest<'a> {
    /// Takes one field: a text, or `None` for anything else that is there. Whoever reads the request
    /// leaves out what is `undefined`. An empty or all-blank text counts as absent.
    pub fn put(&mut self, name: &str, value: Option<&'a str>) {
        for (slot, &field) in self.values.iter_mut().zip(&Field::ALL) {
            if field.wire_name() == name {
                match value {
                    Some(text) if is_blank(text) => {}
                    Some(text) => *slot = Some(text),
                    None => self.faults.push(Issue::of(field, IssueCode::WrongType)),
                }
                return;
            }
        }
        self.faults.push(Issue::unknown_field(name));
    }

    /// Takes the text, which is not blank, of a field that is known by more than its name.
    pub fn set(&mut self, field: Field, text: &'a str) {
        if let Some(slot) = self.values.get_mut(field as usize) {
            *slot = Some(text);
        }
    }
}

/// First and last name of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName {
    first: Name,
    last: Name,
}

/// One person, named by one valid identifier in its canonical form. Only [`check`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub enum Lookup {
    /// By LinkedIn profile.
    LinkedinUrl(LinkedinProfile),
    /// By e-mail.
    Email(Email),
    /// By name and the company's website.
    NameWebsite(Rc<PersonName>, Domain),
    /// By name and the company's name.
    NameCompany(Rc<PersonName>, Name),
}

impl Lookup {
    /// Which identifier it is, in the caller's words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::LinkedinUrl(_) => "linkedin_url",
            Self::Email(_) => "email",
            Self::NameWebsite(..) => "name_website",
            Self::NameCompany(..) => "name_company",
        }
    }

    /// The fields as they go on the wire.
    #[must_use]
    pub fn fields(&self) -> Vec<(Field, &str)> {
        match self {
            Self::LinkedinUrl(profile) => vec![(Field::LinkedinUrl, profile.url())],
            Self::Email(email) => vec![(Field::Email, email.address())],
            Self::NameWebsite(name, domain) => name.fields(Field::CompanyWebsite, domain.as_str()),
            Self::NameCompany(name, company) => name.fields(Field::CompanyName, company.as_str()),
        }
    }

    /// Writes the fields as one JSON object, which is the body of a request. The same lookup gives the same bytes.
    pub fn write(&self, json: &mut Writer) {
        let mut lead = "{\"";
        for (field, value) in self.fields() {
            json.raw(lead);
            json.raw(field.wire_name());
            json.text("\":\"", value);
            lead = ",\"";
        }
        json.raw("}");
    }

    /// The one canonical key of the person: what is paid for twice is decided by it.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Email(email) if twin!(KeyFromRawText) => concat(&["email:", email.address()]),
            Self::LinkedinUrl(profile) => concat(&["in:", profile.slug()]),
            Self::Email(email) => concat(&["email:", email.folded()]),
            Self::NameWebsite(name, domain) => name.key("@", domain.as_str()),
            Self::NameCompany(name, company) => name.key("", company.folded()),
        }
    }
}

/// A stable fingerprint of a key, to recognise a person in logs and lists without storing who it is:
/// FNV-1a with 128 bits, as 32 hexadecimal digits. It is the same in every release that has the same
/// keys. It is no secret and no proof: whoever guesses a key can compute it.
#[must_use]
pub fn fingerprint(key: &str) -> String {
    const OFFSET_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let mut hash = OFFSET_BASIS;
    for byte in key.bytes() {
        hash = (hash ^ u128::from(byte)).wrapping_mul(PRIME);
    }
    let mut digits = String::with_capacity(32);
    for _ in 0..32 {
        // From the front: what is written is shifted out.
        write_digit(&mut digits, (hash >> 124) as u32);
        hash <<= 4;
    }
    digits
}

impl PersonName {
    /// The first name.
    #[must_use]
    pub fn first(&self) -> &Name {
        &self.first
    }

    /// The last name.
    #[must_use]
    pub fn last(&self) -> &Name {
        &self.last
    }

    fn fields<'a>(&'a self, company_field: Field, company: &'a str) -> Vec<(Field, &'a str)> {
        vec![(Field::FirstName, self.first.as_str()), (Field::LastName, self.last.as_str()), (company_field, company)]
    }

    fn key(&self, mark: &str, company: &str) -> String {
        concat(&["name:", self.first.folded(), "|", self.last.folded(), "|", mark, company])
    }
}

/// A request that can be sent. Only [`check`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct Checked {
    lookup: Rc<Lookup>,
    ladder: Vec<Rc<Lookup>>,
    /// What the request also holds and what is not sent, with the reason.
    pub dropped: Issues,
}

impl Checked {
    /// The one lookup that is sent.
    #[must_use]
    pub fn lookup(&self) -> &Rc<Lookup> {
        &self.lookup
    }

    /// Every valid identifier, strongest first: LinkedIn URL, e-mail, name + website, name +
    /// company name. It starts with [`Self::lookup`].
    #[must_use]
    pub fn ladder(&self) -> &[Rc<Lookup>] {
        &self.ladder
    }
}

/// Reads the parts of a request. A list has the same names and domains again and again: whoever reads one may know them by now.
pub trait Read {
    /// What is known about characters.
    fn text(&self) -> &dyn Text;

    /// As [`LinkedinProfile::parse`] does.
    ///
    /// # Errors
    /// What is wrong with it.
    fn profile(&mut self, raw: &str) -> Result<LinkedinProfile, Box<Issue>> {
        LinkedinProfile::parse(raw, self.text())
    }

    /// As [`Email::parse`] does.
    ///
    /// # Errors
    /// What is wrong with it.
    fn email(&mut self, raw: &str) -> Result<Email, Box<Issue>> {
        Email::parse(raw, self.text())
    }

    /// As [`Name::parse`] does.
    ///
    /// # Errors
    /// What is wrong with it.
    fn name(&mut self, raw: &str, field: Field) -> Result<Name, Box<Issue>> {
        Name::parse(raw, field, self.text())
    }

    /// As [`Domain::parse`] does.
    ///
    /// # Errors
    /// What is wrong with it.
    fn domain(&mut self, raw: &str) -> Result<Domain, Box<Issue>> {
        Domain::parse(raw, self.text())
    }
}

/// Reads each part anew.
struct Anew<'a>(&'a dyn Text);

impl Read for Anew<'_> {
    fn text(&self) -> &dyn Text {
        self.0
    }
}

/// Judges a request: the lookups it allows, or everything that is wrong with it.
///
/// An identifier that is present but invalid is an error, unless `drop_invalid` (the caller asked
/// for the ladder) lets the next valid one take its place. Half a name beside a whole identifier
/// names nobody: it is reported as dropped and never an error of its own.
///
/// # Errors
/// Every issue of the request, in the order of the fields.
pub fn check(request: RawRequest<'_>, drop_invalid: bool, text: &dyn Text) -> Result<Checked, Issues> {
    let Parts { profile, address, first, last, company, domain, mut invalid, half_name } =
        read(&mut Anew(text), &request.values);
    let mut faults = request.faults;

    let mut ladder = Vec::new();
    let mut climb = |rung| ladder.push(Rc::new(rung));
    if let Some(profile) = profile {
        climb(Lookup::LinkedinUrl(profile));
    }
    if let Some(address) = address {
        climb(Lookup::Email(address));
    }
    if let (Some(first), Some(last)) = (first, last) {
        let person = Rc::new(PersonName { first, last });
        if let Some(domain) = domain {
            climb(Lookup::NameWebsite(Rc::clone(&person), domain));
        }
        if let Some(company) = company {
            climb(Lookup::NameCompany(person, company));
        }
    }

    match ladder.first().cloned() {
        Some(lookup) if faults.is_empty() && (drop_invalid || invalid.is_empty()) => {
            if let Some(issue) = half_name {
                invalid.push(issue);
            }
            Ok(Checked { lookup, ladder, dropped: invalid })
        }
        somebody => {
            faults.append(&mut invalid);
            match half_name {
                Some(issue) if somebody.is_none() => faults.push(issue),
                _ if faults.is_empty() => faults.push(Issue::new(IssueCode::NoIdentifier)),
                _ => {}
            }
            Err(faults)
        }
    }
}

/// Every part of a request in its canonical form, where it has one.
pub struct Parts {
    /// The LinkedIn profile.
    pub profile: Option<LinkedinProfile>,
    /// The e-mail.
    pub address: Option<Email>,
    /// The first name.
    pub first: Option<Name>,
    /// The last name.
    pub last: Option<Name>,
    /// The company's name.
    pub company: Option<Name>,
    /// The company's website.
    pub domain: Option<Domain>,
    /// What is wrong with the others.
    pub invalid: Issues,
    /// That there is half a name.
    pub half_name: Option<Box<Issue>>,
}

/// Reads the values of a request, in the order of [`Field::ALL`].
#[inline(always)]
pub fn read(reader: &mut impl Read, values: &[Option<&str>; 6]) -> Parts {
    let [linkedin_url, email, first_name, last_name, company_name, company_website] = *values;
    let mut invalid = Vec::new();
    let mut keep = |issue: Box<Issue>| invalid.push(issue);
    let profile = linkedin_url.and_then(|raw| reader.profile(raw).map_err(&mut keep).ok());
    let address = email.and_then(|raw| reader.email(raw).map_err(&mut keep).ok());
    let mut name = |raw: Option<&str>, field| raw.and_then(|raw| reader.name(raw, field).map_err(&mut keep).ok());
    let first = name(first_name, Field::FirstName);
    let last = name(last_name, Field::LastName);
    let company = name(company_name, Field::CompanyName);
    let domain = company_website.and_then(|raw| reader.domain(raw).map_err(&mut keep).ok());
    let half_name = half_name(first_name, last_name, company_name, company_website);
    Parts { profile, address, first, last, company, domain, invalid, half_name }
}

/// The refusal of something that is not an object with readable fields at all.
#[must_use]
pub fn unreadable_request() -> Issues {
    vec![Issue::new(IssueCode::NotAnObject)]
}

/// What a name still needs to be an identifier, where there is a part of one.
fn half_name(
    first: Option<&str>,
    last: Option<&str>,
    company: Option<&str>,
    website: Option<&str>,
) -> Option<Box<Issue>> {
    let mut missing = Vec::new();
    let parts = [(first, Field::FirstName), (last, Field::LastName), (company.or(website), Field::CompanyName)];
    for (part, field) in parts {
        if part.is_none() {
            missing.push(field);
        }
    }
    (!missing.is_empty() && missing.len() < parts.len()).then(|| Issue::incomplete_name(missing))
}
