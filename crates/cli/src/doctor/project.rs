//! Checks of the project: its configuration, its library, its programs and their outputs.

use std::path::Path;
use std::process::{Command, Stdio};

use meshsynth_assembly::Assembly;

use super::finding::Finding;
use crate::config::{Config, Target};
use crate::current::{self, format_of};
use crate::library;
use crate::program::{self, Answer};
use crate::shell::{Shell, count};
use meshsynth_check::temporary::Temporary;

/// Reports the configuration that was read.
pub fn configuration(config: &Config) -> Finding {
    let n_targets: usize = config.apps.iter().map(|app| app.targets().len()).sum();
    let apps = count(config.apps.len(), "app");
    Finding::good("configuration", format!("meshsynth.toml contains {apps}, with {}", count(n_targets, "output")))
}

/// Checks the version of the library in Cargo.lock.
pub fn library(config: &Config) -> Option<Finding> {
    let versions = library::versions(&config.folder);
    let ours = env!("CARGO_PKG_VERSION");
    Some(match versions.as_slice() {
        [] => return None,
        [one] if one == ours => Finding::good("library", format!("meshsynth {one}")),
        [one] => Finding::doubtful(
            "library",
            format!("the project uses meshsynth {one}, but this command is version {ours}"),
            format!("use the same version: `{ours}` in Cargo.toml, or `cargo install meshsynth-cli --version {one}`"),
        ),
        many => Finding::wrong("library", library::clash(many), library::CLASH_HELP),
    })
}

/// Checks an app in an environment: its program and its output.
pub fn target(
    shell: &Shell,
    config: &Config,
    target: Target<'_>,
    runs: bool,
    findings: &mut Vec<Finding>,
    needs_helm: &mut Vec<String>,
) {
    let name = target.name();
    let folder = config.output.join(&name);
    let fresh = if runs { run(shell, config, target, findings) } else { None };
    let again = format!("run `meshsynth synth {}`", target.app.name);
    let written = match folder.join("manifest.json").exists().then(|| Assembly::read(&folder)) {
        None => {
            findings.push(Finding::doubtful("output", format!("`{name}` is not synthesized yet"), again));
            None
        }
        Some(Err(error)) => {
            let error = error.context(format!("the output of `{name}` cannot be used"));
            findings.push(Finding { help: Some(again), ..Finding::of_error("output", &error) });
            None
        }
        Some(Ok(assembly)) => {
            let is_stale = fresh.as_ref().is_some_and(|fresh| differ(&folder, &fresh.0));
            findings.push(match is_stale {
                true => Finding::doubtful(
                    "output",
                    format!("`{name}` is stale: it differs from the current output of the program"),
                    again,
                ),
                false if !is_committed(&folder) => Finding::doubtful(
                    "output",
                    format!("`{name}` is not committed, but `meshsynth diff` compares with the committed output"),
                    "commit it, and check that .gitignore does not exclude it",
                ),
                false => {
                    let what = if runs { "current, and committed" } else { "complete, and committed" };
                    Finding::good("output", format!("`{name}` is {what}"))
                }
            });
            Some(assembly)
        }
    };
    let latest = fresh.and_then(|fresh| Assembly::read(&fresh.0).ok()).or(written);
    if latest.is_some_and(|assembly| assembly.manifest.releases() > 0) {
        needs_helm.push(name);
    }
}

/// Builds and runs the program; returns the folder with its output.
fn run(shell: &Shell, config: &Config, target: Target<'_>, findings: &mut Vec<Finding>) -> Option<Temporary> {
    let name = target.name();
    let out = match Temporary::new() {
        Ok(out) => out,
        Err(error) => {
            findings.push(Finding::of_error("program", &error));
            return None;
        }
    };
    match program::run(shell, target, &config.folder, program::Out::new(&out.0), format_of(&config.output.join(&name)))
    {
        Ok(Answer::Assembly(assembly)) => {
            let (stacks, objects) = (assembly.manifest.stacks.len(), assembly.manifest.objects());
            let text = format!("`{name}` synthesizes: {}, {}", count(stacks, "stack"), count(objects, "object"));
            findings.push(match assembly.diagnostics.len() {
                0 => Finding::good("program", text),
                n => Finding::doubtful(
                    "program",
                    format!("{text}, {}", count(n, "warning")),
                    format!("show them with `meshsynth synth {}`", target.app.name),
                ),
            });
            Some(out)
        }
        Ok(Answer::Mistakes(diagnostics)) => {
            let text = format!("`{name}` has {}", count(diagnostics.len(), "mistake"));
            findings.push(Finding::wrong(
                "program",
                text,
                format!("show them with `meshsynth synth {}`", target.app.name),
            ));
            None
        }
        Err(error) => {
            findings.push(Finding::of_error("program", &error));
            None
        }
    }
}

/// Whether an output differs from a new synthesis, or cannot be read.
fn differ(output: &Path, made: &Path) -> bool {
    current::differences(output, made).map_or(true, |found| !found.is_empty())
}

/// Whether the manifest of a folder is committed. Returns true if Git cannot run, because
/// [`machine::git`](super::machine::git) reports that.
fn is_committed(folder: &Path) -> bool {
    let args = ["cat-file", "-e", "HEAD:./manifest.json"];
    let status =
        Command::new("git").arg("-C").arg(folder).args(args).stdin(Stdio::null()).stderr(Stdio::null()).status();
    status.map_or(true, |status| status.success())
}
