//! Compiles the platform: `meshsynth synth multicluster-mesh`.

use std::process::ExitCode;

fn main() -> ExitCode {
    meshsynth_program::run("multicluster-mesh", multicluster_mesh::platform)
}
