//! Everything CI checks, as a table of steps.
//!
//! A step that fails does not keep the others from running, only those that need what it makes. A step that passed is
//! not run again until something it reads has changed.

use crate::bench;
use crate::command::{Ended, Run, ask, npm_bin};
use crate::demo;
use crate::extension;
use crate::package;
use crate::progress::seconds;
use crate::repo::Repo;
use crate::setup;
use crate::simulate;
use crate::size;
use crate::stamp::{Inputs, Stamp, write};
use crate::toolchain::{self, TARGET, Toolchain};
use crate::wasm;
use crate::worker;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// One thing that is checked.
struct Step {
    name: &'static str,
    /// Whether it is part of `--fast`.
    fast: bool,
    /// The step whose result it reads; without it, it is left out.
    after: Option<&'static str>,
    /// What it reads, from the top of the checkout; empty: it is quick, and runs every time.
    reads: &'static [&'static str],
    run: fn(&Repo) -> Result<Ended>,
}

/// What the crate is made from.
const CRATE: &[&str] = &["Cargo.toml", "Cargo.lock", "clippy.toml", "README.md", "src", "tests"];
/// The sandbox is tested as it lies there: it is not built.
const SANDBOX: &[&str] = &["README.md", "tests/sandbox", "pkg/bin", "pkg/sandbox", "pkg/package.json"];
/// What the tests of the packed package read besides it; the tarball itself is hashed along.
const PACKAGE: &[&str] = &["README.md", "tests"];
const IDENTITY: &[&str] =
    &["pkg/package.json", "tests/identity", "tests/vectors", "tests/package.json", "tests/package-lock.json"];
const STORES: &[&str] =
    &["tests/stores", "tests/identity", "tests/package", "tests/package.json", "tests/package-lock.json"];
const CHAOS: &[&str] =
    &["tests/chaos", "tests/package", "tests/stores/support", "tests/identity", "tests/package-lock.json"];
const CLI: &[&str] = &[
    "tests/cli",
    "tests/chaos/support/plan.js",
    "tests/lists/layouts",
    "tests/package/support/installed.js",
    "tests/package-lock.json",
];
const RUNTIMES: &[&str] =
    &["README.md", "tests/runtimes", "tests/package", "tests/identity", "tests/package-lock.json"];
const BUNDLERS: &[&str] =
    &["README.md", "tests/bundlers", "tests/package/support", "tests/package.json", "tests/package-lock.json"];
const BENCH: &[&str] =
    &["tests/bench", "tests/package/support", "tests/worker/support", "tests/package-lock.json", "www/worker"];
const WORKER: &[&str] = &["README.md", "www/worker", "tests/worker", "tests/package-lock.json"];
const EXTENSION: &[&str] = &[
    "www/extension",
    "www/worker",
    "tests/extension",
    "tests/worker/support",
    "tests/identity",
    "tests/package-lock.json",
];
const PAGE: &[&str] = &["README.md", "tests", "www/web", "www/worker"];
const LIGHTHOUSE: &[&str] = &["tests/lighthouse", "tests/page/harness.js", "tests/package-lock.json", "www/web"];

/// What the package is made from.
const SOURCES: &[&str] =
    &["Cargo.toml", "Cargo.lock", "src", "pkg", "tests/vectors", "README.md", "LICENSE-MIT", "LICENSE-APACHE"];

const STEPS: &[Step] = &[
    Step { name: "format", fast: false, after: None, reads: &[], run: format },
    Step { name: "clippy on the host", fast: false, after: None, reads: &[], run: clippy },
    Step { name: "clippy for wasm", fast: false, after: None, reads: CRATE, run: clippy_wasm },
    Step { name: "core", fast: true, after: None, reads: &[], run: core },
    Step { name: "simulation", fast: false, after: None, reads: &[], run: simulate::check },
    Step { name: "tools", fast: false, after: None, reads: &["Cargo.lock", "xtask"], run: tools },
    Step { name: "wasm in Node", fast: false, after: None, reads: CRATE, run: wasm_in_node },
    Step { name: "wasm in Chromium", fast: false, after: None, reads: CRATE, run: wasm_in_chromium },
    Step { name: "sandbox", fast: false, after: None, reads: SANDBOX, run: |repo| node_tests(repo, "tests/sandbox") },
    Step { name: PACK, fast: false, after: None, reads: &[], run: pack },
    // After it, since the package imports what only the build makes.
    Step { name: "unused", fast: false, after: Some(PACK), reads: &["pkg", "tests", "www/worker"], run: unused },
    Step { name: "made again", fast: false, after: Some(PACK), reads: SOURCES, run: made_again },
    Step { name: "size", fast: false, after: Some(PACK), reads: &[], run: size },
    Step { name: "types", fast: false, after: Some(PACK), reads: PACKAGE, run: types },
    Step {
        name: "package",
        fast: false,
        after: Some(PACK),
        reads: PACKAGE,
        run: |repo| node_tests(repo, "tests/package"),
    },
    Step {
        name: "readme",
        fast: false,
        after: Some(PACK),
        reads: &["README.md", "tests/readme", "xtask/src/main.rs"],
        run: |repo| node_tests(repo, "tests/readme"),
    },
    Step { name: "identity", fast: false, after: Some(PACK), reads: IDENTITY, run: identity },
    Step { name: "stores", fast: false, after: Some(PACK), reads: STORES, run: stores },
    Step { name: "chaos", fast: false, after: Some(PACK), reads: CHAOS, run: |repo| node_tests(repo, "tests/chaos") },
    Step { name: "cli", fast: false, after: Some(PACK), reads: CLI, run: |repo| node_tests(repo, "tests/cli") },
    Step { name: "runtimes", fast: false, after: Some(PACK), reads: RUNTIMES, run: runtimes },
    Step { name: "bundlers", fast: false, after: Some(PACK), reads: BUNDLERS, run: bundlers },
    Step { name: "bench", fast: false, after: Some(PACK), reads: BENCH, run: bench },
    Step { name: "worker", fast: false, after: Some(PACK), reads: WORKER, run: worker },
    Step { name: "extension", fast: false, after: Some(PACK), reads: EXTENSION, run: extension },
    Step { name: "page", fast: false, after: Some(PACK), reads: PAGE, run: page },
    Step { name: "lighthouse", fast: false, after: Some(PACK), reads: LIGHTHOUSE, run: lighthouse },
];

/// How long all tests of one file may take; one that takes longer hangs.
const FILE_LIMIT: Duration = Duration::from_secs(300);
/// How long a folder of them may take.
const STEP_LIMIT: Duration = Duration::from_secs(900);

const PACK: &str = "pack";

/// How a step went.
enum Outcome {
    Passed { checks: u32 },
    Unchanged { checks: u32 },
    Failed { passed: u32, failed: u32, why: String },
    LeftOut { missing: &'static str },
}

/// Runs the steps, prints how each went, and fails if one failed.
pub(crate) fn run(repo: &Repo, fast: bool, fresh: bool) -> Result<()> {
    let mut done: Vec<(&Step, Outcome, Duration)> = Vec::new();
    for step in STEPS.iter().filter(|step| step.fast || !fast) {
        let started = Instant::now();
        let missing =
            step.after.filter(|name| done.iter().any(|(step, outcome, _)| step.name == *name && !outcome.ok()));
        let outcome = match missing {
            Some(missing) => Outcome::LeftOut { missing },
            None => attempt(repo, step, fresh).unwrap_or_else(|error| Outcome::Failed {
                passed: 0,
                failed: 1,
                why: format!("{error:#}"),
            }),
        };
        eprintln!("{}", row(step, &outcome, started.elapsed()));
        done.push((step, outcome, started.elapsed()));
    }

    println!();
    for (step, outcome, time) in &done {
        println!("{}", row(step, outcome, *time));
    }
    let (passed, failed) =
        done.iter().map(|(_, outcome, _)| outcome.counts()).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    println!("\n{passed} passed, {failed} failed");
    match failed {
        0 => Ok(()),
        _ => bail!(
            "failed: {}",
            done.iter()
                .filter(|(_, outcome, _)| !outcome.ok())
                .map(|(step, ..)| step.name)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

impl Outcome {
    fn ok(&self) -> bool {
        matches!(self, Self::Passed { .. } | Self::Unchanged { .. })
    }

    fn counts(&self) -> (u32, u32) {
        match self {
            Self::Passed { checks } | Self::Unchanged { checks } => (*checks, 0),
            Self::Failed { passed, failed, .. } => (*passed, *failed),
            Self::LeftOut { .. } => (0, 1),
        }
    }
}

fn row(step: &Step, outcome: &Outcome, time: Duration) -> String {
    let (sign, says) = match outcome {
        Outcome::Passed { checks } => ("ok", format!("{checks} passed")),
        Outcome::Unchanged { checks } => ("ok", format!("{checks} passed, and nothing changed since")),
        Outcome::Failed { why, .. } => ("FAILED", why.clone()),
        Outcome::LeftOut { missing } => ("LEFT OUT", format!("it needs {missing}")),
    };
    format!("{sign:<9}{:<20}{:>8}  {says}", step.name, seconds(time))
}

fn attempt(repo: &Repo, step: &Step, fresh: bool) -> Result<Outcome> {
    let tools = [ask("rustc", ["-vV"]), ask("node", ["--version"]), std::env::var(toolchain::FORCE).ok()];
    let mut inputs =
        Inputs::new(repo)?.text(format!("{tools:?}")).paths(step.reads.iter().map(|path| repo.at(path)))?;
    if step.after == Some(PACK) {
        inputs = inputs.paths([package::tarball(repo)?])?;
    }
    let stamp = Stamp::new(repo, &format!("test {}", step.name), &inputs);
    let keeps = !step.reads.is_empty();
    if keeps
        && !fresh
        && let Some(checks) = stamp.note().and_then(|note| note.trim().parse().ok())
    {
        return Ok(Outcome::Unchanged { checks });
    }
    stamp.clear();
    let ended = (step.run)(repo)?;
    let log = repo.target("xtask/log").join(format!("{}.txt", step.name.replace(' ', "-")));
    write(&log, &ended.output)?;
    let (passed, failed) = count(&ended.output).unwrap_or((u32::from(ended.ok), 0));
    if ended.ok && failed == 0 && passed > 0 {
        if keeps {
            stamp.set(&passed.to_string())?;
        }
        return Ok(Outcome::Passed { checks: passed });
    }
    eprintln!("\n{}\n", ended.output.trim_end());
    let why = match (ended.ok, passed, failed) {
        (true, 0, 0) => "no test ran".to_owned(),
        (_, _, 0) => format!("see above, or {}", repo.short(&log)),
        _ => format!("{failed} failed: see above, or {}", repo.short(&log)),
    };
    Ok(Outcome::Failed { passed, failed: failed.max(1), why })
}

/// How many tests passed and failed, by the closing lines of Cargo's and of Node's test runner; `None` without any.
fn count(output: &str) -> Option<(u32, u32)> {
    let mut sum = None;
    for line in output.lines().map(crate::progress::plain) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |text: &str| text.parse::<u32>().ok();
        let one = match words.as_slice() {
            // test result: ok. 12 passed; 0 failed; 0 ignored; …
            ["test", "result:", _, passed, "passed;", failed, "failed;", ..] => number(passed).zip(number(failed)),
            [_, "pass", passed] => number(passed).map(|passed| (passed, 0)),
            [_, "fail", failed] => number(failed).map(|failed| (0, failed)),
            _ => None,
        };
        if let Some((passed, failed)) = one {
            let (all_passed, all_failed) = sum.unwrap_or((0, 0));
            sum = Some((all_passed + passed, all_failed + failed));
        }
    }
    sum
}

pub(crate) fn cargo(repo: &Repo, what: &str) -> Run {
    Run::new(what, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())).dir(repo.root())
}

fn format(repo: &Repo) -> Result<Ended> {
    setup::component("fmt", "rustfmt-web")?;
    cargo(repo, "checking the format").args(["fmt", "--all", "--check"]).ended()
}

fn clippy(repo: &Repo) -> Result<Ended> {
    setup::component("clippy", "rust-web-clippy")?;
    cargo(repo, "clippy on the host").args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).ended()
}

fn clippy_wasm(repo: &Repo) -> Result<Ended> {
    setup::component("clippy", "rust-web-clippy")?;
    let look = |module: &[&str]| {
        Toolchain::ready(repo)?
            .clippy(repo, "clippy for wasm")?
            .args(["-p", "phone-enrichment"])
            .args(module.iter().copied())
            .args(["--", "-D", "warnings"])
            .ended()
    };
    // The bindings of lists take the place of the others.
    match look(&["--all-targets"])? {
        ended if ended.ok => look(&["--lib", "--features", "lists"]),
        ended => Ok(ended),
    }
}

fn core(repo: &Repo) -> Result<Ended> {
    cargo(repo, "testing the core").args(["test", "-p", "phone-enrichment"]).ended()
}

fn tools(repo: &Repo) -> Result<Ended> {
    cargo(repo, "testing xtask").args(["test", "-p", "xtask"]).ended()
}

fn wasm_in_node(repo: &Repo) -> Result<Ended> {
    setup::node()?;
    wasm_tests(repo, "testing the wasm in Node")?.ended()
}

fn wasm_in_chromium(repo: &Repo) -> Result<Ended> {
    let browser = setup::browser()?;
    let options = serde_json::json!({ "goog:chromeOptions": {
        "binary": browser.chromium,
        "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
    } });
    let file = repo.target("xtask/webdriver.json");
    write(&file, options.to_string())?;
    wasm_tests(repo, "testing the wasm in Chromium")?
        .env("WASM_BINDGEN_USE_BROWSER", "1")
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", file)
        .env("CHROMEDRIVER", browser.driver)
        .ended()
}

/// The same tests run wherever the runner is told to run them, and the runner is this program.
fn wasm_tests(repo: &Repo, what: &str) -> Result<Run> {
    let program = std::env::current_exe().context("this program does not know where it lies")?;
    let runner = format!("target.{TARGET}.runner = {}", serde_json::json!([program, wasm::TEST_RUNNER]));
    let run = Toolchain::ready(repo)?.cargo_dev(repo, what, "test");
    // No runtime shows the line numbers, and without them the runner has a tenth of the work.
    let run = run.env("CARGO_PROFILE_DEV_DEBUG", "false").env("CARGO_PROFILE_DEV_STRIP", "debuginfo");
    Ok(run.args(["-p", "phone-enrichment", "--lib", "--tests", "--no-fail-fast", "--config"]).arg(runner))
}

/// Files, exports and dependencies that nobody uses, in the package, in the Worker and in the tests.
fn unused(repo: &Repo) -> Result<Ended> {
    setup::npm(repo, "tests")?;
    worker::packages(repo, &package::tarball(repo)?)?;
    let look = |folder| {
        npm_bin(repo, "looking for what nobody uses", "tests", "knip", "knip")?
            .args(["--no-config-hints", "--directory"])
            .arg(repo.at(folder))
            .ended()
    };
    for folder in ["pkg", worker::FOLDER] {
        let ended = look(folder)?;
        if !ended.ok {
            return Ok(ended);
        }
    }
    look("tests")
}

fn pack(repo: &Repo) -> Result<Ended> {
    let tarball = package::pack(repo)?;
    setup::install_tarball(repo, &repo.at("tests"), &tarball)?;
    Ok(Ended { ok: true, code: Some(0), output: String::new() })
}

fn made_again(repo: &Repo) -> Result<Ended> {
    package::again(repo)?;
    Ok(Ended { ok: true, code: Some(0), output: String::new() })
}

fn size(repo: &Repo) -> Result<Ended> {
    size::check(repo)?;
    Ok(Ended { ok: true, code: Some(0), output: String::new() })
}

fn types(repo: &Repo) -> Result<Ended> {
    npm_bin(repo, "testing the types", "tests", "typescript", "tsc")?
        .args(["--noEmit", "--project", "tests/types"])
        .ended()
}

fn node_tests(repo: &Repo, folder: &str) -> Result<Ended> {
    node_run(repo, folder)?.ended()
}

fn node_run(repo: &Repo, folder: &str) -> Result<Run> {
    let mut files = Vec::new();
    test_files(&repo.at(folder), &mut files);
    if files.is_empty() {
        bail!("{folder} holds no *.test.js, *.test.mjs");
    }
    files.sort();
    Ok(Run::new(format!("testing: {folder}"), "node")
        .args(["--test", "--test-reporter=spec"])
        .arg(format!("--test-timeout={}", FILE_LIMIT.as_millis()))
        .args(files)
        .limit(STEP_LIMIT)
        // The browser that set-up found; a test that needs none does not look.
        .env("CHROMIUM", setup::browser()?.chromium)
        .dir(repo.at("tests")))
}

/// Every runtime that the package is for, installed if need be.
fn identity(repo: &Repo) -> Result<Ended> {
    every_browser(node_run(repo, "tests/identity")?)?.ended()
}

/// Tells a run where the browsers are besides the one that every run knows.
fn every_browser(run: Run) -> Result<Run> {
    let firefox = setup::firefox()?;
    let webkit = setup::webkit()?;
    Ok(run.env("FIREFOX", firefox).env("WEBKIT_DRIVER", webkit.driver).env("XVFB_RUN", webkit.screen))
}

/// Every store in its real home, Keyv's databases among them.
fn stores(repo: &Repo) -> Result<Ended> {
    setup::npm(repo, "tests/stores")?;
    let redis = setup::redis()?;
    every_browser(node_run(repo, "tests/stores")?)?.env("REDIS_SERVER", redis).ended()
}

/// A program of one's own in every runtime, some of which are npm packages of this folder.
fn runtimes(repo: &Repo) -> Result<Ended> {
    setup::npm(repo, "tests/runtimes")?;
    every_browser(node_run(repo, "tests/runtimes")?)?.ended()
}

/// Every bundler, with the packed package beside them.
fn bundlers(repo: &Repo) -> Result<Ended> {
    setup::npm(repo, "tests/bundlers")?;
    setup::install_tarball(repo, &repo.at("tests/bundlers"), &package::tarball(repo)?)?;
    node_tests(repo, "tests/bundlers")
}

/// That everything can be measured; what comes of it on a busy machine is worth nothing.
fn bench(repo: &Repo) -> Result<Ended> {
    bench::ready(repo)?;
    node_tests(repo, bench::FOLDER)
}

/// The Worker as it would be uploaded, in workerd.
fn worker(repo: &Repo) -> Result<Ended> {
    worker::build(repo)?;
    match worker::types(repo)? {
        ended if ended.ok => node_tests(repo, "tests/worker"),
        ended => Ok(ended),
    }
}

/// The extension in Chromium and Firefox, before the Worker as it would be uploaded.
fn extension(repo: &Repo) -> Result<Ended> {
    worker::build(repo)?;
    extension::build(repo)?;
    match extension::types(repo)? {
        ended if ended.ok => {
            every_browser(node_run(repo, "tests/extension")?)?.env("OPENSSL", setup::openssl()?).ended()
        }
        ended => Ok(ended),
    }
}

fn page(repo: &Repo) -> Result<Ended> {
    let tarball = package::tarball(repo)?;
    demo::page_packages(repo, &tarball)?;
    // The Worker serves the page as well.
    worker::packages(repo, &tarball)?;
    node_tests(repo, "tests/page")
}

/// What Lighthouse says of the page; it is large, and nothing else needs it.
fn lighthouse(repo: &Repo) -> Result<Ended> {
    demo::page_packages(repo, &package::tarball(repo)?)?;
    setup::npm(repo, "tests/lighthouse")?;
    node_tests(repo, "tests/lighthouse")
}

fn test_files(folder: &std::path::Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "node_modules" {
            test_files(&path, found);
        } else if name.ends_with(".test.js") || name.ends_with(".test.mjs") {
            found.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn counts_what_cargo_says() {
        let output =
            "test result: ok. 2 passed; 0 failed; 1 ignored\n\ntest result: FAILED. 3 passed; 4 failed; 0 ignored";
        assert_eq!(count(output), Some((5, 4)));
    }

    #[test]
    fn counts_what_node_says_in_colour() {
        assert_eq!(count("\u{1b}[34mℹ tests 9\u{1b}[39m\nℹ pass 7\nℹ fail 2\nℹ duration_ms 3"), Some((7, 2)));
    }

    #[test]
    fn a_tool_without_tests_has_no_count() {
        assert_eq!(count("warning: unused\nFinished"), None);
    }
}
