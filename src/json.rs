//! JSON, the little of it that is needed: its one job is to name what is read of a parsed reply, and
//! to write objects, for the wire and for JavaScript.
//!
//! Parsing is the runtime's: JavaScript has `JSON.parse`, on the host a well-kept crate stands for
//! it, and the reply vectors prove them equal.

use crate::identity::all;

/// A parsed JSON value, as far as anybody looks into it.
pub trait Json {
    /// The member of an object; the last one where a name is repeated.
    fn get(&self, name: &str) -> Option<Box<dyn Json>>;

    /// The text of a string.
    fn as_text(&self) -> Option<String>;

    /// The number of a number, whole or not.
    fn as_number(&self) -> Option<f64>;

    /// Whether this is `true`.
    fn is_true(&self) -> bool;
}

/// A member that is a whole number and exact in JavaScript, however it is written (`85`, `85.0`): a
/// count of credits is never rounded.
pub(crate) fn whole(json: &dyn Json, name: &str) -> Option<i64> {
    const LARGEST_EXACT: f64 = 9_007_199_254_740_991.0;
    let number = json.get(name)?.as_number()?;
    let candidate = number as i64;
    (candidate as f64 == number && number.abs() <= LARGEST_EXACT).then_some(candidate)
}

/// A member that is a string.
pub(crate) fn text(json: &dyn Json, name: &str) -> Option<String> {
    json.get(name)?.as_text()
}

/// JSON that is written from its beginning to its end. What leads to a value, name, comma and brackets,
/// is written as it stands in the code: one step for each member, and it reads like what comes out.
pub struct Writer(String);

// Out of line: a member is then one call.
impl Writer {
    /// Nothing yet, with room for what most texts need.
    #[must_use]
    pub fn begin() -> Self {
        Self(String::with_capacity(1024))
    }

    /// What is JSON already.
    #[inline(never)]
    pub fn raw(&mut self, json: &'static str) {
        self.0.push_str(json);
    }

    /// How much is written so far.
    #[must_use]
    pub fn end(&self) -> usize {
        self.0.len()
    }

    /// Once more what stands between two such ends.
    pub fn repeat(&mut self, begin: usize, end: usize) {
        let part = String::from(self.0.get(begin..end).unwrap_or_default());
        self.0.push_str(&part);
    }

    /// A string, whose quotation mark the lead ends in.
    #[inline(never)]
    pub fn text(&mut self, lead: &'static str, text: &str) {
        self.raw(lead);
        write_escaped(&mut self.0, text);
        self.0.push('"');
    }

    /// A string, or `null` where there is none.
    #[inline(never)]
    pub fn nullable(&mut self, lead: &'static str, text: Option<&str>) {
        self.raw(lead);
        match text {
            Some(text) => self.text("\"", text),
            None => self.raw("null"),
        }
    }

    /// Whether or not.
    pub fn flag(&mut self, lead: &'static str, flag: bool) {
        self.raw(lead);
        self.raw(if flag { "true" } else { "false" });
    }

    /// A count.
    #[inline(never)]
    pub fn count(&mut self, lead: &'static str, number: u64) {
        self.raw(lead);
        write_digits(&mut self.0, number);
    }

    /// A whole number, or `null` where there is none.
    pub fn whole(&mut self, lead: &'static str, number: Option<i64>) {
        self.raw(lead);
        match number {
            Some(number) => self.count(if number < 0 { "-" } else { "" }, number.unsigned_abs()),
            None => self.raw("null"),
        }
    }

    /// What is written.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }

    /// What is written so far.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn write_escaped(json: &mut String, text: &str) {
    if all(text.as_bytes(), is_bare) {
        return json.push_str(text);
    }
    for character in text.chars() {
        match character {
            '"' | '\\' => json.push('\\'),
            '\u{0}'..='\u{1f}' => {
                json.push_str("\\u00");
                for shift in [4, 0] {
                    write_digit(json, character as u32 >> shift);
                }
                continue;
            }
            _ => {}
        }
        json.push(character);
    }
}

/// Whether a string may hold the byte as it is.
fn is_bare(byte: u8) -> bool {
    !matches!(byte, 0..=0x1f | b'"' | b'\\')
}

fn write_digits(json: &mut String, number: u64) {
    if number > 9 {
        write_digits(json, number / 10);
    }
    json.push(char::from(b'0' | (number % 10) as u8));
}

/// Appends the last four bits of a number as a hexadecimal digit.
pub(crate) fn write_digit(text: &mut String, number: u32) {
    if let Some(digit) = char::from_digit(number & 15, 16) {
        text.push(digit);
    }
}

/// JSON on the host.
#[cfg(not(target_arch = "wasm32"))]
impl Json for serde_json::Value {
    fn get(&self, name: &str) -> Option<Box<dyn Json>> {
        Some(Box::new(self.as_object()?.get(name)?.clone()))
    }

    fn as_text(&self) -> Option<String> {
        self.as_str().map(Into::into)
    }

    fn as_number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn is_true(&self) -> bool {
        *self == Self::Bool(true)
    }
}
