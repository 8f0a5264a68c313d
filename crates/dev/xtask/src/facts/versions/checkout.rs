//! Checkouts of public repositories.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// A checkout of a repository.
pub struct Checkout {
    folder: PathBuf,
    repository: &'static str,
    licence: &'static str,
    commit: String,
    /// The date of the commit.
    pub date: String,
}

impl Checkout {
    /// Opens the checkout of a repository below a folder.
    pub fn new(from: &Path, repository: &'static str, licence: &'static str) -> Result<Self> {
        let name = repository.rsplit('/').next().unwrap_or(repository);
        let folder = from.join(name);
        let output = Command::new("git").arg("-C").arg(&folder).args(["log", "-1", "--format=%H %cs"]).output()?;
        ensure!(output.status.success(), "{} is not a checkout of {repository}", folder.display());
        let text = String::from_utf8(output.stdout)?;
        let (commit, date) = text.trim().split_once(' ').context("git printed no commit")?;
        Ok(Self { commit: commit.to_owned(), date: date.to_owned(), folder, repository, licence })
    }

    /// Reads a file.
    pub fn read(&self, path: &str) -> Result<String> {
        let file = self.folder.join(path);
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
    }

    /// Reads a YAML file.
    pub fn yaml(&self, path: &str) -> Result<Value> {
        let options = serde_yaml::options! { budget: None };
        serde_yaml::from_str_with_options(&self.read(path)?, options).with_context(|| format!("{path} is not YAML"))
    }

    /// Returns the row that describes the source of the rows below it.
    pub fn source(&self, path: &str) -> Value {
        json!({
            "source": format!("https://github.com/{}/blob/{}/{path}", self.repository, self.commit),
            "licence": self.licence,
            "date": self.date,
        })
    }
}
