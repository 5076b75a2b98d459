//! The npm package: bundled, weighed, packed from a staging folder, and checked as others will see it.

use crate::command::{Run, npm_bin};
use crate::repo::Repo;
use crate::sbom;
use crate::setup;
use crate::stamp::{GENERATED, Inputs, Stamp, empty};
use crate::wasm;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What the bundle is made from, besides the WebAssembly and its glue.
const SOURCES: &[&str] = &[
    "pkg/src",
    "pkg/build.mjs",
    "pkg/bundle.mjs",
    "pkg/decoder.wat",
    "pkg/inline.mjs",
    "pkg/modules.d.ts",
    "pkg/package.json",
    "pkg/package-lock.json",
    "pkg/tsconfig.json",
    "tests/vectors/linkedin.json",
    "tests/vectors/email.json",
    "tests/vectors/website.json",
    "tests/vectors/name.json",
];
/// What goes into the tarball; what is missing is an error, not a smaller package.
const SHIPPED: &[&str] = &["package.json", "CHANGELOG.md", "bin", "dist", "sandbox"];
/// What the package shares with the crate.
const SHARED: &[&str] = &["README.md", "LICENSE-MIT", "LICENSE-APACHE"];

/// Makes `pkg/dist`, if anything changed.
pub(crate) fn build(repo: &Repo) -> Result<()> {
    same_version(repo)?;
    let client = wasm::build(repo, &wasm::CLIENT)?;
    let lists = wasm::build(repo, &wasm::LISTS)?;
    let dist = repo.at("pkg/dist");
    let stamp = Stamp::new(
        repo,
        "bundle",
        &Inputs::new(repo)?.paths(SOURCES.iter().map(|path| repo.at(path)))?.paths([&client.folder, &lists.folder])?,
    );
    if stamp.holds(&[&dist]) {
        return Ok(());
    }
    stamp.clear();
    empty(&dist)?;
    Run::new("bundling the package", "node")
        .arg(repo.at("pkg/build.mjs"))
        .args([&client.folder, &lists.folder])
        .dir(repo.at("pkg"))
        .output()?;
    npm_bin(repo, "checking the types and writing them down", "pkg", "typescript", "tsc")?
        .dir(repo.at("pkg"))
        .output()?;
    public_types(repo)?;
    stamp.set("")
}

/// Makes the tarball from what was built, and checks it.
pub(crate) fn pack(repo: &Repo) -> Result<PathBuf> {
    let tarball = make(repo)?;
    check(repo, &tarball)?;
    Ok(tarball)
}

/// Makes the tarball from what was built.
pub(crate) fn make(repo: &Repo) -> Result<PathBuf> {
    build(repo)?;
    let tarball = tarball(repo)?;
    let parts = SHIPPED.iter().map(|name| repo.at("pkg").join(name)).chain(SHARED.iter().map(|name| repo.at(name)));
    let parts: Vec<PathBuf> = parts.chain(sbom::make(repo)?).collect();
    if let Some(missing) = parts.iter().find(|path| !path.exists()) {
        bail!("{} is missing: it belongs into the package", repo.short(missing));
    }
    let stamp = Stamp::new(repo, "pack", &Inputs::new(repo)?.paths(&parts)?);
    if !stamp.holds(&[&tarball]) {
        stamp.clear();
        let stage = repo.target("npm/stage");
        empty(&stage)?;
        for part in parts {
            copy(&part, &stage.join(part.file_name().unwrap_or_default()))?;
        }
        publishable(&stage.join("package.json"))?;
        Run::new("packing", "npm")
            .args(["pack", "--loglevel=error", "--ignore-scripts", "--pack-destination"])
            .arg(repo.target("npm"))
            .dir(&stage)
            .output()?;
        stamp.set("")?;
    }
    Ok(tarball)
}

/// Makes the tarball once more, from nothing and in a checkout somewhere else, and holds it against the one that is there:
/// whoever has the sources can tell that it was made from them.
pub(crate) fn again(repo: &Repo) -> Result<()> {
    let root = std::env::temp_dir().join(format!("phone-enrichment-again-{}", std::process::id()));
    empty(&root)?;
    let result = again_in(repo, &Repo::elsewhere(root.clone()));
    fs::remove_dir_all(&root)?;
    result
}

fn again_in(repo: &Repo, other: &Repo) -> Result<()> {
    copy_sources(repo.root(), other.root())?;
    let (one, two) = (tarball(repo)?, make(other)?);
    if fs::read(one)? == fs::read(two)? {
        return Ok(());
    }
    let stages = [repo, other].map(|repo| repo.target("npm/stage"));
    let differ = differing(&stages[0], &stages[1])?;
    match differ.is_empty() {
        true => {
            bail!("the same files made another tarball elsewhere: npm packs them in another order or with another date")
        }
        false => bail!("made elsewhere from the same sources, these are others: {}", differ.join(", ")),
    }
}

/// The files that are not the same in two folders, or in one of them only.
fn differing(one: &Path, two: &Path) -> Result<Vec<String>> {
    let mut names = BTreeSet::new();
    for folder in [one, two].into_iter().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(folder)? {
            names.insert(entry?.file_name().to_string_lossy().into_owned());
        }
    }
    let mut differ = Vec::new();
    for name in names {
        let (one, two) = (one.join(&name), two.join(&name));
        if one.is_dir() || two.is_dir() {
            differ.extend(differing(&one, &two)?.into_iter().map(|inner| format!("{name}/{inner}")));
        } else if fs::read(one).ok() != fs::read(two).ok() {
            differ.push(name);
        }
    }
    Ok(differ)
}

/// Where the tarball lies once packed.
pub(crate) fn tarball(repo: &Repo) -> Result<PathBuf> {
    Ok(repo.target("npm").join(format!("phone-enrichment-{}.tgz", repo.version()?)))
}

/// publint and attw look at the tarball as a stranger's bundler and compiler would.
fn check(repo: &Repo, tarball: &Path) -> Result<()> {
    setup::npm(repo, "tests")?;
    let stamp =
        Stamp::new(repo, "package checks", &Inputs::new(repo)?.paths([tarball, &repo.at("tests/package-lock.json")])?);
    if stamp.holds(&[]) {
        return Ok(());
    }
    npm_bin(repo, "publint", "tests", "publint", "publint")?.arg("--strict").arg(tarball).output()?;
    npm_bin(repo, "attw", "tests", "@arethetypeswrong/cli", "attw")?
        // ES modules alone: a `require` of an older Node that can't load them is no surprise. A .wasm file has no types.
        .args([
            "--profile",
            "esm-only",
            "--exclude-entrypoints",
            "./phone_enrichment.wasm",
            "--no-emoji",
            "--format",
            "ascii",
        ])
        .arg(tarball)
        .output()?;
    stamp.set("")
}

/// The crate and the package are one product with one version.
fn same_version(repo: &Repo) -> Result<()> {
    let manifest = fs::read(repo.at("pkg/package.json")).context("pkg/package.json can't be read")?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).context("pkg/package.json is no JSON")?;
    let (npm, cargo) = (manifest["version"].as_str().unwrap_or("none"), repo.version()?);
    match npm == cargo {
        true => Ok(()),
        false => bail!("pkg/package.json has version {npm}, Cargo.toml has {cargo}: they must be the same"),
    }
}

/// The package has no dependencies, and those of its development are nobody's business.
fn publishable(path: &Path) -> Result<()> {
    let mut manifest: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&fs::read(path)?)?;
    if manifest.contains_key("dependencies") {
        bail!("pkg/package.json has dependencies: the package must have none");
    }
    manifest.remove("devDependencies");
    manifest.remove("scripts");
    Ok(fs::write(path, serde_json::to_string_pretty(&manifest)? + "\n")?)
}

/// Keeps the types that a user can reach, which may name nothing that does not ship.
fn public_types(repo: &Repo) -> Result<()> {
    let dist = repo.at("pkg/dist");
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(repo.at("pkg/package.json"))?)?;
    let entries =
        manifest["exports"].as_object().into_iter().flatten().filter_map(|(_, entry)| entry["types"].as_str());
    let mut waiting: Vec<PathBuf> =
        entries.filter_map(|path| path.strip_prefix("./dist/")).map(|name| dist.join(name)).collect();
    let mut reached = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        let text = fs::read_to_string(&path).with_context(|| format!("{} is not there", repo.short(&path)))?;
        for name in imported(&text) {
            match neighbour(&path, name).filter(|path| path.starts_with(&dist)) {
                Some(path) => waiting.push(path),
                None => bail!("{} names {name:?}, which does not ship", repo.short(&path)),
            }
        }
        reached.insert(path.clone());
        waiting.retain(|path| !reached.contains(path));
    }
    keep_types(&dist, &reached)
}

/// Removes every file of types that is not listed.
fn keep_types(folder: &Path, reached: &BTreeSet<PathBuf>) -> Result<()> {
    for path in fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()? {
        if path.is_dir() {
            keep_types(&path, reached)?;
        } else if path.to_string_lossy().ends_with(".d.ts") && !reached.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// The file of types that another one means by a relative name.
fn neighbour(from: &Path, name: &str) -> Option<PathBuf> {
    let mut path = from.parent()?.to_path_buf();
    let mut rest = name.strip_suffix(".js").filter(|name| name.starts_with("./") || name.starts_with("../"))?;
    while let Some((first, after)) = rest.split_once('/') {
        match first {
            "." => {}
            ".." => path = path.parent()?.to_path_buf(),
            folder => path.push(folder),
        }
        rest = after;
    }
    Some(path.join(format!("{rest}.d.ts")))
}

/// The modules that a file of types names, as the compiler writes them.
fn imported(text: &str) -> impl Iterator<Item = &str> {
    // Examples in comments name the package itself.
    let code = text.split([';', '\n']).filter(|line| !line.trim_start().starts_with(['*', '/']));
    code.flat_map(|statement| {
        let from = statement.split_once(" from \"").map(|(_, rest)| rest);
        let bare = statement.trim_start().strip_prefix("import \"");
        let inline = statement.split("import(\"").skip(1);
        from.into_iter().chain(bare).chain(inline).filter_map(|rest| rest.split('"').next())
    })
}

/// Copies what somebody wrote, and nothing that was made from it.
fn copy_sources(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if GENERATED.iter().any(|generated| name == *generated) {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => copy_sources(&entry.path(), &to.join(name))?,
            false => copy(&entry.path(), &to.join(name))?,
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        fs::copy(from, to).with_context(|| format!("{} can't be copied", from.display()))?;
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{differing, imported, neighbour};
    use crate::stamp::write;
    use std::path::{Path, PathBuf};

    #[test]
    fn names_every_file_that_differs() -> anyhow::Result<()> {
        let folder = std::env::temp_dir().join(format!("phone-enrichment-differing-{}", std::process::id()));
        let [one, two] = ["one", "two"].map(|name| folder.join(name));
        for (name, left, right) in [("same", "x", "x"), ("dist/same", "x", "x"), ("dist/other", "x", "y")] {
            write(&one.join(name), left)?;
            write(&two.join(name), right)?;
        }
        write(&two.join("dist/inner/more"), "")?;
        let differ = differing(&one, &two);
        std::fs::remove_dir_all(folder)?;
        assert_eq!(differ?, ["dist/inner/more", "dist/other"]);
        Ok(())
    }

    #[test]
    fn follows_relative_names_and_no_others() {
        let follow = |name| neighbour(Path::new("dist/stores/file.d.ts"), name);
        assert_eq!(follow("./a.js"), Some(PathBuf::from("dist/stores/a.d.ts")));
        assert_eq!(follow("../types.js"), Some(PathBuf::from("dist/types.d.ts")));
        assert_eq!(follow("node:fs"), None);
        assert_eq!(follow("keyv.js"), None);
    }

    #[test]
    fn finds_every_way_to_name_a_module() {
        let text = " * import { no } from \"no\"\nimport type { A } from \"./a.js\";\nexport * from \"./b.js\";\nimport \"./c.js\";\ndeclare let d: import(\"#glue\").D;";
        assert_eq!(imported(text).collect::<Vec<_>>(), ["./a.js", "./b.js", "./c.js", "#glue"]);
    }
}
