//! After a 402 nothing more is sent: its one job is to remember that the wallet was empty, until it is seen not to be.

/// Open from a refusal for want of credits to a balance that suffices.
#[derive(Default)]
pub struct Breaker {
    /// The last request that was refused.
    refused: Option<u32>,
    /// What the wallet held then, where the service said it.
    balance: Option<i64>,
}

impl Breaker {
    /// What the wallet held when it was last refused; `None` while requests may be sent.
    #[must_use]
    pub fn refusal(&self) -> Option<Option<i64>> {
        self.refused.map(|_| self.balance)
    }

    /// A request was refused for want of credits. Requests are numbered in the order in which they are sent.
    pub fn refuse(&mut self, request: u32, balance: Option<i64>) {
        self.refused = self.refused.max(Some(request));
        self.balance = balance;
    }

    /// A reply told the balance. One that was sent before the refused one says nothing of the wallet after it.
    pub fn seen(&mut self, request: u32, balance: i64, price: u32) {
        if balance >= price.into() && self.refused < Some(request) {
            self.close();
        }
    }

    /// The caller knows better.
    pub fn close(&mut self) {
        self.refused = None;
    }
}
