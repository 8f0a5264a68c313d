//! Compiles the platform: `meshsynth synth cross-region-mesh`.

use std::process::ExitCode;

fn main() -> ExitCode {
    meshsynth_program::run("cross-region-mesh", cross_region_mesh::platform)
}
