//! Where things lie: the checkout, and the one folder that everything generated goes to.

use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The checkout that this run works on.
pub(crate) struct Repo {
    root: PathBuf,
}

impl Repo {
    /// Cargo tells at run time where xtask lies, so a moved checkout is found; else the folder it was compiled in.
    pub(crate) fn find() -> Result<Self> {
        let here = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).filter(|dir| dir.ends_with("xtask"));
        let here = here.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        let root = here.parent().context("xtask lies in no workspace")?.to_path_buf();
        Ok(Self { root })
    }

    /// Another checkout, of the same sources.
    pub(crate) fn elsewhere(root: PathBuf) -> Self {
        Self { root }
    }

    /// The top of the checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the checkout.
    pub(crate) fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// A path among the generated things.
    pub(crate) fn target(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join("target").join(path)
    }

    /// The path as a person in the checkout would type it.
    pub(crate) fn short<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }

    /// The version of the crate, which the npm package must repeat.
    pub(crate) fn version(&self) -> Result<String> {
        let manifest = fs::read_to_string(self.at("Cargo.toml")).context("Cargo.toml can't be read")?;
        let package = manifest.split("[package]").nth(1).context("Cargo.toml has no [package]")?;
        let line =
            package.lines().find_map(|line| line.strip_prefix("version = \"")).context("Cargo.toml has no version")?;
        Ok(line.trim_end_matches('"').to_owned())
    }
}
