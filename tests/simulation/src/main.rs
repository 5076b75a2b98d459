//! `simulation [--seed N] [--lookups M] [--faults P] [--without KIND,…] [--json] [--trace]`: what `cargo xtask simulate`
//! runs. It ends with 1 where a rule is broken, 2 where something never ends, 3 where something panics.

use simulation::options::Fault;
use simulation::plan::{Episode, Failure, Plan, attempt};
use simulation::rule::Rule;
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

const LOOKUPS: u64 = 100_000;
/// The most lines of a trace that are shown of a failure.
const LINES: usize = 60;

fn main() -> ExitCode {
    let (plan, json, trace) = match read(std::env::args().skip(1)) {
        Ok(read) => read,
        Err(stranger) => {
            eprintln!("error: not understood: {stranger}");
            return ExitCode::from(64);
        }
    };
    let episodes = plan.episodes();
    println!("seed {}: {} lookups in {} worlds", plan.seed, plan.lookups, episodes.len());
    if let [episode] = episodes.as_slice() {
        println!("{:#?}", plan.options(*episode));
        if trace {
            for line in attempt(plan.options(*episode), None, true).map_or_else(|words| vec![words], |one| one.trace) {
                println!("{line}");
            }
        }
    }
    let started = Instant::now();
    let total = plan.run(&|lookups| eprintln!("{lookups} of {} lookups", plan.lookups));
    let seconds = started.elapsed().as_secs_f64();
    let mut code = 0;
    let mut words = Vec::new();
    if let Some((episode, failure)) = total.failures.first() {
        println!("{}", shown(&plan, *episode, failure));
    }
    for (episode, failure) in &total.failures {
        let (text, severity) = match failure {
            Failure::Panic(words) => (format!("panic: {words}"), 3),
            Failure::Broken(broken) => {
                let endless = broken.iter().all(|one| one.rule == Rule::Settles);
                let texts: Vec<String> =
                    broken.iter().map(|one| format!("{}: {}", one.rule.words(), one.what)).collect();
                (texts.join("; "), if endless { 2 } else { 1 })
            }
        };
        code = if code == 1 { 1 } else { severity.max(code) };
        words.push(format!("{text} ({})", plan.replay(*episode)));
    }
    for line in &words {
        println!("FAILED: {line}");
    }
    let missing: Vec<&str> = total.marks.missing().map(|mark| mark.words()).collect();
    println!(
        "{} lookups in {seconds:.1} s, {:.0} a second; {} charges, {} of them double; {} broken",
        total.lookups,
        total.lookups as f64 / seconds,
        total.charges,
        total.double_charges,
        words.len()
    );
    if !missing.is_empty() && total.lookups >= LOOKUPS {
        println!("never seen: {}", missing.join("; "));
    }
    if json {
        let line = serde_json::json!({
            "seed": plan.seed,
            "lookups": total.lookups,
            "seconds": (seconds * 1000.0).round() / 1000.0,
            "charges": total.charges,
            "double_charges": total.double_charges,
            "violations": words,
        });
        println!("{line}");
    }
    ExitCode::from(code)
}

/// A failure made as small as it gets, how to have it again, and what led to it.
fn shown(plan: &Plan, episode: Episode, failure: &Failure) -> String {
    let rule = match failure {
        Failure::Broken(broken) => broken.first().map(|one| one.rule),
        Failure::Panic(_) => None,
    };
    let (plan, episode) = plan.shrink(episode, rule);
    let options = plan.options(episode);
    let mut text = format!("{options:#?}\n");
    if let Ok(summary) = attempt(options, None, true) {
        let end = rule.map(|rule| format!("BROKEN: {}", rule.words()));
        let last = end.and_then(|end| summary.trace.iter().position(|line| line.contains(&end)));
        let until = last.map_or(summary.trace.len(), |last| last + 1);
        if until > LINES {
            text += &format!("… {} lines before\n", until - LINES);
        }
        text += &summary.trace[until.saturating_sub(LINES)..until].join("\n");
    }
    format!("{text}\nreplay: {}", plan.replay(episode))
}

fn read(mut words: impl Iterator<Item = String>) -> Result<(Plan, bool, bool), String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let fresh = simulation::random::Random::new(now as u64).number() >> 16;
    let (mut plan, mut json, mut trace) = (Plan::new(fresh, LOOKUPS), false, false);
    while let Some(word) = words.next() {
        let mut number = || {
            let value = words.next().unwrap_or_default();
            value.replace('_', "").parse::<u64>().map_err(|_| format!("{word} {value}"))
        };
        match word.as_str() {
            "--seed" => plan.seed = number()?,
            "--lookups" => plan.lookups = number()?,
            "--faults" => plan.faults = Some(number()?),
            "--without" => {
                for kind in words.next().unwrap_or_default().split(',') {
                    let fault = Fault::ALL.iter().find(|fault| fault.word() == kind);
                    plan.without.push(*fault.ok_or_else(|| format!("--without {kind}"))?);
                }
            }
            "--json" => json = true,
            "--trace" => trace = true,
            _ => return Err(word),
        }
    }
    Ok((plan, json, trace))
}
