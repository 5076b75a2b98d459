//! A real lookup, watched: the packed package, installed in a project of its own, asks a sandbox over HTTP; then a page
//! that does the same from a browser, through the Worker that keeps the token.

use crate::command::Run;
use crate::package;
use crate::repo::Repo;
use crate::setup;
use crate::stamp::{Inputs, Stamp, write};
use crate::worker;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// Where the page listens; the next free port if this one is taken.
const PORT: &str = "4173";

/// Where the sandbox listens, and the token it takes.
#[derive(Deserialize)]
struct Sandbox {
    url: String,
    token: String,
}

/// Performs the lookups; then, unless it is to end there, serves the page until Ctrl-C.
pub(crate) fn run(repo: &Repo, once: bool) -> Result<()> {
    let tarball = package::pack(repo)?;
    let project = repo.target("demo");
    write(&project.join("package.json"), "{ \"name\": \"demo\", \"private\": true, \"type\": \"module\" }\n")?;
    setup::install_tarball(repo, &project, &tarball)?;
    std::fs::copy(repo.at("xtask/demo/lookups.mjs"), project.join("lookups.mjs"))
        .context("xtask/demo/lookups.mjs can't be copied")?;

    let mut lookups = Running::start(
        Run::new("the lookups", "node").arg("lookups.mjs").args((!once).then_some("--stay")).dir(&project),
    )?;
    let sandbox = lookups.find(|line| match serde_json::from_str::<Sandbox>(line) {
        Ok(sandbox) => Some(sandbox),
        Err(_) => {
            println!("{line}");
            None
        }
    });
    let Some(sandbox) = sandbox else {
        return match lookups.succeeded()? {
            true => Ok(()),
            false => bail!("a lookup did not end as expected; see above"),
        };
    };

    worker::packages(repo, &tarball)?;
    let mut worker = Running::start(worker::dev(repo, &sandbox.url, &sandbox.token))?;
    let (mut address, mut key) = (String::new(), String::new());
    let named = worker.find(|line| {
        let rest = line.strip_prefix("The Worker is at ")?;
        (address, key) = rest.split_once(", and a key for it is ").map(|(at, key)| (at.into(), key.into()))?;
        Some(())
    });
    named.context("the Worker does not run; see above")?;
    println!("The Worker is at {address}, and a key for it is {key}");

    build_page(repo, &tarball)?;
    let mut page = Running::start(
        Run::new("the page", "node")
            .args(["node_modules/vite/bin/vite.js", "preview", "--port", PORT])
            // To the page the Worker is the service: it speaks the same contract.
            .env("SERVICE_URL", &address)
            .env("SERVICE_TOKEN", &key)
            .env("NO_COLOR", "1")
            .dir(repo.at("www/web")),
    )?;
    let site = page.find(|line| line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned));
    let site = site.context("the page is not served: vite named no address")?;
    println!("The page is at {site} (Ctrl-C ends it)");
    until_stopped(&mut [&mut lookups, &mut worker, &mut page])
}

/// What the page is built with, the packed package among it.
pub(crate) fn page_packages(repo: &Repo, tarball: &Path) -> Result<()> {
    setup::npm(repo, "www/web")?;
    setup::install_tarball(repo, &repo.at("www/web"), tarball)
}

/// Builds the page with the packed package, if anything changed.
fn build_page(repo: &Repo, tarball: &Path) -> Result<()> {
    page_packages(repo, tarball)?;
    let web = repo.at("www/web");
    let stamp = Stamp::new(repo, "page", &Inputs::new(repo)?.paths([web.clone(), tarball.to_path_buf()])?);
    if stamp.holds(&[&web.join("dist/index.html")]) {
        return Ok(());
    }
    stamp.clear();
    Run::new("building the page", "node").args(["node_modules/vite/bin/vite.js", "build"]).dir(&web).output()?;
    stamp.set("")
}

/// Waits for Ctrl-C, or for one of the programs to end, which it should not.
fn until_stopped(running: &mut [&mut Running]) -> Result<()> {
    let (stop, stopped) = channel();
    ctrlc::set_handler(move || _ = stop.send(())).context("Ctrl-C can't be listened for")?;
    while stopped.recv_timeout(Duration::from_millis(200)).is_err() {
        if running.iter_mut().any(|running| running.ended()) {
            bail!("the sandbox, the Worker or the page ended by itself; see above");
        }
    }
    Ok(())
}

/// A program that ends when this is dropped.
struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Running {
    fn start(run: Run) -> Result<Self> {
        let mut child = run.spawn()?;
        let lines = child.stdout.take().map(BufReader::new).context("the program has no output")?;
        Ok(Self { child, lines })
    }

    /// Reads what it prints until a line is what is looked for; `None` when it ends before.
    fn find<T>(&mut self, mut wanted: impl FnMut(&str) -> Option<T>) -> Option<T> {
        let mut line = String::new();
        while self.lines.read_line(&mut line).is_ok_and(|read| read > 0) {
            if let Some(found) = wanted(line.trim_end()) {
                return Some(found);
            }
            line.clear();
        }
        None
    }

    fn succeeded(&mut self) -> Result<bool> {
        Ok(self.child.wait()?.success())
    }

    fn ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Whoever reads its standard input ends what it started, and itself, when that closes.
        drop(self.child.stdin.take());
        let deadline = Instant::now() + Duration::from_secs(3);
        while Instant::now() < deadline && !self.ended() {
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
