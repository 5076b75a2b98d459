//! Puts the engine into a world of its own, where time, order, faults and crashes are drawn from a seed.
//!
//! What such a world is like, and what must hold in it, stands in `tests/simulation`.

use crate::command::{Ended, Run};
use crate::repo::Repo;
use crate::test::cargo;
use anyhow::{Result, bail};

/// Optimised, and with every check of the compiler's on.
const PROFILE: [&str; 4] = ["--profile", "simulation", "--package", "simulation"];
/// How many lookups are part of the tests, from a seed that is new every time.
const LOOKUPS: &str = "200000";

/// Runs one simulation and prints what it says; fails as it fails.
pub(crate) fn run(repo: &Repo, words: &[String]) -> Result<()> {
    let ended = simulation(repo, words)?;
    print!("{}", ended.output);
    match (ended.ok, ended.code) {
        (true, _) => Ok(()),
        (_, Some(code @ (2 | 3))) => {
            eprintln!("error: {}", if code == 2 { "something never ends" } else { "the engine or its world panicked" });
            std::process::exit(code)
        }
        _ => bail!("a rule of money is broken; what led to it stands above"),
    }
}

/// All tests of the simulation, then many lookups from a seed of their own.
pub(crate) fn check(repo: &Repo) -> Result<Ended> {
    let tests = cargo(repo, "testing the simulation").arg("test").args(PROFILE).ended()?;
    if !tests.ok {
        return Ok(tests);
    }
    let lookups = simulation(repo, &["--lookups".to_owned(), LOOKUPS.to_owned()])?;
    for line in lookups.output.lines().filter(|line| line.starts_with("seed ")) {
        eprintln!("  {line}");
    }
    Ok(Ended { output: format!("{}\n{}", tests.output, lookups.output), ..lookups })
}

fn simulation(repo: &Repo, words: &[String]) -> Result<Ended> {
    cargo(repo, "compiling the simulation").arg("build").args(PROFILE).output()?;
    let program = repo.target("simulation").join(format!("simulation{}", std::env::consts::EXE_SUFFIX));
    Run::new("simulating", program).args(words).env("RUST_BACKTRACE", "0").dir(repo.root()).ended()
}
