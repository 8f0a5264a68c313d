//! `meshsynth render`: writes the manifests as they would be applied.

use std::path::Path;

use anyhow::Result;
use meshsynth_cli::commands::context::{Outcome, Project};
use meshsynth_cli::commands::render::{Args, DeliveryTool};
use meshsynth_cli::deployment::absolute;
use meshsynth_cli::shell::{Shell, count};
use meshsynth_deploy::commands;
use meshsynth_deploy::delivery::{Delivery, Tool};
use meshsynth_deploy::stack::Settings;

use crate::follow::Follow;
use crate::options;
use crate::report::not_begun;

/// Runs the command.
pub fn run(shell: &Shell, file: Option<&Path>, args: &Args) -> Result<Outcome> {
    let project = Project::find(file)?;
    let deployment = project.deployment("render", args.app.as_deref(), &args.at)?;
    let instead = "use `--no-synth` to render the existing output";
    project.require_current(shell, &deployment, &args.at, args.no_synth, instead)?;
    let follow = Follow::new(shell, false);
    let folder = project.here.join(&args.output);
    let delivery = args.delivery.map(|tool| Delivery {
        tool: match tool {
            DeliveryTool::Argocd => Tool::ArgoCd,
            DeliveryTool::Flux => Tool::Flux,
        },
        repository: args.repository.clone().unwrap_or_default(),
        revision: args.revision.clone(),
        path: folder.strip_prefix(&project.config.folder).unwrap_or(&args.output).display().to_string(),
    });
    let given = absolute(args.outputs.as_ref(), &project.here);
    let options = options::of(&deployment, args.at.role.as_deref(), Settings::default(), &follow);
    let n_files = commands::render(&options, given.as_deref(), delivery.as_ref(), &folder).map_err(not_begun)?;
    shell.done("rendered", &format!("{}: {} -> {}", deployment.name, count(n_files, "file"), project.shown(&folder)));
    Ok(Outcome::Fine)
}
