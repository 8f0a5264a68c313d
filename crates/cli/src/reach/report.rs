//! The query, the analyzed output, and the results.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth_reach::{Answer, Verdict, World};
use sha2::{Digest as _, Sha256};

use crate::shell::count;

/// The query, the analyzed output, and the results.
#[derive(Debug)]
pub struct Report {
    /// The name of the platform, or the path of the input.
    pub platform: String,
    /// The digest of the input.
    pub digest: String,
    /// The queried source; `None` for all.
    pub from: Option<String>,
    /// The queried target; `None` for all.
    pub to: Option<String>,
    /// The queried action.
    pub action: Option<String>,
    /// Whether whole chains are shown.
    pub why: bool,
    /// The results. If only one end is given, denied results are excluded.
    pub answers: Vec<Answer>,
    /// The denied results, if only one end is given and the format shows them.
    pub denied: Vec<Answer>,
    /// The analyzed stacks and clusters.
    pub scope: Scope,
    /// Input that could not be read.
    pub unread: Vec<String>,
}

/// The analyzed stacks and clusters, which show the scope of a result.
#[derive(Debug, Default)]
pub struct Scope {
    /// The name, the location and the size of each stack.
    pub stacks: Vec<[String; 3]>,
    /// The name, the location and the size of each cluster.
    pub clusters: Vec<[String; 3]>,
}

impl Scope {
    /// Returns the scope of a world.
    pub fn of(world: &World) -> Self {
        let place = |account: &str, region: &str| {
            let words: Vec<&str> = [region, account].into_iter().filter(|it| !it.is_empty()).collect();
            if words.is_empty() { "location not specified".to_owned() } else { words.join(", ") }
        };
        let stacks = world.stacks.iter().enumerate().map(|(at, it)| {
            let resources = world.resources.iter().filter(|resource| resource.stack == at).count();
            [it.id.clone(), place(&it.account, &it.region), count(resources, "resource")]
        });
        let clusters = world.clusters.iter().map(|it| {
            let charts =
                if it.releases.is_empty() { String::new() } else { format!(", {}", count(it.releases.len(), "chart")) };
            let has = format!("{}{charts}", count(it.objects.len(), "object"));
            [it.id.clone(), place(&it.account, &it.region), has]
        });
        Self { stacks: stacks.collect(), clusters: clusters.collect() }
    }
}

impl Report {
    /// Returns the query as a question.
    pub fn question(&self) -> String {
        let action = self.action.as_ref().map(|it| format!("`{it}` on ")).unwrap_or_default();
        let called = |name: &String| if name == "internet" { "the internet".to_owned() } else { name.clone() };
        match (&self.from.as_ref().map(called), &self.to) {
            (Some(from), Some(to)) => format!("Can {from} reach {action}{to}?"),
            (Some(from), None) => format!("What can {from} reach?"),
            (None, Some(to)) => format!("Who can reach {action}{to}?"),
            (None, None) => "Who can reach what?".to_owned(),
        }
    }

    /// Whether both ends are given.
    pub fn is_of_one_pair(&self) -> bool {
        self.from.is_some() && self.to.is_some()
    }

    /// Returns the number of results with a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.answers.iter().filter(|it| it.verdict == verdict).count()
    }

    /// Returns a summary of the results.
    pub fn summary(&self) -> String {
        match (self.count(Verdict::Allowed), self.count(Verdict::Unknown)) {
            (0, 0) if self.is_of_one_pair() => "denied".to_owned(),
            (0, 0) => "no path allowed".to_owned(),
            (allowed, 0) => format!("{allowed} allowed"),
            (0, unknown) => format!("{unknown} unknown"),
            (allowed, unknown) => format!("{allowed} allowed, {unknown} unknown"),
        }
    }
}

/// Returns the digest of a file, or of all files below a folder with their paths. Equal outputs have equal digests.
pub fn digest(path: &Path) -> Result<String> {
    let mut files = Vec::new();
    collect(path, &mut files)?;
    files.sort();
    let mut digest = Sha256::new();
    for file in &files {
        let name = file.strip_prefix(path).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let content = fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
        digest.update(format!("{name}\n{}\n", content.len()));
        digest.update(&content);
    }
    let bytes = digest.finalize();
    Ok(format!("sha256:{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("cannot read `{}`", path.display()))? {
        let entry = entry?.path();
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if entry.is_dir() && ![".git", "node_modules", "target"].contains(&name.as_str()) || entry.is_file() {
            collect(&entry, files)?;
        }
    }
    Ok(())
}
