//! Version calendars, tested ranges and removed API versions, from public repositories.

mod calendar;
mod checkout;
mod removed;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use checkout::Checkout;

/// Writes the tables of `crates/facts/schema/versions`. `from` contains one checkout for each repository, named like it.
pub fn run(root: &Path, from: &Path) -> Result<()> {
    let out = root.join("crates/facts/schema/versions");
    fs::create_dir_all(&out)?;
    let endoflife = Checkout::new(from, "endoflife-date/endoflife.date", "MIT")?;
    let karpenter = Checkout::new(from, "aws/karpenter-provider-aws", "Apache-2.0")?;
    let pluto = Checkout::new(from, "FairwindsOps/pluto", "Apache-2.0")?;
    write(out.join("calendars.jsonl"), &calendar::rows(&endoflife, &karpenter)?)?;
    write(out.join("removed.jsonl"), &removed::rows(&pluto)?)
}

/// Writes a row in each line.
fn write(file: PathBuf, rows: &[Value]) -> Result<()> {
    let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    println!("{}: {} rows", file.display(), rows.len());
    Ok(())
}
