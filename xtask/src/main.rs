//! The chores: reduce the vendors' schemas to facts, generate types from facts.

mod bench;
mod bench_builds;
mod codegen;
mod facts;
mod release;
mod steps;
mod test;
mod tools;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use release::Scope;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of meshsynth")]
struct Args {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Reduces a vendor's schemas to the facts under `types/schema/`.
    #[command(subcommand)]
    Facts(facts::Command),
    /// Generates the typed resources and kinds from `types/schema/`.
    Codegen {
        /// Only say what would change; fail if anything would.
        #[arg(long)]
        check: bool,
    },
    /// Sets up the judges under `target/tools` and passes all tests.
    Test {
        /// Only these steps, each by its name in the output, such as `judge` or `walkthrough`.
        steps: Vec<String>,
        /// Also deploys every platform to real API servers, built from Kubernetes' own modules: this needs Go.
        #[arg(long)]
        real: bool,
    },
    /// Checks that what is to be published is whole: packages, a static binary, documentation, installation.
    Release {
        /// Only packs and looks, without building anything.
        #[arg(long, conflicts_with = "quick")]
        packages: bool,
        /// Packs, builds a static binary without optimizations, and runs it in an empty root.
        #[arg(long)]
        quick: bool,
    },
    /// Prints the formula of Homebrew for a release.
    Formula {
        /// The version, such as `0.1.0`.
        #[arg(long)]
        version: String,
        /// The file `SHA256SUMS` of the release.
        #[arg(long)]
        checksums: PathBuf,
    },
    /// Makes the root of the container image.
    Image {
        /// The folder of the static binaries.
        #[arg(long)]
        binaries: PathBuf,
        /// The certificates of authorities, as `ca-certificates.crt` of a Linux distribution.
        #[arg(long)]
        certificates: PathBuf,
        /// The folder to make; what is in it is removed.
        #[arg(long)]
        to: PathBuf,
    },
    /// Measures synthesis and checks, and programs that do a part of the work for comparison.
    Bench {
        /// Compare instructions, allocations and peak memory with `benches/budgets.toml`. This needs valgrind.
        #[arg(long)]
        check: bool,
        /// Write the measured values to `benches/budgets.toml`.
        #[arg(long, requires = "check")]
        update: bool,
        /// Measure only the rows whose name contains one of these texts.
        #[arg(requires = "check")]
        rows: Vec<String>,
    },
    /// Measures what building costs: the command, a project, one more service, an edit.
    BenchBuilds,
    /// Measures a diff beside `git diff` and the CDK's library.
    BenchDiff,
}

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<()> {
    let root = root();
    match args.chore {
        Chore::Facts(command) => facts::run(&root, command),
        Chore::Codegen { check } => codegen::run(&root, check),
        Chore::Test { steps, real } => test::run(steps, real),
        Chore::Release { packages: true, .. } => release::run(&root, Scope::Packages),
        Chore::Release { quick: true, .. } => release::run(&root, Scope::Quick),
        Chore::Release { .. } => release::run(&root, Scope::Whole),
        Chore::Formula { version, checksums } => {
            let text = fs::read_to_string(&checksums).with_context(|| format!("reading `{}`", checksums.display()))?;
            print!("{}", release::formula::render(&version, &text)?);
            Ok(())
        }
        Chore::Image { binaries, certificates, to } => release::image::assemble(&binaries, &certificates, &to),
        Chore::Bench { check: true, update, rows } => bench::budgets::run(&rows, update),
        Chore::Bench { .. } => bench::run(),
        Chore::BenchBuilds => bench_builds::run(),
        Chore::BenchDiff => bench::diff::run(),
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    let xtask = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("xtask lies in the workspace").to_path_buf()
}

/// The one place that prints.
fn say(text: &str) {
    eprintln!("{text}");
}
