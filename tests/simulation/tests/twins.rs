//! Each money rule, broken on purpose, is noticed by its own oracle within a fixed number of worlds.

use phone_enrichment::twin::Twin;
use simulation::plan::{Plan, attempt};
use simulation::rule::Rule;
use std::thread::scope;

/// Within how many worlds a twin is killed; each has a few hundred lookups at most.
const WORLDS: u32 = 200;

/// The twin, and the oracle that kills it.
const TWINS: &[(Twin, Rule)] = &[
    (Twin::SendBeforeClaim, Rule::Claim),
    (Twin::ClaimNotAwaited, Rule::Claim),
    (Twin::UnknownIsFailed, Rule::Reported),
    (Twin::FreshClaimOnRetry, Rule::Free),
    (Twin::ReservationDroppedOnTimeout, Rule::Count),
    (Twin::ReservationNeverReturned, Rule::Reserved),
    (Twin::ReserveAfterSend, Rule::Budget),
    (Twin::LedgerCountsReplays, Rule::Count),
    (Twin::LateReplyIgnored, Rule::Lost),
    (Twin::KeyFromRawText, Rule::DoubleCharge),
    (Twin::CancelledKeepsSending, Rule::Nobody),
    (Twin::BudgetOffByOne, Rule::Budget),
    (Twin::DuplicateSettledTwice, Rule::Count),
    (Twin::RecoveryResends, Rule::DoubleCharge),
    (Twin::OpenClaimIgnored, Rule::OpenClaim),
    (Twin::LadderClimbsAfterPossible, Rule::Ladder),
    (Twin::LockNotHeld, Rule::DoubleCharge),
    (Twin::BreakerIgnored, Rule::Breaker),
    (Twin::OneRetryTooMany, Rule::Retries),
    (Twin::AnswerNotKept, Rule::Lost),
    (Twin::LinkForgotten, Rule::DoubleCharge),
    (Twin::AnomalySwallowed, Rule::NoAlarm),
    (Twin::BothCallersPay, Rule::Confirmed),
    (Twin::SuppressionIgnored, Rule::Suppressed),
    (Twin::FreeClaimStays, Rule::ClaimLeft),
];

/// How many worlds it takes; `None` if it survives.
fn killed(twin: Twin, rule: Rule) -> Option<u32> {
    let plan = Plan::new(1, u64::from(WORLDS) * 500);
    plan.episodes().iter().zip(1..=WORLDS).find_map(|(episode, world)| {
        let summary = attempt(plan.options(*episode), Some(twin), false).ok()?;
        summary.violations.iter().any(|violation| violation.rule == rule).then_some(world)
    })
}

#[test]
fn every_broken_rule_is_noticed_by_its_own_oracle() {
    let half = TWINS.len().div_ceil(2);
    let survivors: Vec<String> = scope(|scope| {
        let threads: Vec<_> = TWINS
            .chunks(half)
            .map(|twins| {
                scope.spawn(move || {
                    let mut survivors = Vec::new();
                    for &(twin, rule) in twins {
                        match killed(twin, rule) {
                            Some(world) => println!("{twin:?}: killed in world {world}"),
                            None => survivors.push(format!("{twin:?} survives {WORLDS} worlds")),
                        }
                    }
                    survivors
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(survivors.is_empty(), "{survivors:#?}");
}

#[test]
fn every_twin_is_in_the_table() {
    for twin in Twin::ALL {
        assert!(TWINS.iter().any(|(known, ..)| known == twin), "{twin:?} is missing");
    }
}
