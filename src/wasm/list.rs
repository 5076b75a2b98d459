//! A list between the plan and JavaScript: bytes come in, and what goes out is counts and a page at a time. Cells stay here: to
//! hand them over would take ten times as long as to read them.

use js_sys::JsString;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::text::JsText;
use crate::json::{Members, Values};
use crate::plan::{Again, Options, Plan, Refusal, Target, Told};

/// One list. Nothing here throws: why there is no plan is a text like any other.
#[wasm_bindgen]
pub struct List {
    plan: Plan,
    /// Those that read it again now.
    again: Vec<Option<Again>>,
}

#[wasm_bindgen]
impl List {
    /// A list, read as `options` lists it: the delimiter, if it is known; the record of the header, if it is known; whether
    /// the ladder is wanted, whether the list was made of objects, whether it is in windows-1252, how many bytes it has, and a
    /// header and what it stands for in turn.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Self {
        let mut values = Values(options);
        let delimiter = values.text().and_then(|text| text.bytes().next());
        let header = Some(values.number()).filter(|header| !header.is_nan()).map(|header| header as u32);
        let [ladder, is_own, is_windows_1252] = core::array::from_fn(|_| values.number() > 0.0);
        let bytes = values.number() as u32;
        let mut columns = Vec::new();
        while !values.is_over() {
            let name = values.text().unwrap_or_default().into();
            columns.push((name, values.text().and_then(Target::of)));
        }
        let plan = Plan::new(Options { delimiter, header, columns, ladder, is_own, is_windows_1252, bytes });
        Self { plan, again: Vec::new() }
    }

    /// Takes the next bytes; why there can be no plan, if there can't.
    pub fn feed(&mut self, bytes: &[u8]) -> JsString {
        told(self.plan.feed(bytes, &JsText).map(|()| String::new()))
    }

    /// There are no more bytes; why there can be no plan, if there can't.
    pub fn end(&mut self) -> JsString {
        told(self.plan.end(&JsText).map(|()| String::new()))
    }

    /// Goes so many steps further in telling who is who; whether that is done.
    pub fn settle(&mut self, steps: u32) -> bool {
        self.plan.settle(steps)
    }

    /// Part of the plan as JSON: 0 for all in counts, 1 for rows, 2 for people, 3 for whom the store may know.
    pub fn tell(&mut self, what: u32, from: u32, count: u32) -> JsString {
        to_text(&match what {
            0 => self.plan.summary(),
            1 => self.plan.page(from, count),
            2 => self.plan.people(from, count, &JsText),
            _ => self.plan.ask(from, count, &JsText),
        })
    }

    /// Begins to read the list again; a number for this reading.
    pub fn again(&mut self) -> usize {
        let free = self.again.iter().position(Option::is_none).unwrap_or_else(|| {
            self.again.push(None);
            self.again.len().wrapping_sub(1)
        });
        if let Some(slot) = self.again.get_mut(free) {
            *slot = Some(self.plan.again());
        }
        free
    }

    /// The cells of the rows that end in the next bytes, or of the rest where there are no more, as JSON; or an issue, if it
    /// is another list. Without bytes the reading ends.
    pub fn cells(&mut self, again: usize, bytes: Option<Vec<u8>>) -> JsString {
        let Some(slot) = self.again.get_mut(again) else { return to_text("") };
        let read = slot.as_mut().map(|again| self.plan.cells(again, bytes.as_deref()));
        if bytes.is_none() {
            *slot = None;
        }
        told(read.unwrap_or_else(|| Ok(String::new())))
    }

    /// Somebody is suppressed, or the store has a record, or none, listed after a sign that there is one; `now` is in
    /// milliseconds since 1970. Whether that could be read.
    pub fn told(&mut self, entry: u32, rung: u32, now: f64, suppressed: bool, record: &str) -> bool {
        if suppressed {
            return self.plan.told(entry, rung, &Told::Suppressed);
        }
        let mut values = Values(record);
        let members = (!values.take().is_empty()).then(|| Members(values.0.into()));
        self.plan.told(entry, rung, &Told::Record(members.as_ref(), now as u64))
    }
}

/// A text of ours.
fn to_text(text: &str) -> JsString {
    // There is nothing in a text that could fail.
    text.serialize(&serde_wasm_bindgen::Serializer::new()).unwrap_or_default().unchecked_into()
}

fn told(result: Result<String, Refusal>) -> JsString {
    to_text(&result.unwrap_or_else(|refusal| refusal.json()))
}
