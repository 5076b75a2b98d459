//! What a caller gets when the service answered: found or not found, with what it cost and how it came about.

use alloc::rc::Rc;

use crate::charge::Charge;
use crate::lookup::Lookup;

/// The paid and the bonus fields of a found person.
#[derive(Clone, PartialEq, Eq)]
pub struct Results {
    /// As the service wrote it, spaces and dashes included.
    pub phone: Option<String>,
    /// The phone as `+` and 2 to 15 digits, only where dropping separators yields exactly that.
    pub e164: Option<String>,
    /// Missing, `null` and `""` are all absent.
    pub email: Option<String>,
}

/// What the service said of a person.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// Found, and charged.
    Found(Rc<Results>),
    /// Not found, and free.
    NotFound {
        /// The service's words.
        message: Rc<str>,
    },
}

impl Answer {
    /// The word that callers tell the two apart by.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self {
            Self::Found(_) => "success",
            Self::NotFound { .. } => "not_found",
        }
    }

    /// Found is charged, not found is free (both documented).
    #[must_use]
    pub fn charge(&self) -> Charge {
        match self {
            Self::Found(_) => Charge::Confirmed,
            Self::NotFound { .. } => Charge::None,
        }
    }
}

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The service answered this very call.
    Network,
    /// The answer was there already, or another call was about to get it.
    Cache,
}

impl Source {
    /// The word that callers see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Cache => "cache",
        }
    }
}

/// How an outcome came about.
#[derive(Clone, PartialEq, Eq)]
pub struct Meta {
    /// What is known about credits.
    pub charge: Charge,
    /// Credits that this call certainly cost: 0 or the price.
    pub credits: u32,
    /// The lookup as it went on the wire.
    pub lookup: Rc<Lookup>,
    /// Where the answer came from.
    pub source: Source,
    /// Requests put on the wire.
    pub attempts: u32,
    /// When the answer was received, in milliseconds since 1970.
    pub collected_at: u64,
    /// When it must no longer be kept, in milliseconds since 1970.
    pub expires_at: u64,
}

/// An answer, the wallet after it, and how it came about.
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Found or not found.
    pub answer: Answer,
    /// The wallet after the call, where the service said it in whole credits.
    pub remaining_credits: Option<i64>,
    /// How it came about.
    pub meta: Meta,
}

impl Outcome {
    /// Makes it the outcome of whoever did not pay for the answer.
    pub fn share(&mut self) {
        self.meta.charge = Charge::None;
        self.meta.credits = 0;
        self.meta.source = Source::Cache;
        self.meta.attempts = 0;
        self.remaining_credits = None;
    }
}

/// Offers a phone as E.164 (`+`, then 2 to 15 digits, the first not 0) where dropping separators
/// yields exactly that. It never guesses a country, and a trunk zero in brackets, as in
/// `+44 (0)20`, is refused: dropping the brackets alone would name another line.
#[must_use]
pub fn e164(phone: &str) -> Option<String> {
    let mut digits = String::new();
    let (mut before_last, mut last) = (' ', ' ');
    for character in phone.chars() {
        match character {
            '+' if digits.is_empty() => digits.push('+'),
            '0'..='9' if !digits.is_empty() => digits.push(character),
            ')' if (before_last, last) == ('(', '0') => return None,
            ' ' | '\u{a0}' | '\u{202f}' | '-' | '\u{2010}' | '\u{2011}' | '\u{2013}' | '.' | '(' | ')' => {}
            _ => return None,
        }
        (before_last, last) = (last, character);
    }
    let country = *digits.as_bytes().get(1)?;
    (country != b'0' && (3..=16).contains(&digits.len())).then_some(digits)
}
