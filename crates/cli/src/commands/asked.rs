//! The input of queries: the last output or any files. Also reports names that the input does not contain.

use std::path::{Path, PathBuf};

use anyhow::Result;
use meshsynth_model::problem::{Problem, did_you_mean, list, nearest};
use meshsynth_reach::find::Unfound;

use super::context::Project;
use crate::shell::Shell;
use crate::synth_record;

/// Returns the name and the folder of the input.
pub fn place(
    shell: &Shell,
    config: Option<&Path>,
    command: &str,
    (app, env): (Option<&str>, Option<&str>),
    assembly: Option<&Path>,
) -> Result<(String, PathBuf)> {
    if let Some(path) = assembly {
        if !path.exists() {
            return Err(Problem::setting(format!("`{}` does not exist", path.display())).into());
        }
        return Ok((path.display().to_string(), path.to_owned()));
    }
    let project = Project::find(config)?;
    let target = project.target(command, app, env)?;
    let folder = project.config.output.join(target.name());
    if !folder.exists() {
        let text = format!("`{}` is not synthesized yet", target.name());
        return Err(Problem::setting(text).help(format!("run `meshsynth synth {}`", target.arguments())).into());
    }
    if let Some(stale) = synth_record::stale(&project.config, &folder)? {
        shell.note(&format!("note: {}", synth_record::tell(&project.shown(&folder), &stale)));
    }
    Ok((target.name(), folder))
}

/// Returns the problem for an unknown or ambiguous name, with a suggestion.
pub fn unfound(name: &str, why: Unfound) -> anyhow::Error {
    match why {
        Unfound::Malformed(text) => Problem::setting(text).into(),
        Unfound::Several(names) => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let problem = Problem::setting(format!("the name `{name}` is ambiguous"));
            problem.help(format!("specify one of: {}", list(&names))).into()
        }
        Unfound::Unknown(names) => {
            // Users often give only the last segment of a path.
            let ends = names.iter().filter_map(|it| it.rsplit('/').next());
            let help = match nearest(name, names.iter().map(String::as_str).chain(ends)) {
                Some(near) => format!("did you mean `{near}`?"),
                None if names.len() <= 12 => did_you_mean(name, &names.iter().map(String::as_str).collect::<Vec<_>>()),
                None => "use the name from the program, the template or the manifest".to_owned(),
            };
            Problem::setting(format!("there is no resource or workload named `{name}`")).help(help).into()
        }
    }
}
