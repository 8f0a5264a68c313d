//! Development tasks: reduce vendor schemas to facts, generate types from facts, test, release and measure.

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
#[command(name = "cargo xtask", about = "Development tasks of meshsynth")]
struct Args {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Reduces a vendor's schemas to the facts under `crates/facts/schema/`.
    #[command(subcommand)]
    Facts(facts::Command),
    /// Generates the typed resources and kinds from `crates/facts/schema/`.
    Codegen {
        /// Only report the changes. Fail if there are any.
        #[arg(long)]
        check: bool,
    },
    /// Installs the validators under `target/tools` and runs all tests.
    Test {
        /// Run only these steps, by their names in the output, such as `judge` or `walkthrough`.
        steps: Vec<String>,
        /// Also deploy every platform to real API servers, which are built from the Kubernetes modules. This needs Go.
        #[arg(long)]
        real: bool,
    },
    /// Checks that a release is complete: packages, a static binary, documentation, installation.
    Release {
        /// Only create and inspect packages, without building.
        #[arg(long, conflicts_with = "quick")]
        packages: bool,
        /// Create packages, build a static binary without optimizations, and run it in an empty root file system.
        #[arg(long)]
        quick: bool,
    },
    /// Prints the Homebrew formula for a release.
    Formula {
        /// The version, such as `0.1.0`.
        #[arg(long)]
        version: String,
        /// The file `SHA256SUMS` of the release.
        #[arg(long)]
        checksums: PathBuf,
    },
    /// Creates the root file system of the container image.
    Image {
        /// The folder with the static binaries.
        #[arg(long)]
        binaries: PathBuf,
        /// The certificates of certificate authorities, such as `ca-certificates.crt` of a Linux distribution.
        #[arg(long)]
        certificates: PathBuf,
        /// The folder to create. Existing content is removed.
        #[arg(long)]
        to: PathBuf,
    },
    /// Measures synthesis and checks, in comparison with programs that do only a part of the work.
    Bench {
        /// Compare instructions, allocations and peak memory with `crates/dev/benches/budgets.toml`. This needs valgrind.
        #[arg(long)]
        check: bool,
        /// Write the measured values to `crates/dev/benches/budgets.toml`.
        #[arg(long, requires = "check")]
        update: bool,
        /// Measure only the rows whose name contains one of these texts.
        #[arg(requires = "check")]
        rows: Vec<String>,
    },
    /// Measures the cost of builds: the command, a project, an additional service, an edit.
    BenchBuilds,
    /// Measures a diff in comparison with `git diff` and the library of the CDK.
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

/// Returns the root of the repository.
fn root() -> PathBuf {
    let xtask = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    xtask.ancestors().nth(3).expect("the package is in `crates/dev`").to_path_buf()
}

/// Prints a text to stderr.
fn say(text: &str) {
    eprintln!("{text}");
}
