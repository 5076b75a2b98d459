//! `cargo xtask <verb>`: the one door to set-up, build, demo and test.
//!
//! Every verb first makes sure of what it needs, does nothing twice, shows progress on anything that takes longer
//! than two seconds, and says in one line what is missing when it can't go on. A new verb is one line in [`VERBS`].

mod command;
mod demo;
mod package;
mod progress;
mod repo;
mod setup;
mod size;
mod stamp;
mod test;
mod toolchain;
mod wasm;

use anyhow::{Result, bail};
use repo::Repo;
use std::process::ExitCode;

/// One word that `cargo xtask` understands.
struct Verb {
    name: &'static str,
    /// The switches it takes, without a value each.
    flags: &'static [&'static str],
    about: &'static str,
    run: fn(&Repo, &Flags) -> Result<()>,
}

const VERBS: &[Verb] = &[
    Verb {
        name: "demo",
        flags: &["--once"],
        about: "real lookups through the packed package, then a page to try (--once: without the page)",
        run: |repo, flags| demo::run(repo, flags.has("--once")),
    },
    Verb {
        name: "test",
        flags: &["--fast", "--fresh"],
        about: "everything CI checks (--fast: the core on this machine; --fresh: also what has not changed since it passed)",
        run: |repo, flags| test::run(repo, flags.has("--fast"), flags.has("--fresh")),
    },
    Verb {
        name: "build",
        flags: &[],
        about: "the npm package in pkg/dist, within its size budget",
        run: |repo, _| {
            package::build(repo)?;
            size::check(repo)
        },
    },
    Verb {
        name: "pack",
        flags: &[],
        about: "the tarball in target/npm, checked by publint and attw, within its size budget",
        run: |repo, _| {
            println!("{}", repo.short(&package::pack(repo)?));
            size::check(repo)
        },
    },
    Verb {
        name: "size",
        flags: &["--json"],
        about: "what everything weighs, against pkg/size-budget.json",
        run: |repo, flags| size::run(repo, flags.has("--json")),
    },
];

/// The switches given after the verb, each one that the verb takes.
struct Flags(Vec<String>);

impl Flags {
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|given| given == name)
    }
}

fn main() -> ExitCode {
    let mut args = std::env::args_os();
    let program = args.next();
    let words: Vec<_> = args.collect();
    // Cargo calls back with this word to run a test that is compiled to WebAssembly; nobody types it.
    let outcome = match words.split_first() {
        Some((first, rest)) if first == wasm::TEST_RUNNER => wasm::run_tests(program.iter().chain(rest)),
        _ => dispatch(&words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[String]) -> Result<()> {
    let Some((name, flags)) =
        words.split_first().filter(|(name, _)| !matches!(name.as_str(), "help" | "--help" | "-h"))
    else {
        usage();
        return Ok(());
    };
    let Some(verb) = VERBS.iter().find(|verb| verb.name == name) else {
        bail!(
            "there is no verb {name:?}: one of {}",
            VERBS.iter().map(|verb| verb.name).collect::<Vec<_>>().join(", ")
        );
    };
    if let Some(stranger) = flags.iter().find(|flag| !verb.flags.contains(&flag.as_str())) {
        bail!(
            "`{}` does not take {stranger:?}: {}",
            verb.name,
            if verb.flags.is_empty() { "it takes nothing".into() } else { verb.flags.join(", ") }
        );
    }
    (verb.run)(&Repo::find()?, &Flags(flags.to_vec()))
}

fn usage() {
    println!("cargo xtask <verb>\n");
    for verb in VERBS {
        println!("  {:<22}{}", [&[verb.name], verb.flags].concat().join(" "), verb.about);
    }
    println!("\nPHONE_ENRICHMENT_TOOLCHAIN=rustup|debian forces where the wasm compiler comes from.");
    println!("CHROMIUM and CHROMEDRIVER name a browser and its driver when they are not in PATH.");
}
