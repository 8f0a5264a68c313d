//! `meshsynth check`: judges manifests that nobody wrote with meshsynth.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Result;
use meshsynth::diag::{self, Diagnostic, Severity};
use meshsynth::{World, check};
use meshsynth_assembly::problem::Problem;
use serde_json::json;

use super::context::{Diagnostics, Outcome};
use crate::manifests::{Found, Given, Taken};
use crate::shell::{Shell, count};

/// What stands below the help.
pub const HELP: &str = "\
An object that the manifests do not define may still exist in the cluster. A reference is therefore
reported only if the manifests define services or workloads in the namespace that it points to. With
--complete, the manifests are taken to be everything.

Examples:
  meshsynth check k8s/ mesh/                            one cluster from two folders
  kubectl kustomize overlays/prod | meshsynth check -   the output of kustomize or Helm
  meshsynth check --cluster-per-folder tokyo/ osaka/    two clusters of one mesh
  meshsynth check synth.out/shop                        an assembly
  meshsynth check k8s/ --format sarif                   for code scanning, on stdout

Exit codes:
  0  no errors, and with --strict no warnings
  1  the manifests have errors
  2  usage, a file that cannot be read, or no manifests";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folders and files of YAML or JSON manifests, or assemblies; `-` reads stdin.
    #[arg(value_name = "FOLDER|FILE", required = true)]
    pub given: Vec<PathBuf>,
    /// The format of diagnostics: text on stderr, the others on stdout.
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Diagnostics::Text)]
    pub format: Diagnostics,
    /// The Kubernetes version of the cluster; ignored for an assembly, which has its own.
    #[arg(long, value_name = "VERSION", default_value = "1.36", value_parser = kubernetes_version)]
    pub kubernetes_version: String,
    /// The namespace of objects without one.
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub namespace: String,
    /// The manifests are complete: what they do not define does not exist.
    #[arg(long)]
    pub complete: bool,
    /// Treat each folder as a separate cluster of one mesh.
    #[arg(long)]
    pub cluster_per_folder: bool,
    /// Treat warnings as errors.
    #[arg(long)]
    pub strict: bool,
}

/// Runs the command.
pub fn run(shell: &Shell, args: &Args) -> Result<Outcome> {
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
fn tell(shell: &Shell, args: &Args, diagnostics: &[Diagnostic], n_objects: usize, n_files: usize) -> Outcome {
    let of = |severity: Severity| diagnostics.iter().filter(|it| it.severity == severity).count();
    let (n_errors, n_warnings) = (of(Severity::Error), of(Severity::Warning));
    let held = format!("{} in {}", count(n_objects, "object"), count(n_files, "file"));
    if n_errors > 0 || args.strict && n_warnings > 0 {
        let warnings = if n_warnings > 0 { format!(" and {}", count(n_warnings, "warning")) } else { String::new() };
        let strict = if n_errors == 0 { ", which `--strict` treats as errors" } else { "" };
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

/// A version such as `1.36`.
fn kubernetes_version(text: &str) -> Result<String, String> {
    let minor = text.strip_prefix("1.").and_then(|minor| minor.parse::<u16>().ok());
    minor.map(|_| text.to_owned()).ok_or_else(|| "want a version such as 1.36".to_owned())
}
