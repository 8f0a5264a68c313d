//! `meshsynth check`: validates existing manifests and templates.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use meshsynth::World;
use meshsynth::diag::{self, Diagnostic, Severity};
use meshsynth::rules;
use meshsynth_assembly::{is_assembly, read_manifest};
use meshsynth_diff::gates::Allow;
use meshsynth_model::problem::Problem;
use serde_json::json;

use super::context::{Diagnostics, Outcome, today};
use crate::config::Config;
use crate::policies;
use crate::shell::{Shell, count};
use meshsynth_check::manifests::{Found, Passed, Taken, judge};
use meshsynth_check::policy::Policies;
use meshsynth_check::sources::render::Render;
use meshsynth_check::sources::{Given, Skipped};

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
An object that the manifests do not define may still exist in the cluster. A reference to it is an
error only if an object of nearly that name is defined; otherwise it is a note. With --complete, the
manifests are treated as complete.

A comment on an object or a field suppresses a finding:
  # meshsynth: allow MS0802 until 2027-01-31: made by the platform team

Examples:
  meshsynth check k8s/ mesh/                            one cluster from two folders
  meshsynth check --render overlays/prod charts/shop    folders rendered by kustomize and Helm
  kubectl kustomize overlays/prod | meshsynth check -   the same, rendered separately
  meshsynth check --cluster-per-folder tokyo/ osaka/    two clusters of one mesh
  meshsynth check --cluster tokyo=k8s/a --cluster osaka=k8s/b
  meshsynth check synth.out/shop                        an assembly
  meshsynth check template.yaml cdk.out .aws-sam        CloudFormation templates
  meshsynth check k8s/ --format sarif                   for code scanning, on stdout
  meshsynth check k8s/ --baseline accepted.json         only new findings

Exit codes:
  0  no errors, and with --strict no warnings
  1  the manifests have errors
  2  usage, a file that cannot be read, or no manifests";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folders and files of manifests or CloudFormation templates, in YAML or JSON, or assemblies; `-` reads stdin.
    #[arg(value_name = "FOLDER|FILE", required_unless_present = "cluster")]
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
    /// The manifests are complete: treat objects that they do not define as missing.
    #[arg(long)]
    pub complete: bool,
    /// Treat each folder as a separate cluster of one mesh.
    #[arg(long)]
    pub cluster_per_folder: bool,
    /// A cluster with this name that contains the objects of the folder; can be repeated. All are clusters of one mesh.
    #[arg(long, value_name = "NAME=FOLDER", value_parser = cluster)]
    pub cluster: Vec<(String, PathBuf)>,
    /// Treat all files as one cluster, even if they define the same objects in different ways.
    #[arg(long, conflicts_with = "cluster_per_folder")]
    pub one_cluster: bool,
    /// Render kustomizations with `kustomize` or `kubectl` and charts with `helm`, and check the output.
    /// Argo CD Applications, and Flux Kustomizations and HelmReleases, are followed into these folders.
    #[arg(long)]
    pub render: bool,
    /// A file with values for every chart that is rendered; can be repeated.
    #[arg(long, value_name = "FILE", requires = "render")]
    pub values: Vec<PathBuf>,
    /// Treat warnings as errors.
    #[arg(long)]
    pub strict: bool,
    /// Report only findings that are not in this file; if it does not exist, write today's findings to it.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Show all notes: references to objects that are not in the manifests, and settings without effect. Without it, only
    /// notes are shown that `istioctl analyze` reports as warnings or errors.
    #[arg(long)]
    pub notes: bool,
    /// The date for evaluating exceptions, instead of today.
    #[arg(long, value_name = "DAY", hide = true)]
    pub today: Option<String>,
}

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, args: &Args) -> Result<Outcome> {
    let config = Config::find_any(config)?;
    let settings = config.as_ref().map(|config| &config.check);
    let today = today(args.today.as_deref())?;
    let policies = policies::load(config.as_ref())?;
    let given: Vec<Given> = args.given.iter().map(Given::from).collect();
    let taken = Taken {
        version: &args.kubernetes_version,
        namespace: &args.namespace,
        cluster_per_folder: args.cluster_per_folder,
        clusters: &args.cluster,
        namespaces: settings.map(|it| &it.namespaces),
        render: args.render.then_some(Render { values: &args.values }),
    };
    let mut found = Found::read(&given, &taken)?;
    let held = Held { n_objects: found.n_objects(), n_resources: found.n_resources(), n_files: found.n_files };
    let world = if args.complete { World::Closed } else { World::Open };
    let denied = denied(&policies, &found, world)?;
    let (mut diagnostics, alternatives) = judge(&mut found, world, args.one_cluster);
    if !denied.is_empty() {
        diagnostics.extend(found.point(denied));
        diagnostics.sort_by_cached_key(Diagnostic::sort_key);
    }
    let mut passed = Passed::default();
    let of_programs = exceptions_of(&args.given);
    if settings.is_some() || !of_programs.is_empty() {
        let mut settings = settings.cloned().unwrap_or_default();
        settings.everywhere.extend(of_programs);
        passed.by_configuration(&mut diagnostics, &settings, today);
    }
    passed.by_comments(&mut diagnostics, &mut found.exceptions, today);
    if let Some(file) = &args.baseline {
        passed.by_baseline(&mut diagnostics, file)?;
    }
    let is_note_of_istio = |it: &Diagnostic| rules::find(it.code).is_some_and(rules::Rule::is_reported_by_istio);
    let is_shown = |it: &&Diagnostic| args.notes || it.severity != Severity::Note || is_note_of_istio(it);
    match args.format {
        Diagnostics::Text => {
            for diagnostic in diagnostics.iter().filter(is_shown) {
                let subject = if found.is_of_template(diagnostic) { "resource" } else { "object" };
                shell.diagnostic(diagnostic, subject);
            }
            passed.told.iter().for_each(|line| shell.note(line));
        }
        Diagnostics::Json => shell.json(&json!({
            "files": held.n_files,
            "objects": held.n_objects,
            "resources": held.n_resources,
            "skipped": found.skipped.iter().map(|it| json!({ "path": it.path, "why": it.why })).collect::<Vec<_>>(),
            "passed": passed.told,
            "alternatives": alternatives,
            "diagnostics": diag::to_json(&diagnostics),
        }))?,
        Diagnostics::Sarif => shell.json(&diag::to_sarif(&diagnostics))?,
    }
    skipped_lines(&found.skipped).iter().for_each(|line| shell.note(line));
    if args.format == Diagnostics::Text {
        alternatives.iter().for_each(|line| shell.note(line));
    }
    if held.n_objects + held.n_resources == 0 && diagnostics.is_empty() {
        return Err(Problem::setting("the input contains no manifest")
            .help("specify folders or files with Kubernetes objects or CloudFormation templates, or `-` for stdin")
            .into());
    }
    let n_notes = diagnostics.iter().filter(|it| !is_shown(it)).count();
    if n_notes > 0 && !args.notes && args.format == Diagnostics::Text {
        shell.note(&format!(
            "{}: show {} with `--notes`",
            count(n_notes, "note"),
            if n_notes == 1 { "it" } else { "them" }
        ));
    }
    let outcome = tell(shell, args, &diagnostics, &held);
    // The process ends here: dropping the parsed input would take a tenth of the run time.
    std::mem::forget(found);
    Ok(outcome)
}

/// Returns the exceptions of the programs of the given assemblies.
fn exceptions_of(given: &[PathBuf]) -> Vec<Allow> {
    let assemblies = given.iter().filter(|path| is_assembly(path)).filter_map(|path| read_manifest(path).ok());
    assemblies.flat_map(|manifest| manifest.exceptions).flat_map(|it| Allow::of_program(&it)).collect()
}

/// Returns the findings of policies, or the errors in the policies.
fn denied(policies: &Policies, found: &Found, world: World) -> Result<Vec<Diagnostic>> {
    if !policies.wrong().is_empty() {
        return Ok(policies.wrong().to_vec());
    }
    if found.is_under(policies) { Ok(policies.judge(&found.subjects()?, world)) } else { Ok(Vec::new()) }
}

/// The amounts of checked input.
struct Held {
    n_objects: usize,
    n_resources: usize,
    n_files: usize,
}

impl fmt::Display for Held {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (objects, resources) = (count(self.n_objects, "object"), count(self.n_resources, "resource"));
        match (self.n_objects, self.n_resources) {
            (_, 0) => out.write_str(&objects)?,
            (0, _) => out.write_str(&resources)?,
            _ => write!(out, "{objects} and {resources}")?,
        }
        write!(out, " in {}", count(self.n_files, "file"))
    }
}

/// Returns a line about skipped files for each reason.
fn skipped_lines(skipped: &[Skipped]) -> Vec<String> {
    const MOST_NAMED: usize = 3;
    let mut reasons: Vec<&str> = Vec::new();
    for why in skipped.iter().map(|it| it.why.as_str()) {
        if !reasons.contains(&why) {
            reasons.push(why);
        }
    }
    let line = |why: &str| {
        let mut paths: Vec<&str> = skipped.iter().filter(|it| it.why == why).map(|it| it.path.as_str()).collect();
        paths.dedup();
        let n_more = paths.len().saturating_sub(MOST_NAMED);
        let more = if n_more > 0 { format!(" and {n_more} more") } else { String::new() };
        format!("skipped {}{more}: {why}", paths[..paths.len() - n_more].join(", "))
    };
    reasons.into_iter().map(line).collect()
}

/// Prints the summary, and returns the outcome.
fn tell(shell: &Shell, args: &Args, diagnostics: &[Diagnostic], held: &Held) -> Outcome {
    let of = |severity: Severity| diagnostics.iter().filter(|it| it.severity == severity).count();
    let (n_errors, n_warnings) = (of(Severity::Error), of(Severity::Warning));
    if n_errors > 0 || args.strict && n_warnings > 0 {
        let warnings = if n_warnings > 0 { format!(" and {}", count(n_warnings, "warning")) } else { String::new() };
        let strict = if n_errors == 0 { ", which `--strict` treats as errors" } else { "" };
        shell.failed(&format!("{held}: {}{warnings}{strict}", count(n_errors, "error")));
        if let Some(code) = diagnostics.first().map(|it| it.code) {
            shell.note(&format!("run `meshsynth explain {code}` for details"));
        }
        return Outcome::Mistakes;
    }
    shell.done("checked", &format!("{held}: {}", count(n_warnings, "warning")));
    Outcome::Fine
}

/// Parses `NAME=FOLDER`.
fn cluster(text: &str) -> Result<(String, PathBuf), String> {
    let parts = text.split_once('=').filter(|(name, folder)| !name.is_empty() && !folder.is_empty());
    let (name, folder) =
        parts.ok_or_else(|| "required: a name and a folder, such as tokyo=clusters/tokyo".to_owned())?;
    Ok((name.to_owned(), PathBuf::from(folder)))
}

/// Parses a version such as `1.36`.
fn kubernetes_version(text: &str) -> Result<String, String> {
    let minor = text.strip_prefix("1.").and_then(|minor| minor.parse::<u16>().ok());
    minor.map(|_| text.to_owned()).ok_or_else(|| "required: a version such as 1.36".to_owned())
}
