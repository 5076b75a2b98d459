//! What is written down before a request is sent: its one job is to make sure that whoever comes after a crash knows that
//! a person may have been paid for.

use crate::cache::Kept;
use crate::charge::Charge;
use crate::json::{Members, Writer};

/// What is known of a person.
#[derive(Default)]
pub struct Entry {
    /// Somebody meant to send a request, and nobody knows what became of it.
    pub claimed: bool,
    /// An answer that may still be used.
    pub answer: Option<Kept>,
}

/// The record of somebody who is about to send a request, with the name to find the lookup by in logs, and the answer
/// that was there before: it is lost neither by a crash nor by a refusal.
#[must_use]
pub fn claim(lookup_id: &str, now: u64, lifetime_ms: u64, before: Option<&Kept>) -> String {
    let mut json = Writer::begin();
    json.text(r#"{"status":"claimed","lookup":""#, lookup_id);
    json.count(r#","at":"#, now);
    json.count(r#","until":"#, now.wrapping_add(lifetime_ms));
    if let Some(kept) = before {
        json.raw(r#","before":"#);
        kept.write(&mut json);
    }
    json.raw("}");
    json.into_text()
}

/// Reads a record; `None` if it is none of ours, which is never taken for nothing: it may stand for a claim.
#[must_use]
pub fn read(record: Option<&Members>, now: u64) -> Option<Entry> {
    let Some(record) = record else { return Some(Entry::default()) };
    let (claimed, kept) = if record.text("", "status")? == "claimed" {
        let until = u64::try_from(record.whole("", "until")?).ok()?;
        let before = Kept::read(record, "before.");
        // That nobody was found says nothing of the request that came after it.
        (now < until, before.filter(|kept| kept.answer.charge() == Charge::Confirmed))
    } else {
        (false, Some(Kept::read(record, "")?))
    };
    Some(Entry { claimed, answer: kept.filter(|kept| now < kept.expires_at) })
}
