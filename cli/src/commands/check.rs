//! `meshsynth check`: judges manifests that nobody wrote with meshsynth.

use std::collections::BTreeSet;

use anyhow::Result;
use meshsynth::diag::{self, Diagnostic, Severity};
use meshsynth::{World, check};
use serde_json::json;

use super::Outcome;
use crate::cli::{Check, Diagnostics};
use crate::manifests::{Found, Given, Taken};
use crate::problem::Problem;
use crate::shell::{Shell, count};

/// Runs the command.
pub fn run(shell: &Shell, args: &Check) -> Result<Outcome> {
    let given: Vec<Given> = args.given.iter().map(Given::from).collect();
    let taken = Taken {
        version: &args.kubernetes_version,
        namespace: &args.namespace,
        cluster_per_folder: args.cluster_per_folder,
    };
    let mut found = Found::read(&given, &taken)?;
    let (n_objects, n_files) = (found.n_objects(), found.n_files);
    let world = if args.complete { World::Closed } else { World::Open };
    let judged = check(std::mem::take(&mut found.clusters), world);
    let mut diagnostics = std::mem::take(&mut found.broken);
    diagnostics.extend(judged.into_iter().map(|diagnostic| found.point(diagnostic)));
    match args.format {
        Diagnostics::Text => shell.diagnostics(&diagnostics),
        Diagnostics::Json => shell.json(&json!({
            "files": n_files,
            "objects": n_objects,
            "skipped": found.skipped.iter().map(|it| json!({ "path": it.path, "why": it.why })).collect::<Vec<_>>(),
            "diagnostics": diag::to_json(&diagnostics),
        }))?,
        Diagnostics::Sarif => shell.json(&diag::to_sarif(&diagnostics))?,
    }
    for skipped in &found.skipped {
        shell.note(&format!("skipped {}: {}", skipped.path, skipped.why));
    }
    if n_objects == 0 && diagnostics.is_empty() {
        return Err(Problem::setting("there is no manifest in what was given")
            .help("give folders or files with Kubernetes objects, or `-` for what is piped in")
            .into());
    }
    Ok(tell(shell, args, &diagnostics, n_objects, n_files))
}

/// The summary, and how the run ends.
fn tell(shell: &Shell, args: &Check, diagnostics: &[Diagnostic], n_objects: usize, n_files: usize) -> Outcome {
    let of = |severity: Severity| diagnostics.iter().filter(|it| it.severity == severity).count();
    let (n_errors, n_warnings) = (of(Severity::Error), of(Severity::Warning));
    let held = format!("{} in {}", count(n_objects, "object"), count(n_files, "file"));
    if n_errors > 0 || args.strict && n_warnings > 0 {
        let warnings = if n_warnings > 0 { format!(" and {}", count(n_warnings, "warning")) } else { String::new() };
        let strict = if n_errors == 0 { ", which `--strict` does not let pass" } else { "" };
        shell.failed(&format!("{held}: {}{warnings}{strict}", count(n_errors, "error")));
        let codes: BTreeSet<&str> = diagnostics.iter().map(|it| it.code).collect();
        if let Some(code) = codes.first() {
            shell.note(&format!("`meshsynth explain {code}` says more"));
        }
        return Outcome::Mistakes;
    }
    shell.done("checked", &format!("{held}: {}", count(n_warnings, "warning")));
    Outcome::Fine
}
