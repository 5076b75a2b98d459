//! A Rust compiler that makes WebAssembly, wherever it can be had.
//!
//! The ordinary way is rustup: one target, and the source of the standard library. Where rustup can't download, Debian
//! brings a compiler of its own with that source and a linker; it has no ready-made standard library for the target, so
//! Cargo builds that along. Nothing outside the checkout is changed beyond what rustup and apt install.

use crate::command::{Run, ask};
use crate::repo::Repo;
use crate::setup::{apt, which};
use crate::stamp::write;
use anyhow::{Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What everything here compiles for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// Forces one of the two ways.
pub(crate) const FORCE: &str = "PHONE_ENRICHMENT_TOOLCHAIN";
/// How long rustup may try before the other way is taken.
pub(crate) const RUSTUP_LIMIT: Duration = Duration::from_secs(60);
/// What Debian calls it all.
const DEBIAN: &[&str] = &["cargo-web", "rustc-web", "rust-web-src", "rust-web-llvm", "lld-22"];
/// Where Debian puts programs.
const DEBIAN_BIN: &str = "/usr/bin";
/// The oldest of Debian's compilers that is young enough for this workspace.
const DEBIAN_MINOR: u32 = 90;

/// Where the compiler comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Rustup,
    Debian,
}

/// A compiler that can make WebAssembly.
pub(crate) struct Toolchain(Source);

impl Toolchain {
    /// The compiler, installed if need be.
    pub(crate) fn ready(repo: &Repo) -> Result<Self> {
        let memory = repo.target("xtask/toolchain");
        let remembered = fs::read_to_string(&memory).is_ok_and(|word| word == "debian");
        let chosen = match std::env::var(FORCE).ok().as_deref() {
            None | Some("") => None,
            Some("rustup") => Some(Source::Rustup),
            Some("debian") => Some(Source::Debian),
            Some(other) => bail!("{FORCE} is {other:?}: it must be rustup or debian"),
        };
        match chosen {
            Some(Source::Rustup) if !rustup_complete() && !rustup_add() => bail!(
                "rustup can't fetch what is missing: run `rustup target add {TARGET}` and `rustup component add rust-src`, or leave out {FORCE}"
            ),
            Some(Source::Rustup) => return Ok(Self(Source::Rustup)),
            None if rustup_complete() => return Ok(Self(Source::Rustup)),
            None if remembered && debian_complete() => return Ok(Self(Source::Debian)),
            None if rustup_add() => return Ok(Self(Source::Rustup)),
            Some(Source::Debian) | None => {}
        }
        let there = debian_complete() || (apt(DEBIAN, "installing Debian's Rust compiler")? && debian_complete());
        if !there {
            bail!(
                "no Rust compiler for {TARGET}: run `rustup target add {TARGET}` and `rustup component add rust-src`, or on Debian install {}",
                DEBIAN.join(" ")
            );
        }
        if chosen.is_none() {
            write(&memory, "debian")?;
        }
        Ok(Self(Source::Debian))
    }

    /// Which compiler it is, in its own words.
    pub(crate) fn version(&self) -> Option<String> {
        let program = match self.0 {
            Source::Rustup => rustc(),
            Source::Debian => debian_program("rustc"),
        };
        ask(program, ["-vV"])
    }

    /// Cargo's subcommand for the target. What it makes goes to a folder of its own, so that it never waits for, nor
    /// throws away, what is made for the host.
    pub(crate) fn cargo(&self, repo: &Repo, what: &str, subcommand: &str) -> Run {
        let run = match self.0 {
            Source::Rustup => Run::new(what, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())),
            Source::Debian => self.debian(Run::new(what, debian_program("cargo"))),
        };
        run.dir(repo.root()).arg(subcommand).args(["--target", TARGET, "--target-dir"]).arg(repo.target("wasm"))
    }

    /// As [`Self::cargo`], for anything but the build that ships: with a standard library that was not optimised for it.
    pub(crate) fn cargo_dev(&self, repo: &Repo, what: &str, subcommand: &str) -> Run {
        self.with_std(self.cargo(repo, what, subcommand))
    }

    /// Clippy for the target.
    pub(crate) fn clippy(&self, repo: &Repo, what: &str) -> Result<Run> {
        match self.0 {
            Source::Rustup => Ok(self.cargo(repo, what, "clippy")),
            Source::Debian => {
                let clippy = debian_program("cargo-clippy");
                let there =
                    clippy.exists() || (apt(&["rust-web-clippy"], "installing Debian's clippy")? && clippy.exists());
                if !there {
                    bail!("clippy is missing: install rust-web-clippy");
                }
                let run = self.debian(Run::new(what, clippy)).env("CARGO", debian_program("cargo")).dir(repo.root());
                Ok(self.with_std(run.arg("clippy").args(["--target", TARGET, "--target-dir"]).arg(repo.target("wasm"))))
            }
        }
    }

    /// Debian's compiler, undisturbed by a rustup that started us.
    fn debian(&self, run: Run) -> Run {
        run.env("RUSTC", debian_program("rustc"))
            .env("RUSTDOC", debian_program("rustdoc"))
            .without_env("RUSTUP_TOOLCHAIN")
            .without_env("LD_LIBRARY_PATH")
    }

    fn with_std(&self, run: Run) -> Run {
        match self.0 {
            Source::Rustup => run,
            Source::Debian => run.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_abort,proc_macro,test"),
        }
    }
}

fn rustc() -> PathBuf {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()).into()
}

fn debian_program(name: &str) -> PathBuf {
    Path::new(DEBIAN_BIN).join(name)
}

fn has_std_source(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib/src/rust/library/Cargo.lock").exists()
}

/// The compiler in use has the target and the source of the standard library, whoever installed it.
fn rustup_complete() -> bool {
    let sysroot = ask(rustc(), ["--print", "sysroot"]).map(PathBuf::from);
    sysroot.is_some_and(|sysroot| {
        sysroot.join("lib/rustlib").join(TARGET).join("lib").exists() && has_std_source(&sysroot)
    })
}

fn rustup_add() -> bool {
    if which("rustup").is_none() {
        return false;
    }
    let add = |args: &[&str], what: &str| {
        let ended = Run::new(what, "rustup").args(args).limit(RUSTUP_LIMIT).ended();
        ended.is_ok_and(|ended| ended.ok)
    };
    add(&["target", "add", TARGET], "fetching the WebAssembly target")
        && add(&["component", "add", "rust-src"], "fetching the source of the standard library")
        && rustup_complete()
}

fn debian_complete() -> bool {
    let minor = ask(debian_program("rustc"), ["--version"])
        .and_then(|version| version.split(['.', ' ']).nth(2).and_then(|minor| minor.parse::<u32>().ok()))
        .unwrap_or(0);
    minor >= DEBIAN_MINOR
        && debian_program("cargo").exists()
        && has_std_source(Path::new("/usr"))
        && which("rust-lld").is_some()
}
