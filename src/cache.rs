//! Answers that are kept: its one job is to say for how long, and to write and read them.

use alloc::rc::Rc;

use crate::json::{Members, Writer};
use crate::outcome::{Answer, Results, e164};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The longest that an answer may be kept, in days: an abandoned LinkedIn slug can belong to somebody else after 180.
pub const LONGEST_RETENTION_DAYS: u32 = 150;

/// The last time that JavaScript has a date for, in milliseconds since 1970.
const LATEST: u64 = 8_640_000_000_000_000;

/// For how long answers are kept, in days; they are never kept longer because they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// People who were found.
    pub found_days: u32,
    /// People who were not.
    pub not_found_days: u32,
}

impl Retention {
    /// For how long this answer is kept, in milliseconds.
    #[must_use]
    pub fn of(self, answer: &Answer) -> u64 {
        match answer {
            Answer::Found(_) => days_ms(self.found_days),
            Answer::NotFound { .. } => days_ms(self.not_found_days),
        }
    }

    /// For how long it is remembered that a person may have been paid for, in milliseconds.
    #[must_use]
    pub fn of_claim(self) -> u64 {
        days_ms(self.found_days.max(1))
    }
}

fn days_ms(days: u32) -> u64 {
    u64::from(days).wrapping_mul(DAY_MS)
}

/// An answer and its time.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    /// Found or not found.
    pub answer: Answer,
    /// When it was received, in milliseconds since 1970.
    pub collected_at: u64,
    /// When it must no longer be used, in milliseconds since 1970.
    pub expires_at: u64,
}

impl Kept {
    /// Writes it as a record, without anything that says who was asked for.
    pub fn write(&self, json: &mut Writer) {
        json.text(r#"{"status":""#, self.answer.status());
        match &self.answer {
            Answer::Found(results) => {
                json.nullable(r#","phone":"#, results.phone.as_deref());
                json.nullable(r#","email":"#, results.email.as_deref());
            }
            Answer::NotFound { message } => json.text(r#","message":""#, message),
        }
        json.count(r#","at":"#, self.collected_at);
        json.count(r#","until":"#, self.expires_at);
        json.raw("}");
    }

    /// As a record of its own.
    #[must_use]
    pub fn record(&self) -> String {
        let mut json = Writer::begin();
        self.write(&mut json);
        json.into_text()
    }

    /// What [`Self::write`] wrote, as members of the record or of a group in it; `None` if it is anything else.
    #[must_use]
    pub fn read(record: &Members, group: &str) -> Option<Self> {
        let answer = match record.text(group, "status")?.as_str() {
            "success" => {
                let (phone, email) = (record.text(group, "phone"), record.text(group, "email"));
                phone.as_ref().or(email.as_ref())?;
                Answer::Found(Rc::new(Results { e164: phone.as_deref().and_then(e164), phone, email }))
            }
            "not_found" => Answer::NotFound { message: record.text(group, "message")?.into() },
            _ => return None,
        };
        let time =
            |name| record.whole(group, name).and_then(|time| u64::try_from(time).ok()).filter(|at| *at <= LATEST);
        let (collected_at, expires_at) = (time("at")?, time("until")?);
        // However it came about: nothing is kept for longer than that.
        let latest = collected_at.wrapping_add(days_ms(LONGEST_RETENTION_DAYS));
        Some(Self { answer, collected_at, expires_at: expires_at.min(latest) })
    }
}
