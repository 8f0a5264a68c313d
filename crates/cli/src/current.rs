//! Compares an output with a new synthesis in a temporary folder, to find out whether the output is current.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result, anyhow};
use meshsynth::diag::{Diagnostic, Severity};
use meshsynth_model::problem::{About, Problem, list};

use crate::config::{Config, Target};
use crate::program::{self, Answer, Format};
use crate::shell::{Shell, count, shown};
use meshsynth_check::temporary::Temporary;

/// The maximum number of files that an error lists.
const NAMED: usize = 3;

/// A new synthesis in a temporary folder, which is removed when this is dropped.
pub struct Made(Temporary);

/// A file that differs between the output and a new synthesis. Paths are relative to the folder, with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The content differs.
    Changed(String),
    /// The output lacks a file of the new synthesis.
    Missing(String),
    /// The output has a file that the new synthesis lacks.
    LeftOver(String),
}

impl Made {
    /// Returns the folder of the assembly.
    pub fn folder(&self) -> &Path {
        &self.0.0
    }
}

impl Difference {
    /// Returns the path of the file.
    pub fn path(&self) -> &str {
        match self {
            Self::Changed(path) | Self::Missing(path) | Self::LeftOver(path) => path,
        }
    }

    /// Returns the kind of difference as a word, for JSON and for messages.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Changed(_) => "changed",
            Self::Missing(_) => "missing",
            Self::LeftOver(_) => "left over",
        }
    }
}

/// Runs the program of each target, in the format of its output. If a program reports mistakes, the function still runs
/// the other programs, and then returns an error. `instead` describes the alternative for the help text.
pub fn make(shell: &Shell, config: &Config, targets: &[Target<'_>], instead: &str) -> Result<Vec<Made>> {
    let mut made = Vec::new();
    let mut wrong: Vec<(String, usize)> = Vec::new();
    let mut told: Vec<Diagnostic> = Vec::new();
    for &target in targets {
        let name = target.name();
        let out = Temporary::new()?;
        let format = format_of(&config.output.join(&name));
        let answer = program::run(shell, target, &config.folder, program::Out::new(&out.0), format)
            .map_err(|error| as_setting(error, instead))?;
        let diagnostics = match answer {
            Answer::Assembly(assembly) => {
                made.push(Made(out));
                assembly.diagnostics
            }
            Answer::Mistakes(diagnostics) => {
                let is_error = |it: &&Diagnostic| it.severity == Severity::Error;
                wrong.push((name, diagnostics.iter().filter(is_error).count()));
                diagnostics
            }
        };
        // Most diagnostics are the same in each environment of an app.
        let new: Vec<Diagnostic> = diagnostics.into_iter().filter(|it| !told.contains(it)).collect();
        shell.diagnostics(&new);
        told.extend(new);
    }
    if wrong.is_empty() {
        return Ok(made);
    }
    let names: Vec<&str> = wrong.iter().map(|(name, _)| name.as_str()).collect();
    let n_errors = wrong.iter().map(|(_, n)| n).sum();
    let of = if names.len() == 1 { "the program of" } else { "the programs of" };
    Err(Problem::setting(format!("{of} {} has {}", list(&names), count(n_errors, "error")))
        .help(format!("fix the errors above; {instead}"))
        .into())
}

/// Returns an error if an output differs from a new synthesis of its program.
pub fn check(shell: &Shell, config: &Config, target: Target<'_>, instead: &str) -> Result<()> {
    let here = std::env::current_dir().context("cannot determine the current folder")?;
    let folder = config.output.join(target.name());
    let made = make(shell, config, &[target], instead)?;
    let differences = made.iter().map(|made| differences(&folder, made.folder())).collect::<Result<Vec<_>>>()?.concat();
    if differences.is_empty() {
        return Ok(());
    }
    let text = format!("`{}` is stale: {}", shown(&folder, &here), summary(&differences));
    let again = format!("`meshsynth synth {}`", target.arguments());
    let problem = Problem::setting(text).help(format!("run {again}, and review `meshsynth diff`; {instead}"));
    Err(anyhow!(named(&differences)).context(problem))
}

/// Returns the number of differing files as a phrase.
pub fn summary(differences: &[Difference]) -> String {
    let verb = if differences.len() == 1 { "differs" } else { "differ" };
    format!("{} {verb} from the current output of the program", count(differences.len(), "file"))
}

/// Returns the first differing files, each with its kind of difference.
fn named(differences: &[Difference]) -> String {
    let rows = differences.iter().take(NAMED).map(|it| format!("`{}` is {}", it.path(), it.word()));
    let more = differences.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    rows.collect::<Vec<_>>().join(", ") + &more
}

/// Returns the differences between an output and a new synthesis, by path.
pub fn differences(output: &Path, made: &Path) -> Result<Vec<Difference>> {
    let read = |folder: &Path| files(folder).with_context(|| format!("cannot read `{}`", folder.display()));
    let (old, new) = (read(output)?, read(made)?);
    let mut found = Vec::new();
    for path in old.union(&new) {
        let difference = match (old.contains(path), new.contains(path)) {
            (true, true) if is_same(&output.join(path), &made.join(path))? => continue,
            (true, true) => Difference::Changed(path.clone()),
            (true, false) => Difference::LeftOver(path.clone()),
            (false, _) => Difference::Missing(path.clone()),
        };
        found.push(difference);
    }
    Ok(found)
}

/// Returns the template format of an output.
pub fn format_of(folder: &Path) -> Format {
    let mut entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_yaml = entries.any(|entry| entry.file_name().to_string_lossy().ends_with(".template.yaml"));
    if is_yaml { Format::Yaml } else { Format::Json }
}

/// Returns the paths of all files below a folder, with `/`. Names that begin with a dot belong to the operating system
/// or an editor and are skipped.
pub fn files(root: &Path) -> io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(root.join(&folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && folder == Path::new("") => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            } else if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(found)
}

fn is_same(one: &Path, other: &Path) -> Result<bool> {
    let length = |path: &Path| -> io::Result<Option<u64>> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(Some(metadata.len()).filter(|_| metadata.is_file()))
    };
    let read = |path: &Path| fs::read(path).with_context(|| format!("cannot read `{}`", path.display()));
    // Only regular files are opened, because opening a named pipe blocks.
    match (length(one)?, length(other)?) {
        (Some(one_length), Some(other_length)) if one_length == other_length => Ok(read(one)? == read(other)?),
        _ => Ok(false),
    }
}

/// Converts a failed program run into a problem with the setup, for commands that need a current output.
fn as_setting(mut error: anyhow::Error, instead: &str) -> anyhow::Error {
    let Some(problem) = error.downcast_mut::<Problem>() else {
        return error.context(Problem::setting("the program cannot be run").help(instead));
    };
    if problem.about != About::Interrupt {
        problem.about = About::Setting;
        problem.help = Some(match problem.help.take() {
            Some(help) => format!("{help}; {instead}"),
            None => instead.to_owned(),
        });
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_kind_of_each_difference() {
        let temporary = Temporary::new().unwrap();
        let folders = [temporary.0.join("old"), temporary.0.join("new")];
        for (folder, file, text) in [
            (0, "same", "1"),
            (1, "same", "1"),
            (0, "k8s/shop/a.yaml", "one"),
            (1, "k8s/shop/a.yaml", "two"),
            (0, "gone", ""),
            (1, "longer", "a"),
            (0, "longer", ""),
            (1, "new", ""),
            (0, ".DS_Store", "of the system"),
        ] {
            let path = folders[folder].join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let found = differences(&folders[0], &folders[1]).unwrap();
        let found: Vec<(&str, &str)> = found.iter().map(|it| (it.path(), it.word())).collect();
        let wanted = [("gone", "left over"), ("k8s/shop/a.yaml", "changed"), ("longer", "changed"), ("new", "missing")];
        assert_eq!(found, wanted);
        assert_eq!(differences(&temporary.0.join("nowhere"), &folders[1]).unwrap().len(), 4);
    }
}
