//! The commands around a project: making one, watching it, looking for what is wrong with it.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};

pub const INIT_HELP: &str = "\
Examples:
  meshsynth init shop                              a network, a cluster and one service, in `shop`
  meshsynth init shop --template microservices     services with data, for staging and production
  meshsynth init shop --template mesh              services in an Istio mesh, with a canary
  meshsynth init . --region ap-northeast-1         in this folder, beside what is there

A file that is there already is never overwritten: then nothing is made at all.

The library is named in Cargo.toml
  by its version           where this command is a released binary
  by the path of a clone   where this command was built in one, or with --library-path
  by a git URL             with --library-git

Exit codes:
  0    the project is there
  2    nothing is made: a file in the way, a name or folder that cannot be used";

pub const WATCH_HELP: &str = "\
Every time that a file of the project is saved, the apps are synthesized and compared again. A
program with mistakes leaves the last good output as it was, and nothing is compared: the next good
save goes on from there. Ctrl-C ends it.

Watched is every file below the folder of meshsynth.toml, but not `target`, the output folder, and
what begins with a dot.

Examples:
  meshsynth watch                            all apps, against the output as committed in HEAD
  meshsynth watch shop --env staging         one app in one environment
  meshsynth watch --base origin/main         against another revision
  meshsynth watch --also ../shared           and what lies there

Without a commit that holds the output, the output of the beginning is the old side.

Exit codes:
  0    ended with Ctrl-C
  2    it cannot begin: configuration, an unknown app, a base that is missing";

pub const DOCTOR_HELP: &str = "\
Looked at, in this order: the configuration, the toolchain, git, the library, each program (it is
built and run, into a folder that vanishes) and its last output, and helm where a release needs it.
Nothing is changed, and nothing but cargo may use the network, unless you ask for more:

--aws       who you are in each region of the platform, until when, and whether CloudFormation
            answers there and has a bucket for templates that are too large for a call
--clusters  whether each cluster can be reached, its version, and whether you may apply what is to
            be applied

Examples:
  meshsynth doctor                                  the machine and the project
  meshsynth doctor --no-run                         without building and running the programs
  meshsynth doctor shop --env staging --aws         and AWS, as `deploy` would reach it
  meshsynth doctor --clusters --context kind-shop   and a cluster of your kubeconfig
  meshsynth doctor --json                           for programs

Exit codes:
  0    nothing is wrong; there may be warnings
  1    something is wrong: each finding says how to mend it
  2    it cannot look: usage, an unknown app
  130  interrupted";

pub const COMPLETIONS_HELP: &str = "\
Examples:
  meshsynth completions bash > ~/.local/share/bash-completion/completions/meshsynth
  meshsynth completions zsh  > ~/.zfunc/_meshsynth
  meshsynth completions fish > ~/.config/fish/completions/meshsynth.fish";

pub const MAN_HELP: &str = "\
Examples:
  meshsynth man ~/.local/share/man/man1    then: man meshsynth, man meshsynth-diff
  meshsynth man target/man                 for a package";

#[derive(Args, Debug)]
pub struct Init {
    /// Where the project goes; this folder by default. It is made where it is missing.
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// What the project begins with.
    #[arg(long, value_enum, default_value_t = Template::Minimal)]
    pub template: Template,
    /// The name of the app; by default that of the folder.
    #[arg(long)]
    pub name: Option<String>,
    /// The region of AWS.
    #[arg(long, default_value = "eu-west-1")]
    pub region: String,
    /// Takes the library from a clone of its repository.
    #[arg(long, value_name = "DIR", conflicts_with = "library_git")]
    pub library_path: Option<PathBuf>,
    /// Takes the library from a git repository.
    #[arg(long, value_name = "URL")]
    pub library_git: Option<String>,
    /// Writes a CI workflow into the project that is there, and nothing else: what a deployment would do, in a comment.
    #[arg(long, value_enum, value_name = "SYSTEM", conflicts_with_all = ["template", "name", "region", "library_path", "library_git", "json"])]
    pub ci: Option<Ci>,
    /// What was made, as JSON on stdout.
    #[arg(long)]
    pub json: bool,
}

/// Where pull requests are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    Github,
    Gitlab,
}

/// What a new project begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// A network, a cluster and one service.
    Minimal,
    /// Three services with a database, a cache and a way in, for staging and production.
    Microservices,
    /// Two services in an Istio mesh, with a way in and a canary.
    Mesh,
    /// One Istio mesh over two regions.
    CrossRegion,
}

#[derive(Args, Debug)]
pub struct Watch {
    /// The apps to watch; all by default.
    #[arg(value_name = "APP")]
    pub apps: Vec<String>,
    /// The environment to synthesize for; all by default.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// The old side, as for `diff`.
    #[arg(long, value_name = "FOLDER|REVISION")]
    pub base: Option<String>,
    /// Another folder to watch; may be given several times.
    #[arg(long, value_name = "DIR")]
    pub also: Vec<PathBuf>,
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("asks").multiple(true)))]
pub struct Doctor {
    /// The apps to look at; all by default.
    #[arg(value_name = "APP")]
    pub apps: Vec<String>,
    /// The environment to look at; all by default.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// Asks AWS who we are, and whether it answers in every region.
    #[arg(long, group = "asks")]
    pub aws: bool,
    /// Asks every cluster whether we may apply what is to be applied.
    #[arg(long, group = "asks")]
    pub clusters: bool,
    /// The role that is assumed; `{account}` stands for the account of a stack.
    #[arg(long, value_name = "ARN", requires = "asks")]
    pub role: Option<String>,
    /// A kubeconfig for the clusters, instead of tokens of EKS.
    #[arg(long, value_name = "FILE", requires = "clusters")]
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig.
    #[arg(long, value_name = "NAME", requires = "clusters")]
    pub context: Option<String>,
    /// Does not build and run the programs.
    #[arg(long)]
    pub no_run: bool,
    /// The findings as JSON on stdout.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct Completions {
    /// The shell to complete in.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub struct Man {
    /// Where the pages go, a file for each command; it is made where it is missing.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}
