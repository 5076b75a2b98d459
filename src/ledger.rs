//! Our own count against the service's: its one job is to notice a balance that our own calls don't explain.
//!
//! Replies overtake each other, so that a balance says little while other requests are out: it is judged when none is.
//! Of the balances in between, the lowest is the last, since calls only lower them. Where one is higher than before,
//! somebody topped up, and nobody can tell which of several was the last.

use crate::charge::Charge;

/// What a balance tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// So many requests that were possibly charged certainly were: nothing else explains the drop.
    Charged(u32),
    /// Credits are gone that our own calls don't explain.
    Anomaly {
        /// The balance that our own calls explain, in credits.
        expected: i64,
        /// The balance that the service told, in credits.
        seen: i64,
    },
}

/// The wallet as far as it is known.
#[derive(Default)]
pub struct Ledger {
    /// The balance before the requests that are out now were sent; `None` where nobody can tell.
    base: Option<i64>,
    /// Requests that are out.
    out: u32,
    /// Certain charges since `base`, in credits.
    charged: i64,
    /// Charges among them that came without a balance.
    untold: bool,
    /// More than one request was out at once since `base`.
    overlapped: bool,
    /// Requests that may have been charged, and that no drop explained yet.
    unresolved: u32,
    lowest: Option<i64>,
    highest: Option<i64>,
}

impl Ledger {
    /// A request is sent.
    pub fn sent(&mut self) {
        self.overlapped |= self.out > 0;
        self.out = self.out.wrapping_add(1);
    }

    /// A request is over: what it cost, and the balance, where the reply told it.
    pub fn settled(&mut self, charge: Charge, price: u32, balance: Option<i64>) -> Option<Finding> {
        self.out = self.out.saturating_sub(1);
        match charge {
            Charge::None => {}
            Charge::Confirmed => {
                self.charged = self.charged.wrapping_add(price.into());
                self.untold |= balance.is_none();
            }
            Charge::Possible => self.unresolved = self.unresolved.wrapping_add(1),
        }
        if let Some(balance) = balance {
            self.lowest = Some(self.lowest.map_or(balance, |lowest| lowest.min(balance)));
            self.highest = self.highest.max(Some(balance));
        }
        if self.out > 0 {
            return None;
        }
        let overlapped = core::mem::take(&mut self.overlapped);
        let (seen, highest) = (self.lowest.take()?, self.highest.take());
        let charged = core::mem::take(&mut self.charged);
        let base = self.base.take();
        let topped_up = base.is_some() && base < highest;
        // A charge without a balance may lie on either side of the lowest one.
        let blind = (core::mem::take(&mut self.untold) || topped_up) && overlapped;
        self.base = (!blind).then_some(seen);
        let expected = base?.saturating_sub(charged);
        let dropped = expected.saturating_sub(seen);
        if blind || dropped <= 0 {
            return None;
        }
        let price = i64::from(price).max(1);
        let explains = i64::from(self.unresolved).wrapping_mul(price);
        if dropped <= explains && dropped.checked_rem(price) == Some(0) {
            let charged = dropped.checked_div(price).and_then(|requests| u32::try_from(requests).ok()).unwrap_or(0);
            self.unresolved = self.unresolved.saturating_sub(charged);
            return Some(Finding::Charged(charged));
        }
        Some(Finding::Anomaly { expected, seen })
    }
}
