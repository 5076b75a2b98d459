//! What a plan says, as JSON: counts and columns, rows by the page, and people by the page.

use super::columns::Target;
use super::people::NONE;
use super::{Encoding, HALF_NAME, Kin, List, ListCode, NO_NOTE, OF_LIST, Plain, Plan, Refusal, Row, Standing, flag};
use crate::endpoint::PHONE;
use crate::identity::{Field, IssueCode, Text};
use crate::json::Writer;
use crate::lookup::{self, Checked, Lookup, RawRequest};

/// How the delimiters are called.
fn delimiter_name(delimiter: u8) -> &'static str {
    match delimiter {
        b';' => ";",
        b'\t' => "\t",
        _ => ",",
    }
}

impl Refusal {
    /// As an issue of the list.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = Writer::begin();
        let [code, message, fix] = self.code.texts();
        json.text(r#"{"field":null,"code":""#, code);
        json.text(r#","message":""#, message);
        json.text(r#","fix":""#, fix);
        if let Some(line) = self.line {
            json.count(r#","line":"#, line.into());
        }
        json.raw("}");
        json.into_text()
    }
}

/// The code of an issue, in words.
fn code_name(code: u16) -> &'static str {
    if code & HALF_NAME > 0 {
        return IssueCode::IncompleteName.as_str();
    }
    let place = usize::from(code & 0xff);
    if code & OF_LIST > 0 {
        return ListCode::ALL.get(place).map_or("", |code| code.texts()[0]);
    }
    IssueCode::ALL.get(place).map_or("", |code| code.as_str())
}

fn write_issue(json: &mut Writer, code: u16) {
    let place = usize::from(code & 0xff);
    if code & HALF_NAME == 0 && code & OF_LIST > 0 {
        let [name, message, fix] = ListCode::ALL.get(place).map_or([""; 3], |code| code.texts());
        json.text(r#"{"field":null,"code":""#, name);
        json.text(r#","message":""#, message);
        json.text(r#","fix":""#, fix);
        return json.raw("}");
    }
    let issue = if code & HALF_NAME > 0 { Some(&IssueCode::IncompleteName) } else { IssueCode::ALL.get(place) };
    let field = if code & HALF_NAME > 0 { None } else { Field::ALL.get(usize::from(code >> 8)) };
    json.nullable(r#"{"field":"#, field.map(|field| field.wire_name()));
    json.text(r#","code":""#, code_name(code));
    json.text(r#","message":""#, issue.map_or("", |issue| issue.message()));
    json.nullable(r#","fix":"#, issue.and_then(|issue| issue.fix()));
    if code & HALF_NAME > 0 {
        let mut lead = r#","missing":[""#;
        for field in Field::ALL {
            if code & 1 << field as u16 > 0 {
                json.text(lead, field.wire_name());
                lead = ",\"";
            }
        }
        json.raw("]");
    }
    json.raw("}");
}

fn write_lookup(json: &mut Writer, lookup: &Lookup) {
    json.text(r#"{"kind":""#, lookup.kind());
    json.raw(r#","request":"#);
    lookup.write(json);
    json.text(r#","key":""#, &lookup.key());
    json.raw("}");
}

impl Plan {
    /// The counts, what it can cost, and the columns.
    #[must_use]
    pub fn summary(&self) -> String {
        let list = &self.list;
        let counts = &list.counts;
        let [[new, doubt, known, suppressed], [new_with_ladder, ..]] = counts.standing;
        let price = u64::from(PHONE.price);
        let mut json = Writer::begin();
        json.count(r#"{"rows":"#, list.rows.len().into());
        for (lead, count) in [
            (r#","people":"#, counts.people),
            (r#","duplicates":"#, counts.duplicates),
            (r#","invalid":"#, counts.invalid),
            (r#","blank":"#, counts.blank),
            (r#","known":"#, known),
            (r#","unknown":"#, doubt),
            (r#","suppressed":"#, suppressed),
            (r#","flagged":"#, counts.flagged),
        ] {
            json.count(lead, count.into());
        }
        json.count(r#","price":"#, price);
        json.count(r#","most_credits":"#, price.saturating_mul(new.into()));
        json.count(r#","most_credits_with_ladder":"#, price.saturating_mul(new_with_ladder.into()));
        json.nullable(r#","layout":"#, list.columns.layout);
        json.text(r#","delimiter":""#, delimiter_name(list.delimiter));
        json.text(r#","encoding":""#, if list.options.is_own { Encoding::Utf8 } else { list.encoding }.name());
        json.whole(r#","header":"#, Some(i64::from(list.columns.header)).filter(|header| *header > 0));
        let mut lead = r#","columns":["#;
        for column in &list.columns.all {
            json.raw(lead);
            json.text(r#"{"header":""#, &column.header);
            let mut begin = r#","values":[""#;
            for value in &column.values {
                json.text(begin, value);
                begin = ",\"";
            }
            json.raw(if column.values.is_empty() { r#","values":[]"# } else { "]" });
            json.nullable(r#","field":"#, column.target.map(Target::name));
            json.text(r#","why":""#, column.why.as_str());
            json.raw("}");
            lead = ",";
        }
        json.raw(if list.columns.all.is_empty() { r#","columns":[]"# } else { "]" });
        let mut lead = r#","issues":{""#;
        let mut names: Vec<(&str, u64)> = Vec::new();
        for (code, count) in &list.issues {
            let name = code_name(*code);
            match names.iter_mut().find(|(known, _)| *known == name) {
                Some((_, sum)) => *sum = sum.saturating_add(u64::from(*count)),
                None => names.push((name, u64::from(*count))),
            }
        }
        for (name, count) in &names {
            json.text(lead, name);
            json.count(":", *count);
            lead = ",\"";
        }
        json.raw(if names.is_empty() { r#","issues":{}}"# } else { "}}" });
        json.into_text()
    }

    /// What became of some rows, from a place on.
    #[must_use]
    pub fn page(&mut self, from: u32, count: u32) -> String {
        let mut json = Writer::begin();
        let mut lead = "[";
        let end = from.saturating_add(count).min(self.list.rows.len());
        for at in from..end {
            json.raw(lead);
            self.list.write_row(&mut json, at);
            lead = ",";
        }
        json.raw(if lead == "[" { "[]" } else { "]" });
        json.into_text()
    }

    /// Whom to look up, some of them, from a place on: where the next ones begin, or `null`, and a request for each with
    /// the rows that it is for. Whoever may not be asked for is left out.
    #[must_use]
    pub fn people(&self, from: u32, count: u32, text: &dyn Text) -> String {
        let list = &self.list;
        let mut json = Writer::begin();
        json.raw(r#"{"people":["#);
        let (mut at, mut left, mut lead) = (from, count, "");
        while at < list.persons.len() && left > 0 {
            if let Some(person) =
                list.persons.get(at).filter(|person| person.first != NONE && person.standing != Standing::Suppressed)
            {
                json.raw(lead);
                json.raw(r#"{"request":{"#);
                let mut begin = "\"";
                let mut put = |field: Field, value: &str| {
                    json.text(begin, field.wire_name());
                    json.text(":\"", value);
                    begin = ",\"";
                };
                let alone = usize::from(person.rung).checked_sub(1);
                match alone.and_then(|rung| list.ladder_of(person.entry, text)?.ladder().get(rung).cloned()) {
                    Some(rung) => rung.fields().into_iter().for_each(|(field, value)| put(field, value)),
                    None => list.fields_of(person.entry).iter().for_each(|(field, value)| put(*field, value)),
                }
                json.text(r#"},"kind":""#, kind_of(person.standing));
                let mut begin = r#","rows":["#;
                let mut row = person.first;
                while row != NONE {
                    json.count(begin, row.into());
                    begin = ",";
                    row = list.rows.get(row).map_or(NONE, |row| row.next);
                }
                json.raw("]}");
                lead = ",";
                left = left.wrapping_sub(1);
            }
            at = at.wrapping_add(1);
        }
        json.whole(r#"],"next":"#, Some(i64::from(at)).filter(|_| at < list.persons.len()));
        json.raw("}");
        json.into_text()
    }

    /// Whom the store and the list of those never to be asked for may know, some of them, from a place on: for each its
    /// identifiers, strongest first.
    #[must_use]
    pub fn ask(&self, from: u32, count: u32, text: &dyn Text) -> String {
        let mut json = Writer::begin();
        let mut lead = "[";
        for entry in from..from.saturating_add(count).min(self.list.entries.len()) {
            json.raw(lead);
            let mut begin = "[";
            for rung in self.list.ladder_of(entry, text).iter().flat_map(|checked| checked.ladder()) {
                json.raw(begin);
                write_lookup(&mut json, rung);
                begin = ",";
            }
            json.raw(if begin == "[" { "[]" } else { "]" });
            lead = ",";
        }
        json.raw(if lead == "[" { "[]" } else { "]" });
        json.into_text()
    }
}

fn kind_of(standing: Standing) -> &'static str {
    match standing {
        Standing::New => "unique",
        Standing::Doubt => "unknown",
        Standing::Known => "known",
        Standing::Suppressed => "suppressed",
    }
}

/// Kinds of lookups, by the bits of a row.
const KINDS: [&str; 4] = ["linkedin_url", "email", "name_website", "name_company"];

impl List {
    fn ladder_of(&self, entry: u32, text: &dyn Text) -> Option<Checked> {
        let fields = self.fields_of(entry);
        let mut request = RawRequest::default();
        for (field, value) in &fields {
            request.set(*field, value);
        }
        // Canonical forms are their own.
        lookup::check(request, true, &Plain(text)).ok()
    }

    fn write_row(&mut self, json: &mut Writer, at: u32) {
        let Some(&Row { identifier, line, note, flags, kin, .. }) = self.rows.get(at) else { return };
        let person = match kin {
            Kin::Valid => self.person_of(identifier).and_then(|person| self.persons.get(person)),
            _ => None,
        };
        let (kind, of) = match person {
            Some(person) if person.first == at => (kind_of(person.standing), None),
            Some(person) => ("duplicate", Some(i64::from(person.first))),
            None => (if kin == Kin::Blank { "blank" } else { "invalid" }, None),
        };
        json.count(r#"{"row":"#, at.into());
        json.whole(r#","line":"#, Some(i64::from(line)).filter(|_| !self.options.is_own));
        json.text(r#","kind":""#, kind);
        json.whole(r#","of":"#, of);
        let lookup = KINDS.get(usize::from(flags >> flag::KIND_SHIFT)).filter(|_| kin == Kin::Valid);
        json.nullable(r#","lookup":"#, lookup.copied());
        let mut lead = r#","issues":["#;
        for code in self.notes.get(usize::from(note)).into_iter().flatten() {
            json.raw(lead);
            write_issue(json, *code);
            lead = ",";
        }
        json.raw(if note == NO_NOTE { r#","issues":[]"# } else { "]" });
        let mut lead = r#","flags":[""#;
        for (bit, name) in flag::NAMES.into_iter().enumerate() {
            if flags & 1 << bit > 0 {
                json.text(lead, name);
                lead = ",\"";
            }
        }
        json.raw(if flags & flag::ALL == 0 { r#","flags":[]}"# } else { "]}" });
    }
}
