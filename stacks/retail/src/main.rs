//! Compiles the platform: `meshsynth synth retail`.

use std::process::ExitCode;

use meshsynth_program::Program;
use retail::{Environment, platform};

fn main() -> ExitCode {
    Program::new("retail")
        .environment("staging", Environment::staging())
        .environment("production", Environment::production())
        .run(platform)
}
