//! A process that dies between any two effects, whatever becomes of what it is writing: nobody is paid for twice.

use phone_enrichment::budget::Limits;
use simulation::mark::{Mark, Marks};
use simulation::options::{Fault, Options};
use simulation::run;

/// A few lookups of two people, without any other fault but those of this one kind.
fn short(seed: u64, processes: usize, fault: Option<Fault>) -> Options {
    let mut options = Options::draw(seed, 6, Some(if fault.is_some() { 30 } else { 0 }));
    for other in Fault::ALL.iter().filter(|other| Some(**other) != fault) {
        options.without(*other);
    }
    Options {
        processes,
        callers: 2,
        people: 2,
        hot: 1,
        wallet: 1_000_000,
        limits: Limits::default(),
        network_ms: (1, 50),
        store_ms: (0, 3),
        think_ms: (0, 100),
        days: (0, 1),
        crashes: (0, 1),
        ..options
    }
}

/// Dies before every effect in turn; how often, and what was seen.
fn everywhere(options: &Options) -> (u64, Marks) {
    let mut deaths = 0;
    let mut marks = Marks::default();
    for effect in 1.. {
        for loses in [false, true] {
            let summary = run(options.clone(), None, false, Some((effect, loses)));
            assert!(summary.violations.is_empty(), "before effect {effect}, loses {loses}: {:#?}", summary.violations);
            marks.join(summary.marks);
            if summary.effects < effect {
                return (deaths, marks);
            }
            deaths += 1;
        }
    }
    (deaths, marks)
}

#[test]
fn a_death_between_any_two_effects_costs_nothing_twice() {
    let mut deaths = 0;
    let mut marks = Marks::default();
    for seed in 0..60 {
        for (processes, fault) in [(1, None), (2, None), (1, Some(Fault::Late)), (1, Some(Fault::ReplyLost))] {
            let (more, seen) = everywhere(&short(seed, processes, fault));
            deaths += more;
            marks.join(seen);
        }
    }
    println!("{deaths} deaths");
    assert!(deaths > 10_000, "{deaths} deaths");
    for mark in [Mark::CachedAfterCrash, Mark::UnknownAfterCrash, Mark::CrashKept, Mark::CrashLost] {
        assert!(marks.has(mark), "never seen: {}", mark.words());
    }
}
