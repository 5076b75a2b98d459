//! JSON, the little of it that the wire needs: its one job is to name what is read of a parsed
//! reply, and to write a request's strings.
//!
//! Parsing is the runtime's: JavaScript has `JSON.parse`, on the host a well-kept crate stands for
//! it, and the reply vectors prove them equal.

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

/// Appends a JSON string, quotes included.
pub fn write_text(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                json.push('\\');
                json.push(character);
            }
            '\u{0}'..='\u{1f}' => {
                json.push_str("\\u00");
                for shift in [4, 0] {
                    write_digit(json, character as u32 >> shift);
                }
            }
            _ => json.push(character),
        }
    }
    json.push('"');
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
