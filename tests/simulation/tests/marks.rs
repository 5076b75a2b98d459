//! A world in which nothing happens proves nothing: everything worth seeing is seen, and the same seed shows the same.

use simulation::mark::Mark;
use simulation::plan::Plan;
use std::process::Command;

#[test]
fn everything_worth_seeing_is_seen_and_no_rule_is_broken() {
    let total = Plan::new(1, 300_000).run(&|_| {});
    assert!(total.failures.is_empty(), "{:#?}", total.failures);
    assert_eq!(total.lookups, 300_000);
    assert_eq!(total.double_charges, 0);
    let missing: Vec<&str> = total.marks.missing().map(Mark::words).collect();
    assert!(missing.is_empty(), "never seen: {missing:#?}");
}

#[test]
fn the_same_seed_in_two_processes_is_the_same_to_the_byte() {
    let trace = |seed: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_simulation"));
        let output = program.args(["--seed", seed, "--lookups", "50", "--faults", "20", "--trace"]).output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        // The last line tells how long it took.
        let lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        lines[..lines.len() - 1].to_vec()
    };
    for seed in ["5", "6", "8"] {
        let first = trace(seed);
        assert!(first.len() > 100, "{} lines", first.len());
        assert_eq!(first, trace(seed));
    }
    assert_ne!(trace("5"), trace("6"));
}

#[test]
fn an_episode_is_the_same_by_itself() {
    let plan = Plan::new(42, 3000);
    let episode = plan.episodes()[4];
    let alone = Plan::new(episode.seed, episode.lookups.into());
    assert_eq!(alone.episodes(), [episode]);
    assert_eq!(format!("{:?}", alone.options(episode)), format!("{:?}", plan.options(episode)));
}

#[test]
fn a_switched_off_fault_does_not_happen() {
    let mut plan = Plan::new(1, 20_000);
    plan.without = vec![simulation::options::Fault::Crash, simulation::options::Fault::ClockBack];
    let marks = plan.run(&|_| {}).marks;
    assert!(!marks.has(Mark::CachedAfterCrash) && !marks.has(Mark::ClockBack) && marks.has(Mark::LateKept));
}
