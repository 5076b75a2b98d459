//! What must hold, whatever happens.

macro_rules! rules {
    ($($name:ident $words:literal)+) => {
        /// A rule of money.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $words] $name,)+
        }

        impl Rule {
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

rules! {
    DoubleCharge "nobody is paid for twice within the retention time"
    Reported "every charge is reported as confirmed or possible"
    Confirmed "a confirmed call is exactly one charge"
    Claim "the claim is durable before anything is sent"
    OpenClaim "nothing is sent over an open claim without force"
    Kept "what is kept is not asked for again"
    Lock "one person has one request at a time"
    Budget "no limit is passed"
    Refusal "a budget refuses only what it has no room for"
    Reserved "what was set aside is given back"
    Count "our own count is the service's"
    Lost "what was paid for and received is kept"
    ClaimLost "the claim of a request that may have been charged stays"
    ClaimLeft "no claim stays that stands for nothing"
    Retries "no request more than allowed"
    Breaker "nothing is sent while the breaker is open"
    Suppressed "nothing is sent for somebody suppressed"
    Nobody "nothing is sent for nobody"
    Ladder "the next rung only after a free not-found"
    FalseAlarm "no anomaly where our own calls explain the balance"
    NoAlarm "an anomaly where nothing explains the balance"
    Free "a call that reports no charge has no request that may have been charged"
    Warned "an answer that is not kept is warned of"
    Stranger "nobody is told to have given up who did not"
    Lifetime "nothing is kept longer than it may be"
    Settles "everything comes to an end"
}
