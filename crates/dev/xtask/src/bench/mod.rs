//! `cargo xtask bench`: measures time and memory. Each file of this folder measures one group of values.
//!
//! Values are medians of several runs. Only instruction counts and ratios are comparable between machines.

mod again;
pub mod budgets;
mod check;
pub mod diff;
mod measure;
mod rows;
mod rules;
mod synth;

use anyhow::Result;

/// Prints a table for each group.
pub fn run() -> Result<()> {
    let binaries = measure::build()?;
    synth::run(&binaries)?;
    println!();
    again::run(&binaries)?;
    println!();
    rules::run(&binaries)?;
    println!();
    check::run(&binaries)
}
