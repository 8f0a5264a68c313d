//! Compiles the platform: `meshsynth synth ecommerce`.

use std::process::ExitCode;

use ecommerce::platform;
use meshsynth_program::Program;

fn main() -> ExitCode {
    Program::new("ecommerce").run(platform)
}
