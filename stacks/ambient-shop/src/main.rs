//! Compiles the platform: `meshsynth synth ambient-shop`.

use std::process::ExitCode;

fn main() -> ExitCode {
    meshsynth_program::run("ambient-shop", ambient_shop::platform)
}
