//! `meshsynth-bench` with a counting allocator.

use std::process::ExitCode;

use meshsynth_bench::counting::{self, Counting};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> ExitCode {
    counting::reported(meshsynth_bench::main)
}
