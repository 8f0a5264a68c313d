//! Compiles the platform: `meshsynth synth global-data`.

use std::process::ExitCode;

fn main() -> ExitCode {
    meshsynth_program::run("global-data", global_data::platform)
}
