//! `meshsynth graph`: a diagram of a platform, from its last output.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth_assembly::Assembly;
use meshsynth_assembly::graph::Graph;
use meshsynth_model::problem::Problem;
use meshsynth_reach::World;

use super::context::Project;
use crate::graph::{self, Format};
use crate::shell::Shell;
use crate::{synth_record, whole_file};

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth graph shop --output shop.svg               a diagram for a document
  meshsynth graph shop --env staging --output s.html   an interactive page
  meshsynth graph shop --format mermaid                for a README, on stdout";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The app to draw; optional if there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    /// The environment to draw; optional if there is only one.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// The format; by default taken from the extension of FILE, or SVG.
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// The file to write, instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, args: &Args) -> Result<()> {
    let project = Project::find(config)?;
    let target = project.target("graph", args.app.as_deref(), args.env.as_deref())?;
    let folder = project.config.output.join(target.name());
    if !folder.exists() {
        let text = format!("`{}` is not synthesized yet", target.name());
        return Err(Problem::setting(text).help(format!("run `meshsynth synth {}`", target.arguments())).into());
    }
    let shown_folder = project.shown(&folder);
    // Reports a broken output or an unsupported format before `graph.json` is read.
    Assembly::read(&folder).with_context(|| format!("cannot read `{shown_folder}`"))?;
    let graph = Graph::read(&folder).with_context(|| format!("cannot read `{shown_folder}`"))?;
    if let Some(stale) = synth_record::stale(&project.config, &folder)? {
        shell.note(&format!("note: {}", synth_record::tell(&shown_folder, &stale)));
    }
    let format = format(args);
    let world = (format == Format::Html).then(|| World::read(&folder)).transpose();
    let world = world.with_context(|| format!("cannot read `{shown_folder}`"))?;
    let picture = graph::draw(&target.name(), &graph, format, world.as_ref());
    match &args.output {
        None => shell.data(&picture),
        Some(file) => {
            let file = project.here.join(file);
            let name = project.shown(&file);
            whole_file::write(&file, picture).with_context(|| format!("cannot write `{name}`"))?;
            shell.done("drew", &format!("{} -> {name}", target.name()));
            Ok(())
        }
    }
}

/// Returns the requested format, or the format of the file extension.
fn format(args: &Args) -> Format {
    let ending = args.output.as_deref().and_then(Path::extension).and_then(|it| it.to_str());
    args.format.unwrap_or(match ending {
        Some("html" | "htm") => Format::Html,
        Some("mmd" | "mermaid") => Format::Mermaid,
        Some("dot" | "gv") => Format::Dot,
        _ => Format::Svg,
    })
}
