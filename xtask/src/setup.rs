//! Makes sure of what a verb needs besides the wasm compiler: Node, npm packages, a browser and its driver, a linter.

use crate::command::{Run, ask};
use crate::repo::Repo;
use crate::stamp::{Inputs, Stamp, empty};
use crate::toolchain::RUSTUP_LIMIT;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// The oldest Node that builds and tests; the package itself runs on older ones.
const NODE: u32 = 20;

/// Node is there, and young enough.
pub(crate) fn node() -> Result<()> {
    let version = ask("node", ["--version"])
        .with_context(|| format!("Node is missing: install Node {NODE} or later, then run again"))?;
    let major: u32 =
        version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
    if major < NODE {
        bail!("Node {version} is too old: install Node {NODE} or later, then run again");
    }
    Ok(())
}

/// The npm packages of one folder are installed as its lock file says.
pub(crate) fn npm(repo: &Repo, folder: &str) -> Result<()> {
    node()?;
    let root = repo.at(folder);
    let lock = root.join("package-lock.json");
    if !lock.exists() {
        bail!("{folder} has no package-lock.json: run `npm install` in {folder} once and commit the lock file");
    }
    let inputs = Inputs::bare().paths([lock, root.join("package.json"), root.join(".npmrc")])?;
    let stamp = Stamp::new(repo, &format!("npm {folder}"), &inputs);
    if stamp.holds(&[&root.join("node_modules")]) {
        return Ok(());
    }
    stamp.clear();
    Run::new(format!("installing the npm packages of {folder}"), "npm")
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .dir(&root)
        .output()?;
    stamp.set("")
}

/// A package tarball, installed beside the npm packages of one folder as anyone would install it.
pub(crate) fn install_tarball(repo: &Repo, folder: &Path, tarball: &Path) -> Result<()> {
    let name = folder.strip_prefix(repo.root()).unwrap_or(folder).display().to_string();
    let installed = folder.join("node_modules/phone-enrichment/package.json");
    let inputs =
        Inputs::bare().paths([tarball.to_path_buf(), folder.join("package.json"), folder.join("package-lock.json")])?;
    let stamp = Stamp::new(repo, &format!("tarball {name}"), &inputs);
    if stamp.holds(&[&installed]) {
        return Ok(());
    }
    stamp.clear();
    // A tarball with the same name and version is the same to npm, whatever it holds.
    empty(&folder.join("node_modules/phone-enrichment"))?;
    Run::new(format!("installing the packed package into {name}"), "npm")
        .args(["install", "--no-save", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"])
        .arg(tarball)
        .dir(folder)
        .output()?;
    stamp.set("")
}

/// A browser and the driver that steers it.
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) driver: PathBuf,
}

/// Chromium and its driver are there; installed from Debian's packages when they are not and we may.
pub(crate) fn browser() -> Result<Browser> {
    found_or_installed(
        find_browser,
        &["chromium", "chromium-driver"],
        "installing Chromium",
        "Chromium or its driver is missing: install both (Debian: chromium chromium-driver), or name them in CHROMIUM and CHROMEDRIVER",
    )
}

fn find_browser() -> Option<Browser> {
    Some(Browser {
        chromium: named("CHROMIUM", &["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"])?,
        driver: named("CHROMEDRIVER", &["chromedriver"])?,
    })
}

/// Firefox is there; installed from Debian's packages when it is not and we may.
pub(crate) fn firefox() -> Result<PathBuf> {
    let find = || named("FIREFOX", &["firefox-esr", "firefox"]);
    found_or_installed(
        find,
        &["firefox-esr"],
        "installing Firefox",
        "Firefox is missing: install it (Debian: firefox-esr), or name it in FIREFOX",
    )
}

/// What steers WebKit, and what gives it a screen, without which it does not run.
pub(crate) struct Webkit {
    pub(crate) driver: PathBuf,
    pub(crate) screen: PathBuf,
}

/// WebKit's driver, which knows its own browser, and a screen for it are there; installed from Debian's packages when they
/// are not and we may.
pub(crate) fn webkit() -> Result<Webkit> {
    found_or_installed(
        find_webkit,
        &["webkit2gtk-driver", "xvfb", "xauth"],
        "installing WebKit",
        "WebKitWebDriver, xvfb-run or xauth is missing: install all three (Debian: webkit2gtk-driver xvfb xauth), or name the first two in WEBKIT_DRIVER and XVFB_RUN",
    )
}

fn find_webkit() -> Option<Webkit> {
    which("xauth")?;
    Some(Webkit { driver: named("WEBKIT_DRIVER", &["WebKitWebDriver"])?, screen: named("XVFB_RUN", &["xvfb-run"])? })
}

/// A Redis server is there; installed from Debian's packages when it is not and we may.
pub(crate) fn redis() -> Result<PathBuf> {
    let find = || named("REDIS_SERVER", &["redis-server", "valkey-server"]);
    found_or_installed(
        find,
        &["redis-server"],
        "installing Redis",
        "Redis is missing: install it (Debian: redis-server), or name its server in REDIS_SERVER",
    )
}

/// OpenSSL is there, for the certificate of a site that lives as long as a test; installed when it is not and we may.
pub(crate) fn openssl() -> Result<PathBuf> {
    found_or_installed(
        || named("OPENSSL", &["openssl"]),
        &["openssl"],
        "installing OpenSSL",
        "OpenSSL is missing: install it (Debian: openssl), or name it in OPENSSL",
    )
}

/// What is there, or is there once Debian's packages are installed; otherwise an error in these words.
fn found_or_installed<T>(
    find: impl Fn() -> Option<T>,
    packages: &[&str],
    what: &str,
    missing: &'static str,
) -> Result<T> {
    if let Some(found) = find() {
        return Ok(found);
    }
    apt(packages, what)?.then(find).flatten().context(missing)
}

/// A program that a variable of the environment names, or the first of these names in PATH.
fn named(variable: &str, names: &[&str]) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).or_else(|| names.iter().find_map(|name| which(name)))
}

/// Where a program lies in PATH.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Installs Debian's packages; `false` where that is not for us to do.
pub(crate) fn apt(packages: &[&str], what: &str) -> Result<bool> {
    if which("apt-get").is_none() {
        return Ok(false);
    }
    let root = ask("id", ["-u"]).is_some_and(|id| id == "0");
    if !root && ask("sudo", ["-n", "true"]).is_none() {
        return Ok(false);
    }
    let get = |what: &str, args: &[&str]| {
        let run = if root { Run::new(what, "apt-get") } else { Run::new(what, "sudo").args(["-n", "apt-get"]) };
        run.env("DEBIAN_FRONTEND", "noninteractive").args(args).ended()
    };
    let install = [&["install", "-y", "--no-install-recommends"], packages].concat();
    if get(what, &install)?.ok {
        return Ok(true);
    }
    // A fresh machine knows no package lists, an old one outdated lists.
    get("fetching the package lists", &["update"])?;
    let ended = get(what, &install)?;
    if !ended.ok {
        eprintln!("{}", ended.output.trim_end());
    }
    Ok(ended.ok)
}

/// A part of the toolchain in use that a minimal installation leaves out: `fmt` or `clippy`.
pub(crate) fn component(subcommand: &str, debian: &str) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let there = || ask(&cargo, [subcommand, "--version"]).is_some();
    let name = if subcommand == "fmt" { "rustfmt" } else { subcommand };
    let rustup = || {
        let add = Run::new(format!("fetching {name}"), "rustup").args(["component", "add", name]).limit(RUSTUP_LIMIT);
        which("rustup").is_some() && add.ended().is_ok_and(|ended| ended.ok) && there()
    };
    if there() || rustup() || (apt(&[debian], &format!("installing {name}"))? && there()) {
        return Ok(());
    }
    bail!("{name} is missing: run `rustup component add {name}`, then run again")
}
