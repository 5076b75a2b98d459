//! Nothing twice: a stamp remembers what something was made from, by content and never by date.

use crate::repo::Repo;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold nothing anybody wrote.
pub(crate) const GENERATED: &[&str] = &["node_modules", "target", "dist", ".git"];

/// Everything that something is made from, as one hash.
pub(crate) struct Inputs(blake3::Hasher);

impl Inputs {
    /// Begins with this tool's own source: a changed recipe makes everything anew.
    pub(crate) fn new(repo: &Repo) -> Result<Self> {
        Self::bare().paths([repo.at("xtask")])
    }

    /// Begins with nothing, for what no line of this tool has a part in.
    pub(crate) fn bare() -> Self {
        Self(blake3::Hasher::new())
    }

    /// A text, such as a version or a flag.
    pub(crate) fn text(mut self, text: impl AsRef<str>) -> Self {
        self.bytes(text.as_ref().as_bytes());
        self
    }

    /// Files, and folders with all that is in them but generated things; what is missing counts as missing.
    pub(crate) fn paths<P: AsRef<Path>>(mut self, paths: impl IntoIterator<Item = P>) -> Result<Self> {
        for path in paths {
            self.path(path.as_ref())?;
        }
        Ok(self)
    }

    fn path(&mut self, path: &Path) -> Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.bytes(name.as_bytes());
        if path.is_dir() {
            let mut inside = fs::read_dir(path)
                .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>())
                .with_context(|| format!("{} can't be listed", path.display()))?;
            inside.retain(|path| !GENERATED.iter().any(|generated| path.ends_with(generated)));
            inside.sort();
            self.bytes(&inside.len().to_le_bytes());
            for path in inside {
                self.path(&path)?;
            }
        } else if path.exists() {
            let content = fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
            self.bytes(&content);
        }
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(&bytes.len().to_le_bytes());
        self.0.update(bytes);
    }

    /// The hash of all of it.
    pub(crate) fn hash(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

/// The memory of one thing that was made: the hash of its inputs, and a note.
pub(crate) struct Stamp {
    file: PathBuf,
    hash: String,
}

impl Stamp {
    /// The stamp of that name for those inputs.
    pub(crate) fn new(repo: &Repo, name: &str, inputs: &Inputs) -> Self {
        Self {
            file: repo.target("xtask").join(format!("{}.stamp", name.replace([' ', '/'], "-"))),
            hash: inputs.hash(),
        }
    }

    /// The note left when the same inputs were last done with, if they were.
    pub(crate) fn note(&self) -> Option<String> {
        let stamp = fs::read_to_string(&self.file).ok()?;
        let (hash, note) = stamp.split_once('\n')?;
        (hash == self.hash).then(|| note.to_owned())
    }

    /// Whether the same inputs were last done with, and all of it is still there.
    pub(crate) fn holds(&self, made: &[&Path]) -> bool {
        self.note().is_some() && made.iter().all(|path| path.exists())
    }

    /// Remembers that it is done.
    pub(crate) fn set(&self, note: &str) -> Result<()> {
        write(&self.file, format!("{}\n{note}", self.hash))
    }

    /// Forgets: what follows replaces it, and may fail halfway.
    pub(crate) fn clear(&self) {
        let _ = fs::remove_file(&self.file);
    }
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
    }
    fs::write(path, content).with_context(|| format!("{} can't be written", path.display()))
}

/// Empties a folder, or makes it.
pub(crate) fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} can't be emptied", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))
}
