//! `meshsynth init`: creates a new project.

use std::path::PathBuf;

use anyhow::{Context, Result};
use meshsynth_model::problem::Problem;
use serde_json::json;

use crate::init::ci::Ci;
use crate::init::{self, Facts, Library, Template, app_name};
use crate::shell::{Shell, count, shown};

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth init shop                              a network, a cluster and one service, in `shop`
  meshsynth init shop --template microservices     services with data, for staging and production
  meshsynth init shop --template mesh              services in an Istio mesh, with a canary
  meshsynth init acme-policy --template policy     your own rules for many platforms
  meshsynth init . --region ap-northeast-1         in the current folder

Existing files are never overwritten: if a file already exists, nothing is created.

The dependency on the library in Cargo.toml is
  a version        if this command is a released binary
  a path           if this command was built in a clone, or with --library-path
  a git URL        with --library-git

Exit codes:
  0    the project was created
  2    nothing is created: a file already exists, or the name or folder cannot be used";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The folder of the project; created if it does not exist.
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// The template of the project.
    #[arg(long, value_enum, default_value_t = Template::Minimal)]
    pub template: Template,
    /// The name of the app; by default the name of the folder.
    #[arg(long)]
    pub name: Option<String>,
    /// The AWS region.
    #[arg(long, default_value = "eu-west-1")]
    pub region: String,
    /// Use the library from a clone of its repository.
    #[arg(long, value_name = "DIR", conflicts_with = "library_git")]
    pub library_path: Option<PathBuf>,
    /// Use the library from a git repository.
    #[arg(long, value_name = "URL")]
    pub library_git: Option<String>,
    /// Only add a CI workflow to the existing project: it comments on pull requests with the diff.
    #[arg(long, value_enum, value_name = "SYSTEM", conflicts_with_all = ["template", "name", "region", "library_path", "library_git", "json"])]
    pub ci: Option<Ci>,
    /// Print the created files as JSON to stdout.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
pub fn run(shell: &Shell, args: &Args) -> Result<()> {
    let here = std::env::current_dir().context("cannot determine the current folder")?;
    let folder: PathBuf = here.join(&args.folder).components().collect();
    if folder.exists() && !folder.is_dir() {
        let text = format!("`{}` is a file", shown(&folder, &here));
        return Err(Problem::setting(text).help("specify a folder: `meshsynth init DIR`").into());
    }
    if let Some(ci) = args.ci {
        let path = init::ci::write(&folder, ci)?;
        shell.done("made", &shown(&folder.join(path), &here));
        let gates = "next: choose gates in meshsynth.toml, such as\n  [diff]\n  deny = [\"data-loss\", \"public\"]";
        shell.note(gates);
        return Ok(());
    }
    let name = app_name(args.name.as_deref(), &folder)?;
    check_region(&args.region)?;
    let library = Library::choose(args.library_path.as_deref(), args.library_git.as_deref(), &here)?;
    let files = init::files(args.template, &Facts { name: &name, region: &args.region, library: &library })?;
    init::place(&folder, &files)?;
    let shown_folder = match shown(&folder, &here) {
        empty if empty.is_empty() => ".".to_owned(),
        shown => shown,
    };
    if args.json {
        let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
        shell
            .json(&json!({ "name": name, "folder": shown_folder, "template": word(args.template), "files": paths }))?;
    }
    shell.done("made", &format!("{name}: {} -> {shown_folder}", count(files.len(), "file")));
    for (path, _) in &files {
        shell.note(&format!("  {path}"));
    }
    shell.note(&next(&shown_folder, args.template, &library));
    Ok(())
}

fn word(template: Template) -> &'static str {
    match template {
        Template::Minimal => "minimal",
        Template::Microservices => "microservices",
        Template::Mesh => "mesh",
        Template::CrossRegion => "cross-region",
        Template::Policy => "policy",
    }
}

/// Checks the form of a region, such as `eu-west-1`. The list of existing regions is not checked.
fn check_region(region: &str) -> Result<(), Problem> {
    let parts: Vec<&str> = region.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase());
    let is_region = match parts.as_slice() {
        [words @ .., number] if words.len() >= 2 => {
            words.iter().all(is_word) && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
        }
        _ => false,
    };
    if is_region {
        return Ok(());
    }
    Err(Problem::setting(format!("`{region}` is not an AWS region")).help("specify one, such as `--region eu-west-1`"))
}

/// Returns the next steps for a new project.
fn next(folder: &str, template: Template, library: &Library) -> String {
    let graph = match template {
        Template::Microservices => "meshsynth graph --env staging --output graph.html",
        _ => "meshsynth graph --output graph.html",
    };
    let mut steps = match template {
        Template::Policy => vec![
            ("cargo test", "builds the library (the first time 1 to 2 minutes), and runs each rule on small platforms"),
            ("git init && git add . && git commit", "platforms use the rules from a repository or a registry"),
        ],
        _ => vec![
            ("meshsynth synth", "builds the program (the first time 1 to 2 minutes), and runs it"),
            ("cargo test", "checks the platform and that the output is current"),
            (graph, "draws a diagram"),
            ("git init && git add . && git commit", "also commit the output: later diffs compare with it"),
            (
                "meshsynth synth && meshsynth diff",
                "after a change of src/lib.rs: shows the changes in AWS and Kubernetes",
            ),
        ],
    };
    let cd = format!("cd {folder}");
    if folder != "." {
        steps.insert(0, (&cd, ""));
    }
    let width = steps.iter().map(|(step, _)| step.len()).max().unwrap_or_default();
    let line = |(step, why): &(&str, &str)| match why.is_empty() {
        true => format!("  {step}"),
        false => format!("  {step:width$}  # {why}"),
    };
    let mut lines = vec![String::new(), "next:".to_owned()];
    lines.extend(steps.iter().map(line));
    if let Library::Path(root) = library {
        lines.push(format!(
            "note: Cargo.toml uses the library from `{}`, a folder that only exists on this machine; use \
             `--library-git URL` for a repository",
            root.display()
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_form_of_region() {
        for region in ["eu-west-1", "ap-northeast-1", "us-gov-west-1"] {
            assert!(check_region(region).is_ok(), "{region}");
        }
        for region in ["", "tokyo", "eu-west", "EU-WEST-1", "eu-west-1a"] {
            assert!(check_region(region).is_err(), "{region}");
        }
    }
}
