//! Searches for an input that breaks a parser: libFuzzer, led by what the code does with each input.
//!
//! What must hold for every input stands in `tests/fuzz`. The search begins with the inputs of the test vectors, which
//! is where a case that it found belongs in the end. It goes on where it last stopped, as long as `target` lives.

use crate::command::{Run, ask};
use crate::progress::plain;
use crate::repo::Repo;
use crate::setup;
use crate::stamp::{empty, write};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// How long a target is fuzzed when nobody says.
const SECONDS: u64 = 60;
/// The longest input when nobody says: longer than almost any that a person pastes, and short enough to be quick.
const LONGEST: u64 = 512;
/// An input that takes as many seconds hangs.
const HANG: u32 = 5;

/// Where the compiler counts which code ran: it's what leads the search. Stable has all of it; only the sanitizers, which
/// safe code does not need, are nightly's. Comparisons are not traced: the dictionary says what they would, and without
/// them three times as many inputs are judged in the same time.
const INSTRUMENTED: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table";

/// A target of `tests/fuzz`, and the vectors whose inputs are its first.
struct Target {
    name: &'static str,
    vectors: &'static [&'static str],
}

const TARGETS: &[Target] = &[
    Target { name: "linkedin", vectors: &["linkedin"] },
    Target { name: "email", vectors: &["email"] },
    Target { name: "website", vectors: &["website"] },
    Target { name: "name", vectors: &["name"] },
    Target { name: "request", vectors: &["linkedin", "email", "website", "name"] },
];

/// How far to go; each is said on the command line or left to the rules above.
pub(crate) struct Limits<'a> {
    /// One target, instead of all.
    pub(crate) target: Option<&'a str>,
    /// How long, per target.
    pub(crate) seconds: Option<u64>,
    /// How many inputs, per target.
    pub(crate) inputs: Option<u64>,
    /// The longest input, in bytes.
    pub(crate) longest: Option<u64>,
}

/// Fuzzes one target after the other, prints what each run came to, and fails if one of them found something.
pub(crate) fn run(repo: &Repo, limits: &Limits) -> Result<()> {
    let targets: Vec<&Target> =
        TARGETS.iter().filter(|target| limits.target.is_none_or(|name| name == target.name)).collect();
    if targets.is_empty() {
        bail!(
            "there is no such target: one of {}",
            TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ")
        );
    }
    let program = build(repo)?;
    let mut broken = Vec::new();
    for target in targets {
        let summary = fuzz(repo, &program, target, limits)?;
        println!("{:<10}{}", target.name, summary.line);
        if let Some(finding) = summary.finding {
            println!("{finding}");
            broken.push(target.name);
        }
    }
    if !broken.is_empty() {
        bail!("found something: {}; mend it, and add the input to tests/vectors with the reason", broken.join(", "));
    }
    Ok(())
}

/// The fuzzer, for this machine, with every check of the compiler's on.
fn build(repo: &Repo) -> Result<PathBuf> {
    let version = ask("rustc", ["-vV"]).context("rustc does not answer")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc does not know its host")?;
    if setup::which("c++").is_none()
        && !(setup::apt(&["g++"], "installing a C++ compiler")? && setup::which("c++").is_some())
    {
        bail!("libFuzzer is compiled from C++, and there is no c++: install g++ or clang, then run again");
    }
    // Named, so that build scripts are compiled without the flags; in a folder of its own, so that nothing else is
    // compiled anew because of them.
    Run::new("compiling the fuzzer", std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--package", "fuzz", "--profile", "fuzz", "--target", host, "--target-dir"])
        .arg(repo.target("fuzz"))
        .env("RUSTFLAGS", INSTRUMENTED)
        .dir(repo.root())
        .output()?;
    Ok(repo.target("fuzz").join(host).join("fuzz/fuzz"))
}

/// What one target came to.
struct Summary {
    line: String,
    finding: Option<String>,
}

fn fuzz(repo: &Repo, program: &Path, target: &Target, limits: &Limits) -> Result<Summary> {
    let seeds = repo.target("fuzz/seeds").join(target.name);
    let corpus = repo.target("fuzz/corpus").join(target.name);
    let found = repo.target("fuzz/found").join(target.name);
    plant(repo, target, &seeds, limits.longest)?;
    fs::create_dir_all(&corpus).context("the corpus has no folder")?;
    empty(&found)?;

    let seconds = limits.seconds.or(limits.inputs.is_none().then_some(SECONDS));
    let ended = Run::new(format!("fuzzing {}", target.name), program)
        .env("FUZZ_TARGET", target.name)
        .env("RUST_BACKTRACE", "0")
        .args(seconds.map(|seconds| format!("-max_total_time={seconds}")))
        .args(limits.inputs.map(|inputs| format!("-runs={inputs}")))
        .arg(format!("-max_len={}", limits.longest.unwrap_or(LONGEST)))
        // Whoever says how long wants it so from the start.
        .args(limits.longest.map(|_| "-len_control=0"))
        .arg(format!("-timeout={HANG}"))
        .arg(format!("-dict={}", repo.at("tests/fuzz/dictionary.txt").display()))
        .arg(format!("-artifact_prefix={}/", found.display()))
        .arg("-print_final_stats=1")
        .args([&corpus, &seeds])
        .dir(repo.root())
        .ended()?;
    write(&repo.target("fuzz/log").join(format!("{}.txt", target.name)), &ended.output)?;

    let line = summary(&ended.output);
    if ended.ok && number(&ended.output, EXECUTED).is_none_or(|executed| executed == 0) {
        bail!("{} ended without one input:\n{}", target.name, ended.output.trim_end());
    }
    let finding = if ended.ok { None } else { Some(finding(repo, target, &found, &ended.output)?) };
    Ok(Summary { line, finding })
}

/// Writes the first inputs, each to a file of its own; some as long as an input may be, if that was said.
fn plant(repo: &Repo, target: &Target, seeds: &Path, longest: Option<u64>) -> Result<()> {
    empty(seeds)?;
    let mut count = 0;
    let mut plant = |seed: &[u8]| {
        count += 1;
        write(&seeds.join(format!("{count:04}")), seed)
    };
    if let Some(longest) = longest {
        let longest = usize::try_from(longest)?;
        for front in ["", "https://", "linkedin.com/in/", "linkedin.com/in/jane?", "jane@", "\u{1}jane@"] {
            for run in ["a", "%", "%41", "/", ".", "a.", "@", ":", "-", " ", "é", "e\u{301}", "|", "\\", "\u{5}a"] {
                plant(front.bytes().chain(run.bytes().cycle()).take(longest).collect::<Vec<u8>>().as_slice())?;
            }
        }
    }
    for file in target.vectors {
        let path = repo.at("tests/vectors").join(file).with_extension("json");
        let cases: Vec<serde_json::Value> = fs::read(&path)
            .map_err(anyhow::Error::from)
            .and_then(|text| Ok(serde_json::from_slice(&text)?))
            .with_context(|| format!("{} can't be read", repo.short(&path)))?;
        for case in &cases {
            let input = case["in"].as_str().with_context(|| format!("a case of {} has no input", repo.short(&path)))?;
            match target.name {
                "request" => plant(&[&[field(file, case)], input.as_bytes()].concat())?,
                _ => plant(input.as_bytes())?,
            }
        }
    }
    if target.name == "request" {
        let all: &[(u8, &str)] = &[
            (0, "linkedin.com/in/jane"),
            (1, "jane@acme.com"),
            (2, "Jane"),
            (3, "Doe"),
            (4, "Acme"),
            (5, "acme.com"),
            (6, "\u{1}"),
            (7, "e-mail"),
        ];
        for from in 0..all.len() {
            for to in from..all.len() {
                let records: Vec<Vec<u8>> =
                    all[from..=to].iter().map(|(kind, value)| [&[*kind], value.as_bytes()].concat()).collect();
                // As `tests/fuzz/src/request.rs` takes them apart.
                plant(&records.join(&0xff))?;
            }
        }
    }
    Ok(())
}

/// The number of a vector's field among the six of a request.
fn field(file: &str, case: &serde_json::Value) -> u8 {
    match (file, case["field"].as_str()) {
        ("linkedin", _) => 0,
        ("email", _) => 1,
        (_, Some("first_name")) => 2,
        (_, Some("last_name")) => 3,
        (_, Some("company_name")) => 4,
        _ => 5,
    }
}

const EXECUTED: &str = "stat::number_of_executed_units:";

/// What a run came to, in the words of libFuzzer's last lines.
fn summary(output: &str) -> String {
    let count = |name| number(output, name).map_or_else(|| "?".to_owned(), |number| number.to_string());
    // #8388608	pulse  cov: 1234 ft: 5678 corp: 900/64Kb lim: 512 exec/s: 45000 rss: 90Mb
    let status = output.lines().rev().find(|line| line.starts_with('#') && line.contains(" cov: ")).unwrap_or_default();
    let after = |name: &str| {
        let mut words = status.split_whitespace().skip_while(|word| *word != name);
        words.nth(1).unwrap_or("?").to_owned()
    };
    format!(
        "{} inputs, {} a second, {} edges covered, {} features, corpus {}, slowest {} s, {} MB at most",
        count(EXECUTED),
        count("stat::average_exec_per_sec:"),
        after("cov:"),
        after("ft:"),
        after("corp:"),
        count("stat::slowest_unit_time_sec:"),
        count("stat::peak_rss_mb:"),
    )
}

fn number(output: &str, name: &str) -> Option<u64> {
    output.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

/// What was found: what the target or libFuzzer says of it, the input, and how to have it again.
fn finding(repo: &Repo, target: &Target, found: &Path, output: &str) -> Result<String> {
    let mut files: Vec<PathBuf> = fs::read_dir(found)?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    // A panic's message stands between these two; a hang and too much memory have only libFuzzer's own line.
    let mut says: Vec<String> = output.lines().skip_while(|line| !line.contains("panicked at")).map(plain).collect();
    says.truncate(
        says.iter().position(|line| line.starts_with("note: ") || line.starts_with("==")).unwrap_or(says.len()),
    );
    says.extend(output.lines().filter(|line| line.contains("ERROR: libFuzzer")).map(plain));
    let mut text = says.join("\n");
    for file in &files {
        let short = repo.short(file);
        let input = fs::read(file).with_context(|| format!("{short} can't be read"))?;
        let shown: String = input.escape_ascii().to_string().chars().take(4096).collect();
        text += &format!("\ninput:  \"{shown}\"\nreplay: cargo run --package fuzz -- {} {short}", target.name);
    }
    if files.is_empty() {
        text += output.trim_end();
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn a_run_is_summed_up_by_its_last_lines() {
        let output = "#2\tINITED cov: 3 ft: 4 corp: 1/1b exec/s: 0 rss: 30Mb\n\
            #900\tDONE   cov: 12 ft: 34 corp: 5/60b lim: 512 exec/s: 450 rss: 31Mb\n\
            stat::number_of_executed_units: 900\nstat::average_exec_per_sec:     450\n\
            stat::slowest_unit_time_sec:    0\nstat::peak_rss_mb:              31\n";
        assert_eq!(
            summary(output),
            "900 inputs, 450 a second, 12 edges covered, 34 features, corpus 5/60b, slowest 0 s, 31 MB at most"
        );
    }

    #[test]
    fn what_libfuzzer_does_not_say_is_not_made_up() {
        assert!(summary("").starts_with("? inputs, ? a second"));
    }
}
