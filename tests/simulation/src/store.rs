//! The store that all processes share: what is in it, who holds which lock, and what is on its way in.

use std::collections::{BTreeMap, VecDeque};

/// A flight of a client.
pub(crate) type Holder = (usize, u32);

/// Something on its way into the store.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) holder: Holder,
    /// What each name is to have.
    pub(crate) texts: Vec<(String, Option<String>)>,
    /// When the store may drop it.
    pub(crate) expires: u64,
    /// Whether it is in the store: not yet, or never.
    pub(crate) pending: bool,
    /// Whether the store says that it failed.
    pub(crate) fails: bool,
}

/// A store with a lock for each name. A lock dies with its process.
#[derive(Default)]
pub(crate) struct Store {
    /// What survives, and until when.
    records: BTreeMap<String, (String, u64)>,
    locks: BTreeMap<String, VecDeque<Holder>>,
    pub(crate) writes: BTreeMap<u64, Write>,
}

impl Store {
    /// Asks for a lock; whether it is there at once.
    pub(crate) fn lock(&mut self, name: &str, holder: Holder) -> bool {
        let queue = self.locks.entry(name.into()).or_default();
        queue.push_back(holder);
        queue.len() == 1
    }

    /// Gives a lock back, or the place in its queue; who has it now, if that is somebody else.
    pub(crate) fn release(&mut self, name: &str, holder: Holder) -> Option<Holder> {
        let queue = self.locks.get_mut(name)?;
        let held = queue.front() == Some(&holder);
        queue.retain(|other| *other != holder);
        queue.front().copied().filter(|_| held)
    }

    /// A process died: its locks are free. Whose turn it is now, and what it was writing.
    pub(crate) fn bury(&mut self, client: usize) -> (Vec<Holder>, Vec<Write>) {
        let dead: Vec<u64> =
            self.writes.iter().filter(|(_, write)| write.holder.0 == client).map(|(number, _)| *number).collect();
        let written =
            dead.iter().filter_map(|number| self.writes.remove(number)).filter(|write| write.pending).collect();
        let mut next = Vec::new();
        for queue in self.locks.values_mut() {
            let held = queue.front().is_some_and(|holder| holder.0 == client);
            queue.retain(|holder| holder.0 != client);
            next.extend(queue.front().filter(|_| held));
        }
        (next, written)
    }

    /// Sets or removes.
    pub(crate) fn put(&mut self, texts: Vec<(String, Option<String>)>, expires: u64) {
        for (name, text) in texts {
            match text {
                Some(text) => self.records.insert(name, (text, expires)),
                None => self.records.remove(&name),
            };
        }
    }

    /// The text under a name.
    pub(crate) fn text(&self, name: &str, now: u64) -> Option<&String> {
        self.records.get(name).filter(|(_, expires)| now < *expires).map(|(text, _)| text)
    }

    /// Whether a client is writing.
    pub(crate) fn is_written_by(&self, client: usize) -> bool {
        self.writes.values().any(|write| write.holder.0 == client && write.pending)
    }

    /// The record under a name, taken out of its envelope as the host does it; in error, what is there is none of ours.
    pub(crate) fn record(&self, name: &str, now: u64) -> Result<Option<serde_json::Value>, ()> {
        let Some(text) = self.text(name, now) else { return Ok(None) };
        let mut envelope: serde_json::Value = serde_json::from_str(text).map_err(drop)?;
        if envelope["v"] != 1 || envelope["names"][0] != name {
            return Err(());
        }
        Ok(Some(envelope["record"].take()))
    }
}

/// A record in its envelope, once for each name, as the host keeps it.
pub(crate) fn envelopes(names: &[String], record: &str) -> Vec<(String, Option<String>)> {
    let envelope = |name: &String| {
        let others = names.iter().filter(|other| *other != name);
        let listed: Vec<&String> = [name].into_iter().chain(others).collect();
        let listed = serde_json::to_string(&listed).unwrap_or_default();
        (name.clone(), Some(format!(r#"{{"v":1,"names":{listed},"record":{record}}}"#)))
    };
    names.iter().map(envelope).collect()
}
