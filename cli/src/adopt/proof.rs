//! The proof: what the program makes is what exists.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth::diag::Diagnostic;
use meshsynth_adopt::Refusal;
use meshsynth_diff::Diff;

use super::baseline;
use crate::config::Config;
use crate::diff::adopted;
use crate::diff::folders::Taken;
use crate::program::{self, Answer, Format, Out};
use crate::shell::Shell;
use crate::temporary::Temporary;

/// What the proof found.
pub enum Proof {
    /// The program was compared with what exists.
    Compared(Box<Diff>),
    /// Something that no exception lets pass.
    Mistakes(Vec<Diagnostic>),
    /// It was not asked for.
    NotAsked,
}

impl Proof {
    /// What it comes to, in words.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Compared(diff) if diff.is_empty() => "no changes",
            Self::Compared(_) => "changes",
            Self::Mistakes(_) => "it does not synthesize",
            Self::NotAsked => "not proved",
        }
    }

    /// Whether a store, an access or what runs would change, or nothing is known of it.
    pub fn is_failed(&self) -> bool {
        match self {
            Self::Compared(diff) => !diff.is_empty(),
            Self::Mistakes(_) => true,
            Self::NotAsked => false,
        }
    }
}

/// Builds a project, lets pass what rules find today, and compares what it makes with what exists. Answers the proof, and how
/// many findings pass.
pub fn prove(
    shell: &Shell,
    folder: &Path,
    sources: &[PathBuf],
    taken: &Taken,
    refused: &[Refusal],
) -> Result<(Proof, usize)> {
    let file = folder.join("meshsynth.toml");
    let mut n_passed = 0;
    // What passes may hide a finding behind it.
    for _ in 0..4 {
        let config = Config::find(Some(&file))?;
        let targets = config.targets(&[], None)?;
        let target = *targets.first().context("the project has an app")?;
        let out = Temporary::new()?;
        let answer = program::run(shell, target, &config.folder, Out::new(&out.0), Format::Json)?;
        let (found, is_made) = match answer {
            Answer::Assembly(assembly) => (assembly.diagnostics, true),
            Answer::Mistakes(found) => (found, false),
        };
        let (tables, stay) = baseline::tables(&found)?;
        if !stay.is_empty() {
            return Ok((Proof::Mistakes(stay.into_iter().cloned().collect()), n_passed));
        }
        if is_made {
            let is_left_out =
                |file: &str, line: u32| refused.iter().any(|it| it.file == file && (it.line == line || it.line == 0));
            let name = target.name();
            let diff = adopted::compare(sources, &out.0, taken, &name, &is_left_out)?;
            if tables.is_empty() {
                return Ok((Proof::Compared(Box::new(diff)), n_passed));
            }
            n_passed += add(&file, &tables)?;
            return Ok((Proof::Compared(Box::new(diff)), n_passed));
        }
        n_passed += add(&file, &tables)?;
    }
    anyhow::bail!("the rules find something new each time that their findings are let pass")
}

/// Adds tables to meshsynth.toml; answers how many.
fn add(file: &Path, tables: &str) -> Result<usize> {
    let shown = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("cannot read `{shown}`"))?;
    crate::whole_file::write(file, format!("{text}{tables}")).with_context(|| format!("cannot write `{shown}`"))?;
    Ok(tables.matches("[[allow]]").count())
}
