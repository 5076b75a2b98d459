//! What was read before: its one job is not to judge a text again that many rows of a list have, such as a company's.

/// No text that is longer is kept.
const LONGEST: usize = 128;

/// The last texts, with what each was read as. One that has the place of another takes it.
pub(super) struct Memo<Parsed> {
    places: Vec<Option<(String, Parsed)>>,
}

impl<Parsed: Clone> Memo<Parsed> {
    /// With room for so many texts, a power of two: few enough to stay close to the processor.
    pub(super) fn of(room: usize) -> Self {
        Self { places: core::iter::repeat_with(|| None).take(room).collect() }
    }

    /// What the text is read as; what is refused is refused anew each time.
    pub(super) fn read<Refused>(
        &mut self,
        raw: &str,
        parse: impl FnOnce() -> Result<Parsed, Refused>,
    ) -> Result<Parsed, Refused> {
        let mask = self.places.len().wrapping_sub(1);
        let place = self.places.get_mut(hash(raw.as_bytes()) & mask);
        if let Some(Some((known, parsed))) = &place
            && known == raw
        {
            return Ok(parsed.clone());
        }
        let parsed = parse()?;
        match place {
            Some(Some(kept)) if raw.len() <= LONGEST => {
                // Its memory serves again.
                kept.0.clear();
                kept.0.push_str(raw);
                kept.1 = parsed.clone();
            }
            Some(kept) if raw.len() <= LONGEST => *kept = Some((raw.into(), parsed.clone())),
            _ => {}
        }
        Ok(parsed)
    }
}

fn hash(text: &[u8]) -> usize {
    let mut hash = text.len() as u64;
    let mut take = |word: u64| hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x517C_C1B7_2722_0A95);
    let (words, rest) = text.as_chunks::<8>();
    for word in words {
        take(u64::from_le_bytes(*word));
    }
    take(rest.iter().fold(0, |last, byte| last << 8 | u64::from(*byte)));
    // The upper bits depend on all of the text.
    (hash >> 32) as usize
}
