//! The records of a CSV text that comes in pieces: which delimiter and encoding it has, where each record begins, and how
//! much of one is ever held.
//!
//! What is found out does not depend on where the pieces end: nothing is decided before the first 64 kB are there.

use core::ops::Range;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// How much is looked at before the delimiter is chosen.
const SAMPLE: usize = 64 * 1024;
/// The most that a record may hold; people's data have a thousandth of that. An open quotation mark ends here.
const LONGEST_RECORD: usize = 256 * 1024;
/// The most cells of a record: what is beyond makes it too long.
const MOST_CELLS: usize = 2048;

/// What the letters of a list are written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// Nothing but ASCII so far: the first other letter decides.
    Ascii,
    /// Unicode.
    Utf8,
    /// What spreadsheets of western Europe still write.
    Windows1252,
}

impl Encoding {
    /// As the encoding standard calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ascii | Self::Utf8 => "utf-8",
            Self::Windows1252 => "windows-1252",
        }
    }
}

/// Why no record can be read at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unreadable {
    /// A spreadsheet's own file.
    Spreadsheet,
    /// No text.
    Binary,
    /// A quotation mark that nothing closes, in the record that begins in this line.
    OpenQuote(u32),
}

/// One record, as text.
#[derive(Clone)]
pub(super) struct Record {
    /// Its cells in their order, and maybe what parts them.
    pub(super) text: Vec<u8>,
    /// Where each of them is.
    pub(super) cells: Vec<Range<usize>>,
    /// The line that it begins in, from 1.
    pub(super) line: u32,
    /// There was more of it.
    pub(super) too_long: bool,
}

impl Record {
    /// The bytes of a cell; none where the record has fewer.
    pub(super) fn cell(&self, column: usize) -> &[u8] {
        self.text.get(self.place(column)).unwrap_or_default()
    }

    /// Where a cell stands; one that the record does not have is empty.
    pub(super) fn place(&self, column: usize) -> Range<usize> {
        self.cells.get(column).cloned().unwrap_or(0..0)
    }

    /// Whether nothing is to be seen in it, from this cell on.
    pub(super) fn is_blank(&self, from: usize) -> bool {
        !self.too_long && (from..self.cells.len()).all(|column| self.cell(column).iter().all(|byte| *byte <= b' '))
    }

    /// Whether it has the same cells, whatever parts them.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.cells.len() == other.cells.len()
            && (0..self.cells.len()).all(|column| self.cell(column) == other.cell(column))
    }
}

/// Reads records out of bytes that come in pieces.
pub(super) struct Records {
    /// What is there before the delimiter is chosen.
    sample: Option<Vec<u8>>,
    /// A list of objects, which this package wrote itself.
    is_own: bool,
    /// The encoding is not to be found out.
    is_windows_1252: bool,
    pub(super) delimiter: Option<u8>,
    pub(super) encoding: Encoding,
    reader: Box<Reader>,
    /// It has read something, and so what it does at the beginning of a text is done.
    begun: bool,
    output: Vec<u8>,
    ends: Vec<usize>,
    filled: usize,
    ended: usize,
    inside: bool,
    too_long: bool,
    line: u32,
    after_cr: bool,
}

impl Records {
    pub(super) fn new(delimiter: Option<u8>, is_own: bool, is_windows_1252: bool) -> Self {
        Self {
            sample: Some(Vec::new()),
            is_own,
            is_windows_1252,
            delimiter,
            encoding: Encoding::Ascii,
            reader: Box::new(Reader::new()),
            begun: false,
            output: vec![0; LONGEST_RECORD],
            ends: vec![0; MOST_CELLS],
            filled: 0,
            ended: 0,
            inside: false,
            too_long: false,
            line: 1,
            after_cr: false,
        }
    }

    /// Takes the next piece, and hands over each record that is whole.
    pub(super) fn feed(
        &mut self,
        bytes: &[u8],
        score: &dyn Fn(&Record) -> u32,
        each: &mut dyn FnMut(&mut Record, Encoding) -> Encoding,
    ) -> Result<(), Unreadable> {
        let Some(sample) = &mut self.sample else {
            self.read(bytes, each);
            return Ok(());
        };
        let missing = SAMPLE.saturating_sub(sample.len());
        let (now, later) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
        sample.extend_from_slice(now);
        if sample.len() == SAMPLE {
            self.begin(score, each)?;
            self.read(later, each);
        }
        Ok(())
    }

    /// There are no more pieces.
    pub(super) fn end(
        &mut self,
        score: &dyn Fn(&Record) -> u32,
        each: &mut dyn FnMut(&mut Record, Encoding) -> Encoding,
    ) -> Result<(), Unreadable> {
        self.begin(score, each)?;
        if self.inside {
            // The end of a line ends every record but one with an open quotation mark.
            self.read(b"\n", each);
            if self.inside {
                return Err(Unreadable::OpenQuote(self.line));
            }
        }
        Ok(())
    }

    /// Chooses the delimiter and the encoding by the sample, and reads it.
    fn begin(
        &mut self,
        score: &dyn Fn(&Record) -> u32,
        each: &mut dyn FnMut(&mut Record, Encoding) -> Encoding,
    ) -> Result<(), Unreadable> {
        let Some(sample) = self.sample.take() else { return Ok(()) };
        let marked = sample.strip_prefix(b"\xEF\xBB\xBF");
        let text = marked.unwrap_or(&sample);
        if !self.is_own && text.contains(&0) {
            let is_spreadsheet = text.starts_with(b"PK") || text.starts_with(b"\xD0\xCF\x11\xE0");
            return Err(if is_spreadsheet { Unreadable::Spreadsheet } else { Unreadable::Binary });
        }
        self.encoding = match core::str::from_utf8(text) {
            _ if self.is_windows_1252 => Encoding::Windows1252,
            _ if marked.is_some() => Encoding::Utf8,
            Ok(_) if text.is_ascii() => Encoding::Ascii,
            Ok(_) => Encoding::Utf8,
            // The sample may end within a letter.
            Err(error) if error.error_len().is_none() && sample.len() == SAMPLE => {
                let is_ascii = text.get(..error.valid_up_to()).is_some_and(<[u8]>::is_ascii);
                if is_ascii { Encoding::Ascii } else { Encoding::Utf8 }
            }
            Err(_) => Encoding::Windows1252,
        };
        let delimiter = self.delimiter.unwrap_or_else(|| sniff(text, score));
        self.delimiter = Some(delimiter);
        *self.reader = ReaderBuilder::new().delimiter(delimiter).build();
        self.read(text, each);
        Ok(())
    }

    fn read(&mut self, bytes: &[u8], each: &mut dyn FnMut(&mut Record, Encoding) -> Encoding) {
        let mut rest = bytes;
        let mut record = Record { text: Vec::new(), cells: Vec::new(), line: 0, too_long: false };
        loop {
            if !self.inside {
                rest = self.skip_line_ends(rest);
                if rest.is_empty() {
                    return;
                }
                if self.begun
                    && let Some(delimiter) = self.delimiter
                    && let Some(end) = plain(rest, delimiter, &mut record.cells)
                    && let Some((text, [line_end, after @ ..])) = rest.split_at_checked(end)
                {
                    rest = after;
                    record.text.clear();
                    record.text.extend_from_slice(text);
                    record.too_long = false;
                    let is_cr = *line_end == b'\r';
                    self.hand_over(&mut record, is_cr, u32::from(!is_cr), each);
                    continue;
                }
                self.reader.set_line(0);
                self.inside = true;
                self.begun = true;
                self.too_long = false;
                (self.filled, self.ended) = (0, 0);
            }
            if rest.is_empty() {
                return;
            }
            let output = self.output.get_mut(self.filled..).unwrap_or_default();
            let ends = self.ends.get_mut(self.ended..).unwrap_or_default();
            let (result, read, written, ended) = self.reader.read_record(rest, output, ends);
            let (before, after) = rest.split_at_checked(read).unwrap_or((rest, &[]));
            rest = after;
            self.filled = self.filled.saturating_add(written);
            self.ended = self.ended.saturating_add(ended);
            match result {
                // An empty piece was asked for, or all of it is read.
                ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    self.too_long = true;
                    (self.filled, self.ended) = (0, 0);
                }
                ReadRecordResult::Record => {
                    let lines = u32::try_from(self.reader.line()).unwrap_or(u32::MAX);
                    self.fill(&mut record);
                    self.hand_over(&mut record, before.last() == Some(&b'\r'), lines, each);
                }
            }
        }
    }

    /// Makes a record of what was read, unless that was too much.
    fn fill(&self, record: &mut Record) {
        record.text.clear();
        record.cells.clear();
        record.too_long = self.too_long;
        if !self.too_long {
            record.text.extend_from_slice(self.output.get(..self.filled).unwrap_or_default());
            let mut begin = 0;
            record
                .cells
                .extend(self.ends.iter().take(self.ended).map(|end| core::mem::replace(&mut begin, *end)..*end));
        }
    }

    /// Hands over a record that ended, after so many lines.
    fn hand_over(
        &mut self,
        record: &mut Record,
        after_cr: bool,
        lines: u32,
        each: &mut dyn FnMut(&mut Record, Encoding) -> Encoding,
    ) {
        record.line = self.line;
        self.encoding = each(record, self.encoding);
        self.line = self.line.saturating_add(lines);
        self.after_cr = after_cr;
        self.inside = false;
    }

    /// Steps over the ends of lines before a record, and counts them: `\r\n` is one, and so is either alone.
    fn skip_line_ends<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let mut rest = bytes;
        while let [first, after @ ..] = rest {
            let ends = match first {
                b'\n' => {
                    self.after_cr = false;
                    1
                }
                b'\r' => u32::from(core::mem::replace(&mut self.after_cr, true)),
                _ => {
                    self.line = self.line.saturating_add(u32::from(core::mem::take(&mut self.after_cr)));
                    return rest;
                }
            };
            self.line = self.line.saturating_add(ends);
            rest = after;
        }
        rest
    }
}

/// The same byte eight times.
const fn eight(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Where any of eight bytes is a delimiter, a quotation mark or a control character, such as the end of a line: the highest
/// bit of each that is.
fn marks(word: u64, delimiters: u64) -> u64 {
    const LOW: u64 = eight(0x7f);
    // No sum of seven bits and seven bits reaches into the next byte.
    let is_other = |word: u64, from: u64| (word & LOW).wrapping_add(from) | word;
    let is_no_control = is_other(word, eight(0x80 - b' '));
    let is_no_quote = is_other(word ^ eight(b'"'), LOW);
    let is_no_delimiter = is_other(word ^ delimiters, LOW);
    !(is_no_control & is_no_quote & is_no_delimiter) & !LOW
}

/// Finds the cells of a record that is there as a whole and has nothing odd, as nearly all are: no more than a record may
/// hold, and quotation marks around cells of one line alone; says where its line ends. What a reader of any CSV does with each
/// byte takes several times as long as to look at eight at once.
fn plain(bytes: &[u8], delimiter: u8, cells: &mut Vec<Range<usize>>) -> Option<usize> {
    cells.clear();
    let delimiters = eight(delimiter);
    // The cell's place, and where a quotation mark has ended it.
    let (mut begin, mut closed) = (0, None);
    let mut is_quoted = false;
    let bytes = bytes.get(..LONGEST_RECORD).unwrap_or(bytes);
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [b'.'; 8];
    last.get_mut(..rest.len())?.copy_from_slice(rest);
    for (word, place) in words.iter().chain([&last]).zip((0_usize..).step_by(8)) {
        let mut marks = marks(u64::from_le_bytes(*word), delimiters);
        while marks > 0 {
            let at = place.wrapping_add(marks.trailing_zeros() as usize / 8);
            marks &= marks.wrapping_sub(1);
            let byte = *bytes.get(at)?;
            if byte == b'"' {
                if is_quoted {
                    let next = *bytes.get(at.wrapping_add(1))?;
                    if next != delimiter && !matches!(next, b'\n' | b'\r') {
                        return None;
                    }
                    closed = Some(at);
                } else if at == begin {
                    begin = at.wrapping_add(1);
                } else {
                    return None;
                }
                is_quoted = !is_quoted;
                continue;
            }
            let is_end = matches!(byte, b'\n' | b'\r');
            if is_quoted && is_end {
                return None;
            }
            if !is_quoted && (is_end || byte == delimiter) {
                // A reader takes a record for too long that leaves no room.
                if cells.len() == MOST_CELLS.wrapping_sub(1) {
                    return None;
                }
                cells.push(begin..closed.take().unwrap_or(at));
                begin = at.wrapping_add(1);
                if is_end {
                    return Some(at);
                }
            }
        }
    }
    None
}

/// How many records are looked at for the header and the delimiter.
pub(super) const MOST_SAMPLED: usize = 50;

/// The delimiter that makes the most of the first records: known headers first, then cells in equal number.
fn sniff(sample: &[u8], score: &dyn Fn(&Record) -> u32) -> u8 {
    let mut best = (0, b',');
    for delimiter in *b",;\t" {
        let mut records = Records::new(Some(delimiter), true, false);
        *records.reader = ReaderBuilder::new().delimiter(delimiter).build();
        let (mut headers, mut widths, mut seen) = (0_u32, Vec::new(), 0_usize);
        let mut rest = sample;
        while seen < MOST_SAMPLED && !rest.is_empty() {
            let (now, later) = rest.split_at_checked(1024).unwrap_or((rest, &[]));
            rest = later;
            records.read(now, &mut |record, encoding| {
                seen = seen.saturating_add(1);
                headers = headers.max(score(record));
                widths.push(record.cells.len());
                encoding
            });
        }
        // The median, without what sorting weighs: the least of which most are no more.
        let is_usual = |width: &&usize| widths.iter().filter(|other| other <= width).count() > widths.len() / 2;
        let usual = widths.iter().filter(is_usual).min().copied().unwrap_or(0).min(1000);
        let value = headers.saturating_mul(1000).saturating_add(u32::try_from(usual).unwrap_or(0));
        if value > best.0 {
            best = (value, delimiter);
        }
    }
    best.1
}

/// What windows-1252 has from 0x80 to 0x9f; elsewhere it is the beginning of Unicode.
const WINDOWS_1252: &str = "\u{20AC}\u{FFFD}\u{201A}\u{0192}\u{201E}\u{2026}\u{2020}\u{2021}\u{02C6}\u{2030}\u{0160}\u{2039}\u{0152}\u{FFFD}\u{017D}\u{FFFD}\u{FFFD}\u{2018}\u{2019}\u{201C}\u{201D}\u{2022}\u{2013}\u{2014}\u{02DC}\u{2122}\u{0161}\u{203A}\u{0153}\u{FFFD}\u{017E}\u{0178}";

/// Makes UTF-8 of a record, if it is in anything else; says what the list is written in, as far as is known by now.
pub(super) fn decode(record: &mut Record, encoding: Encoding) -> Encoding {
    if record.text.is_ascii() {
        return encoding;
    }
    let is_utf8 = core::str::from_utf8(&record.text).is_ok();
    let found = match encoding {
        Encoding::Ascii if is_utf8 => Encoding::Utf8,
        Encoding::Ascii => Encoding::Windows1252,
        known => known,
    };
    if found == Encoding::Windows1252 {
        let mut text = String::with_capacity(record.text.len().saturating_mul(2));
        for cell in &mut record.cells {
            let begin = text.len();
            for byte in record.text.get(cell.clone()).unwrap_or_default() {
                let letter = match byte {
                    0x80..=0x9f => WINDOWS_1252.chars().nth(usize::from(byte & 0x1f)).unwrap_or('\u{FFFD}'),
                    _ => char::from(*byte),
                };
                text.push(letter);
            }
            *cell = begin..text.len();
        }
        record.text = text.into_bytes();
    }
    found
}
