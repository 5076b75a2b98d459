//! What a run has seen: a world in which nothing happens proves nothing.

macro_rules! marks {
    ($($name:ident $words:literal)+) => {
        /// Something worth having happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mark {
            $(#[doc = $words] $name,)+
        }

        impl Mark {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// In words.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self {
                    $(Self::$name => $words,)+
                }
            }
        }
    };
}

marks! {
    Charged "charged"
    NotFound "not found"
    Cached "served from the cache"
    CachedAfterCrash "served from the cache after a crash"
    CachedByAnother "served from what another process paid for"
    Shared "a second caller shared a flight"
    Queued "a call waited behind another's flight"
    WaitedForLock "a process waited for another's lock"
    CrashKept "a crash kept a pending write"
    CrashLost "a crash lost a pending write"
    UnknownAfterCrash "outcome_unknown after a crash"
    UnknownAfterLoss "outcome_unknown after a lost request"
    Forced "forced over a claim"
    Fresh "a fresh answer over a kept one"
    Expired "an answer was asked for again after its time"
    LateKept "a late reply was kept"
    BrokenOff "a request was broken off after a minute"
    Cancelled "a request was cancelled by its caller"
    GivenUpWhileKept "a caller left while the answer was being kept"
    ToldWhileKept "an answer was told while it was being kept"
    JoinedDetached "a caller joined a request that nobody waited for"
    BreakerOpen "the breaker was open"
    BreakerClosed "the breaker closed again"
    BreakerStops "the breaker stopped a request that was about to go out"
    BudgetRefused "a budget refused"
    RunRefused "the budget of a run refused"
    RateRefused "a limit over time refused"
    Climbed "the ladder was climbed"
    Linked "a linked e-mail was served"
    RateLimited "a rate limit was waited out"
    RateLimitFinal "a rate limit was final"
    RetriedUnknown "a request was sent again although it may have been charged"
    LedgerSettled "the ledger settled a possible"
    Anomaly "an anomaly was told"
    ForeignSeen "a foreign charge was told at once"
    ClaimErased "a free failure erased its claim"
    Restored "a paid answer was restored"
    StoreRefused "a store that failed kept a request back"
    NotKept "a paid answer could not be kept"
    ClaimNotKept "a claim that could not be kept kept a request back"
    Unreadable "garbage in the store was not taken for nothing"
    Suppressed "suppressed"
    NotSent "a request was never made"
    Unauthorized "a caller's token failed"
    DuplicateIgnored "a duplicate reply was ignored"
    StaleIgnored "a reply to a closed flight was ignored"
    ClockBack "the clock went back"
    Reordered "replies overtook each other"
    ChargedUnseen "a charge of which no reply told"
}

/// Which of them were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks(u64);

impl Marks {
    /// This one was seen.
    pub fn set(&mut self, mark: Mark) {
        self.0 |= 1 << mark as u32;
    }

    /// What somebody else has seen.
    pub fn join(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether this one was seen.
    #[must_use]
    pub fn has(self, mark: Mark) -> bool {
        self.0 & (1 << mark as u32) != 0
    }

    /// Those that were not.
    pub fn missing(self) -> impl Iterator<Item = Mark> {
        Mark::ALL.iter().copied().filter(move |mark| !self.has(*mark))
    }
}

const _: () = assert!(Mark::ALL.len() <= 64);
