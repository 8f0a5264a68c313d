//! The proof: what the program makes is what exists.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth::diag::Diagnostic;
use meshsynth_adopt::{Held, Project};
use meshsynth_diff::Diff;

use super::held::differing;
use super::read::Found;
use super::set_aside::set_aside;
use super::{baseline, write};
use crate::config::Config;
use crate::diff::adopted;
use crate::diff::folders::Taken;
use crate::init::Library;
use crate::program::{self, Answer, Format, Out};
use crate::shell::{Shell, count};
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

/// What a proof needs to know.
pub struct Work<'a> {
    /// The folder of the project.
    pub folder: &'a Path,
    /// The name of the app.
    pub name: &'a str,
    /// Where the library is.
    pub library: &'a Library,
    /// The sources.
    pub sources: &'a [PathBuf],
    /// How they are taken.
    pub taken: &'a Taken,
    /// What was read from them.
    pub found: &'a Found,
}

/// What came of a proof.
pub struct Proved {
    /// What it found.
    pub proof: Proof,
    /// How many findings of rules pass.
    pub n_passed: usize,
    /// The project as it was written last.
    pub project: Project,
}

/// A project is not written more often than this.
const MOST_TIMES: usize = 12;

/// Builds a project, lets pass what rules find today, and compares what it makes with what exists. What the rules refuse is set
/// aside, and the project is written again.
///
/// # Errors
///
/// If the project cannot be built, or files cannot be written.
pub fn prove(shell: &Shell, work: &Work<'_>, first: Project) -> Result<Proved> {
    let (mut project, mut held) = (first, Held::default());
    for _ in 0..MOST_TIMES {
        let (proof, n_passed) = once(shell, work, &project)?;
        let more = match &proof {
            Proof::Mistakes(mistakes) => set_aside(mistakes, &project, &work.found.estate),
            Proof::Compared(diff) => differing(diff, &project.report, &work.found.estate),
            Proof::NotAsked => Held::default(),
        };
        let before = held.clone();
        held.stacks.extend(more.stacks);
        held.left_out.extend(more.left_out);
        held.resources.extend(more.resources);
        if held == before {
            return Ok(Proved { proof, n_passed, project });
        }
        if (&held.stacks, &held.left_out) != (&before.stacks, &before.left_out) {
            let n = held.stacks.len() + held.left_out.len();
            shell.note(&format!("set aside what the rules refuse: {}", count(n, "stack or object")));
        }
        if held.resources != before.resources {
            let n = held.resources.len();
            shell.note(&format!("typed resources in place of constructs that differ: {}", count(n, "resource")));
        }
        project = meshsynth_adopt::project(&work.found.estate, &held);
        write::again(work.folder, &write::files(work.name, &project, work.library)?)?;
    }
    anyhow::bail!("the program differs each time that it is written without what the rules refuse")
}

/// One build and one comparison. Answers the proof, and how many findings pass.
fn once(shell: &Shell, work: &Work<'_>, project: &Project) -> Result<(Proof, usize)> {
    let file = work.folder.join("meshsynth.toml");
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
        n_passed += add(&file, &tables)?;
        if is_made {
            let report = &project.report;
            let refused =
                || work.found.empty.iter().chain(&work.found.nested).chain(&report.refusals).chain(&report.same);
            let is_left_out =
                |file: &str, line: u32| refused().any(|it| it.file == file && (it.line == line || it.line == 0));
            let name = target.name();
            let diff = adopted::compare(work.sources, &out.0, work.taken, &name, &is_left_out)?;
            return Ok((Proof::Compared(Box::new(diff)), n_passed));
        }
    }
    anyhow::bail!("the rules find something new each time that their findings are let pass")
}

/// Adds tables to meshsynth.toml; answers how many.
fn add(file: &Path, tables: &str) -> Result<usize> {
    if tables.is_empty() {
        return Ok(0);
    }
    let shown = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("cannot read `{shown}`"))?;
    crate::whole_file::write(file, format!("{text}{tables}")).with_context(|| format!("cannot write `{shown}`"))?;
    Ok(tables.matches("[[allow]]").count())
}
