//! `meshsynth diff`: the changes that a deployment of the current program would make.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth_diff::gates::{self, Allow, Gate, Gates, Policy};
use meshsynth_diff::side::{Side, unreadable};
use meshsynth_diff::texts::{self, Texts};
use meshsynth_diff::{Diff, Old, refactor};
use meshsynth_model::problem::Problem;
use serde_json::Value;

use super::context::{Outcome, today};
pub use super::diff_args::{Args, Format, HELP};
use crate::config::{Config, MapFile, Target};
use crate::current::{self, Made};
use crate::deployer::{Deployer, Reach, required};
use crate::deployment::{Deployment, was_deployed};
use crate::diff::base;
use crate::diff::by_name::{self, How};
use crate::diff::folders::{Asked, Place, Taken};
use crate::diff::render::{html, json, markdown, sarif, terminal};
use crate::exceptions;
use crate::policies::{self, Sides};
use crate::shell::{Shell, count, shown};
use crate::{synth_record, whole_file};

/// The value of `--base` for the state of AWS and the clusters.
const DEPLOYED: &str = "deployed";

/// The alternative if a program fails to synthesize.
const INSTEAD: &str = "use `--no-synth` to compare the existing output";

/// The new side.
struct Head {
    folder: PathBuf,
    label: String,
    /// A note about a stale output.
    note: Option<String>,
}

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, deployer: Option<&dyn Deployer>, args: &Args) -> Result<Outcome> {
    let here = std::env::current_dir().context("cannot determine the current folder")?;
    let found = Config::find_any(config)?;
    let has_program = found.as_ref().is_some_and(|config| !config.apps.is_empty());
    if let Some(asked) = Asked::of(args.base.as_deref(), args.head.as_deref(), has_program, &here)? {
        return folders(shell, found.as_ref(), deployer, args, &asked, &here);
    }
    let config = Config::find(config)?;
    let targets = config.targets(&args.apps, args.env.as_deref())?;
    let names_folder = args.head.is_some() || args.base.as_deref().is_some_and(|name| is_assembly(&here.join(name)));
    if names_folder && targets.len() > 1 {
        return Err(Problem::setting("a folder contains one app in one environment, but more than one is selected")
            .help("specify the app, and its environment with `--env`")
            .into());
    }
    if targets.iter().any(|target| is_deployed(args.base.as_deref(), &config, &target.name(), &here)) {
        required(deployer)?;
    }
    let today = today(args.today.as_deref())?;
    let template = template(args)?;
    let made = match args.head.is_some() || args.no_synth {
        true => Vec::new(),
        false => current::make(shell, &config, &targets, INSTEAD)?,
    };
    let policies = policies::valid(policies::load(Some(&config))?, shell)?;
    let mut diffs = Vec::new();
    for (idx, target) in targets.iter().enumerate() {
        let head = Head::choose(&config, target, args, made.get(idx), &here)?;
        let note = head.note.clone();
        let mut sides = Sides::new(&policies, &config, *target, today);
        let mut diff = compare(shell, &config, deployer, target, args, head, &here, &mut sides)?;
        sides.add_to(&mut diff.findings);
        diff.notes.extend(note);
        diff.findings.head = diff.findings.head.map(|found| exceptions::restored(found, today));
        let gates = gates::check(&diff, &args.deny, &config.policy, today);
        diffs.push((diff, gates));
    }
    let outcome = report(shell, args, &diffs, template.as_deref(), &here)?;
    if targets.len() == config.targets(&[], None)?.len() {
        let used: Vec<usize> = diffs.iter().flat_map(|(_, gates)| gates.used.iter().copied()).collect();
        unneeded(&config.policy, &args.deny, &used).iter().for_each(|text| shell.note(text));
    }
    Ok(outcome)
}

/// Compares templates and manifests that any tool wrote.
fn folders(
    shell: &Shell,
    config: Option<&Config>,
    deployer: Option<&dyn Deployer>,
    args: &Args,
    asked: &Asked,
    here: &Path,
) -> Result<Outcome> {
    let deployer = if asked.base == Place::Deployed { Some(required(deployer)?) } else { None };
    let today = today(args.today.as_deref())?;
    let template = template(args)?;
    let mut map = args.map.as_deref().map(MapFile::read).transpose()?.unwrap_or_default();
    if let Some(config) = config {
        map.joins.splice(0..0, config.joins.clone());
        map.stacks.splice(0..0, config.stack_names.clone());
    }
    let taken = Taken {
        joins: map.joins,
        stack_names: map.stacks,
        clusters: args.cluster.clone(),
        namespace: args.namespace.clone().unwrap_or_else(|| "default".to_owned()),
        version: args.kubernetes_version.clone().unwrap_or_else(|| "1.36".to_owned()),
        render: args.render.then(|| args.values.clone()),
    };
    let diff = match deployer {
        None => asked.compare(&taken, here)?,
        Some(deployer) => {
            let (region, contexts, stacks_only) = (args.region.as_deref(), &args.context, args.stacks_only);
            by_name::compare(
                shell,
                deployer,
                asked,
                &taken,
                &How { region, contexts, stacks_only, reach: reach(args) },
                here,
            )?
        }
    };
    let policy = config.map(|config| config.policy.clone()).unwrap_or_default();
    let gates = gates::check(&diff, &args.deny, &policy, today);
    report(shell, args, &[(diff, gates)], template.as_deref(), here)
}

/// Writes the report, and returns the outcome.
fn report(shell: &Shell, args: &Args, diffs: &[(Diff, Gates)], template: Option<&str>, here: &Path) -> Result<Outcome> {
    if let Some(file) = &args.refactor {
        let mapping = refactor::mapping(diffs.iter().map(|(diff, _)| diff));
        let name = shown(&here.join(file), here);
        whole_file::write(&here.join(file), format!("{mapping:#}\n"))
            .with_context(|| format!("cannot write `{name}`"))?;
        let n = mapping.as_array().map_or(0, Vec::len);
        shell.done("wrote", &format!("{} -> {name}", count(n, "mapping")));
    }
    match args.format {
        Format::Terminal => {
            let texts: Vec<String> = diffs
                .iter()
                .map(|(diff, _)| terminal::render(diff, shell.is_stdout_coloured(), shell.columns()))
                .collect();
            shell.data(&texts.join("\n"))?;
        }
        Format::Markdown => shell.data(&markdown::render(diffs, template)?)?,
        Format::Html => shell.data(&html::render(diffs, template)?)?,
        Format::Sarif => {
            // SARIF has no element for notes.
            diffs.iter().flat_map(|(diff, _)| &diff.notes).for_each(|note| shell.note(&format!("note: {note}")));
            shell.json(&sarif::render(diffs))?;
        }
        Format::Json => {
            let values: Vec<Value> = diffs.iter().map(|(diff, gates)| json::render(diff, gates)).collect();
            shell.json(&Value::Array(values))?;
        }
    }
    let mut is_denied = false;
    for (diff, gates) in diffs {
        is_denied |= tell(shell, &diff.app, gates);
    }
    let is_changed = args.exit_code && diffs.iter().any(|(diff, _)| !diff.is_empty());
    Ok(if is_denied || is_changed { Outcome::Mistakes } else { Outcome::Fine })
}

/// Prints the results of the gates; returns whether a gate is hit. `deploy` prints the same lines.
pub fn tell(shell: &Shell, app: &str, gates: &Gates) -> bool {
    gates.untold.iter().for_each(|text| shell.note(&format!("{app}: note: {text}")));
    gates.allowed.iter().for_each(|text| shell.note(&format!("{app}: {text}")));
    gates.denied.iter().for_each(|text| shell.failed(&format!("{app}: {text}")));
    !gates.denied.is_empty()
}

/// Returns warnings about exceptions for closed gates that no change needs.
fn unneeded(policy: &Policy, more: &[Gate], used: &[usize]) -> Vec<String> {
    let is_closed = |allow: &Allow| policy.deny.iter().chain(more).any(|gate| gate.word() == allow.code);
    let rows = policy.allow.iter().enumerate().filter(|(idx, allow)| is_closed(allow) && !used.contains(idx));
    rows.map(|(_, Allow { code, what, place, .. })| {
        format!("warning: no change requires the exception for `{code}` in `{what}` ({place})")
    })
    .collect()
}

/// Reads the template of the user.
fn template(args: &Args) -> Result<Option<String>> {
    let Some(file) = &args.template else { return Ok(None) };
    if !matches!(args.format, Format::Markdown | Format::Html) {
        return Err(Problem::setting("`--template` applies only to Markdown and HTML")
            .help("add `--format markdown` or `--format html`")
            .into());
    }
    let text = fs::read_to_string(file).map_err(|error| {
        Problem::setting(format!("cannot read the template `{}`: {error}", file.display()))
            .help("start from `templates/reports/diff.md.hbs` or `diff.html.hbs` of the meshsynth repository")
    })?;
    Ok(Some(text))
}

fn is_assembly(folder: &Path) -> bool {
    folder.join("manifest.json").exists()
}

impl Head {
    /// Returns the new synthesis, or else the folder that the arguments specify.
    fn choose(config: &Config, target: &Target, args: &Args, made: Option<&Made>, here: &Path) -> Result<Self> {
        if let Some(made) = made {
            let label = "the current program".to_owned();
            return Ok(Self { folder: made.folder().to_owned(), label, note: None });
        }
        let output = config.output.join(target.name());
        let folder = args.head.as_ref().map_or_else(|| output.clone(), |head| here.join(head));
        let path = shown(&folder, here);
        if !is_assembly(&folder) {
            let help = match args.head {
                Some(_) => "specify the folder of an assembly, which contains `manifest.json`".to_owned(),
                None => format!("run `meshsynth synth {}` first", target.arguments()),
            };
            return Err(Problem::setting(format!("there is no assembly at `{path}`")).help(help).into());
        }
        let is_output = match (folder.canonicalize(), output.canonicalize()) {
            (Ok(folder), Ok(output)) => folder == output,
            _ => false,
        };
        let stale = if is_output { synth_record::stale(config, &output)? } else { None };
        let written = if args.head.is_none() { ", as written" } else { "" };
        let note = stale.map(|stale| synth_record::tell(&path, &stale));
        Ok(Self { folder, label: format!("`{path}`{written}"), note })
    }
}

#[expect(clippy::too_many_arguments, reason = "these options select different base states")]
fn compare(
    shell: &Shell,
    config: &Config,
    deployer: Option<&dyn Deployer>,
    target: &Target,
    args: &Args,
    head: Head,
    here: &Path,
    sides: &mut Sides<'_>,
) -> Result<Diff> {
    let name = target.name();
    let Head { folder, label, .. } = head;
    let base_folder = base_folder(args.base.as_deref(), &name, here)?;
    if let Some(base) = base_folder.as_ref().filter(|base| texts::are_same(base, &folder, &name)) {
        return Ok(Diff::nothing(name, format!("`{}`", shown(base, here)), label));
    }
    let head = read(&folder, &name, label, None)?;
    sides.judge_head(&folder)?;
    if let Some(base) = base_folder {
        let texts = read(&base, &name, format!("`{}`", shown(&base, here)), Some(&head))?;
        sides.judge_base(&base)?;
        return Diff::of(Old::Texts(texts), head);
    }
    let base = match args.base.as_deref() {
        named if is_deployed(named, config, &name, here) => {
            return live(shell, config, required(deployer)?, target, args, &folder, head);
        }
        Some("none") => Old::Side(Box::new(Side::empty("nothing".to_owned(), &name))),
        named => {
            base::at(shell, named.unwrap_or("HEAD"), config, *target, &head, &mut |folder| sides.judge_base(folder))?
        }
    };
    if let Old::Texts(texts) = &base {
        check_app(texts, &name)?;
    }
    Diff::of(base, head)
}

/// Whether the base is the deployed state of an app.
fn is_deployed(named: Option<&str>, config: &Config, name: &str, here: &Path) -> bool {
    match named {
        Some(named) => named == DEPLOYED && !here.join(DEPLOYED).is_dir(),
        // Outside of a repository, the last deployment from this folder replaces the committed output.
        None => !base::has_head(config) && was_deployed(&config.output, name),
    }
}

/// Compares with the deployed state.
fn live(
    shell: &Shell,
    config: &Config,
    deployer: &dyn Deployer,
    target: &Target,
    args: &Args,
    folder: &Path,
    head: Texts,
) -> Result<Diff> {
    let name = target.name();
    let deployment = Deployment::at(config, &name, folder.to_owned());
    shell.note(&format!("reading the deployed state of `{name}`"));
    let label = head.label.clone();
    let mut head = Side::new(head).map_err(|error| unreadable(&label, &error))?;
    if args.context.len() > 1 {
        let problem =
            Problem::setting("`--context` is specified more than once, but a program has one kubeconfig context");
        return Err(problem.help("specify one context, or compare each cluster separately").into());
    }
    let mut base = deployer.deployed(shell, &deployment, &reach(args), &mut head)?;
    if args.stacks_only {
        base.notes.push("clusters are not compared, because of `--stacks-only`".to_owned());
    }
    Diff::new(&base, &head)
}

/// Returns the settings to connect to AWS and clusters.
fn reach(args: &Args) -> Reach {
    Reach {
        aws: true,
        clusters: !args.stacks_only,
        role: args.role.clone(),
        kubeconfig: args.kubeconfig.clone(),
        context: args.context.first().cloned(),
        helm: args.helm.clone(),
    }
}

/// Returns the assembly in the base folder, or `None` if the base is not a folder.
fn base_folder(named: Option<&str>, name: &str, here: &Path) -> Result<Option<PathBuf>> {
    let Some(folder) = named.map(|named| here.join(named)).filter(|folder| folder.is_dir()) else { return Ok(None) };
    // An output folder contains a folder for each app and environment.
    let inner = if is_assembly(&folder) { folder } else { folder.join(name) };
    if is_assembly(&inner) {
        return Ok(Some(inner));
    }
    Err(Problem::setting(format!("the base `{}` does not contain an assembly", shown(&inner, here)))
        .help("specify a folder with `manifest.json`, or a git revision")
        .into())
}

fn read(folder: &Path, name: &str, label: String, like: Option<&Texts>) -> Result<Texts> {
    let texts = Texts::read(folder, label.clone(), like).map_err(|error| unreadable(&label, &error))?;
    check_app(&texts, name)?;
    Ok(texts)
}

fn check_app(texts: &Texts, name: &str) -> Result<()> {
    if texts.app != name {
        let text = format!("{} is the output of `{}`, but the comparison is for `{name}`", texts.label, texts.app);
        return Err(Problem::setting(text).help("compare two outputs of the same app and environment").into());
    }
    Ok(())
}
