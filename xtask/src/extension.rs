//! The extension of `www/extension`: built for Chromium and for Firefox, with the packed package in it.

use crate::command::{Ended, npm_bin};
use crate::package;
use crate::repo::Repo;
use crate::setup;
use crate::stamp::{Inputs, Stamp};
use anyhow::Result;

/// Where it lies.
const FOLDER: &str = "www/extension";
/// What it is made from, besides the package.
const SOURCES: &[&str] = &["src", "package.json", "package-lock.json", "tsconfig.json", "wxt.config.ts"];
/// Browsers, as the bundler calls them.
const BROWSERS: &[&str] = &["chrome", "firefox"];

/// Makes `www/extension/dist`, if anything changed.
pub(crate) fn build(repo: &Repo) -> Result<()> {
    let tarball = package::tarball(repo)?;
    setup::npm(repo, FOLDER)?;
    let folder = repo.at(FOLDER);
    setup::install_tarball(repo, &folder, &tarball)?;
    let inputs = Inputs::new(repo)?.paths(SOURCES.iter().map(|path| folder.join(path)))?.paths([tarball])?;
    let stamp = Stamp::new(repo, "extension", &inputs);
    let made: Vec<_> =
        BROWSERS.iter().map(|browser| folder.join(format!("dist/{browser}-mv3/manifest.json"))).collect();
    if stamp.holds(&[&made[0], &made[1]]) {
        return Ok(());
    }
    stamp.clear();
    let _ = std::fs::remove_dir_all(folder.join("dist"));
    for browser in BROWSERS {
        npm_bin(repo, &format!("building the extension for {browser}"), FOLDER, "wxt", "wxt")?
            .args(["build", "--browser", browser])
            .env("CI", "1")
            .dir(&folder)
            .output()?;
    }
    stamp.set("")
}

/// Its types hold; the bundler has written down those of its own.
pub(crate) fn types(repo: &Repo) -> Result<Ended> {
    npm_bin(repo, "checking the extension's types", FOLDER, "typescript", "tsc")?.dir(repo.at(FOLDER)).ended()
}
