//! The Worker of `www/worker`: built as `wrangler deploy` would upload it, with the packed package among its own.

use crate::command::{Ended, Run, npm_bin};
use crate::package;
use crate::repo::Repo;
use crate::setup;
use crate::stamp::{Inputs, Stamp};
use anyhow::Result;
use std::path::Path;

/// Where it lies.
pub(crate) const FOLDER: &str = "www/worker";
/// What it is made from, besides the package.
const SOURCES: &[&str] = &["src", "package.json", "package-lock.json", "tsconfig.json", "wrangler.jsonc"];

/// What it is built with, the packed package among it.
pub(crate) fn packages(repo: &Repo, tarball: &Path) -> Result<()> {
    setup::npm(repo, FOLDER)?;
    setup::install_tarball(repo, &repo.at(FOLDER), tarball)
}

/// Makes `www/worker/dist`, if anything changed; nothing is uploaded.
pub(crate) fn build(repo: &Repo) -> Result<()> {
    let tarball = package::tarball(repo)?;
    packages(repo, &tarball)?;
    let folder = repo.at(FOLDER);
    let inputs = Inputs::new(repo)?.paths(SOURCES.iter().map(|path| folder.join(path)))?.paths([tarball])?;
    let stamp = Stamp::new(repo, "worker", &inputs);
    if stamp.holds(&[&folder.join("dist/index.js")]) {
        return Ok(());
    }
    stamp.clear();
    let _ = std::fs::remove_dir_all(folder.join("dist"));
    quiet(npm_bin(repo, "building the Worker", FOLDER, "wrangler", "wrangler")?)
        .args(["deploy", "--dry-run", "--outdir", "dist"])
        .dir(&folder)
        .output()?;
    stamp.set("")
}

/// Its types hold.
pub(crate) fn types(repo: &Repo) -> Result<Ended> {
    npm_bin(repo, "checking the Worker's types", FOLDER, "typescript", "tsc")?.dir(repo.at(FOLDER)).ended()
}

/// Starts it on this machine, in front of a sandbox that runs already.
pub(crate) fn dev(repo: &Repo, sandbox: &str, token: &str) -> Run {
    quiet(Run::new("the Worker", "node"))
        .args(["dev.mjs", "--until-closed"])
        .env("SERVICE_URL", sandbox)
        .env("SERVICE_TOKEN", token)
        .dir(repo.at(FOLDER))
}

/// Wrangler neither phones home nor asks questions.
fn quiet(run: Run) -> Run {
    run.env("WRANGLER_SEND_METRICS", "false")
        .env("WRANGLER_SEND_ERROR_REPORTS", "false")
        .env("WRANGLER_HIDE_BANNER", "true")
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
        .env("CI", "1")
}
