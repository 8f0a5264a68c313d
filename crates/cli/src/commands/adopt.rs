//! `meshsynth adopt`: writes a program from existing templates and manifests.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth_adopt::{Exclusions, Report, project};
use meshsynth_assembly::deployed::{Deployed, Wanted};
use meshsynth_model::problem::Problem;

use super::context::Outcome;
use super::deployed_args;
use crate::adopt::coverage::Coverage;
use crate::adopt::proof::{Proof, Proved, Work, prove};
use crate::adopt::read::{AdoptionSources, How, read};
use crate::adopt::{report, write};
use crate::deployer::{Deployer, required};
use crate::diff::folders::Taken;
use crate::diff::render::terminal;
use crate::init::{self, Library, app_name};
use crate::shell::{Shell, count, shown};
use crate::whole_file;
use meshsynth_check::temporary::Temporary;

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth adopt cdk.out --into shop               the output of the CDK
  meshsynth adopt network.yaml data.json --into shop
  meshsynth adopt k8s/ --into shop --cluster production
  meshsynth adopt charts/shop --render --into shop  a rendered chart
  meshsynth adopt --stack prod-network --stack prod-data --region eu-west-1 --into shop
  kubectl get deploy,svc,cm -n shop -o yaml > shop.yaml; meshsynth adopt shop.yaml --into shop

References become variables. Resources and objects become typed ones if their type is supported.
Logical ids, names, exports, parameters, mappings and conditions are kept: no resource is replaced.

The proof: the project is built and synthesized, and its output is compared with the sources.
`ADOPTED.md` in the project lists the results, the raw resources with reasons, and rejected sources.
Its meshsynth.toml contains exceptions (`[[allow]]`) for existing findings of rules, for 90 days.

Exit codes:
  0    everything is adopted, and a deployment changes nothing (or --no-proof)
  1    a part of the sources is missing, synthesis fails, or a deployment would make changes
  2    nothing is written: a source does not exist, or a file already exists";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// Files and folders: templates, `cdk.out`, manifests, or the output of `kubectl get -o yaml`.
    #[arg(value_name = "SOURCE", required_unless_present = "stack")]
    pub sources: Vec<PathBuf>,
    /// A deployed stack, with `@REGION` if its region differs from the others; can be repeated. Its nested
    /// stacks are included.
    #[arg(long, value_name = "NAME")]
    pub stack: Vec<String>,
    /// The IAM role to read stacks with.
    #[arg(long, value_name = "ARN", requires = "stack")]
    pub role: Option<String>,
    /// The folder of the new project.
    #[arg(long, value_name = "DIR")]
    pub into: PathBuf,
    /// The name of the app; by default the name of the folder.
    #[arg(long)]
    pub name: Option<String>,
    /// The region of stacks without a known region; eu-west-1 by default, and for `--stack` that of the environment.
    #[arg(long)]
    pub region: Option<String>,
    /// The name of the cluster that contains the objects.
    #[arg(long, value_name = "NAME", default_value = "cluster")]
    pub cluster: String,
    /// The Kubernetes version of the cluster.
    #[arg(long, value_name = "VERSION", default_value = "1.36")]
    pub kubernetes: String,
    /// The namespace of objects without one.
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub namespace: String,
    /// Render charts and kustomizations, and adopt their output.
    #[arg(long)]
    pub render: bool,
    /// Do not build the project or compare its output: the report contains `not proved`.
    #[arg(long)]
    pub no_proof: bool,
    /// Use the library from a clone of its repository.
    #[arg(long, value_name = "DIR", conflicts_with = "library_git")]
    pub library_path: Option<PathBuf>,
    /// Use the library from a git repository.
    #[arg(long, value_name = "URL")]
    pub library_git: Option<String>,
    /// Print the report as JSON to stdout.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
pub fn run(shell: &Shell, deployer: Option<&dyn Deployer>, args: &Args) -> Result<Outcome> {
    let here = std::env::current_dir().context("cannot determine the current folder")?;
    let folder: PathBuf = here.join(&args.into).components().collect();
    let name = app_name(args.name.as_deref(), &folder)?;
    let library = Library::choose(args.library_path.as_deref(), args.library_git.as_deref(), &here)?;
    let how = How {
        app: &name,
        region: args.region.as_deref().unwrap_or("eu-west-1"),
        cluster: &args.cluster,
        version: &args.kubernetes,
        namespace: &args.namespace,
        render: args.render,
    };
    let deployed = deployed(shell, deployer, args)?;
    let mut sources = args.sources.clone();
    sources.extend(deployed.iter().map(|(_, folder)| folder.0.clone()));
    let found = read(&sources, &how)?;
    found.skipped.iter().for_each(|line| shell.note(&format!("skipped {line}")));
    let written = project(&found.estate, &Exclusions::default());
    if written.report.rows.is_empty() {
        let coverage = Coverage::of(&written.report, &found);
        coverage.missing.iter().for_each(|it| shell.say(&format!("error: {}", it.line())));
        return Err(Problem::setting("the sources contain nothing to adopt")
            .help("specify files or folders of templates or manifests")
            .into());
    }
    init::place(&folder, &write::files(&name, &written, &library)?)?;
    let shown_folder = shown(&folder, &here);
    shell.done("made", &format!("{name}: {} -> {shown_folder}", summary(&written.report, &found)));
    if !write::format(&folder) {
        shell.note("note: `rustfmt` is not installed or failed: the program is not formatted");
    }
    let taken = Taken {
        namespace: args.namespace.clone(),
        version: args.kubernetes.clone(),
        render: args.render.then(Vec::new),
        ..Taken::default()
    };
    let work =
        Work { folder: &folder, name: &name, library: &library, sources: &sources, taken: &taken, found: &found };
    let Proved { proof, n_passed, mut project } = match args.no_proof {
        true => Proved { proof: Proof::NotAsked, n_passed: 0, project: written },
        false => prove(shell, &work, written)?,
    };
    project.report.notes.extend(deployed.iter().flat_map(|(index, _)| told(index)));
    let report = &project.report;
    let coverage = Coverage::of(report, &found);
    let text = report::markdown(&name, report, &coverage, &proof, n_passed);
    whole_file::write(&folder.join("ADOPTED.md"), text).context("cannot write `ADOPTED.md`")?;
    if args.json {
        shell.json(&report::json(&name, report, &coverage, &proof, n_passed))?;
    }
    tell(shell, report, &coverage, &proof, n_passed, &folder);
    Ok(if proof.is_failed() || !coverage.is_whole() { Outcome::Mistakes } else { Outcome::Fine })
}

/// Reads the stacks of `--stack`, before any file is written.
fn deployed(shell: &Shell, deployer: Option<&dyn Deployer>, args: &Args) -> Result<Option<(Deployed, Temporary)>> {
    if args.stack.is_empty() {
        return Ok(None);
    }
    let stacks = args.stack.iter().map(|text| deployed_args::stack(text)).collect();
    let wanted = Wanted { stacks, region: args.region.clone(), ..Wanted::default() };
    let folder = deployed_args::pull(shell, required(deployer)?, &wanted, args.role.clone(), None)?;
    let index = Deployed::read(&folder.0)?.context("it was just written")?;
    Ok(Some((index, folder)))
}

/// Returns a note for each deployed stack with the parameter values, which the program does not contain.
fn told(index: &Deployed) -> Vec<String> {
    let mut notes = Vec::new();
    for stack in &index.stacks {
        let name = &stack.name;
        let values = stack.parameters.iter().map(|(key, value)| match value.as_str() {
            "****" => format!("`{key}` is secret"),
            value => format!("`{key}` is `{value}`"),
        });
        let values: Vec<String> = values.collect();
        if !values.is_empty() {
            notes.push(format!("stack `{name}` keeps its parameter values in updates: {}", values.join(", ")));
        }
        if !stack.tags.is_empty() {
            let tags: Vec<String> = stack.tags.iter().map(|(key, value)| format!("`{key}` is `{value}`")).collect();
            notes.push(format!("stack `{name}` has tags that the program does not set: {}", tags.join(", ")));
        }
        if let Some((parent, resource)) = &stack.parent {
            notes.push(format!("stack `{name}` is nested: it is `{resource}` of `{parent}`, which updates it"));
        }
    }
    notes
}

fn summary(report: &Report, sources: &AdoptionSources) -> String {
    let (n_typed, n_constructs) = (report.n_typed(), report.n_constructs());
    format!("{}, {n_typed} typed, {n_constructs} as constructs", Coverage::of(report, sources).summary())
}

fn tell(shell: &Shell, report: &Report, coverage: &Coverage<'_>, proof: &Proof, n_passed: usize, folder: &Path) {
    for ((kind, why), names) in report.raw() {
        shell.note(&format!("raw: {kind}: {why} ({})", count(names.len(), "time")));
    }
    report.notes.iter().for_each(|note| shell.note(&format!("note: {note}")));
    coverage.missing.iter().for_each(|it| shell.say(&format!("not adopted: {}", it.line())));
    if n_passed > 0 {
        let file = folder.join("meshsynth.toml");
        shell.note(&format!("{} of rules: exceptions written to {}", count(n_passed, "finding"), file.display()));
    }
    match proof {
        Proof::Compared(diff) if diff.is_empty() && coverage.is_whole() => {
            shell.done("proved", "a deployment changes nothing");
        }
        Proof::Compared(diff) if diff.is_empty() => {
            shell.done("proved", "a deployment does not change the adopted resources");
            shell.failed(&format!("the program is incomplete: {}", coverage.summary()));
        }
        Proof::Compared(diff) => {
            shell.say(&terminal::render(diff, shell.is_coloured(), shell.columns()));
            shell.failed("the output of the program differs from the sources");
        }
        Proof::Mistakes(found) => {
            shell.diagnostics(found);
            shell.failed(
                "the program does not synthesize: CloudFormation or Kubernetes would reject the definitions above",
            );
        }
        Proof::NotAsked => {
            shell.note("not proved, because of `--no-proof`");
            if !coverage.is_whole() {
                shell.failed(&format!("the program is incomplete: {}", coverage.summary()));
            }
        }
    }
}
