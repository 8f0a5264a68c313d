//! `meshsynth upgrade`: the versions of a platform, and the ordered steps of an upgrade.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth_model::problem::Problem;
use meshsynth_upgrade::{Plan, Request, inventory};

use super::asked::place;
use super::context::{Outcome, today};
use crate::shell::{Shell, count};
use crate::upgrade::report::Report;
use crate::upgrade::{Format, read, render, write};
use crate::whole_file;
use meshsynth_check::sources::render::Render;

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth upgrade shop --env production                the versions in use and their support
  meshsynth upgrade shop --to eks=1.36 --to istio=1.30   the steps, in order
  meshsynth upgrade shop --to orders-db=17               one database, by its name
  meshsynth upgrade shop --to eks=1.36 --all             also notes that do not concern the platform
  meshsynth upgrade shop --to eks=1.36 --step 1 --write  apply the edits of a step to the program
  meshsynth upgrade --assembly k8s/ --render             plain manifests, templates and charts
  meshsynth upgrade shop --to eks=1.36 --format markdown for an issue or a pull request

A version without data is `unknown`, with the date of the data and the call that would answer. Notes
that do not concern the platform are counted; --all prints each with its reason.

Exit codes:
  0  success
  1  a step has a blocker, the vendor refuses a target, the data does not contain a target, or a
     file of the platform was not read
  2  usage, or a file that cannot be read";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The app to analyze; optional if there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    /// The environment to analyze; optional if there is only one.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// A folder or a file to read, instead of the output: an assembly, templates or manifests.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["app", "env"])]
    pub assembly: Option<PathBuf>,
    /// A wanted version: a product or the name of a component, and its version. Can be repeated.
    #[arg(long, value_name = "NAME=VERSION", value_parser = Request::parse)]
    pub to: Vec<Request>,
    /// Show notes that do not concern the platform, with the reasons.
    #[arg(long, requires = "to")]
    pub all: bool,
    /// Show only this step.
    #[arg(long, value_name = "N", requires = "to")]
    pub step: Option<usize>,
    /// Apply the edits of the step to the program or to the files.
    #[arg(long, requires = "step")]
    pub write: bool,
    /// Render kustomizations and charts of the folder, and read the output.
    #[arg(long, requires = "assembly")]
    pub render: bool,
    /// The format; by default taken from the extension of FILE, or text.
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// The file to write, instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The date on which the support is evaluated, instead of today.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<String>,
}

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, args: &Args) -> Result<Outcome> {
    let today = today(args.today.as_deref())?;
    let of = (args.app.as_deref(), args.env.as_deref());
    let (platform, folder) = place(shell, config, "upgrade", of, args.assembly.as_deref())?;
    let charts = args.render.then_some(Render { values: &[] });
    let input = read::input(&folder, charts).with_context(|| format!("cannot read `{platform}`"))?;
    let located = |file: &str, path: &str| input.located(file, path);
    let plan = Plan::new(&input.side, &located, &args.to)?;
    if let Some(n) = args.step.filter(|n| !(1..=plan.steps.len()).contains(n)) {
        let problem = Problem::setting(format!("there is no step {n}"));
        return Err(problem.help(format!("the plan has {}", count(plan.steps.len(), "step"))).into());
    }
    if let (Some(n), true) = (args.step, args.write) {
        let root = write::root(config, &folder, args.assembly.is_some())?;
        for place in write::step(&root, &plan.steps[n - 1])? {
            shell.done("changed", &place);
        }
        return Ok(Outcome::Fine);
    }
    let report = Report {
        components: inventory(&input.side, &located),
        side: &input.side,
        has_requests: !args.to.is_empty(),
        step: args.step,
        all: args.all,
        unread: &input.unread,
        platform,
        plan,
        today,
    };
    if report.components.is_empty() {
        let problem = Problem::setting(format!("`{}` contains no component with a version", report.platform));
        return Err(problem.help("specify a folder with an assembly, templates or manifests").into());
    }
    let text = render(&report, format(args))?;
    match &args.output {
        None => shell.data(&text)?,
        Some(file) => {
            whole_file::write(file, &text).with_context(|| format!("cannot write `{}`", file.display()))?;
            shell.done("written", &file.display().to_string());
        }
    }
    Ok(if report.is_blocked() { Outcome::Mistakes } else { Outcome::Fine })
}

/// Returns the requested format, or the format of the file extension.
fn format(args: &Args) -> Format {
    let ending = args.output.as_deref().and_then(Path::extension).and_then(|it| it.to_str());
    args.format.unwrap_or(match ending {
        Some("json") => Format::Json,
        Some("md") => Format::Markdown,
        _ => Format::Text,
    })
}
