//! A whole list, before anything is sent: its one job is to tell who is on it, who is on it twice, what is wrong with the
//! rest, and what looking everybody up costs at most.
//!
//! The list comes in pieces and is never held: what stays is sixteen bytes for a row, and the canonical identifiers of each
//! person once. What comes out does not depend on where the pieces end.

mod again;
mod columns;
mod full_name;
mod memo;
mod paged;
mod people;
mod records;
mod report;

pub use again::Again;
pub use columns::{Column, Target, Why};
pub use records::Encoding;

use crate::identity::{Domain, Email, Field, Issue, IssueCode, LinkedinProfile, Name, Text, is_blank, trim};
use crate::journal;
use crate::json::Members;
use crate::lookup::{self, Parts, Read};
use columns::Columns;
use memo::Memo;
use paged::{Paged, Texts};
use people::{Kind, NONE, People, Print, print};
use records::{MOST_SAMPLED, Record, Records, Unreadable};

/// What a caller may say about a list.
#[derive(Default)]
pub struct Options {
    /// The delimiter, where it is not to be found out.
    pub delimiter: Option<u8>,
    /// Which record the header is, from 1, or 0 for none.
    pub header: Option<u32>,
    /// What columns hold, by their header or their place from 0; nothing for those that are not to be read.
    pub columns: Vec<(String, Option<Target>)>,
    /// Takes the next identifier of a row where one is not valid, as the ladder does.
    pub ladder: bool,
    /// How many bytes the list has, where that is known.
    pub bytes: u32,
    /// The list was written from objects: a comma, a header, and no doubt about either.
    pub is_own: bool,
    /// It is known to be in windows-1252; otherwise that is found out.
    pub is_windows_1252: bool,
}

macro_rules! list_codes {
    ($($code:ident $name:literal $message:literal $fix:literal)+) => {
        /// What can be wrong with a list, or with a row besides its identifiers.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum ListCode {
            $(#[doc = $message] $code,)+
        }

        impl ListCode {
            /// Every code.
            pub const ALL: &[ListCode] = &[$(ListCode::$code),+];

            /// Name, message and fix.
            #[must_use]
            pub fn texts(self) -> [&'static str; 3] {
                match self {
                    $(Self::$code => [$name, $message, $fix],)+
                }
            }
        }
    };
}

list_codes! {
    Spreadsheet "spreadsheet" "This is a spreadsheet's own file." "Save the sheet as CSV (UTF-8)."
    NotText "not_text" "This is not a text file, or one in an unknown encoding." "Save the list as CSV (UTF-8)."
    UnclosedQuote "unclosed_quote" "A quotation mark is never closed; all that follows is one cell." "Close or remove the quotation mark of the record that begins in this line."
    NotPeople "not_people" "This is LinkedIn's list of messages, not of people." "Take Connections.csv of the same archive."
    Empty "empty_list" "There are no rows." "Choose a list with a row for each person."
    NoColumns "no_columns" "No column names a person." "Say with columns which one holds a LinkedIn address, an e-mail, or a name and a company."
    TooLarge "list_too_large" "The list has more than can be told apart." "Split it."
    RecordTooLong "record_too_long" "The row is longer than any person's; a quotation mark may be left open." "Look at the quotation marks of this row."
    TooManyCells "too_many_cells" "The row has more cells than the header; none can be trusted." "Put quotation marks around cells that hold the delimiter."
    BrokenText "broken_text" "A cell has letters in another encoding than the rest of the list." "Save the list as CSV (UTF-8)."
    OtherList "other_list" "This is not the list that was planned." "Give the same list again, or make a new plan."
    FullName "full_name_not_split" "It is not certain which part of the name is the last name." "Put first and last name into columns of their own."
}

/// Why there is no plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// What is wrong.
    pub code: ListCode,
    /// Where the record begins, from 1.
    pub line: Option<u32>,
}

/// What a row is, as far as it is known by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kin {
    /// It names somebody.
    Valid,
    /// It would with the ladder.
    Ladder,
    /// It names nobody.
    Invalid,
    /// There is nothing in it.
    Blank,
}

/// What is worth a look, as bits.
mod flag {
    /// First and last name are parts of one cell.
    pub(super) const SPLIT: u8 = 1;
    /// The name was left out, as nobody can tell how to split it.
    pub(super) const UNSPLIT: u8 = 2;
    /// Another column for the same was taken, as its value was not valid, or less good.
    pub(super) const PASSED_OVER: u8 = 4;
    /// The row has fewer cells than the header.
    pub(super) const SHORT: u8 = 8;
    /// An identifier is also that of somebody with another profile.
    pub(super) const SHARED: u8 = 16;
    /// All of these; the two bits beyond them are the kind of the lookup.
    pub(super) const ALL: u8 = 0x1f;
    pub(super) const KIND_SHIFT: u32 = 6;
    /// Their names, in the order of the bits.
    pub(super) const NAMES: [&str; 5] =
        ["name_split", "name_not_split", "other_column", "short_row", "shared_identifier"];
}

struct Row {
    /// The strongest identifier.
    identifier: u32,
    line: u32,
    /// The next row of the same person.
    next: u32,
    /// Its issues, by their place in the list of all that occur.
    note: u16,
    flags: u8,
    kin: Kin,
}

/// What is known of somebody from elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// Nothing.
    New,
    /// An earlier request may have been charged.
    Doubt,
    /// There is an answer.
    Known,
    /// Nobody may ask.
    Suppressed,
}

struct Person {
    first: u32,
    last: u32,
    /// What is sent: the identifiers of the row that has the best.
    entry: u32,
    /// How good they are.
    rank: u8,
    /// Which of them alone is to be asked for, plus one.
    rung: u8,
    standing: Standing,
}

/// A row that names somebody, before it is told whom.
struct Waiting {
    row: u32,
    /// Where its identifiers end, among those of all that wait.
    prints: usize,
    /// Where what can be sent for it ends.
    text: usize,
}

/// How many rows wait: to look for many identifiers at once takes hardly longer than for one, as memory answers all together.
const MOST_WAITING: usize = 128;

/// The identifiers of a row that had a new one.
struct Entry {
    text: u32,
    identifier: u32,
}

/// How far a plan is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The first records are kept until the columns are known.
    Sampling,
    /// Rows are read.
    Reading,
    /// Who is who is being told: names are joined, from this one on.
    Names(u32),
    /// As before, for identifiers.
    Clearing(u32),
    /// As before, for rows.
    Rows(u32),
    /// As before, for entries.
    Entries(u32),
    /// There is a plan.
    Done,
}

/// Counts of a plan.
#[derive(Clone, Copy, Default)]
struct Counts {
    people: u32,
    with_ladder: u32,
    duplicates: u32,
    invalid: u32,
    blank: u32,
    flagged: u32,
    /// Of the people, and of those with the ladder: new, in doubt, known, suppressed.
    standing: [[u32; 4]; 2],
}

/// A list, and what is to be done about it.
pub struct Plan {
    records: Option<Records>,
    list: List,
}

/// What is kept of a list.
struct List {
    options: Options,
    stage: Stage,
    sample: Vec<Record>,
    columns: Columns,
    encoding: Encoding,
    delimiter: u8,
    width: usize,
    fields: [Vec<usize>; 6],
    full_name: Vec<usize>,
    /// The header, to know it again.
    header: Option<Record>,
    rows: Paged<Row>,
    people: People,
    persons: Paged<Person>,
    entries: Paged<Entry>,
    texts: Texts,
    /// Every list of issues that occurs.
    notes: Vec<Vec<u16>>,
    /// How often each issue occurs: its code, and how many rows have it.
    issues: Vec<(u16, u32)>,
    counts: Counts,
    refusal: Option<Refusal>,
    waiting: Vec<Waiting>,
    /// The identifiers of those who wait, strongest first.
    prints: Vec<(Kind, Print)>,
    /// What can be sent for them.
    scratch: Vec<u8>,
    known: Known,
}

/// What rows have in common: first names, companies and their domains. Last names and identifiers mostly come once.
struct Known {
    first_names: Memo<Name>,
    companies: Memo<Name>,
    domains: Memo<Domain>,
    /// What the last row had that no other has, whose memory serves again.
    spare: Spare,
}

/// The identifiers and the last name of a row before.
#[derive(Default)]
struct Spare {
    profile: Option<LinkedinProfile>,
    email: Option<Email>,
    last: Option<Name>,
}

impl Known {
    /// With room for as many of each.
    fn of(room: usize) -> Self {
        Self {
            first_names: Memo::of(room),
            companies: Memo::of(room),
            domains: Memo::of(room),
            spare: Spare::default(),
        }
    }

    /// Reads the values of a row with the help of those before it.
    fn read(&mut self, values: &[Option<&str>; 6], text: &dyn Text) -> Parts {
        lookup::read(&mut Reader { known: self, text }, values)
    }

    /// Takes what nobody needs any more.
    fn reuse(&mut self, parts: &mut Parts) {
        let spare = &mut self.spare;
        // What the row has none of is left where it is.
        if parts.profile.is_some() {
            core::mem::swap(&mut spare.profile, &mut parts.profile);
        }
        if parts.address.is_some() {
            core::mem::swap(&mut spare.email, &mut parts.address);
        }
        if parts.last.is_some() {
            core::mem::swap(&mut spare.last, &mut parts.last);
        }
    }
}

struct Reader<'a> {
    known: &'a mut Known,
    text: &'a dyn Text,
}

impl Read for Reader<'_> {
    fn text(&self) -> &dyn Text {
        self.text
    }

    fn profile(&mut self, raw: &str) -> Result<LinkedinProfile, Box<Issue>> {
        LinkedinProfile::parse_over(self.known.spare.profile.take(), raw, self.text)
    }

    fn email(&mut self, raw: &str) -> Result<Email, Box<Issue>> {
        Email::parse_over(self.known.spare.email.take(), raw, self.text)
    }

    fn name(&mut self, raw: &str, field: Field) -> Result<Name, Box<Issue>> {
        let parse = || Name::parse(raw, field, self.text);
        match field {
            Field::FirstName => self.known.first_names.read(raw, parse),
            Field::LastName => Name::parse_over(self.known.spare.last.take(), raw, field, self.text),
            _ => self.known.companies.read(raw, parse),
        }
    }

    fn domain(&mut self, raw: &str) -> Result<Domain, Box<Issue>> {
        self.known.domains.read(raw, || Domain::parse(raw, self.text))
    }
}

/// Unicode, without a call where the answer is plain: the letters of a domain in ASCII are what they are.
struct Plain<'a>(&'a dyn Text);

impl Text for Plain<'_> {
    fn nfc(&self, text: &str) -> String {
        self.0.nfc(text)
    }

    fn lowercase(&self, text: &str) -> String {
        self.0.lowercase(text)
    }

    fn domain_to_ascii(&self, domain: &str) -> Option<String> {
        // What stands behind `xn--` has to be judged, and a last label that begins with a digit may be part of an address.
        let bare = domain.strip_suffix('.').unwrap_or(domain).as_bytes();
        let last = bare.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
        let is_plain = domain.is_ascii()
            && !last.first().is_none_or(u8::is_ascii_digit)
            && !bare.windows(2).any(|pair| pair == b"--");
        if is_plain { Some(domain.to_ascii_lowercase()) } else { self.0.domain_to_ascii(domain) }
    }

    fn has_letter_or_digit(&self, text: &str) -> bool {
        self.0.has_letter_or_digit(text)
    }
}

/// What people write into a cell to say that there is nothing.
const PLACEHOLDERS: &str = "- -- \u{2013} \u{2014} n/a #n/a #ref! #value!";
/// The same, where it can't be a name. Null is somebody's.
const NO_IDENTIFIERS: &str = "na null none undefined";

fn is_placeholder(value: &str, target: Target) -> bool {
    // The longest of them, and what they begin with: a list has millions of cells.
    if value.len() > 9 || !matches!(value.as_bytes(), [b'-' | b'#' | b'n' | b'N' | b'u' | b'U' | 0xE2, ..]) {
        return false;
    }
    let lower = value.to_ascii_lowercase();
    let is_identifier = matches!(target, Target::Field(Field::LinkedinUrl | Field::Email | Field::CompanyWebsite));
    let is = |words| columns::has(words, &lower).is_some();
    is(PLACEHOLDERS) || is_identifier && is(NO_IDENTIFIERS)
}

/// The most that is reserved.
const MOST_RESERVED: usize = 1 << 26;

/// Asks for memory once that a list of so many bytes will need, which is two to three times as many where its rows are short:
/// each time that WebAssembly asks for some, its host collects garbage. What is given back at once stays here, and is no memory
/// of the machine's before something is written there. More than twice would leave the host so much of its own garbage that
/// the whole takes more than half of what others need.
fn reserve(bytes: usize) {
    let mut room: Vec<u8> = Vec::new();
    if room.try_reserve_exact(bytes.min(MOST_RESERVED)).is_ok() {
        // Otherwise the compiler sees that nothing comes of it.
        core::hint::black_box(&mut room);
    }
}

/// The bit that tells a row's own issues from those of its identifiers.
const OF_LIST: u16 = 0x4000;
/// The bit of half a name; the fields that are missing are the others.
const HALF_NAME: u16 = 0x8000;
/// No issues.
const NO_NOTE: u16 = 0;
/// How many different lists of issues are told apart; beyond them, rows are told their first issue alone.
const MOST_NOTES: usize = 4096;

impl Plan {
    /// A plan of nothing yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let delimiter = if options.is_own { Some(b',') } else { options.delimiter };
        let people = People::new(options.bytes);
        reserve((options.bytes as usize).saturating_mul(2));
        Self {
            records: Some(Records::new(delimiter, options.is_own, options.is_windows_1252)),
            list: List {
                options,
                stage: Stage::Sampling,
                sample: Vec::new(),
                columns: Columns { all: Vec::new(), layout: None, header: 0 },
                encoding: Encoding::Ascii,
                delimiter: b',',
                width: 0,
                fields: Default::default(),
                full_name: Vec::new(),
                header: None,
                rows: Paged::new(),
                people,
                persons: Paged::new(),
                entries: Paged::new(),
                texts: Texts::new(),
                notes: vec![Vec::new()],
                issues: Vec::new(),
                counts: Counts::default(),
                refusal: None,
                waiting: Vec::with_capacity(MOST_WAITING),
                prints: Vec::new(),
                scratch: Vec::new(),
                known: Known::of(1024),
            },
        }
    }

    /// Takes the next piece of the list, in UTF-8 or whatever is like it.
    ///
    /// # Errors
    /// Why there can be no plan.
    pub fn feed(&mut self, bytes: &[u8], text: &dyn Text) -> Result<(), Refusal> {
        self.work(text, |records, score, each| records.feed(bytes, score, each))
    }

    /// There is no more of it.
    ///
    /// # Errors
    /// Why there can be no plan.
    pub fn end(&mut self, text: &dyn Text) -> Result<(), Refusal> {
        self.work(text, |records, score, each| records.end(score, each))?;
        if let Some(records) = self.records.take() {
            self.list.delimiter = records.delimiter.unwrap_or(b',');
            self.list.encoding = records.encoding;
        }
        let list = &mut self.list;
        if list.stage == Stage::Sampling {
            list.decide(&Plain(text));
        }
        list.identify();
        if list.rows.len() == 0 && list.refusal.is_none() {
            list.refusal = Some(Refusal { code: ListCode::Empty, line: None });
        }
        list.stage = Stage::Names(0);
        list.refusal.map_or(Ok(()), Err)
    }

    fn work(
        &mut self,
        text: &dyn Text,
        how: impl FnOnce(
            &mut Records,
            &dyn Fn(&Record) -> u32,
            &mut dyn FnMut(&mut Record, Encoding) -> Encoding,
        ) -> Result<(), Unreadable>,
    ) -> Result<(), Refusal> {
        let text = Plain(text);
        let list = &mut self.list;
        let Some(records) = &mut self.records else { return Ok(()) };
        let read = how(records, &|record| columns::score(record, &text), &mut |record, encoding| {
            let encoding = records::decode(record, encoding);
            list.take(record, &text);
            encoding
        });
        if let Err(problem) = read {
            let (code, line) = match problem {
                Unreadable::Spreadsheet => (ListCode::Spreadsheet, None),
                Unreadable::Binary => (ListCode::NotText, None),
                Unreadable::OpenQuote(line) => (ListCode::UnclosedQuote, Some(line)),
            };
            list.refusal = Some(Refusal { code, line });
        }
        list.refusal.map_or(Ok(()), Err)
    }

    /// Tells who is who, some steps further; whether that is done. Only then is there anything to report.
    pub fn settle(&mut self, steps: u32) -> bool {
        self.list.settle(steps)
    }

    /// What the store, or a list of people never to be asked for, says of an identifier, by its row of [`Self::ask`] and its
    /// place there; false if what the store has is none of ours, which may stand for anything.
    pub fn told(&mut self, entry: u32, rung: u32, known: &Told<'_>) -> bool {
        let standing = match known {
            Told::Suppressed => Standing::Suppressed,
            Told::Record(record, now) => match journal::read(*record, *now) {
                Some(journal::Entry { answer: Some(_), .. }) => Standing::Known,
                Some(journal::Entry { claimed: true, .. }) => Standing::Doubt,
                Some(journal::Entry { .. }) => Standing::New,
                None => return false,
            },
        };
        let list = &mut self.list;
        let Some(identifier) = list.entries.get(entry).map(|entry| entry.identifier) else { return true };
        let Some(person) = list.person_of(identifier).and_then(|person| list.persons.get_mut(person)) else {
            return true;
        };
        if standing > person.standing {
            let (before, is_person) = (person.standing, person.first != NONE);
            person.standing = standing;
            // The identifier that the answer is kept under.
            person.entry = entry;
            person.rung = u8::try_from(rung.wrapping_add(1)).unwrap_or(0);
            list.counts.move_standing(before, standing, is_person);
        }
        true
    }
}

/// What is known of an identifier.
pub enum Told<'a> {
    /// It is on the list of those who are never to be asked for.
    Suppressed,
    /// What the store has, if anything, and the time in milliseconds since 1970.
    Record(Option<&'a Members>, u64),
}

impl Counts {
    fn move_standing(&mut self, from: Standing, to: Standing, is_person: bool) {
        let mut change = |of: usize| {
            if let Some(counts) = self.standing.get_mut(of) {
                if let Some(count) = counts.get_mut(from as usize) {
                    *count = count.saturating_sub(1);
                }
                if let Some(count) = counts.get_mut(to as usize) {
                    *count = count.saturating_add(1);
                }
            }
        };
        if is_person {
            change(0);
        }
        change(1);
    }
}

impl List {
    /// Takes the next record.
    fn take(&mut self, record: &mut Record, text: &Plain<'_>) {
        if self.refusal.is_some() {
            return;
        }
        if self.stage == Stage::Reading {
            return self.read(record, text);
        }
        self.sample.push(Record {
            text: core::mem::take(&mut record.text),
            cells: core::mem::take(&mut record.cells),
            line: record.line,
            too_long: record.too_long,
        });
        if self.sample.len() == MOST_SAMPLED {
            self.decide(text);
        }
    }

    /// Finds out what the columns are, and reads what was kept until then.
    fn decide(&mut self, text: &Plain<'_>) {
        let sample = core::mem::take(&mut self.sample);
        self.stage = Stage::Reading;
        let forced = if self.options.is_own { Some(1) } else { self.options.header };
        let columns = columns::find(&sample, forced, &self.options.columns, text);
        let header = columns.header as usize;
        let names = header.checked_sub(1).and_then(|at| sample.get(at));
        self.width = columns.all.len();
        self.fields = Field::ALL.map(|field| columns.of(Target::Field(field)));
        self.full_name = columns.of(Target::FullName);
        let refuse = |code, line| Some(Refusal { code, line });
        if sample.is_empty() {
            self.refusal = refuse(ListCode::Empty, None);
        } else if names.is_some_and(|names| columns::is_not_people(names, text)) {
            self.refusal = refuse(ListCode::NotPeople, names.map(|names| names.line));
        } else if sample.iter().all(|record| record.too_long) {
            self.refusal = refuse(ListCode::RecordTooLong, sample.first().map(|record| record.line));
        } else if !self.can_name_somebody() {
            self.refusal = refuse(ListCode::NoColumns, names.map(|names| names.line));
        }
        self.header = names.cloned();
        self.columns = columns;
        if self.refusal.is_none() {
            for record in sample.get(header..).unwrap_or_default() {
                self.read(record, text);
            }
        }
    }

    fn can_name_somebody(&self) -> bool {
        let [linkedin_url, email, first, last, company, website] =
            self.fields.each_ref().map(|columns| !columns.is_empty());
        let has_name = first && last || !self.full_name.is_empty();
        linkedin_url || email || has_name && (company || website)
    }

    /// Judges a row.
    fn read(&mut self, record: &Record, text: &Plain<'_>) {
        let mut row =
            Row { identifier: NONE, line: record.line, next: NONE, note: NO_NOTE, flags: 0, kin: Kin::Invalid };
        let is_header_again = self.header.as_ref().is_some_and(|header| record.is_like(header));
        if record.is_blank(0) || is_header_again {
            row.kin = Kin::Blank;
        } else if record.too_long {
            row.note = self.note(vec![OF_LIST | ListCode::RecordTooLong as u16]);
        } else if !record.is_blank(self.width) {
            row.note = self.note(vec![OF_LIST | ListCode::TooManyCells as u16]);
        } else {
            row.flags = if record.cells.len() < self.width { flag::SHORT } else { 0 };
            self.judge(record, &mut row, text);
        }
        if row.flags & flag::ALL > 0 {
            self.counts.flagged = self.counts.flagged.saturating_add(1);
        }
        self.rows.push(row);
        if self.waiting.len() == MOST_WAITING {
            self.identify();
        }
        if self.rows.len() == NONE {
            self.refusal = Some(Refusal { code: ListCode::TooLarge, line: Some(record.line) });
        }
    }

    fn judge(&mut self, record: &Record, row: &mut Row, text: &Plain<'_>) {
        let mut values: [Option<&str>; 6] = [None; 6];
        let mut set = |field: Field, value| {
            if let Some(slot) = values.get_mut(field as usize) {
                *slot = Some(value);
            }
        };
        let mut is_broken = false;
        let mut has_name = false;
        // Mostly all of it is text, and has to be looked at only once.
        let whole = core::str::from_utf8(&record.text);
        let cell = |column| match whole {
            Ok(whole) => whole.get(record.place(column)),
            Err(_) => core::str::from_utf8(record.cell(column)).ok(),
        };
        for (field, columns) in Field::ALL.into_iter().zip(&self.fields) {
            let mut best: Option<&str> = None;
            for column in columns {
                let Some(value) = cell(*column) else {
                    is_broken = true;
                    continue;
                };
                let value = trim(value);
                if value.is_empty() || is_placeholder(value, Target::Field(field)) {
                    continue;
                }
                if columns.len() == 1 {
                    best = Some(value);
                } else if best.is_none_or(|best| merit(field, value, text) > merit(field, best, text)) {
                    if best.is_some() {
                        row.flags |= flag::PASSED_OVER;
                    }
                    best = Some(value);
                }
            }
            if let Some(value) = best {
                has_name |= matches!(field, Field::FirstName | Field::LastName);
                set(field, value);
            }
        }
        if !has_name && let Some(column) = self.full_name.first() {
            match cell(*column) {
                Some(name) if is_blank(name) || is_placeholder(trim(name), Target::FullName) => {}
                Some(name) => match full_name::split(name) {
                    Some((first, last)) => {
                        row.flags |= flag::SPLIT;
                        set(Field::FirstName, first);
                        set(Field::LastName, last);
                    }
                    None => row.flags |= flag::UNSPLIT,
                },
                None => is_broken = true,
            }
        }
        let mut note = Vec::new();
        if is_broken {
            note.push(OF_LIST | ListCode::BrokenText as u16);
        }
        let mut parts = self.known.read(&values, text);
        // Half a name beside a whole identifier names nobody, and hides nobody.
        note.extend(parts.invalid.iter().map(|issue| code_of(issue)));
        if names_somebody(&parts) {
            let is_valid = note.is_empty() || self.options.ladder && !is_broken;
            row.kin = if is_valid { Kin::Valid } else { Kin::Ladder };
            self.wait(&parts, row);
        } else if row.flags & flag::UNSPLIT > 0 {
            // What is missing is there; it can't be told apart.
            note.push(OF_LIST | ListCode::FullName as u16);
        } else if let Some(issue) = &parts.half_name {
            note.push(code_of(issue));
        } else if parts.invalid.is_empty() {
            note.push(code_of(&Issue::new(IssueCode::NoIdentifier)));
        }
        self.known.reuse(&mut parts);
        if !note.is_empty() {
            row.note = self.note(note);
        }
    }

    /// The place of a list of issues among all that occur.
    fn note(&mut self, mut codes: Vec<u16>) -> u16 {
        for code in &codes {
            let code = if code & HALF_NAME > 0 { HALF_NAME } else { *code };
            match self.issues.iter_mut().find(|(known, _)| *known == code) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => self.issues.push((code, 1)),
            }
        }
        if self.notes.len() >= MOST_NOTES {
            codes.truncate(1);
        }
        let place = self.notes.iter().position(|known| *known == codes).unwrap_or_else(|| {
            self.notes.push(codes);
            self.notes.len().wrapping_sub(1)
        });
        u16::try_from(place).unwrap_or(u16::MAX)
    }

    /// Has the row, which is the next one, wait to be told whose identifiers it has.
    fn wait(&mut self, parts: &Parts, row: &mut Row) {
        let begin = self.prints.len();
        let mut add = |bits: u8, kind, parts: &[&str]| {
            if self.prints.len() == begin {
                row.flags |= bits << flag::KIND_SHIFT;
            }
            self.prints.push((kind, print(kind, parts)));
        };
        if let Some(profile) = &parts.profile {
            add(0, Kind::Profile, &[profile.slug()]);
        }
        if let Some(email) = &parts.address {
            add(1, Kind::Email, &[email.folded()]);
        }
        if let (Some(first), Some(last)) = (&parts.first, &parts.last) {
            if let Some(domain) = &parts.domain {
                add(2, Kind::Name, &[first.folded(), last.folded(), "@", domain.as_str()]);
            }
            if let Some(company) = &parts.company {
                add(3, Kind::Name, &[first.folded(), last.folded(), "", company.folded()]);
            }
        }
        self.write(parts);
        self.waiting.push(Waiting { row: self.rows.len(), prints: self.prints.len(), text: self.scratch.len() });
    }

    /// Says whose identifiers the rows have that wait, and keeps those of a row that has a new one.
    fn identify(&mut self) {
        self.people.fetch(self.prints.iter().map(|(_, print)| print));
        let (mut begin, mut written) = (0, 0);
        for &Waiting { row: number, prints, text } in &self.waiting {
            let (mut identifier, mut is_strong, mut is_new, mut is_shared) = (NONE, false, false, false);
            for &(kind, print) in self.prints.get(begin..prints).unwrap_or_default() {
                if is_strong && kind == Kind::Name {
                    self.people.name(print, identifier, number);
                    continue;
                }
                let (found, is_first) = self.people.intern(kind, print);
                is_new |= is_first;
                if identifier == NONE {
                    (identifier, is_strong) = (found, kind != Kind::Name);
                } else {
                    is_shared |= !self.people.join(identifier, found, kind);
                }
            }
            let value = self.scratch.get(written..text).unwrap_or_default();
            (begin, written) = (prints, text);
            let Some(row) = self.rows.get_mut(number) else { continue };
            row.identifier = identifier;
            if is_shared {
                self.counts.flagged = self.counts.flagged.saturating_add(u32::from(row.flags & flag::ALL == 0));
                row.flags |= flag::SHARED;
            }
            if is_new {
                match self.texts.push(value) {
                    Some(text) => {
                        self.entries.push(Entry { text, identifier });
                    }
                    None => self.refusal = Some(Refusal { code: ListCode::TooLarge, line: Some(row.line) }),
                }
            }
        }
        self.waiting.clear();
        self.prints.clear();
        self.scratch.clear();
    }

    /// Writes what can be sent for the row: a letter for each field that there is, and its text.
    fn write(&mut self, parts: &Parts) {
        let mut put = |letter: u8, value: &str| {
            self.scratch.push(letter);
            self.scratch.extend_from_slice(value.as_bytes());
            self.scratch.push(END);
        };
        if let Some(profile) = &parts.profile {
            put(b'a', profile.url().strip_prefix(PROFILE).unwrap_or_default());
        }
        if let Some(email) = &parts.address {
            put(b'b', email.address());
        }
        if let Some((first, last)) = name_of(parts) {
            put(b'c', first.as_str());
            put(b'd', last.as_str());
            if let Some(company) = &parts.company {
                put(b'e', company.as_str());
            }
            if let Some(domain) = &parts.domain {
                put(b'f', domain.as_str());
            }
        }
        self.scratch.push(END);
    }

    /// What an entry holds.
    fn fields_of(&self, entry: u32) -> Vec<(Field, String)> {
        let mut fields = Vec::new();
        let Some(entry) = self.entries.get(entry) else { return fields };
        for part in self.texts.from(entry.text).split(|byte| *byte == END) {
            let [letter, value @ ..] = part else { break };
            let Some(field) = Field::ALL.get(usize::from(letter.wrapping_sub(b'a'))) else { break };
            let value = core::str::from_utf8(value).unwrap_or_default();
            let lead = if *field == Field::LinkedinUrl { PROFILE } else { "" };
            let mut whole = String::with_capacity(lead.len().saturating_add(value.len()));
            whole.push_str(lead);
            whole.push_str(value);
            fields.push((*field, whole));
        }
        fields
    }

    /// How good the best identifier of an entry is: the less, the better.
    fn rank_of(&self, entry: &Entry) -> u8 {
        let text = self.texts.from(entry.text);
        match text.first() {
            Some(letter @ b'a'..=b'b') => letter.wrapping_sub(b'a'),
            // A website comes after all other fields.
            _ => {
                let mut fields = text.split(|byte| *byte == END).take_while(|part| !part.is_empty());
                if fields.any(|field| field.first() == Some(&b'f')) { 2 } else { 3 }
            }
        }
    }

    fn person_of(&mut self, identifier: u32) -> Option<u32> {
        let root = self.people.root(identifier);
        self.people.note(root).map(|person| *person).filter(|person| *person != NONE)
    }

    fn settle(&mut self, steps: u32) -> bool {
        for _ in 0..steps {
            self.stage = match self.stage {
                Stage::Names(at) if at < self.people.names() => {
                    self.settle_name(at);
                    Stage::Names(at.wrapping_add(1))
                }
                Stage::Names(_) => {
                    self.people.close();
                    Stage::Clearing(0)
                }
                Stage::Clearing(at) if at < self.people.len() => {
                    self.people.forget(at);
                    Stage::Clearing(at.wrapping_add(1))
                }
                Stage::Clearing(_) => Stage::Rows(0),
                Stage::Rows(at) if at < self.rows.len() => {
                    self.settle_row(at);
                    Stage::Rows(at.wrapping_add(1))
                }
                Stage::Rows(_) => Stage::Entries(0),
                Stage::Entries(at) if at < self.entries.len() => {
                    self.settle_entry(at);
                    Stage::Entries(at.wrapping_add(1))
                }
                Stage::Entries(_) => {
                    self.counts.with_ladder = self.persons.len();
                    self.counts.standing = [[self.counts.people, 0, 0, 0], [self.counts.with_ladder, 0, 0, 0]];
                    Stage::Done
                }
                _ => return true,
            };
        }
        false
    }

    fn settle_name(&mut self, at: u32) {
        self.people.fetch_names(at);
        let Some(row) = self.people.join_name(at).and_then(|row| self.rows.get_mut(row)) else { return };
        if row.flags & flag::ALL == 0 {
            self.counts.flagged = self.counts.flagged.saturating_add(1);
        }
        row.flags |= flag::SHARED;
    }

    fn settle_row(&mut self, at: u32) {
        let Some(row) = self.rows.get(at) else { return };
        let (kin, identifier) = (row.kin, row.identifier);
        let counted = match kin {
            Kin::Blank => &mut self.counts.blank,
            Kin::Invalid | Kin::Ladder => &mut self.counts.invalid,
            Kin::Valid => &mut self.counts.people,
        };
        if kin != Kin::Valid {
            *counted = counted.saturating_add(1);
        }
        if matches!(kin, Kin::Blank | Kin::Invalid) {
            return;
        }
        let number = self.person_of(identifier).unwrap_or_else(|| {
            let rank = u8::MAX;
            let number = self.persons.push(Person {
                first: NONE,
                last: NONE,
                entry: NONE,
                rank,
                rung: 0,
                standing: Standing::New,
            });
            let root = self.people.root(identifier);
            if let Some(note) = self.people.note(root) {
                *note = number;
            }
            number
        });
        if kin == Kin::Ladder {
            return;
        }
        let Some(person) = self.persons.get_mut(number) else { return };
        let last = core::mem::replace(&mut person.last, at);
        if person.first == NONE {
            person.first = at;
            self.counts.people = self.counts.people.saturating_add(1);
        } else {
            self.counts.duplicates = self.counts.duplicates.saturating_add(1);
            if let Some(before) = self.rows.get_mut(last) {
                before.next = at;
            }
        }
    }

    fn settle_entry(&mut self, at: u32) {
        let Some(entry) = self.entries.get(at) else { return };
        let (rank, identifier) = (self.rank_of(entry), entry.identifier);
        if let Some(person) = self.person_of(identifier).and_then(|person| self.persons.get_mut(person))
            && rank < person.rank
        {
            (person.rank, person.entry) = (rank, at);
        }
    }
}

/// First and last name, where a company is with them.
fn name_of(parts: &Parts) -> Option<(&Name, &Name)> {
    let has_company = parts.company.is_some() || parts.domain.is_some();
    parts.first.as_ref().zip(parts.last.as_ref()).filter(|_| has_company)
}

fn names_somebody(parts: &Parts) -> bool {
    parts.profile.is_some() || parts.address.is_some() || name_of(parts).is_some()
}

/// What every profile's canonical address begins with; it is kept once.
const PROFILE: &str = "https://www.linkedin.com/in/";

/// Ends a text; no canonical identifier has it.
const END: u8 = 0x1f;

/// How good a value is where several columns have one: a profile by the name in its address is better than by a number.
fn merit(field: Field, value: &str, text: &Plain<'_>) -> u8 {
    match field {
        Field::LinkedinUrl => match LinkedinProfile::parse(value, text) {
            Ok(profile) if profile.slug().starts_with("ACo") || profile.slug().starts_with("ACw") => 1,
            Ok(_) => 2,
            Err(_) => 0,
        },
        Field::Email => u8::from(Email::parse(value, text).is_ok()),
        Field::CompanyWebsite => u8::from(Domain::parse(value, text).is_ok()),
        _ => 0,
    }
}

/// An issue as a number: its field and code, or what half a name misses.
fn code_of(issue: &Issue) -> u16 {
    if issue.code == IssueCode::IncompleteName {
        return issue.missing.iter().fold(HALF_NAME, |bits, field| bits | 1 << *field as u16);
    }
    let field = issue.field.map_or(7, |field| field as u16);
    field << 8 | issue.code as u16
}
