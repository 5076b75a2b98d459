//! Money rules that can be broken on purpose: its one job is to prove that the simulation would notice. None of it is part
//! of what ships: without the feature `twins` every question is answered with the constant `false`.

/// Whether a rule is broken now: `if twin!(SendBeforeClaim) { … }`.
#[cfg(feature = "twins")]
macro_rules! twin {
    ($name:ident) => {
        $crate::twin::is($crate::twin::Twin::$name)
    };
}

/// Never: this is what ships.
#[cfg(not(feature = "twins"))]
macro_rules! twin {
    ($name:ident) => {
        false
    };
}

#[cfg(feature = "twins")]
pub use broken::{Twin, breaking, is};

#[cfg(feature = "twins")]
mod broken {
    use core::cell::Cell;

    macro_rules! twins {
        ($($(#[$about:meta])+ $name:ident)+) => {
            /// A rule that is broken.
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum Twin {
                $($(#[$about])+ $name,)+
            }

            impl Twin {
                /// All of them.
                pub const ALL: &[Self] = &[$(Self::$name),+];
            }
        };
    }

    twins! {
        /// The request goes out, and the claim is written after it.
        SendBeforeClaim
        /// The request goes out while the claim is being written.
        ClaimNotAwaited
        /// A request that got lost is taken not to have been charged.
        UnknownIsFailed
        /// A request that is sent again forgets what became of the one before.
        FreshClaimOnRetry
        /// A request that is broken off gives its price back.
        ReservationDroppedOnTimeout
        /// A free answer does not give the price back.
        ReservationNeverReturned
        /// The price is set aside when the request is out.
        ReserveAfterSend
        /// An answer from the cache is counted as spent again.
        LedgerCountsReplays
        /// A reply that nobody waits for is thrown away.
        LateReplyIgnored
        /// The key of a person is made of what the caller typed.
        KeyFromRawText
        /// A call that was given up on goes on to send.
        CancelledKeepsSending
        /// A limit lets one credit too many through.
        BudgetOffByOne
        /// A reply that comes twice is paid twice in our own count.
        DuplicateSettledTwice
        /// After a crash what was paid for is asked for again.
        RecoveryResends
        /// An open claim is taken for nothing.
        OpenClaimIgnored
        /// The ladder goes on after a rung that may have been charged.
        LadderClimbsAfterPossible
        /// The lock is given back before the flight is over. It is the world's to break.
        LockNotHeld
        /// The breaker is not asked.
        BreakerIgnored
        /// A rate limit is waited out once more than allowed.
        OneRetryTooMany
        /// A paid answer is told, and not kept.
        AnswerNotKept
        /// The bonus e-mail is not linked.
        LinkForgotten
        /// A balance that nothing explains is passed over.
        AnomalySwallowed
        /// Both callers of a flight are told that they paid.
        BothCallersPay
        /// The person's suppression is not asked for.
        SuppressionIgnored
        /// A claim that stands for nothing stays.
        FreeClaimStays
    }

    std::thread_local! {
        static BROKEN: Cell<Option<Twin>> = const { Cell::new(None) };
    }

    /// Breaks one rule, or none, on this thread.
    pub fn breaking(twin: Option<Twin>) {
        BROKEN.set(twin);
    }

    /// Whether this one is broken now.
    #[must_use]
    pub fn is(twin: Twin) -> bool {
        BROKEN.get() == Some(twin)
    }
}
