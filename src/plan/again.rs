//! A list that is read a second time: its one job is to hand out the cells of each row of a plan, for whoever writes the list
//! again with what became of everybody. By the same reader, so that no row can be taken for another.

use super::records::{self, Encoding, Record, Records};
use super::{ListCode, Plan, Refusal};
use crate::json::Writer;

/// How far a second reading is.
pub struct Again {
    records: Records,
    /// Records that still come before the first row.
    before: u32,
    /// How many rows were handed out.
    rows: u32,
}

impl Plan {
    /// Begins to read the list again, once there is a plan.
    #[must_use]
    pub fn again(&self) -> Again {
        let list = &self.list;
        let is_windows_1252 = list.encoding == Encoding::Windows1252;
        let records = Records::new(Some(list.delimiter), list.options.is_own, is_windows_1252);
        Again { records, before: list.columns.header, rows: 0 }
    }

    /// The cells of the rows that end in the next piece, as JSON: an array of texts for each. Without a piece, the rest of
    /// them. A row that is longer than any person's has none.
    ///
    /// # Errors
    /// It is not the list of the plan.
    pub fn cells(&self, again: &mut Again, bytes: Option<&[u8]>) -> Result<String, Refusal> {
        let mut json = Writer::begin();
        let mut lead = "[";
        let mut other = None;
        let Again { records, before, rows } = again;
        let mut each = |record: &mut Record, encoding| {
            let encoding = records::decode(record, encoding);
            if *before > 0 {
                *before = before.wrapping_sub(1);
            } else if self.list.rows.get(*rows).is_some_and(|row| row.line == record.line) {
                *rows = rows.wrapping_add(1);
                json.raw(lead);
                lead = ",";
                write_cells(&mut json, record);
            } else {
                other = other.or(Some(record.line));
            }
            encoding
        };
        let read = match bytes {
            Some(bytes) => records.feed(bytes, &|_| 0, &mut each),
            None => records.end(&|_| 0, &mut each),
        };
        let is_short = bytes.is_none() && *rows < self.list.rows.len();
        if read.is_err() || other.is_some() || is_short {
            return Err(Refusal { code: ListCode::OtherList, line: other });
        }
        json.raw(if lead == "[" { "[]" } else { "]" });
        Ok(json.into_text())
    }
}

fn write_cells(json: &mut Writer, record: &Record) {
    let mut lead = "[\"";
    for column in 0..record.cells.len() {
        json.text(lead, &String::from_utf8_lossy(record.cell(column)));
        lead = ",\"";
    }
    json.raw(if record.cells.is_empty() { "[]" } else { "]" });
}
