//! What a call did to the wallet: its one job is to name the three things one can know about it.

/// What is known about credits, on every outcome and every failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// Certainly not charged.
    None,
    /// Certainly charged.
    Confirmed,
    /// Nobody on this side can know: the service may have found a phone and charged for it.
    Possible,
}

impl Charge {
    /// The word that callers see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Confirmed => "confirmed",
            Self::Possible => "possible",
        }
    }
}
