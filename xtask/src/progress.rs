//! One line that says what is being done and for how long, so that nobody wonders whether it hangs.
//!
//! On a terminal the line lives: it shows the seconds and the last thing the command said. In a log it is plain: one
//! line after two seconds, one more every twenty, one at the end. What ends within two seconds leaves no trace.

use std::io::{IsTerminal, Write, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

/// How long something may take in silence.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a log hears that it goes on.
const REMINDER: Duration = Duration::from_secs(20);

/// Something under way; ends when dropped.
pub(crate) struct Task {
    started: Instant,
    last: LastLine,
    ticker: Option<(Sender<()>, JoinHandle<()>)>,
}

/// The last thing a command said, shared with the line that shows it.
#[derive(Clone, Default)]
pub(crate) struct LastLine(Arc<Mutex<String>>);

impl LastLine {
    /// Remembers the text, if it says anything.
    pub(crate) fn set(&self, text: &str) {
        let text = plain(text);
        if !text.is_empty() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = text;
        }
    }

    fn get(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Task {
    /// Begins; `what` reads well after "still": "compiling the core".
    pub(crate) fn start(what: &str) -> Self {
        let (stop, stopped) = channel();
        let started = Instant::now();
        let last = LastLine::default();
        let (what, seen) = (what.to_owned(), last.clone());
        let handle = spawn(move || {
            let live = stderr().is_terminal() && std::env::var_os("CI").is_none();
            let mut next = if live { Duration::from_millis(300) } else { PATIENCE };
            let mut shown = false;
            loop {
                let wait = next.saturating_sub(started.elapsed());
                match stopped.recv_timeout(wait) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
                }
                let seconds = started.elapsed().as_secs();
                if live {
                    let line = format!("  {what} … {seconds} s  {}", seen.get());
                    eprint!("\r\x1b[2K{}", line.chars().take(terminal_width()).collect::<String>());
                    let _ = stderr().flush();
                    next = started.elapsed() + Duration::from_millis(200);
                } else {
                    let still = if shown {
                        format!("still {what}, {seconds} s so far: {}", seen.get())
                    } else {
                        format!("{what} …")
                    };
                    eprintln!("  {}", still.trim_end_matches(": "));
                    next = started.elapsed() + REMINDER;
                }
                shown = true;
            }
            if live && shown {
                eprint!("\r\x1b[2K");
            }
            if started.elapsed() > PATIENCE {
                eprintln!("  {what}: {}", seconds(started.elapsed()));
            }
        });
        Self { started, last, ticker: Some((stop, handle)) }
    }

    /// Where to put what the command says.
    pub(crate) fn last_line(&self) -> LastLine {
        self.last.clone()
    }

    /// How long it has taken so far.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some((stop, handle)) = self.ticker.take() {
            drop(stop);
            let _ = handle.join();
        }
    }
}

/// A time as a person reads it.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        short if short < 10.0 => format!("{short:.1} s"),
        long if long < 100.0 => format!("{long:.0} s"),
        long => format!("{:.0} min {:02.0} s", (long / 60.0).floor(), long % 60.0),
    }
}

/// The text without colours and cursor moves, its last carriage-return piece alone.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.trim_end().rsplit('\r').next().unwrap_or_default().chars();
    while let Some(char) = chars.next() {
        if char == '\x1b' {
            for escaped in chars.by_ref() {
                if escaped.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            out.push(char);
        }
    }
    out.trim().to_owned()
}

fn terminal_width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(80)
}
