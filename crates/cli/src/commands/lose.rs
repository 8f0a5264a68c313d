//! `meshsynth lose`: the remaining components after a failure, from the last output or any files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth_model::problem::Problem;
use meshsynth_reach::World;
use meshsynth_reach::loss::{Asked, lose, regions};

use super::asked::{place, unfound};
use super::context::Outcome;
use super::deployed_args::DeployedArgs;
use crate::config::{Config, Lose};
use crate::deployer::Deployer;
use crate::lose::report::Report;
use crate::lose::{Format, render, rules};
use crate::reach::read;
use crate::reach::report::digest;
use crate::shell::{Shell, count};
use crate::whole_file;

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth lose --zone eu-west-1a                      the effects of a lost zone
  meshsynth lose --region eu-west-1 --why               the effects of a lost region, with reasons
  meshsynth lose --workload pricing                     the effects of a lost service
  meshsynth lose --zone eu-west-1a --workload pricing   both at the same time
  meshsynth lose --region eu-west-1 --runbook           the manual recovery steps, in order
  meshsynth lose --region eu-west-1 --output drill.html a page to be reviewed
  meshsynth lose --assembly k8s/ --workload orders      plain manifests and templates
  meshsynth lose --deployed --stack prod-data --zone eu-west-1a
  meshsynth lose --region eu-west-1 --format mermaid    as a flowchart
  meshsynth lose --check                                the rules of `[[lose]]`

Workloads, clusters, node groups and stores have the names from the program, the template or the
manifest.";

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
    /// An availability zone that is lost; can be repeated, as all that follow.
    #[arg(long, value_name = "ZONE", required_unless_present_any = ["region", "cluster", "node_group", "workload", "store", "check"])]
    pub zone: Vec<String>,
    /// A region that is lost.
    #[arg(long, value_name = "REGION")]
    pub region: Vec<String>,
    /// A cluster that is lost.
    #[arg(long, value_name = "CLUSTER")]
    pub cluster: Vec<String>,
    /// A node group that is lost.
    #[arg(long, value_name = "GROUP")]
    pub node_group: Vec<String>,
    /// A workload that is lost, in every cluster that runs it.
    #[arg(long, value_name = "WORKLOAD")]
    pub workload: Vec<String>,
    /// A database, cache, queue or other store that is lost.
    #[arg(long, value_name = "STORE")]
    pub store: Vec<String>,
    /// Check the rules of `[[lose]]` instead of simulating a failure.
    #[arg(long, conflicts_with_all = ["zone", "region", "cluster", "node_group", "workload", "store", "format", "output", "runbook", "why"])]
    pub check: bool,
    /// Show the causes of each result, also for unaffected components.
    #[arg(long)]
    pub why: bool,
    /// Write the manual recovery steps, in order, as Markdown; short for `--format markdown`.
    #[arg(long, conflicts_with = "format")]
    pub runbook: bool,
    /// The format; by default taken from the extension of FILE, or text.
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// The file to write, instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, deployer: Option<&dyn Deployer>, args: &Args) -> Result<Outcome> {
    let of = (args.app.as_deref(), args.env.as_deref());
    let deployed = args.deployed.read(shell, config, deployer, "lose", of)?;
    let (platform, folder) = match &deployed {
        Some((called, folder)) => (called.clone(), folder.0.clone()),
        None => place(shell, config, "lose", of, args.assembly.as_deref())?,
    };
    let world = read::world(&folder).with_context(|| format!("cannot read `{platform}`"))?;
    if args.check {
        return check(shell, config, args, &platform, &world);
    }
    if world.resources.is_empty() && world.workloads.is_empty() {
        let problem = Problem::setting(format!("`{platform}` contains no template and no manifest"));
        return Err(problem.help("specify a folder with an assembly, templates or manifests").into());
    }
    let asked = Asked {
        zones: args.zone.clone(),
        regions: args.region.clone(),
        clusters: args.cluster.clone(),
        node_groups: args.node_group.clone(),
        workloads: args.workload.clone(),
        stores: args.store.clone(),
    };
    if let Some(region) = asked.zones.iter().find(|it| regions(&world).contains(*it)) {
        let problem = Problem::setting(format!("`{region}` is a region, not a zone"));
        return Err(problem.help(format!("use `--region {region}`, or specify one of its zones")).into());
    }
    if let Some(region) = asked.regions.first().filter(|_| regions(&world).is_empty()) {
        let problem = Problem::setting(format!(
            "the files do not specify regions, so it is unknown which resources are in `{region}`"
        ));
        return Err(problem.help("use `--zone`, or an assembly, which contains the region of each stack").into());
    }
    let event = asked.event(&world).map_err(|(name, why)| unfound(&name, why))?;
    let report = Report {
        digest: digest(&folder)?,
        asked: asked.clone(),
        loss: lose(&world, &asked, &event),
        why: args.why,
        unread: world.unread.clone(),
        platform,
    };
    let text = render(&report, format(args))?;
    match &args.output {
        None => shell.data(&text)?,
        Some(file) => {
            whole_file::write(file, &text).with_context(|| format!("cannot write `{}`", file.display()))?;
            shell.done("asked", &format!("{}: {} -> {}", report.question(), report.summary(), file.display()));
        }
    }
    Ok(Outcome::Fine)
}

/// Checks the rules of the project.
fn check(shell: &Shell, config: Option<&Path>, args: &Args, platform: &str, world: &World) -> Result<Outcome> {
    let config = Config::find(config)?;
    let app = args.app.as_deref().or_else(|| config.apps.first().map(|it| it.name.as_str())).unwrap_or_default();
    let is_any = args.assembly.is_some() || args.deployed.deployed;
    let is_meant = |it: &&Lose| is_any || it.is_about(app, platform);
    let rules: Vec<&Lose> = config.lose.iter().filter(is_meant).collect();
    if rules.is_empty() {
        let problem = Problem::setting("meshsynth.toml has no `[[lose]]` rule for this platform");
        return Err(problem.help("such as:\n\n[[lose]]\nzone = \"any\"\nkeep = [\"entries\"]").into());
    }
    let broken = rules::check(world, &rules)?;
    for text in &broken {
        shell.report(text);
    }
    if broken.is_empty() {
        shell.done("checked", &format!("{platform}: {}", count(rules.len(), "rule")));
        return Ok(Outcome::Fine);
    }
    shell.failed(&format!("`{platform}` violates failure rules"));
    Ok(Outcome::Mistakes)
}

/// Returns the requested format, or the format of the file extension.
fn format(args: &Args) -> Format {
    if args.runbook {
        return Format::Markdown;
    }
    let ending = args.output.as_deref().and_then(Path::extension).and_then(|it| it.to_str());
    args.format.unwrap_or(match ending {
        Some("html" | "htm") => Format::Html,
        Some("json") => Format::Json,
        Some("md") => Format::Markdown,
        Some("mmd" | "mermaid") => Format::Mermaid,
        _ => Format::Text,
    })
}
