//! Runs programs: quiet while they succeed, with everything they said when they fail.

use crate::progress::{LastLine, Task};
use crate::repo::Repo;
use anyhow::{Context, Result, anyhow, bail};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

/// A program that ended, and all it said, both streams in the order they came.
pub(crate) struct Ended {
    /// Whether it succeeded.
    pub(crate) ok: bool,
    /// What it ended with, if it ended by itself.
    pub(crate) code: Option<i32>,
    /// What it said.
    pub(crate) output: String,
}

/// A program about to run.
pub(crate) struct Run {
    what: String,
    command: Command,
    limit: Option<Duration>,
}

impl Run {
    /// `what` reads well after "still": "installing the npm packages".
    pub(crate) fn new(what: impl Into<String>, program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        Self { what: what.into(), command, limit: None }
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    pub(crate) fn without_env(mut self, key: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(key);
        self
    }

    /// The folder it runs in.
    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Ends it when it has not ended by itself until then.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Runs it to its end, whichever that is.
    pub(crate) fn ended(mut self) -> Result<Ended> {
        let task = Task::start(&self.what);
        let mut child = self
            .command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| self.unstartable(&error))?;
        let said = Arc::new(Mutex::new(String::new()));
        let readers = [
            child.stdout.take().map(|stream| listen(stream, said.clone(), task.last_line())),
            child.stderr.take().map(|stream| listen(stream, said.clone(), task.last_line())),
        ];
        let status = loop {
            match (child.try_wait()?, self.limit) {
                (Some(status), _) => break status,
                (None, Some(limit)) if task.elapsed() > limit => {
                    end(&mut child);
                    // Whatever it had started may still hold its streams: no waiting for their end.
                    let said = said.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    return Ok(Ended {
                        ok: false,
                        code: None,
                        output: format!("{said}\nno end within {} s", limit.as_secs()),
                    });
                }
                (None, _) => sleep(Duration::from_millis(15)),
            }
        };
        for reader in readers.into_iter().flatten() {
            let _ = reader.join();
        }
        let output = std::mem::take(&mut *said.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Ended { ok: status.success(), code: status.code(), output })
    }

    /// Runs it; when it fails, prints what it said and ends in one line.
    pub(crate) fn output(self) -> Result<String> {
        let what = self.what.clone();
        let ended = self.ended()?;
        if !ended.ok {
            eprintln!("{}", ended.output.trim_end());
            bail!("{what} failed; what it said stands above");
        }
        Ok(ended.output)
    }

    /// Starts it and leaves it running, its streams the caller's; whoever holds the child must end it.
    pub(crate) fn spawn(mut self) -> Result<Child> {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        self.command.spawn().map_err(|error| self.unstartable(&error))
    }

    fn unstartable(&self, error: &std::io::Error) -> anyhow::Error {
        anyhow!("{}: {:?} does not start ({error})", self.what, self.command.get_program())
    }
}

/// Asks a program to end, so that it can end what it started; makes it end when it does not.
fn end(child: &mut Child) {
    let _ = Command::new("kill").arg(child.id().to_string()).status();
    let deadline = Instant::now() + Duration::from_secs(5);
    while Instant::now() < deadline && matches!(child.try_wait(), Ok(None)) {
        sleep(Duration::from_millis(15));
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn listen(stream: impl Read + Send + 'static, said: Arc<Mutex<String>>, last: LastLine) -> std::thread::JoinHandle<()> {
    spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line);
            last.set(&text);
            said.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
            line.clear();
        }
    })
}

/// What a program says to one question, trimmed; `None` when it is not there or fails.
pub(crate) fn ask<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, args: impl IntoIterator<Item = A>) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A script that an npm package brought, run by Node.
pub(crate) fn npm_bin(repo: &Repo, what: &str, folder: &str, package: &str, bin: &str) -> Result<Run> {
    let root = repo.at(folder).join("node_modules").join(package);
    let manifest: serde_json::Value = std::fs::read(root.join("package.json"))
        .map_err(anyhow::Error::from)
        .and_then(|text| Ok(serde_json::from_slice(&text)?))
        .with_context(|| {
            format!("{folder}/node_modules has no {package}: remove {folder}/node_modules and run again")
        })?;
    let entry = manifest["bin"]
        .as_str()
        .or_else(|| manifest["bin"][bin].as_str())
        .with_context(|| format!("{package} has no program {bin}"))?;
    Ok(Run::new(what, "node").arg(root.join(entry)).dir(repo.root()))
}
