//! The binary `meshsynth-bench`.

use std::process::ExitCode;

fn main() -> ExitCode {
    meshsynth_bench::main()
}
