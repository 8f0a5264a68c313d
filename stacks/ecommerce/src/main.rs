//! Compiles the platform: `meshsynth synth ecommerce`.

use std::process::ExitCode;

fn main() -> ExitCode {
    meshsynth_program::run("ecommerce", ecommerce::platform)
}
