//! Numbers that a seed decides, the same on every machine and in every release: SplitMix64.

/// So many times out of so many.
pub type Ratio = (u64, u64);

/// A stream of numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another.
    pub fn below(&mut self, limit: u64) -> u64 {
        debug_assert!(limit > 0 && limit <= u64::from(u32::MAX));
        ((self.number() >> 32) * limit) >> 32
    }

    /// A number from one to another, both included.
    pub fn between(&mut self, (least, most): (u64, u64)) -> u64 {
        least + self.below(most - least + 1)
    }

    /// Whether something happens.
    pub fn happens(&mut self, (times, out_of): Ratio) -> bool {
        // Drawn even where it is certain: a switch changes nothing else of a run.
        self.below(out_of) < times
    }

    /// One of them.
    pub fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len() as u64) as usize]
    }

    /// One of them by its weight; `None` where all weigh nothing.
    pub fn weigh<T: Copy>(&mut self, among: impl Iterator<Item = (T, u64)> + Clone) -> Option<T> {
        let all: u64 = among.clone().map(|(_, weight)| weight).sum();
        let mut rest = self.below(all.max(1));
        for (one, weight) in among {
            if rest < weight {
                return Some(one);
            }
            rest -= weight;
        }
        None
    }

    /// A stream of its own.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self(self.number())
    }
}

/// The seed of an episode of a run. The first one's is the run's own, so that any episode can be run by itself. They stay
/// below 2^48: JSON has no more than 2^53.
#[must_use]
pub fn episode_seed(seed: u64, episode: u64) -> u64 {
    match episode {
        0 => seed,
        _ => Random::new(seed ^ Random::new(episode).number()).number() >> 16,
    }
}
