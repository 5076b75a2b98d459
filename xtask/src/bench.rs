//! What things cost, measured beside others that do the same: the packed package, as its users have it.

use crate::command::Run;
use crate::package;
use crate::repo::Repo;
use crate::setup;
use crate::worker;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// Where the peers are installed, and the package beside them.
pub(crate) const FOLDER: &str = "tests/bench";
/// What is measured, each by a script of its own that prints one JSON object. Nothing else runs meanwhile.
const PARTS: &[&str] = &["size", "start", "throughput", "check", "lists", "memory", "worker"];
/// The longest part takes a minute and a half; on a busy machine a few times that.
const LIMIT: Duration = Duration::from_secs(900);

/// What one script measured.
#[derive(Deserialize, Serialize)]
struct Measured {
    runtime: String,
    /// How often everybody had a turn; none where nothing varies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rounds: Option<u32>,
    tables: Vec<Table>,
    /// What has to be known to read the tables.
    note: String,
}

#[derive(Deserialize, Serialize)]
struct Table {
    name: String,
    title: String,
    /// The figures of each subject that are shown, in this order.
    columns: Vec<String>,
    /// The subject that the ratios are to.
    to: String,
    /// Subject by subject, in the order in which they are to be read: columns, and the ratio.
    figures: Map<String, Value>,
}

/// The package is packed, and installed beside its peers and beside the runtimes of the tests; the Worker is built with it.
pub(crate) fn ready(repo: &Repo) -> Result<()> {
    let tarball = package::pack(repo)?;
    setup::npm(repo, FOLDER)?;
    for folder in ["tests", FOLDER] {
        setup::install_tarball(repo, &repo.at(folder), &tarball)?;
    }
    worker::build(repo)
}

/// Packs and installs what is measured, measures it, or one part of it, and prints the figures.
pub(crate) fn run(repo: &Repo, only: Option<&str>, json: bool) -> Result<()> {
    if let Some(stranger) = only.filter(|only| !PARTS.contains(only)) {
        bail!("--only takes one of {}, not {stranger:?}", PARTS.join(", "));
    }
    ready(repo)?;
    let chromium = setup::browser()?.chromium;
    let mut all = Map::new();
    for part in PARTS.iter().filter(|part| only.is_none_or(|only| only == **part)) {
        let run = Run::new(format!("measuring {part}"), "node").arg(format!("{part}.js")).env("CHROMIUM", &chromium);
        let said = run.dir(repo.at(FOLDER)).limit(LIMIT).output()?;
        let measured: Measured =
            serde_json::from_str(&said).with_context(|| format!("{FOLDER}/{part}.js printed no JSON"))?;
        for table in &measured.tables {
            print(table);
        }
        match measured.rounds {
            Some(rounds) => {
                println!("{}; medians of {rounds} interleaved rounds. {}\n", measured.runtime, measured.note)
            }
            None => println!("{}\n", measured.note),
        }
        all.insert((*part).to_owned(), named(measured));
    }
    if json {
        println!("{}", Value::Object(all));
    }
    Ok(())
}

fn print(table: &Table) {
    print!("{:<42}", table.title);
    for column in &table.columns {
        print!("{:>12}", column.replace('_', " "));
    }
    println!("{:>24}", format!("to {}", table.to));
    for (name, figure) in &table.figures {
        let number = |column: &str| figure[column].as_f64().map_or_else(|| "-".to_owned(), short);
        print!("  {name:<40}");
        for column in &table.columns {
            print!("{:>12}", number(column));
        }
        println!("{:>24}", number("ratio"));
    }
    println!();
}

/// Two digits after the point where there is something after it.
fn short(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number}") } else { format!("{number:.2}") }
}

/// The same with its tables by name.
fn named(measured: Measured) -> Value {
    let tables: Map<String, Value> =
        measured.tables.into_iter().map(|table| (table.name, Value::Object(table.figures))).collect();
    serde_json::json!({ "runtime": measured.runtime, "rounds": measured.rounds, "note": measured.note, "tables": tables })
}

#[cfg(test)]
mod tests {
    use super::{Measured, named, short};

    #[test]
    fn shows_digits_only_where_there_are_any() {
        assert_eq!(["35671".to_owned(), "0.80".to_owned()], [35671.0, 0.8].map(short));
    }

    #[test]
    fn names_tables_and_keeps_the_order_of_their_subjects() {
        let said = r#"{"runtime":"R","rounds":3,"note":"N","tables":[{"name":"t","title":"T","columns":["c"],"to":"b","figures":{"b":{"c":1},"a":{"c":2}}}]}"#;
        let measured: Measured = serde_json::from_str(said).unwrap();
        assert!(named(measured).to_string().contains(r#""tables":{"t":{"b":{"c":1},"a":{"c":2}}}"#));
    }
}
