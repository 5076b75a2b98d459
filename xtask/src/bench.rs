//! What things cost, measured beside others that do the same: the packed package, as its users have it, in Node.

use crate::command::Run;
use crate::package;
use crate::repo::Repo;
use crate::setup;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// Where the peers are installed, and the package beside them.
const FOLDER: &str = "tests/bench";
/// A run takes half a minute; on a busy machine a few times that.
const LIMIT: Duration = Duration::from_secs(600);

/// What one script measured, in microseconds.
#[derive(Deserialize)]
struct Measured {
    node: String,
    rounds: u32,
    /// In the order in which they are to be read.
    figures: Map<String, Value>,
}

/// One subject: the median of its rounds, and how far they were apart.
#[derive(Deserialize, Serialize)]
struct Figure {
    median: f64,
    least: f64,
    most: f64,
    /// How often it ran in each round.
    times: u64,
    /// Its median by that of the peer that did the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
}

/// Packs and installs what is measured, measures it, and prints the figures.
pub(crate) fn run(repo: &Repo, json: bool) -> Result<()> {
    let tarball = package::pack(repo)?;
    setup::npm(repo, FOLDER)?;
    setup::install_tarball(repo, &repo.at(FOLDER), &tarball)?;
    let script = "check.js";
    let said = Run::new("measuring check", "node").arg(script).dir(repo.at(FOLDER)).limit(LIMIT).output()?;
    let measured: Measured =
        serde_json::from_str(&said).with_context(|| format!("{FOLDER}/{script} printed no JSON"))?;

    println!("{:<24}{:>10}{:>10}{:>10}{:>12}", "µs per check", "median", "least", "most", "to valibot");
    for (name, figure) in &measured.figures {
        let Figure { median, least, most, ratio, .. } = Figure::deserialize(figure)?;
        let ratio = ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
        println!("{name:<24}{median:>10.2}{least:>10.2}{most:>10.2}{ratio:>12}");
    }
    println!("Medians of {} interleaved rounds, in Node {}.", measured.rounds, measured.node.trim_start_matches('v'));
    if json {
        println!(
            "{}",
            serde_json::json!({ "node": measured.node, "rounds": measured.rounds, "microseconds": measured.figures })
        );
    }
    Ok(())
}
