//! `meshsynth graph`: a picture of a platform, from its last output.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::synth::shown;
use crate::assembly::Assembly;
use crate::cli::{Graph as Args, GraphFormat};
use crate::config::{Config, Target};
use crate::graph::{self, Graph};
use crate::problem::{Problem, list};
use crate::shell::Shell;
use crate::synth_record;

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, args: &Args) -> Result<()> {
    let config = Config::find(config)?;
    let target = one(&config, args)?;
    let folder = config.output.join(target.name());
    if !folder.exists() {
        let text = format!("`{}` is not synthesized yet", target.name());
        return Err(Problem::setting(text).help(format!("run `{}`", command("synth", target))).into());
    }
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    let shown_folder = shown(&folder, &here);
    // An output that is broken or of another format is told as such.
    Assembly::read(&folder).with_context(|| format!("cannot read `{shown_folder}`"))?;
    let graph = Graph::read(&folder).with_context(|| format!("cannot read `{shown_folder}`"))?;
    if let Some(stale) = synth_record::stale(&config, &folder)? {
        shell.note(&format!("note: {}", synth_record::tell(&shown_folder, &stale)));
    }
    let picture = graph::draw(&target.name(), &graph, format(args));
    match &args.output {
        None => shell.data(&picture),
        Some(file) => {
            let file = here.join(file);
            let name = shown(&file, &here);
            fs::write(&file, picture).with_context(|| format!("cannot write `{name}`"))?;
            shell.done("drew", &format!("{} -> {name}", target.name()));
            Ok(())
        }
    }
}

/// The one platform that is asked for.
fn one<'a>(config: &'a Config, args: &Args) -> Result<Target<'a>> {
    let names: Vec<String> = args.app.iter().cloned().collect();
    let targets = config.targets(&names, args.env.as_deref())?;
    if let [target] = targets[..] {
        return Ok(target);
    }
    let names: Vec<String> = targets.iter().map(Target::name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let first = targets.first().map(|target| command("graph", *target)).unwrap_or_default();
    let problem = Problem::setting(format!("several are meant: {}", list(&names)));
    Err(problem.help(format!("name one, such as `{first}`")).into())
}

/// The form that is asked for, or that the name of the file says.
fn format(args: &Args) -> GraphFormat {
    let ending = args.output.as_deref().and_then(Path::extension).and_then(|it| it.to_str());
    args.format.unwrap_or(match ending {
        Some("html" | "htm") => GraphFormat::Html,
        Some("mmd" | "mermaid") => GraphFormat::Mermaid,
        Some("dot" | "gv") => GraphFormat::Dot,
        _ => GraphFormat::Svg,
    })
}

/// What to type for a platform.
fn command(verb: &str, target: Target<'_>) -> String {
    match target.environment {
        Some(environment) => format!("meshsynth {verb} {} --env {environment}", target.app.name),
        None => format!("meshsynth {verb} {}", target.app.name),
    }
}
