//! The chores: reduce the vendors' schemas to facts, generate types from facts.

mod bench;
mod bench_diff;
mod codegen;
mod facts;
mod release;
mod test;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

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
    /// Checks that what is to be published is whole: packages, documentation, installation.
    Release {
        /// Only packs and looks, without building anything.
        #[arg(long)]
        quick: bool,
    },
    /// Measures synthesis beside a program that only writes the same bytes.
    Bench,
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
        Chore::Release { quick } => release::run(&root, quick),
        Chore::Bench => bench::run(),
        Chore::BenchDiff => bench_diff::run(),
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
