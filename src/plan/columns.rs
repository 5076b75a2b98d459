//! Which column holds what: its one job is to find the header and what each of its names stands for.
//!
//! Names are compared whole, after folding case, accents and punctuation; never by single words or by likeness, which would
//! take "Previous Company Name" for the company. Whatever a name says, the first values have to look like it.
//!
//! What loops here stands by itself, never inlined: an engine takes a function that loops for one worth optimizing, and all
//! of this runs once.

use super::records::Record;
use crate::identity::{Domain, Email, Field, LinkedinProfile, Text, is_blank, trim};

/// What a column is read as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// A field of the request.
    Field(Field),
    /// First and last name in one.
    FullName,
}

impl Target {
    /// The names by which callers know them.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Field(field) => field.wire_name(),
            Self::FullName => "full_name",
        }
    }

    /// The target of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let field = Field::ALL.into_iter().find(|field| field.wire_name() == name);
        field.map(Self::Field).or((name == "full_name").then_some(Self::FullName))
    }
}

/// Why a column is read as what it is, or as nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// The caller said so.
    Caller,
    /// The layout of a known tool says so.
    Layout,
    /// The header is a name for it.
    Name,
    /// There is no known header, and every value is one.
    Values,
    /// Its name is known, but its values are something else.
    Unlike,
    /// Another column has the same, and is better or comes before.
    Other,
    /// Nothing that is needed.
    Unknown,
}

impl Why {
    /// For programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Layout => "layout",
            Self::Name => "name",
            Self::Values => "values",
            Self::Unlike => "unlike",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}

/// A column, with what it is read as.
pub struct Column {
    /// Its header as it stands there.
    pub header: String,
    /// Its first values.
    pub values: Vec<String>,
    /// What it is read as, if anything.
    pub target: Option<Target>,
    /// Why.
    pub why: Why,
    /// Where it stands among those for the same target: the least comes first.
    preference: u32,
}

/// What was found out about the columns.
pub(super) struct Columns {
    /// All of them, from the left.
    pub all: Vec<Column>,
    /// The tool that writes such lists, where it is known.
    pub layout: Option<&'static str>,
    /// Which record the header is, from 1; 0 where there is none.
    pub header: u32,
}

/// Headers that mean a field in any list, folded; the first is preferred to the second.
const NAMES: &[(Target, &str)] = &[
    (
        Target::Field(Field::LinkedinUrl),
        "linkedinurl linkedinurlpublic publiclinkedinurl linkedinpublicurl linkedinpublicprofileurl linkedinprofileurl linkedinprofile linkedincontactprofileurl contactliprofileurl linkedin linkedinlink linkedinaddress linkedinprofilelink linkedinc linkedinurlc liurl liprofile liprofileurl publicprofileurl profileurl defaultprofileurl linkedinurluniqueid linkedinidurl urllinkedin lienlinkedin profillinkedin perfillinkedin perfildelinkedin linkedinprofil linkedinperfil profilolinkedin linkedinadres hslinkedinurl",
    ),
    (
        Target::Field(Field::Email),
        "email workemail emailwork businessemail professionalemail companyemail emailaddress primaryemail mail mailaddress emailid emailvalue emailc useremail courriel adressemail adressecourriel adresseemail emailprofessionnel emailpro mailpro correo correoelectronico correoe emailtrabajo emailtrabalho emailtravail emailarbeit indirizzoemail emailadresse mailadresse epost epostadresse emailadres eposta epostaadresi adresemail sahkoposti enderecodeemail эл.почта электроннаяпочта почта 邮箱 电子邮件 メールアドレス メール 이메일 personalemail emailpersonal emailhome",
    ),
    (
        Target::Field(Field::FirstName),
        "firstname givenname first given forename fname vorname prenom primernombre nombres nombredepila primeironome voornaam fornavn fornamn etunimi imie jmeno keresztnev prenume имя 名 名字 이름",
    ),
    (
        Target::Field(Field::LastName),
        "lastname surname familyname last family lname nachname familienname zuname nomdefamille apellido apellidos cognome sobrenome apelido ultimonome achternaam efternavn etternavn efternamn sukunimi nazwisko prijmeni vezeteknev numedefamilie soyad soyadi фамилия 姓 姓氏 성",
    ),
    (
        Target::FullName,
        "fullname contactfullname completename displayname nomcomplet nometprenom prenometnom prenomnom nombrecompleto nombreyapellidos nomecompleto vollstandigername vorundnachname volledigenaam fuldenavn fulltnavn imieinazwisko фио 姓名 氏名",
    ),
    (
        Target::Field(Field::CompanyName),
        "companyname company companynamecleaned companycleanedname cleanedcompanyname currentcompany currentcompanyname organization organisation organizationname organisationname employer employername account accountname associatedcompany primarycompany businessname firma firmenname unternehmen unternehmensname arbeitgeber entreprise nomdelentreprise nomentreprise societe nomdelasociete employeur organisme empresa nombredelaempresa nombreempresa nomedaempresa compania azienda nomeazienda societa ragionesociale datoredilavoro bedrijf bedrijfsnaam organisatie werkgever virksomhed virksomhet foretag yritys nazwafirmy spolecnost sirket компания организация 公司 公司名称 会社名 会社 회사 회사명",
    ),
    (
        Target::Field(Field::CompanyWebsite),
        "companydomain companywebsite companywebsiteurl companyurl companydomainname companyweb organizationwebsite organizationdomain accountwebsite employerwebsite website websiteurl webpage domain domainname web siteweb sitewebentreprise sitedelentreprise sitioweb paginaweb sitoweb sitoaziendale webseite firmenwebsite unternehmenswebsite internetseite homepage dominio domaine domane сайт 网站 ウェブサイト",
    ),
];

/// Of which lengths there are names that begin with a letter, by the last five bits of it: most cells of a list are as good as
/// any value for a name, and to compare each with all of them takes longer than to read thousands of rows.
const LENGTHS: [u32; 32] = {
    let mut lengths = [0_u32; 32];
    let mut targets = NAMES;
    while let [(_, names), others @ ..] = targets {
        targets = others;
        let mut rest = names.as_bytes();
        while let [first, ..] = rest {
            let mut length = 0_u32;
            while let [byte, after @ ..] = rest
                && *byte != b' '
            {
                (length, rest) = (length.wrapping_add(1), after);
            }
            if let Some((_, [of_letter, ..])) = lengths.split_at_mut_checked((*first & 31) as usize) {
                *of_letter |= 1_u32.wrapping_shl(length);
            }
            if let [_, after @ ..] = rest {
                rest = after;
            }
        }
    }
    lengths
};

/// Names for the last name where there is another column for the first, for the first where there is one for the last, and
/// for both where there is neither.
const AMBIGUOUS: &str = "name nom nome nombre naam navn namn nazwa nimi имяфамилия 名前";

/// What may stand before a name without changing it.
const PREFIXES: &str = "person contact lead prospect persona personne persoon kontakt contacto contatto";

/// The layouts of known tools: the headers that give them away, and what these tools mean by a header that could be anything.
const LAYOUTS: &[(&str, &str, &str)] = &[
    ("LinkedIn Connections", "firstname lastname url emailaddress company position connectedon", "url=linkedin_url"),
    (
        "PhantomBuster",
        "defaultprofileurl firstname lastname",
        "linkedinprofileurl=linkedin_url profileurl=linkedin_url",
    ),
    ("PhantomBuster", "vmid firstname lastname", "linkedinprofileurl=linkedin_url profileurl=linkedin_url"),
    ("Evaboot", "linkedinurlpublic linkedinurluniqueid", ""),
    ("Seamless.AI", "contactliprofileurl contactfullname", ""),
    ("ZoomInfo", "linkedincontactprofileurl companyname", ""),
    ("Pronto", "companycleanedname linkedinprofileurl", ""),
    ("Pronto", "salesnavigatorprofileurl linkedinprofileurl", ""),
    ("Pronto", "salesnavigatorprofileurl linkedinidurl", ""),
    ("Pipedrive", "personfirstname personlastname personorganization", ""),
    ("Pipedrive", "personname personorganization", ""),
    ("Google Contacts", "givenname familyname email1value", ""),
    ("Google Contacts", "firstname lastname email1value", ""),
    ("Apollo", "firstname lastname personlinkedinurl", ""),
    ("Outlook", "firstname lastname emailaddress webpage", ""),
    ("HubSpot", "recordid firstname lastname email", ""),
    ("HubSpot", "firstname lastname email associatedcompany", ""),
    ("Salesforce", "firstname lastname accountname", ""),
    ("Salesforce", "firstname lastname linkedinc", ""),
];

/// A header that only lists of something else have: LinkedIn's own archive of messages.
const NOT_PEOPLE: &str = "conversationid";

/// Letters with accents, each before the letter that it is folded to.
const ACCENTS: &str = "àaáaâaãaäaåaāaăaąaæaçcćcčcďdđdèeéeêeëeēeęeěeğgìiíiîiïiīiıiİiłlľlñnńnňnòoóoôoõoöoøoőořrśsšsşsșsßsťtţtțtùuúuûuüuůuűuūuýyÿyžzźzżz";

/// A header without its case, accents and punctuation.
pub(super) fn fold(header: &str, text: &dyn Text) -> String {
    let lower = if header.is_ascii() { header.to_ascii_lowercase() } else { text.nfc(&text.lowercase(header)) };
    let mut folded = String::with_capacity(lower.len());
    for letter in lower.chars() {
        if letter.is_ascii() {
            if letter.is_ascii_alphanumeric() {
                folded.push(letter);
            }
            continue;
        }
        let mut pairs = ACCENTS.chars();
        let mut plain = letter;
        while let (Some(accented), Some(base)) = (pairs.next(), pairs.next()) {
            if accented == letter {
                plain = base;
                break;
            }
        }
        let is_mark =
            matches!(letter, '\u{300}'..='\u{36F}' | '\u{A0}'..='\u{BF}' | '\u{2000}'..='\u{206F}' | '\u{FEFF}');
        if !is_mark {
            folded.push(plain);
        }
    }
    folded
}

/// Where a word stands among others.
#[inline(never)]
pub(super) fn has(words: &str, word: &str) -> Option<u32> {
    let place = words.split_ascii_whitespace().position(|one| one == word)?;
    u32::try_from(place).ok()
}

/// What a folded header means in any list, and how far it stands from the best name for it.
fn meaning(folded: &str) -> Option<(Target, u32)> {
    let exact = |name: &str| {
        let lengths = LENGTHS.get(usize::from(name.bytes().next()? & 31))?;
        let may_be = lengths.wrapping_shr(u32::try_from(name.len()).ok()?) & 1 == 1;
        NAMES.iter().filter(|_| may_be).find_map(|(target, names)| Some((*target, has(names, name)?)))
    };
    if folded.is_empty() {
        return None;
    }
    if let Some(found) = exact(folded) {
        return Some(found);
    }
    // Several e-mails have numbers, which stand for their order.
    let bare: String = folded.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    if bare.len() < folded.len() {
        match bare.as_str() {
            "email" | "emailvalue" | "emailaddress" | "workemail" => return Some((Target::Field(Field::Email), 0)),
            "organizationname" => return exact(&bare),
            _ => {}
        }
    }
    PREFIXES.split_ascii_whitespace().find_map(|prefix| exact(folded.strip_prefix(prefix)?))
}

/// Whether it could be either name, or both.
fn is_ambiguous(folded: &str) -> bool {
    let is = |name| has(AMBIGUOUS, name).is_some();
    is(folded) || PREFIXES.split_ascii_whitespace().any(|prefix| folded.strip_prefix(prefix).is_some_and(is))
}

fn cell(record: &Record, column: usize) -> &str {
    core::str::from_utf8(record.cell(column)).unwrap_or_default()
}

fn folded_headers(record: &Record, text: &dyn Text) -> Vec<String> {
    (0..record.cells.len()).map(|column| fold(cell(record, column), text)).collect()
}

/// How many of a record's cells are names that mean something.
pub(super) fn score(record: &Record, text: &dyn Text) -> u32 {
    if record.too_long {
        return 0;
    }
    let headers = folded_headers(record, text);
    let mut known = 0_u32;
    for folded in &headers {
        let is_known = meaning(folded).is_some() || is_ambiguous(folded) || folded == NOT_PEOPLE;
        known = known.saturating_add(u32::from(is_known));
    }
    known
}

/// Whether the list is one of something else.
pub(super) fn is_not_people(record: &Record, text: &dyn Text) -> bool {
    folded_headers(record, text).iter().any(|header| header == NOT_PEOPLE)
}

/// Whether the part stands anywhere in a text: what `str` has for that weighs ten times as much.
fn has_part(text: &str, part: &[u8]) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window == part)
}

/// Whether the value could be meant for the target.
fn is_like(target: Target, value: &str, text: &dyn Text) -> bool {
    match target {
        Target::Field(Field::LinkedinUrl) => has_part(&value.to_ascii_lowercase(), b"linkedin."),
        Target::Field(Field::Email) => value.contains('@'),
        Target::Field(Field::CompanyWebsite) => Domain::parse(value, text).is_ok(),
        Target::Field(Field::FirstName | Field::LastName) | Target::FullName => {
            !value.contains(['@', '/']) && !value.bytes().all(|byte| byte.is_ascii_digit())
        }
        Target::Field(Field::CompanyName) => !has_part(value, b"://"),
    }
}

/// The columns, by the header or, where there is none, by their values.
pub(super) fn find(
    sample: &[Record],
    forced: Option<u32>,
    given: &[(String, Option<Target>)],
    text: &dyn Text,
) -> Columns {
    let header = forced.unwrap_or_else(|| find_header(sample, text));
    let names = usize::try_from(header).ok().and_then(|header| header.checked_sub(1)).and_then(|at| sample.get(at));
    let values = sample.get(header as usize..).unwrap_or_default();
    let width =
        names.map_or_else(|| values.iter().map(|record| record.cells.len()).max(), |names| Some(names.cells.len()));
    let headers: Vec<String> = names.map(|names| folded_headers(names, text)).unwrap_or_default();
    let layout = LAYOUTS.iter().find(|(_, signature, _)| {
        !headers.is_empty() && signature.split_ascii_whitespace().all(|one| headers.iter().any(|header| header == one))
    });
    let mut all = Vec::new();
    for place in 0..width.unwrap_or(0) {
        let title = names.map_or("", |names| trim(cell(names, place)));
        let mut shown = Vec::new();
        for record in values {
            let value = trim(cell(record, place));
            if shown.len() < 3 && !value.is_empty() {
                shown.push(value.chars().take(200).collect());
            }
        }
        let folded = headers.get(place).map_or("", String::as_str);
        let of_layout = layout.and_then(|(_, _, means)| {
            means.split_ascii_whitespace().enumerate().find_map(|(order, pair)| {
                let (name, field) = pair.split_once('=')?;
                Some((Target::of(field)?, order)).filter(|_| name == folded)
            })
        });
        let (target, why, preference) = match (of_layout, meaning(folded)) {
            (Some((target, order)), _) => (Some(target), Why::Layout, u32::try_from(order).unwrap_or(0)),
            // What the tool's own headers leave comes after them.
            (None, Some((target, order))) => {
                let why = if layout.is_some() { Why::Layout } else { Why::Name };
                (Some(target), why, order.saturating_add(100))
            }
            (None, None) => (None, Why::Unknown, 0),
        };
        all.push(Column { header: title.into(), values: shown, target, why, preference });
    }
    let mut columns = Columns { all, layout: layout.map(|(name, ..)| *name), header };
    columns.settle_names(&headers);
    columns.confirm(values, text);
    if headers.is_empty() || columns.all.iter().all(|column| column.target.is_none()) {
        columns.by_values(values, text);
    }
    columns.correct(given);
    columns.choose();
    columns
}

/// The record that has the most known names, if any has one; else the first, unless it holds values.
#[inline(never)]
fn find_header(sample: &[Record], text: &dyn Text) -> u32 {
    let mut best = (0, 0);
    for (at, record) in sample.iter().enumerate() {
        let known = score(record, text);
        if known > best.0 {
            best = (known, at.saturating_add(1));
        }
    }
    if best.0 == 0 {
        let first = sample.first();
        let holds_values = first
            .is_some_and(|record| (0..record.cells.len()).any(|place| is_certain(cell(record, place), text).is_some()));
        best.1 = usize::from(!holds_values && sample.len() > 1);
    }
    u32::try_from(best.1).unwrap_or(0)
}

/// What a value certainly is, without any header.
fn is_certain(value: &str, text: &dyn Text) -> Option<Target> {
    if LinkedinProfile::parse(value, text).is_ok() {
        return Some(Target::Field(Field::LinkedinUrl));
    }
    Email::parse(value, text).is_ok().then_some(Target::Field(Field::Email))
}

impl Columns {
    /// The columns that a target is read from, the best first.
    pub(super) fn of(&self, target: Target) -> Vec<usize> {
        let mut places: Vec<(u32, usize)> = Vec::new();
        for (place, column) in self.all.iter().enumerate() {
            if column.target == Some(target) {
                // There are few: any other sort would weigh more than all that is done with columns.
                let better = places.iter().take_while(|(preference, _)| *preference <= column.preference).count();
                places.insert(better, (column.preference, place));
            }
        }
        places.into_iter().map(|(_, place)| place).collect()
    }

    fn is_there(&self, target: Target) -> bool {
        self.all.iter().any(|column| column.target == Some(target))
    }

    /// Decides what a bare "Name" is, in whatever language.
    fn settle_names(&mut self, headers: &[String]) {
        let has_first = self.is_there(Target::Field(Field::FirstName));
        let has_last = self.is_there(Target::Field(Field::LastName));
        let target = match (has_first, has_last) {
            (true, false) => Target::Field(Field::LastName),
            (false, true) => Target::Field(Field::FirstName),
            _ => Target::FullName,
        };
        for (column, header) in self.all.iter_mut().zip(headers) {
            if column.target.is_none() && is_ambiguous(header) {
                (column.target, column.why) = (Some(target), Why::Name);
                // A column that says more comes before.
                column.preference = 500;
            }
        }
    }

    /// Takes back what the values speak against.
    #[inline(never)]
    fn confirm(&mut self, values: &[Record], text: &dyn Text) {
        for (place, column) in self.all.iter_mut().enumerate() {
            let Some(target) = column.target else { continue };
            let (mut there, mut like) = (0_u32, 0_u32);
            for record in values {
                let value = trim(cell(record, place));
                if !is_blank(value) && !super::is_placeholder(value, target) {
                    there = there.saturating_add(1);
                    like = like.saturating_add(u32::from(is_like(target, value, text)));
                }
            }
            if like.saturating_mul(2) < there {
                (column.target, column.why) = (None, Why::Unlike);
            }
        }
    }

    /// Reads columns as what all their values certainly are.
    #[inline(never)]
    fn by_values(&mut self, values: &[Record], text: &dyn Text) {
        for (place, column) in self.all.iter_mut().enumerate() {
            let mut sure: Option<Target> = None;
            for record in values {
                let value = trim(cell(record, place));
                if value.is_empty() {
                    continue;
                }
                match (is_certain(value, text), sure) {
                    (Some(one), None) => sure = Some(one),
                    (Some(one), Some(other)) if one == other => {}
                    // One typing error among many values is no other kind of column.
                    (None, Some(Target::Field(Field::Email))) if value.contains('@') => {}
                    (None, Some(Target::Field(Field::LinkedinUrl))) if has_part(value, b"linkedin.") => {}
                    _ => {
                        sure = None;
                        break;
                    }
                }
            }
            if sure.is_some() && column.target.is_none() {
                (column.target, column.why) = (sure, Why::Values);
            }
        }
    }

    /// What the caller says comes before anything that was found: by header, or by place from 0.
    fn correct(&mut self, given: &[(String, Option<Target>)]) {
        for (name, target) in given {
            let is_named = self.all.iter().any(|column| column.header == trim(name));
            for (place, column) in self.all.iter_mut().enumerate() {
                let is_meant = if is_named { column.header == trim(name) } else { place.to_string() == *name };
                if is_meant {
                    (column.target, column.why, column.preference) = (*target, Why::Caller, 0);
                }
            }
        }
        // For what the caller named a column, no other is read.
        for (_, target) in given {
            if let Some(target) = target {
                for column in &mut self.all {
                    if column.target == Some(*target) && column.why != Why::Caller {
                        (column.target, column.why) = (None, Why::Other);
                    }
                }
            }
        }
    }

    /// Of several columns for a name the best alone is read: a first name and a last name belong together.
    fn choose(&mut self) {
        let parts = [Target::Field(Field::FirstName), Target::Field(Field::LastName), Target::FullName];
        for target in parts {
            for place in self.of(target).into_iter().skip(1) {
                if let Some(column) = self.all.get_mut(place) {
                    (column.target, column.why) = (None, Why::Other);
                }
            }
        }
    }
}
