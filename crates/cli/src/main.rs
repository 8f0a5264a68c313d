//! The binary `meshsynth`: all commands, without access to AWS and clusters.

use std::process::ExitCode;

fn main() -> ExitCode {
    meshsynth_cli::main(None)
}
