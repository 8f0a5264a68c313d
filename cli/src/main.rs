//! The binary `meshsynth`: everything but what reaches AWS and clusters.

use std::process::ExitCode;

fn main() -> ExitCode {
    meshsynth_cli::main(None)
}
