//! JSON text, the little of it that the wire needs: its one job is to read a bounded reply without
//! trusting it, and to write a request's strings.
//!
//! Written by hand because the usual parser would weigh more than the rest of the core, and
//! because a number must never become a float on its way to a count of credits.

/// How deep a reply may be nested. The vendor's deepest documented body has three levels.
const MAX_DEPTH: u8 = 32;

/// A parsed JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number that is whole and exact in JavaScript too, however it was written (`85`, `85.0`, `8.5e1`).
    Whole(i64),
    /// Any other number.
    OtherNumber,
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, in the order of the text.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a whole text; `None` where it isn't JSON (RFC 8259) or is nested too deeply. A byte-order mark is skipped.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.skip_space();
        (reader.at == text.len()).then_some(value)
    }

    /// The member of an object; the last one where a name is repeated, as `JSON.parse` does.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().rev().find(|member| member.0 == name).map(|member| &member.1),
            _ => None,
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a whole number.
    #[must_use]
    pub fn as_whole(&self) -> Option<i64> {
        match self {
            Self::Whole(number) => Some(*number),
            _ => None,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at = self.at.saturating_add(1);
        Some(byte)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.next();
        }
        found
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.next();
        }
    }

    fn word(&mut self, word: &str, value: Json) -> Option<Json> {
        self.text.get(self.at..)?.starts_with(word).then(|| {
            self.at = self.at.saturating_add(word.len());
            value
        })
    }

    fn value(&mut self, depth: u8) -> Option<Json> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_space();
        match self.peek()? {
            b'n' => self.word("null", Json::Null),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'"' => self.string().map(Json::Text),
            b'[' => self.list(depth),
            b'{' => self.object(depth),
            _ => self.number(),
        }
    }

    fn list(&mut self, depth: u8) -> Option<Json> {
        self.next();
        let mut items = Vec::new();
        self.skip_space();
        if self.eat(b']') {
            return Some(Json::List(items));
        }
        loop {
            items.push(self.value(depth.saturating_add(1))?);
            self.skip_space();
            match self.next()? {
                b',' => {}
                b']' => return Some(Json::List(items)),
                _ => return None,
            }
        }
    }

    fn object(&mut self, depth: u8) -> Option<Json> {
        self.next();
        let mut members = Vec::new();
        self.skip_space();
        if self.eat(b'}') {
            return Some(Json::Object(members));
        }
        loop {
            self.skip_space();
            let name = (self.peek()? == b'"').then(|| self.string())??;
            self.skip_space();
            if !self.eat(b':') {
                return None;
            }
            members.push((name, self.value(depth.saturating_add(1))?));
            self.skip_space();
            match self.next()? {
                b',' => {}
                b'}' => return Some(Json::Object(members)),
                _ => return None,
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        self.next();
        let mut text = String::new();
        loop {
            // What stands between quotes and escapes is taken over as it is.
            let start = self.at;
            while !matches!(self.peek()?, b'"' | b'\\' | 0..=0x1f) {
                self.next();
            }
            text.push_str(self.text.get(start..self.at)?);
            match self.next()? {
                b'"' => return Some(text),
                b'\\' => text.push(match self.next()? {
                    b'n' => '\n',
                    b't' => '\t',
                    b'r' => '\r',
                    b'b' => '\u{8}',
                    b'f' => '\u{c}',
                    b'u' => self.escaped_character()?,
                    byte @ (b'"' | b'\\' | b'/') => char::from(byte),
                    _ => return None,
                }),
                _ => return None,
            }
        }
    }

    /// A `\u` escape, or two that are one character; a lone surrogate becomes U+FFFD.
    fn escaped_character(&mut self) -> Option<char> {
        let first = self.hex4()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let before = self.at;
        if self.eat(b'\\') && self.eat(b'u') {
            let second = self.hex4()?;
            if (0xdc00..0xe000).contains(&second) {
                let offset = ((first & 0x3ff) << 10) | (second & 0x3ff);
                return char::from_u32(offset.wrapping_add(0x1_0000));
            }
        }
        self.at = before;
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn hex4(&mut self) -> Option<u32> {
        let mut number = 0_u32;
        for _ in 0..4 {
            number = (number << 4) | char::from(self.next()?).to_digit(16)?;
        }
        Some(number)
    }

    fn digits(&mut self, into: &mut Vec<u8>) -> Option<usize> {
        let start = into.len();
        while let Some(byte @ b'0'..=b'9') = self.peek() {
            into.push(byte);
            self.next();
        }
        into.len().checked_sub(start).filter(|count| *count > 0)
    }

    /// A number, read as digits and a power of ten: exact, and without float parsing.
    fn number(&mut self) -> Option<Json> {
        let negative = self.eat(b'-');
        let mut digits = Vec::new();
        let leading_zero = self.peek() == Some(b'0');
        if self.digits(&mut digits)? > 1 && leading_zero {
            return None;
        }
        let mut fraction = 0_usize;
        if self.eat(b'.') {
            fraction = self.digits(&mut digits)?;
        }
        let mut exponent = 0_i64;
        if self.eat(b'e') || self.eat(b'E') {
            let down = self.eat(b'-');
            if !down {
                self.eat(b'+');
            }
            let mut power = Vec::new();
            self.digits(&mut power)?;
            for digit in power {
                exponent = exponent.saturating_mul(10).saturating_add(i64::from(digit & 15));
            }
            if down {
                exponent = exponent.saturating_neg();
            }
        }
        let shift = exponent.saturating_sub(i64::try_from(fraction).unwrap_or(i64::MAX));
        Some(whole(negative, digits, shift).map_or(Json::OtherNumber, Json::Whole))
    }
}

/// `digits` times ten to the power of `shift`, where that is whole and exact in JavaScript too.
fn whole(negative: bool, mut digits: Vec<u8>, shift: i64) -> Option<i64> {
    const LARGEST_EXACT: i64 = (1 << 53) - 1;
    let mut shift = shift;
    while shift < 0 && digits.last() == Some(&b'0') {
        digits.pop();
        shift = shift.saturating_add(1);
    }
    let mut number = 0_i64;
    for digit in digits {
        number = number.checked_mul(10)?.checked_add(i64::from(digit & 15))?;
    }
    if number == 0 {
        return Some(0);
    }
    if shift < 0 {
        return None;
    }
    while shift > 0 && number <= LARGEST_EXACT {
        number = number.checked_mul(10)?;
        shift = shift.saturating_sub(1);
    }
    (number <= LARGEST_EXACT).then_some(if negative { number.wrapping_neg() } else { number })
}

/// Appends a JSON string, quotes included.
pub fn write_text(json: &mut String, text: &str) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
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
                    let digit = (character as usize >> shift) & 15;
                    json.push(HEX.get(digit).copied().unwrap_or('0'));
                }
            }
            _ => json.push(character),
        }
    }
    json.push('"');
}
