//! What a world is like: all of it is drawn from the seed before anything happens.

use crate::random::{Random, Ratio};
use phone_enrichment::budget::Limits;

macro_rules! faults {
    ($($class:ident { $($name:ident $words:literal)+ })+) => {
        /// Something that goes wrong, or that somebody does at a bad time.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fault {
            $($(#[doc = $words] $name,)+)+
        }

        impl Fault {
            /// All of them.
            pub const ALL: &[Self] = &[$($(Self::$name),+),+];
            $(
                #[doc = concat!("Those of ", stringify!($class), ".")]
                #[allow(non_upper_case_globals, reason = "it is the name of the class")]
                pub const $class: &[Self] = &[$(Self::$name),+];
            )+

            /// In one word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $($(Self::$name => $words,)+)+
                }
            }
        }
    };
}

faults! {
    Network {
        RequestLost "request-lost"
        RequestHangs "request-hangs"
        ReplyLost "reply-lost"
        ReplyHangs "reply-hangs"
        Late "late"
        Duplicate "duplicate"
        TooMany "429"
        TooManyFinal "429-final"
        ErrorBefore "5xx-before"
        ErrorAfter "5xx-after"
        Garbage "garbage"
        Cut "cut"
        Odd "odd-status"
        Refused "refused"
        NotSent "not-sent"
    }
    Writing {
        WriteFails "write-fails"
        WriteFailsAfter "write-fails-after"
        WriteForgets "write-forgets"
        WriteGarbled "write-garbled"
        WriteSlow "write-slow"
        WriteHalf "write-half"
    }
    Reading {
        ReadFails "read-fails"
        ReadGarbage "read-garbage"
        ReadSlow "read-slow"
    }
    Host {
        Unauthorized "unauthorized"
        Unscreened "unscreened"
        Abort "abort"
    }
    World {
        Crash "crash"
        ClockForward "clock-forward"
        ClockBack "clock-back"
        Foreign "foreign-charge"
        TopUp "top-up"
    }
}

/// What a world is like.
#[derive(Clone, Debug)]
pub struct Options {
    /// What all of it is drawn from.
    pub seed: u64,
    /// Lookups until it ends.
    pub lookups: u32,
    /// Processes on one store.
    pub processes: usize,
    /// Callers of each.
    pub callers: usize,
    /// Whether calls may wait for each other's promises.
    pub share: bool,
    /// Whether all processes have one wallet.
    pub one_wallet: bool,
    /// What a wallet holds at first, in credits.
    pub wallet: i64,
    /// How many different people are asked for.
    pub people: u64,
    /// How many of them are asked for half of the time.
    pub hot: u64,
    /// How often an identifier is found.
    pub found: Ratio,
    /// How often the vendor adds an e-mail.
    pub bonus: Ratio,
    /// How often the vendor tells the balance.
    pub told: Ratio,
    /// How often somebody is suppressed.
    pub suppressed: Ratio,
    /// Whether there is a suppression list.
    pub screened: bool,
    /// Time on the wire, in milliseconds, one way.
    pub network_ms: (u64, u64),
    /// Time that the store takes for each operation.
    pub store_ms: (u64, u64),
    /// Time between the lookups of a caller.
    pub think_ms: (u64, u64),
    /// How often a caller thinks for days.
    pub days: Ratio,
    /// What the clients may spend.
    pub limits: Limits,
    /// The budgets of the runs of each client.
    pub runs: Vec<Option<u32>>,
    /// How long one request may take.
    pub timeouts_ms: [u32; 2],
    /// For how long found people are kept, in days.
    pub found_days: [u32; 2],
    /// How often a call has these.
    pub force: Ratio,
    /// See `force`.
    pub fresh: Ratio,
    /// See `force`.
    pub ladder: Ratio,
    /// See `force`.
    pub cancel: Ratio,
    /// See `force`.
    pub retry_unknown: Ratio,
    /// How often a rate-limited request is sent again.
    pub retries: u32,
    /// How often a request or an operation of the store goes wrong.
    pub faults: Ratio,
    /// How often a process dies before an effect; ten times as often while it writes.
    pub crashes: Ratio,
    /// How often a crash loses what is being written.
    pub crash_loses: Ratio,
    /// How much each fault weighs beside the others of its class.
    pub weights: Vec<u64>,
}

impl Options {
    /// What a seed decides. `percent` says how often something goes wrong, instead of the seed.
    #[must_use]
    pub fn draw(seed: u64, lookups: u32, percent: Option<u64>) -> Self {
        let mut random = Random::new(seed).fork();
        let random = &mut random;
        let drawn = random.pick(&[0, 1, 3, 5, 10, 20, 40]);
        let percent = percent.unwrap_or(drawn).min(100);
        let swarm = |random: &mut Random| random.pick(&[0, 0, 1, 1, 3, 10]);
        let people = random.between((2, crate::people::PEOPLE as u64));
        let limit = |random: &mut Random, most| {
            let credits = random.between((0, most)) as u32;
            random.pick(&[None, None, Some(credits)])
        };
        let often = |random: &mut Random| random.pick(&[(0, 1), (0, 1), (1, 50), (1, 10), (1, 3)]);
        let wallet = random.between((0, 120)) as i64;
        Self {
            seed,
            lookups,
            processes: random.pick(&[1, 1, 1, 2, 3]),
            callers: random.pick(&[1, 1, 2, 4, 8]),
            share: random.happens((3, 4)),
            one_wallet: random.happens((1, 4)),
            wallet: random.pick(&[1_000_000, 1_000_000, wallet]),
            people,
            hot: random.between((1, people.min(4))),
            found: random.pick(&[(1, 1), (9, 10), (1, 2), (1, 5)]),
            bonus: random.pick(&[(0, 1), (1, 2), (9, 10)]),
            told: random.pick(&[(1, 1), (1, 1), (9, 10), (1, 2), (0, 1)]),
            suppressed: random.pick(&[(0, 1), (1, 10)]),
            screened: random.happens((1, 3)),
            network_ms: random.pick(&[(1, 5), (20, 800), (1, 3000)]),
            store_ms: random.pick(&[(0, 0), (0, 3), (1, 100), (1, 1000)]),
            think_ms: random.pick(&[(0, 0), (0, 50), (0, 5000), (1000, 100_000)]),
            days: random.pick(&[(0, 1), (1, 100), (1, 8)]),
            limits: Limits {
                per_call: random.pick(&[None, None, None, Some(4), Some(5), Some(9), Some(10)]),
                per_minute: limit(random, 60),
                per_day: limit(random, 120),
                total: limit(random, 400),
            },
            runs: random.pick(&[[None, None], [Some(7), None], [Some(25), Some(40)]]).into(),
            timeouts_ms: [random.pick(&[20_000, 5000]), random.pick(&[20_000, 3000, 200, 20])],
            found_days: random.pick(&[[30, 30], [30, 30], [30, 1], [150, 30], [30, 0], [0, 0]]),
            force: often(random),
            fresh: often(random),
            ladder: often(random),
            cancel: often(random),
            retry_unknown: often(random),
            retries: random.pick(&[2, 2, 0, 1, 10]),
            faults: (percent, 100),
            crashes: random.pick(&[(0, 1), (0, 1), (1, 5000), (1, 1000), (1, 200)]),
            crash_loses: random.pick(&[(1, 2), (0, 1), (1, 1)]),
            weights: Fault::ALL.iter().map(|_| swarm(random)).collect(),
        }
    }

    /// How much a fault weighs.
    #[must_use]
    pub fn weight(&self, fault: Fault) -> u64 {
        self.weights[fault as usize]
    }

    /// Switches a fault off.
    pub fn without(&mut self, fault: Fault) {
        self.weights[fault as usize] = 0;
    }
}
