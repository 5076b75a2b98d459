//! What may be spent: its one job is to set the full price of every request aside before it is sent, so that a burst
//! can't overspend, and to refuse what no limit has room for.

use crate::charge::Charge;

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// When to look again for room that requests which are out may give back, in milliseconds.
const SOON_MS: u64 = 1000;

/// The most that may be spent, in credits; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// By one call, all its requests together.
    pub per_call: Option<u32>,
    /// Within any 60 seconds.
    pub per_minute: Option<u32>,
    /// Within any 24 hours.
    pub per_day: Option<u32>,
    /// By the client, for as long as it lives.
    pub total: Option<u32>,
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Credits that the limit has left.
    pub left: u64,
    /// When credits come back, or may do so, in milliseconds from now; `None` where they never do.
    pub resets_in_ms: Option<u64>,
}

/// Credits set aside for one request, or spent on it.
struct Hold {
    /// The request.
    request: u32,
    /// When it was set aside, or spent.
    at: u64,
    credits: u32,
    open: bool,
}

/// What was spent, what is set aside, and what nobody knows of.
#[derive(Default)]
pub struct Budget {
    limits: Limits,
    /// In the order of time; settled ones are kept only for as long as a limit looks back.
    holds: Vec<Hold>,
    spent: u64,
    reserved: u64,
    possible: u64,
}

impl Budget {
    /// Nothing spent yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Credits certainly spent.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.spent
    }

    /// Credits set aside for requests that are out.
    #[must_use]
    pub fn reserved(&self) -> u64 {
        self.reserved
    }

    /// Credits of requests of which nobody knows whether they were charged. They count against every limit.
    #[must_use]
    pub fn possible(&self) -> u64 {
        self.possible
    }

    /// Whether a limit has room for so many credits, where the same call already holds `held`.
    ///
    /// # Errors
    /// The limit that has the least left to wait for.
    pub fn room(&mut self, credits: u32, held: u32, now: u64) -> Result<(), Refusal> {
        self.holds.retain(|hold| hold.open || hold.at.wrapping_add(DAY_MS) > now);
        let gone = self.spent.wrapping_add(self.possible);
        // Where what is set aside is all that is in the way, it may come back at any time.
        let soon = |limit, gone| fits(limit, gone, credits).ok().map(|()| SOON_MS);
        fits(self.limits.per_call, held.into(), credits).map_err(|left| Refusal { left, resets_in_ms: None })?;
        fits(self.limits.total, gone.wrapping_add(self.reserved), credits)
            .map_err(|left| Refusal { left, resets_in_ms: soon(self.limits.total, gone) })?;
        for (limit, window_ms) in [(self.limits.per_day, DAY_MS), (self.limits.per_minute, MINUTE_MS)] {
            let (mut out, mut gone) = (0_u64, 0_u64);
            let mut resets_at = None;
            for hold in &self.holds {
                let ends_at = hold.at.wrapping_add(window_ms);
                if hold.open {
                    out = out.wrapping_add(hold.credits.into());
                } else if ends_at > now {
                    gone = gone.wrapping_add(hold.credits.into());
                    resets_at = resets_at.or(Some(ends_at));
                }
            }
            let reset = || resets_at.filter(|_| limit >= Some(credits)).map(|at| at.wrapping_sub(now));
            fits(limit, out.wrapping_add(gone), credits)
                .map_err(|left| Refusal { left, resets_in_ms: soon(limit, gone).or_else(reset) })?;
        }
        Ok(())
    }

    /// Sets credits aside for a request.
    pub fn reserve(&mut self, request: u32, credits: u32, now: u64) {
        self.holds.push(Hold { request, at: now, credits, open: true });
        self.reserved = self.reserved.wrapping_add(credits.into());
    }

    /// Turns what was set aside for a request into what became of it. A request that is settled already stays so.
    pub fn settle(&mut self, request: u32, charge: Charge, now: u64) {
        let Some(index) = self.holds.iter().position(|hold| hold.open && hold.request == request) else {
            if twin!(DuplicateSettledTwice) && charge == Charge::Confirmed {
                self.spent = self.spent.saturating_add(5);
            }
            return;
        };
        let hold = self.holds.remove(index);
        let credits = u64::from(hold.credits);
        self.reserved = self.reserved.saturating_sub(credits);
        match charge {
            Charge::None => {}
            Charge::Confirmed => self.spent = self.spent.wrapping_add(credits),
            Charge::Possible => self.possible = self.possible.wrapping_add(credits),
        }
        if charge != Charge::None && self.limits.per_minute.or(self.limits.per_day).is_some() {
            // It was charged at any time until now.
            self.holds.push(Hold { at: now, open: false, ..hold });
        }
    }

    /// So many possible credits were charged after all.
    pub fn confirm(&mut self, credits: u64) {
        let credits = credits.min(self.possible);
        self.possible = self.possible.saturating_sub(credits);
        self.spent = self.spent.wrapping_add(credits);
    }
}

fn fits(limit: Option<u32>, used: u64, credits: u32) -> Result<(), u64> {
    match limit.map(u64::from) {
        Some(limit) if used.wrapping_add(credits.into()) > limit.saturating_add(twin!(BudgetOffByOne).into()) => {
            Err(limit.saturating_sub(used))
        }
        _ => Ok(()),
    }
}
