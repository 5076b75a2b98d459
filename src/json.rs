//! JSON, the little of it that is needed: its one job is to name what is read of a parsed reply, and
//! to write objects, for the wire and for JavaScript.
//!
//! Parsing is the runtime's: JavaScript has `JSON.parse`, on the host a well-kept crate stands for
//! it, and the reply vectors prove them equal.

#[cfg(not(target_arch = "wasm32"))]
use crate::identity::concat;
use crate::identity::{all, find_any};

/// Ends every value of a list. Whoever makes one writes another control character where a text has this one.
const END: u8 = 0x1f;

/// Plain values in one text, read one after the other: each is a letter for its type, what it is, and [`END`]. `s` is a
/// text, `n` a number, `t` is `true`, `x` anything else; what is `undefined` has no letter.
#[derive(Clone, Copy)]
pub struct Values<'a>(pub &'a str);

impl<'a> Values<'a> {
    /// Whether all of them are read.
    #[must_use]
    pub fn is_over(self) -> bool {
        self.0.is_empty()
    }

    /// The next one with its letter; the one after it is then the next.
    #[inline(never)]
    pub fn take(&mut self) -> &'a str {
        let end = find_any(self.0.as_bytes(), &[END]);
        let next = self.0.get(..end).unwrap_or_default();
        self.0 = self.0.get(end.saturating_add(1)..).unwrap_or_default();
        next
    }

    /// The next one, if it is a text.
    #[inline(never)]
    pub fn text(&mut self) -> Option<&'a str> {
        self.take().strip_prefix("s")
    }

    /// The next one, if it is a whole number that a float holds; any other is none.
    pub fn number(&mut self) -> f64 {
        whole(self.take()).map_or(f64::NAN, |number| number as f64)
    }
}

/// The whole number that a value is, if it is exact in JavaScript, however it was written (`85`, `85.0`): a
/// count of credits is never rounded.
fn whole(value: &str) -> Option<i64> {
    const LARGEST_EXACT: u64 = 9_007_199_254_740_991;
    let number = value.strip_prefix("n")?;
    let amount = number.strip_prefix("-");
    let digits = digits(amount.unwrap_or(number)).filter(|digits| *digits <= LARGEST_EXACT)?.cast_signed();
    Some(if amount.is_some() { digits.wrapping_neg() } else { digits })
}

/// What digits and nothing else stand for; as much as there can be, if it is more.
#[must_use]
pub fn digits(text: &str) -> Option<u64> {
    let mut number = 0_u64;
    for byte in text.bytes() {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number.saturating_mul(10).saturating_add(u64::from(byte & 15));
    }
    (!text.is_empty()).then_some(number)
}

/// A JSON object that was parsed: the names and values of its members, and of those of the objects in it, each with the
/// name of its object and a dot before its own. Deeper ones are nobody's concern.
pub struct Members(pub String);

impl Members {
    /// A member with its letter.
    #[inline(never)]
    fn find(&self, group: &str, name: &str) -> Option<&str> {
        let mut values = Values(&self.0);
        while !values.is_over() {
            let is = values.text().and_then(|member| member.strip_prefix(group)) == Some(name);
            let value = values.take();
            if is {
                return Some(value);
            }
        }
        None
    }

    /// A member that is a text.
    #[must_use]
    pub fn text(&self, group: &str, name: &str) -> Option<String> {
        self.find(group, name)?.strip_prefix("s").map(Into::into)
    }

    /// A member that is a whole number, exact in JavaScript.
    #[must_use]
    pub fn whole(&self, group: &str, name: &str) -> Option<i64> {
        self.find(group, name).and_then(whole)
    }

    /// Whether a member is there, and anything but `true`.
    #[must_use]
    pub fn denies(&self, name: &str) -> bool {
        self.find("", name).is_some_and(|value| value != "t")
    }
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

/// As JavaScript lists it.
#[cfg(not(target_arch = "wasm32"))]
impl From<&serde_json::Value> for Members {
    fn from(json: &serde_json::Value) -> Self {
        use serde_json::Value;
        let mut list = String::new();
        let mut put = |name: &str, value: &Value| {
            let value = match value {
                Value::String(text) => concat(&["s", text]),
                // JavaScript writes a whole number without its fraction.
                Value::Number(number) => match number.as_f64() {
                    Some(whole) if whole.fract() == 0.0 && whole.abs() < 1e20 => format!("n{whole}"),
                    _ => format!("n{number}"),
                },
                Value::Bool(true) => "t".into(),
                _ => "x".into(),
            };
            for part in [&concat(&["s", name]), &value] {
                list.push_str(&part.replace('\u{1f}', "\u{1e}"));
                list.push(char::from(END));
            }
        };
        for (name, value) in json.as_object().into_iter().flatten() {
            match value.as_object() {
                Some(inner) => inner.iter().for_each(|(member, value)| put(&concat(&[name, ".", member]), value)),
                None => put(name, value),
            }
        }
        Self(list)
    }
}
