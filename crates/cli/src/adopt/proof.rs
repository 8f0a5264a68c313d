//! The proof that the output of an adopted program is equal to the existing files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth::diag::Diagnostic;
use meshsynth_adopt::{Exclusions, Project};
use meshsynth_diff::Diff;

use super::differing::differing;
use super::read::AdoptionSources;
use super::set_aside::set_aside;
use super::{baseline, write};
use crate::config::Config;
use crate::diff::adopted;
use crate::diff::folders::Taken;
use crate::init::Library;
use crate::program::{self, Answer, Format, Out};
use crate::shell::{Shell, count};
use meshsynth_check::temporary::Temporary;

/// The result of a proof.
pub enum Proof {
    /// The output of the program was compared with the existing files.
    Compared(Box<Diff>),
    /// Mistakes that cannot be suppressed.
    Mistakes(Vec<Diagnostic>),
    /// The user disabled the proof.
    NotAsked,
}

impl Proof {
    /// Returns the result in words.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Compared(diff) if diff.is_empty() => "no changes",
            Self::Compared(_) => "changes",
            Self::Mistakes(_) => "it does not synthesize",
            Self::NotAsked => "not proved",
        }
    }

    /// Whether the proof found changes or mistakes. A skipped proof has not failed.
    pub fn is_failed(&self) -> bool {
        match self {
            Self::Compared(diff) => !diff.is_empty(),
            Self::Mistakes(_) => true,
            Self::NotAsked => false,
        }
    }
}

/// The inputs of a proof.
pub struct Work<'a> {
    /// The folder of the project.
    pub folder: &'a Path,
    /// The name of the app.
    pub name: &'a str,
    /// The source of the library.
    pub library: &'a Library,
    /// The sources.
    pub sources: &'a [PathBuf],
    /// The options to read the sources.
    pub taken: &'a Taken,
    /// The content of the sources.
    pub found: &'a AdoptionSources,
}

/// The result of a proof, with the final project.
pub struct Proved {
    /// The result.
    pub proof: Proof,
    /// The number of findings that exceptions cover.
    pub n_passed: usize,
    /// The project as it was last written.
    pub project: Project,
}

/// The maximum number of times that the project is written.
const MOST_TIMES: usize = 12;

/// Builds a project, suppresses the existing findings, and compares its output with the existing files. Parts that the
/// rules reject are excluded, and the project is written again.
///
/// # Errors
///
/// If the project cannot be built, or files cannot be written.
pub fn prove(shell: &Shell, work: &Work<'_>, first: Project) -> Result<Proved> {
    let (mut project, mut exclusions) = (first, Exclusions::default());
    for _ in 0..MOST_TIMES {
        let (proof, n_passed) = once(shell, work, &project)?;
        let more = match &proof {
            Proof::Mistakes(mistakes) => set_aside(mistakes, &project, &work.found.estate),
            Proof::Compared(diff) => differing(diff, &project.report, &work.found.estate),
            Proof::NotAsked => Exclusions::default(),
        };
        let before = exclusions.clone();
        exclusions.stacks.extend(more.stacks);
        exclusions.objects.extend(more.objects);
        exclusions.resources.extend(more.resources);
        if exclusions == before {
            return Ok(Proved { proof, n_passed, project });
        }
        if (&exclusions.stacks, &exclusions.objects) != (&before.stacks, &before.objects) {
            let n = exclusions.stacks.len() + exclusions.objects.len();
            shell.note(&format!("not adopted, because rules reject it: {}", count(n, "stack or object")));
        }
        if exclusions.resources != before.resources {
            let n = exclusions.resources.len();
            shell.note(&format!("written as typed resources, because the constructs differ: {}", count(n, "resource")));
        }
        project = meshsynth_adopt::project(&work.found.estate, &exclusions);
        write::again(work.folder, &write::files(work.name, &project, work.library)?)?;
    }
    anyhow::bail!("the program still differs after removing everything that the rules reject")
}

/// Builds and compares once. Returns the proof, and the number of suppressed findings.
fn once(shell: &Shell, work: &Work<'_>, project: &Project) -> Result<(Proof, usize)> {
    let file = work.folder.join("meshsynth.toml");
    let mut n_passed = 0;
    // A suppressed finding may reveal another one.
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
                || work.found.empty.iter().chain(&work.found.unread).chain(&report.refusals).chain(&report.same);
            let is_left_out =
                |file: &str, line: u32| refused().any(|it| it.file == file && (it.line == line || it.line == 0));
            let name = target.name();
            let diff = adopted::compare(work.sources, &out.0, work.taken, &name, &project.nested, &is_left_out)?;
            return Ok((Proof::Compared(Box::new(diff)), n_passed));
        }
    }
    anyhow::bail!("the rules report new findings after exceptions for all previous findings")
}

/// Adds tables to meshsynth.toml; returns their number.
fn add(file: &Path, tables: &str) -> Result<usize> {
    if tables.is_empty() {
        return Ok(0);
    }
    let shown = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("cannot read `{shown}`"))?;
    crate::whole_file::write(file, format!("{text}{tables}")).with_context(|| format!("cannot write `{shown}`"))?;
    Ok(tables.matches("[[allow]]").count())
}
