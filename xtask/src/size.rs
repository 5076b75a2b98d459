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

/// Builds, then prints what everything weighs.
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
    within(&weights)
}

/// Fails when anything that was built is over its budget.
pub(crate) fn check(repo: &Repo) -> Result<()> {
    within(&weigh(repo, &repo.at("pkg"))?)
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
