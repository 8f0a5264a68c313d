//! `meshsynth reach`: connections and permissions, from the last output or any files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;
use meshsynth::diag::Diagnostic;
use meshsynth_assembly::read_manifest;
use meshsynth_reach::find;
use meshsynth_reach::{Answer, Engine, Source, Target, Verdict, survey};

use super::asked::{place, unfound};
use super::context::Outcome;
use super::deployed_args::DeployedArgs;
use crate::config::{Config, Reach};
use crate::deployer::Deployer;
use crate::reach::actions::known_action;
use crate::reach::report::{Report, Scope, digest};
use crate::reach::{Format, findings, read, render};
use crate::shell::{Shell, count};
use crate::whole_file;

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth reach --from orders --to orders-db            whether it can, and what stops it
  meshsynth reach --from orders --to orders-db --why      every layer, with its line
  meshsynth reach --from internet                         everything that is exposed
  meshsynth reach --to orders-db                          everything that can reach it
  meshsynth reach --to payments:http --from 10.0.0.0/8    one port, from a block of addresses
  meshsynth reach --to receipts --action s3:GetObject     one action of an API
  meshsynth reach --from internet --output exposed.html   a page to be reviewed
  meshsynth reach --from internet --to orders-db --expect denied
  meshsynth reach --assembly k8s/ --from web --to db      plain manifests and templates
  meshsynth reach --check --assembly k8s/                 the rules of `[[reach]]`
  meshsynth reach --deployed --stack prod-data --context prod --from internet

A source is `internet`, a block of addresses, `account:111122223333`, an ARN,
`pods:NAMESPACE/LABEL=VALUE`, or the name of a workload or a resource in the program, the template
or the manifest.";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The app to analyze; optional if there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    /// The environment to analyze; optional if there is only one.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// A folder or a file to read, instead of the output: an assembly, templates or manifests.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["app", "env", "deployed"])]
    pub assembly: Option<PathBuf>,
    #[command(flatten)]
    pub deployed: DeployedArgs,
    /// The source of the connection or request; by default, every source that can reach TARGET.
    #[arg(long, value_name = "SOURCE", required_unless_present_any = ["to", "check"])]
    pub from: Option<String>,
    /// The target, with `:PORT` for one port; by default, every target that SOURCE can reach.
    #[arg(long, value_name = "TARGET")]
    pub to: Option<String>,
    /// An AWS API action on TARGET, such as `s3:GetObject`.
    #[arg(long, value_name = "ACTION", requires = "to")]
    pub action: Option<String>,
    /// Check the rules of `[[reach]]`, and the rules and relations of the program, instead of a query.
    #[arg(long, conflicts_with_all = ["from", "to", "format", "output"])]
    pub check: bool,
    /// Show every deciding layer.
    #[arg(long)]
    pub why: bool,
    /// The format; by default taken from the extension of FILE, or text.
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// The file to write, instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exit with 1 unless every result is this verdict.
    #[arg(long, value_enum, value_name = "VERDICT", requires = "from", requires = "to")]
    pub expect: Option<Expected>,
}

/// The expected verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Expected {
    Allowed,
    Denied,
    Unknown,
}

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, deployer: Option<&dyn Deployer>, args: &Args) -> Result<Outcome> {
    let of = (args.app.as_deref(), args.env.as_deref());
    let deployed = args.deployed.read(shell, config, deployer, "reach", of)?;
    let (platform, folder) = match &deployed {
        Some((called, folder)) => (called.clone(), folder.0.clone()),
        None => place(shell, config, "reach", of, args.assembly.as_deref())?,
    };
    if args.check {
        return check(shell, config, args, &platform, &folder);
    }
    if let Some(action) = &args.action {
        known_action(action).map_err(|it| unfound(action, it))?;
    }
    let world = read::world(&folder).with_context(|| format!("cannot read `{platform}`"))?;
    let engine = Engine::new(&world);
    let (denied, answers) = answers(&engine, args)?;
    let report = Report {
        platform,
        digest: digest(&folder)?,
        from: args.from.clone(),
        to: args.to.clone(),
        action: args.action.clone(),
        why: args.why,
        answers,
        denied,
        scope: Scope::of(&world),
        unread: world.unread.clone(),
    };
    let text = render(&report, format(args))?;
    match &args.output {
        None => shell.data(&text)?,
        Some(file) => {
            whole_file::write(file, &text).with_context(|| format!("cannot write `{}`", file.display()))?;
            shell.done("asked", &format!("{}: {} -> {}", report.question(), report.summary(), file.display()));
        }
    }
    let expected = args.expect.map(|it| match it {
        Expected::Allowed => Verdict::Allowed,
        Expected::Denied => Verdict::Denied,
        Expected::Unknown => Verdict::Unknown,
    });
    match expected {
        Some(expected) if report.answers.iter().any(|it| it.verdict != expected) => {
            shell.failed(&format!("the expected result is `{}`, but another result was found", expected.word()));
            Ok(Outcome::Mistakes)
        }
        _ => Ok(Outcome::Fine),
    }
}

/// Checks the rules of the project and of the program.
fn check(shell: &Shell, config: Option<&Path>, args: &Args, platform: &str, folder: &Path) -> Result<Outcome> {
    let config = Config::find(config)?;
    let app = args.app.as_deref().or_else(|| config.apps.first().map(|it| it.name.as_str())).unwrap_or_default();
    let is_any = args.assembly.is_some() || args.deployed.deployed;
    let is_meant = |it: &&Reach| is_any || it.is_about(app, platform);
    let mut rules: Vec<_> = config.reach.iter().filter(is_meant).map(|it| it.rule.clone()).collect();
    if let Ok(manifest) = read_manifest(folder) {
        rules.extend(manifest.reach);
    }
    let found = findings::check(folder, &rules)?;
    shell.diagnostics(&found);
    if found.iter().any(Diagnostic::is_error) {
        shell.failed(&format!("`{platform}` violates reachability rules"));
        return Ok(Outcome::Mistakes);
    }
    shell.done("checked", &format!("{platform}: {}", count(rules.len(), "rule")));
    Ok(Outcome::Fine)
}

/// Returns the denied and the other results. The denied list is empty if both source and target are given.
fn answers(engine: &Engine<'_>, args: &Args) -> Result<(Vec<Answer>, Vec<Answer>)> {
    let world = engine.world();
    let sources = args.from.as_deref().map(|name| find::sources(world, name).map_err(|it| unfound(name, it)));
    let targets = args.to.as_deref();
    let targets =
        targets.map(|name| find::targets(world, name, args.action.as_deref()).map_err(|it| unfound(name, it)));
    let all: Vec<Answer> = match (sources.transpose()?, targets.transpose()?) {
        (Some(sources), Some(targets)) => {
            return Ok((Vec::new(), pairs(&sources, &targets).map(|(a, b)| engine.ask(a, b)).collect()));
        }
        (Some(sources), None) => sources.iter().flat_map(|it| survey::each_from(engine, it)).collect(),
        (None, Some(targets)) => targets.iter().flat_map(|it| survey::each_to(engine, it)).collect(),
        (None, None) => Vec::new(),
    };
    Ok(all.into_iter().partition(|it| it.verdict == Verdict::Denied))
}

fn pairs<'a>(sources: &'a [Source], targets: &'a [Target]) -> impl Iterator<Item = (&'a Source, &'a Target)> {
    sources.iter().flat_map(move |source| targets.iter().map(move |target| (source, target)))
}

/// Returns the requested format, or the format of the file extension.
fn format(args: &Args) -> Format {
    let ending = args.output.as_deref().and_then(Path::extension).and_then(|it| it.to_str());
    args.format.unwrap_or(match ending {
        Some("html" | "htm") => Format::Html,
        Some("json") => Format::Json,
        Some("mmd" | "mermaid") => Format::Mermaid,
        _ => Format::Text,
    })
}
