//! What everything weighs, as a browser downloads it, and whether that keeps the budget in `pkg/size-budget.json`.

use crate::command::Run;
use crate::package;
use crate::repo::Repo;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The weight of one thing: a file, or an entry with all that it loads.
#[derive(Deserialize, Serialize)]
pub(crate) struct Weight {
    #[serde(skip_serializing)]
    name: String,
    files: Vec<String>,
    pub(crate) raw: u64,
    gzip: u64,
    pub(crate) brotli: u64,
    /// The most it may weigh, compressed with brotli.
    #[serde(default)]
    budget: Option<u64>,
}

/// Builds, then prints what everything weighs, and fails when anything is over its budget or the README promises something
/// else.
pub(crate) fn run(repo: &Repo, json: bool) -> Result<()> {
    package::build(repo)?;
    let weights = weigh(repo, &repo.at("pkg"))?;
    if json {
        let named: BTreeMap<&str, &Weight> = weights.iter().map(|weight| (weight.name.as_str(), weight)).collect();
        println!("{}", serde_json::to_string(&named)?);
    } else {
        println!("{:<24}{:>10}{:>10}{:>10}{:>10}", "bytes", "raw", "gzip", "brotli", "budget");
        for weight in &weights {
            let budget = weight.budget.map_or_else(|| "-".to_owned(), |budget| budget.to_string());
            println!("{:<24}{:>10}{:>10}{:>10}{:>10}", weight.name, weight.raw, weight.gzip, weight.brotli, budget);
        }
    }
    within(&weights)?;
    told(repo, &weights)
}

/// Fails when anything that was built is over its budget, or the README promises something else.
pub(crate) fn check(repo: &Repo) -> Result<()> {
    let weights = weigh(repo, &repo.at("pkg"))?;
    within(&weights)?;
    told(repo, &weights)
}

/// What the README promises: a row for each, and whose budgets it takes together.
const PROMISED: &[(&str, &[&str])] = &[
    ("`phone-enrichment`, with the WebAssembly in it", &["index.js"]),
    ("`phone-enrichment/slim` and its `phone_enrichment.wasm`", &["slim.js", "phone_enrichment.wasm"]),
    ("`phone-enrichment/lists`, with the WebAssembly in it", &["lists/index.js"]),
    ("`phone-enrichment/stores/indexeddb`", &["stores/indexeddb.js"]),
    ("`phone-enrichment/stores/browser-storage`", &["stores/browser-storage.js"]),
    ("`phone-enrichment/stores/cloudflare-kv`", &["stores/cloudflare-kv.js"]),
    ("`phone-enrichment/stores/durable-object`", &["stores/durable-object.js"]),
    ("`phone-enrichment/stores/file`", &["stores/file.js"]),
];
const MARKS: [&str; 2] = ["<!-- sizes -->", "<!-- /sizes -->"];
/// With this variable set, the README is made to promise what it has to.
const WRITE: &str = "WRITE";

/// Holds the README's table against the budgets: what is measured differs a little from compiler to compiler.
fn told(repo: &Repo, weights: &[Weight]) -> Result<()> {
    let mut table = String::from("\n| what is downloaded | at most, after brotli |\n| --- | --- |\n");
    for (what, names) in PROMISED {
        let budgets = names.iter().map(|name| weights.iter().find(|weight| weight.name == *name)?.budget);
        let bytes: u64 = budgets.sum::<Option<u64>>().with_context(|| format!("{names:?} have no budget"))?;
        table += &format!("| {what} | {:.1} kB |\n", bytes.div_ceil(100) as f64 / 10.0);
    }
    let file = repo.at("README.md");
    let text = fs::read_to_string(&file)?;
    let [begin, end] = MARKS;
    let (before, rest) = text.split_once(begin).context("the README has no table of sizes")?;
    let (there, after) = rest.split_once(end).context("the README's table of sizes has no end")?;
    if there.trim() == table.trim() {
        return Ok(());
    }
    if std::env::var_os(WRITE).is_none() {
        bail!("the README promises other sizes than the budget file: `{WRITE}=1 cargo xtask size` writes them anew");
    }
    Ok(fs::write(&file, [before, begin, "\n", &table, "\n", end, after].concat())?)
}

/// Brotli and gzip come from Node, which compresses as servers do. With files, weighs these and not the package.
pub(crate) fn weigh_files(repo: &Repo, package: &Path, files: &[PathBuf]) -> Result<Vec<Weight>> {
    let run = Run::new("weighing the package", "node").arg(repo.at("xtask/js/weigh.mjs")).arg(package).args(files);
    serde_json::from_str(&run.output()?).context("xtask/js/weigh.mjs did not print JSON")
}

fn weigh(repo: &Repo, package: &Path) -> Result<Vec<Weight>> {
    let budget_file = package.join("size-budget.json");
    let budget = fs::read(&budget_file).with_context(|| format!("{} can't be read", repo.short(&budget_file)))?;
    let budget: BTreeMap<String, u64> = serde_json::from_slice(&budget)
        .with_context(|| format!("{} must map names to bytes", repo.short(&budget_file)))?;
    let mut weights = weigh_files(repo, package, &[])?;
    for weight in &mut weights {
        weight.budget = budget.get(&weight.name).copied();
    }
    match budget.keys().find(|name| !weights.iter().any(|weight| weight.name == **name)) {
        Some(stranger) => bail!("{} names {stranger:?}, which the package does not have", repo.short(&budget_file)),
        None => Ok(weights),
    }
}

fn within(weights: &[Weight]) -> Result<()> {
    let over: Vec<_> = weights
        .iter()
        .filter_map(|weight| {
            weight.budget.filter(|budget| weight.brotli > *budget).map(|budget| {
                format!(
                    "{} weighs {} B, {} over its budget of {budget}",
                    weight.name,
                    weight.brotli,
                    weight.brotli - budget
                )
            })
        })
        .collect();
    match over.is_empty() {
        true => Ok(()),
        false => bail!("over budget (brotli): {}", over.join("; ")),
    }
}
