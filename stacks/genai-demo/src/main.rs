//! Compiles the platform: `meshsynth synth genai-demo`.

use std::process::ExitCode;

use genai_demo::{Environment, platform};
use meshsynth_program::Program;

fn main() -> ExitCode {
    Program::new("genai-demo")
        .environment("staging", Environment::staging())
        .environment("production", Environment::production())
        .run(platform)
}
