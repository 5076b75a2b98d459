//! `cargo xtask <verb>`: the one door to set-up, build, demo and test.
//!
//! Every verb first makes sure of what it needs, does nothing twice, shows progress on anything that takes longer
//! than two seconds, and says in one line what is missing when it can't go on. A new verb is one line in [`VERBS`].

mod bench;
mod breakdown;
mod command;
mod demo;
mod extension;
mod fuzz;
mod package;
mod progress;
mod repo;
mod sbom;
mod setup;
mod simulate;
mod size;
mod stamp;
mod test;
mod toolchain;
mod wasm;
mod worker;

use anyhow::{Context, Result, bail};
use repo::Repo;
use std::process::ExitCode;

/// One word that `cargo xtask` understands.
struct Verb {
    name: &'static str,
    /// The switches it takes; one that takes a value names it: `--seconds N`.
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
        run: |repo, _| size::run(repo, false),
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
        flags: &["--json", "--modules"],
        about: "what everything weighs, against pkg/size-budget.json (--modules: what each part of the WebAssembly does)",
        run: |repo, flags| match flags.has("--modules") {
            true => breakdown::run(repo, flags.has("--json")),
            false => size::run(repo, flags.has("--json")),
        },
    },
    Verb {
        name: "bench",
        flags: &["--only PART", "--json"],
        about: "bytes, starts, lookups, checks and memory, beside peers (--only size, start, throughput, check, memory or worker; --json: ends with one line of named figures)",
        run: |repo, flags| bench::run(repo, flags.value("--only"), flags.has("--json")),
    },
    Verb {
        name: "fuzz",
        flags: &["--target NAME", "--seconds N", "--inputs N", "--longest BYTES"],
        about: "searches for an input that breaks a parser, 60 s each unless told otherwise",
        run: |repo, flags| {
            let limits = fuzz::Limits {
                target: flags.value("--target"),
                seconds: flags.number("--seconds")?,
                inputs: flags.number("--inputs")?,
                longest: flags.number("--longest")?,
            };
            fuzz::run(repo, &limits)
        },
    },
    Verb {
        name: "simulate",
        flags: &["--seed N", "--lookups N", "--faults PERCENT", "--without KIND,KIND", "--json"],
        about: "lookups in a world of faults and crashes, 100 000 unless told otherwise (--json: ends with one line)",
        run: |repo, flags| {
            let mut words = Vec::new();
            for name in ["--seed", "--lookups", "--faults"] {
                if let Some(number) = flags.number(name)? {
                    words.extend([name.to_owned(), number.to_string()]);
                }
            }
            if let Some(kinds) = flags.value("--without") {
                words.extend(["--without".to_owned(), kinds.to_owned()]);
            }
            words.extend(flags.has("--json").then(|| "--json".to_owned()));
            simulate::run(repo, &words)
        },
    },
];

/// The switches given after the verb, each one that the verb takes, with the value of those that have one.
struct Flags(Vec<(String, Option<String>)>);

impl Flags {
    /// Takes apart what was typed; in error, the first word that the verb does not take, or that lacks its value.
    fn read(words: &[String], taken: &[&str]) -> Result<Self, String> {
        let mut words = words.iter();
        let mut flags = Vec::new();
        while let Some(word) = words.next() {
            let known = taken.iter().find(|flag| flag.split(' ').next() == Some(word)).ok_or_else(|| word.clone())?;
            let value = match known.contains(' ') {
                true => Some(words.next().ok_or_else(|| word.clone())?.clone()),
                false => None,
            };
            flags.push((word.clone(), value));
        }
        Ok(Self(flags))
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(given, _)| given == name)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().rfind(|(given, _)| given == name)?.1.as_deref()
    }

    fn number(&self, name: &str) -> Result<Option<u64>> {
        let number = |value: &str| value.replace('_', "").parse();
        self.value(name).map(number).transpose().with_context(|| format!("{name} takes a whole number"))
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
    let flags = match Flags::read(flags, verb.flags) {
        Ok(flags) => flags,
        Err(stranger) => bail!(
            "`{}` does not take {stranger:?} so: {}",
            verb.name,
            if verb.flags.is_empty() { "it takes nothing".into() } else { verb.flags.join(", ") }
        ),
    };
    (verb.run)(&Repo::find()?, &flags)
}

fn usage() {
    println!("cargo xtask <verb>\n");
    for verb in VERBS {
        println!("  {:<21} {}", [&[verb.name], verb.flags].concat().join(" "), verb.about);
    }
    println!("\nPHONE_ENRICHMENT_TOOLCHAIN=rustup|debian forces where the wasm compiler comes from.");
    println!("CHROMIUM and CHROMEDRIVER name a browser and its driver when they are not in PATH.");
}

#[cfg(test)]
mod tests {
    use super::{Flags, VERBS};

    const TAKEN: &[&str] = &["--json", "--inputs N"];

    fn read(words: &[&str]) -> Result<Flags, String> {
        Flags::read(&words.iter().map(ToString::to_string).collect::<Vec<_>>(), TAKEN)
    }

    #[test]
    fn a_switch_has_a_value_exactly_if_it_names_one() {
        let flags = read(&["--inputs", "10_000", "--json"]).unwrap();
        assert!(flags.has("--json") && flags.number("--inputs").unwrap() == Some(10_000));
        let flags = read(&["--inputs", "--json"]).unwrap();
        assert!(!flags.has("--json") && flags.number("--inputs").is_err());
        assert_eq!(read(&[]).unwrap().number("--inputs").unwrap(), None);
    }

    #[test]
    fn a_stranger_and_a_switch_without_its_value_are_named() {
        assert_eq!(read(&["--json", "--inputs"]).err().as_deref(), Some("--inputs"));
        assert_eq!(read(&["--inputs", "1", "2"]).err().as_deref(), Some("2"));
        assert_eq!(read(&["--inputs N"]).err().as_deref(), Some("--inputs N"));
    }

    #[test]
    fn every_verb_has_a_name_of_its_own() {
        for verb in VERBS {
            assert_eq!(VERBS.iter().filter(|other| other.name == verb.name).count(), 1, "{}", verb.name);
        }
    }
}
