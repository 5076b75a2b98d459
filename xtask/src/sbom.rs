//! What the WebAssembly was made from, for whoever installs it: a bill of materials as CycloneDX writes one, and the licence
//! texts that have to go along.
//!
//! Everything is taken from what the build itself goes by (Cargo's own resolution for the target, the lock files, the
//! compiler), and holds no date and no number drawn at random: the same sources give the same bytes.

use crate::repo::Repo;
use crate::stamp::write;
use crate::test::cargo;
use crate::toolchain::{TARGET, Toolchain};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// The bill and the licences, as they are called in the package.
pub(crate) const NAMES: [&str; 2] = ["sbom.cdx.json", "LICENSES-THIRD-PARTY"];

/// The npm packages that have a hand in what ships; nothing of them is in it.
const TOOLS: &[&str] = &["binaryen", "esbuild", "terser", "typescript"];

/// Cargo's word for whose licence may be chosen freely, one of them ours.
const CHOSEN: &str = "Apache-2.0";

/// A crate that is linked into the WebAssembly.
struct Crate {
    name: String,
    version: String,
    license: String,
    checksum: Option<String>,
    folder: PathBuf,
}

/// Writes both, and returns where they lie.
pub(crate) fn make(repo: &Repo) -> Result<[PathBuf; 2]> {
    let crates = linked(repo)?;
    let made = NAMES.map(|name| repo.target("npm/made").join(name));
    let [bill, licenses] = &made;
    write(bill, serde_json::to_string_pretty(&bill_of(repo, &crates)?)? + "\n")?;
    write(licenses, licenses_of(&crates)?)?;
    Ok(made)
}

/// The crates that are linked for the target, by name and version, without what only runs while compiling.
fn linked(repo: &Repo) -> Result<Vec<Crate>> {
    let tree = cargo(repo, "listing what is linked")
        .args(["tree", "--locked", "--package", "phone-enrichment", "--target", TARGET])
        .args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"])
        .output()?;
    let metadata = cargo(repo, "asking what is linked")
        .args(["metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET])
        .output()?;
    // What Cargo says besides comes before.
    let metadata: Value = metadata.lines().rfind(|line| line.starts_with('{')).unwrap_or_default().parse()?;
    let lock = fs::read_to_string(repo.at("Cargo.lock"))?;
    let mut crates = BTreeMap::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(name), Some(version)) = (words.next(), words.next().and_then(|version| version.strip_prefix('v')))
        else {
            continue;
        };
        let found = metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|one| one["name"] == name && one["version"] == version);
        let found = found.with_context(|| format!("Cargo does not know {name} {version}, which it links"))?;
        let text = |key: &str| found[key].as_str().map(str::to_owned);
        let license = text("license").with_context(|| format!("{name} {version} names no licence"))?;
        let folder = PathBuf::from(text("manifest_path").unwrap_or_default()).with_file_name("");
        let checksum = checksum(&lock, name, version);
        crates.insert(
            (name.to_owned(), version.to_owned()),
            Crate { name: name.into(), version: version.into(), license, checksum, folder },
        );
    }
    Ok(crates.into_values().collect())
}

/// What Cargo.lock says that the sources of a crate hash to.
fn checksum(lock: &str, name: &str, version: &str) -> Option<String> {
    let package = lock.split("[[package]]").find(|package| {
        package.contains(&format!("\nname = \"{name}\"\n")) && package.contains(&format!("\nversion = \"{version}\"\n"))
    })?;
    let (_, rest) = package.split_once("\nchecksum = \"")?;
    Some(rest.split('"').next()?.to_owned())
}

fn component(kind: &str, name: &str, version: &str, license: &str, checksum: Option<&str>) -> Value {
    let purl = format!("pkg:{kind}/{name}@{version}");
    let mut component = json!({
        "type": "library", "bom-ref": purl, "name": name, "version": version,
        "licenses": [{ "expression": license }], "purl": purl,
    });
    if let Some(checksum) = checksum {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    component
}

fn bill_of(repo: &Repo, crates: &[Crate]) -> Result<Value> {
    let rust = Toolchain::ready(repo)?.version().context("rustc does not tell its version")?;
    let said = |key: &str| rust.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("unknown").trim().to_owned();
    let (release, commit) = (said("release:"), said("commit-hash:"));
    let mut own = component("npm", "phone-enrichment", &repo.version()?, "MIT OR Apache-2.0", None);
    own["description"] =
        "The crates are what dist/phone_enrichment.wasm and dist/phone_enrichment_lists.wasm, and the same within dist/index.js and dist/lists/index.js, were linked from.".into();
    let mut std = component("generic", "rust-std", &release, "MIT OR Apache-2.0", None);
    std["description"] = format!(
        "Rust's standard library, built from the source of commit {commit} with what its own Cargo.lock names."
    )
    .into();
    let tool = |name: &str, version: &str| json!({ "type": "application", "name": name, "version": version });
    let lock: Value = serde_json::from_slice(&fs::read(repo.at("pkg/package-lock.json"))?)?;
    let npm = TOOLS.iter().map(|name| {
        let version = lock["packages"][format!("node_modules/{name}")]["version"].as_str();
        Ok(tool(name, version.with_context(|| format!("pkg/package-lock.json has no {name}"))?))
    });
    let bindgen =
        crates.iter().find(|one| one.name == "wasm-bindgen").map(|one| tool("wasm-bindgen-cli", &one.version));
    let tools: Vec<Value> = [Ok(tool("rustc", &format!("{release} ({commit})")))]
        .into_iter()
        .chain(bindgen.map(Ok))
        .chain(npm)
        .collect::<Result<_>>()?;
    let linked =
        crates.iter().map(|one| component("cargo", &one.name, &one.version, &one.license, one.checksum.as_deref()));
    let components: Vec<Value> = linked.chain([std]).collect();
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": own, "tools": { "components": tools } },
        "components": components,
    }))
}

/// Whether the licence is a choice, and one of the choices is a licence whose text is in the package already.
fn is_covered(license: &str) -> bool {
    let license = license.replace('/', " OR ");
    !license.contains(['(', ')']) && !license.contains(" AND ") && license.split(" OR ").any(|one| one.trim() == CHOSEN)
}

/// Who is used under which licence, and the texts of those that ours are not.
fn licenses_of(crates: &[Crate]) -> Result<String> {
    let mut text = "dist/phone_enrichment.wasm, and the same within dist/index.js, is linked from these crates and from Rust's standard\n\
        library (MIT OR Apache-2.0). Where Apache-2.0 is a choice it is taken: its text is LICENSE-APACHE. The others' texts follow.\n\n"
        .to_owned();
    for Crate { name, version, license, .. } in crates.iter().filter(|one| one.checksum.is_some()) {
        writeln!(text, "{name} {version}: {license}")?;
    }
    for one in crates.iter().filter(|one| !is_covered(&one.license)) {
        let texts = license_files(&one.folder)?;
        let joined = (!texts.is_empty())
            .then(|| texts.join("\n"))
            .with_context(|| format!("{} {} brings no licence text", one.name, one.version))?;
        write!(text, "\n{}\n{} {}\n\n{}\n", "-".repeat(80), one.name, one.version, joined.trim())?;
    }
    Ok(text)
}

/// The texts that a crate brings, but for the one that we have.
fn license_files(folder: &Path) -> Result<Vec<String>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        ["LICEN", "COPYING", "NOTICE"].iter().any(|begin| name.starts_with(begin))
            && !name.contains("APACHE")
            && path.is_file()
    });
    paths.sort();
    paths.iter().map(|path| Ok(fs::read_to_string(path)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::{checksum, is_covered};

    #[test]
    fn knows_whose_text_has_to_go_along() {
        for covered in
            ["Apache-2.0", "MIT OR Apache-2.0", "MIT/Apache-2.0", "Apache-2.0 OR MIT", "Zlib OR Apache-2.0 OR MIT"]
        {
            assert!(is_covered(covered), "{covered}");
        }
        for other in [
            "MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 AND MIT",
            "Apache-2.0 WITH LLVM-exception",
            "Unlicense OR MIT",
        ] {
            assert!(!is_covered(other), "{other}");
        }
    }

    #[test]
    fn finds_the_hash_of_one_version_among_several() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nchecksum = \"11\"\n\n[[package]]\nname = \"a\"\nversion = \"2.0.0\"\nchecksum = \"22\"\n\n[[package]]\nname = \"own\"\nversion = \"2.0.0\"\n";
        assert_eq!(checksum(lock, "a", "2.0.0").as_deref(), Some("22"));
        assert_eq!(checksum(lock, "own", "2.0.0"), None);
        assert_eq!(checksum(lock, "b", "2.0.0"), None);
    }
}
