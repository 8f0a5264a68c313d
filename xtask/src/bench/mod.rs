//! `cargo xtask bench`: what the program costs, a file for each family of figures.
//!
//! Figures are medians of several runs; instructions and ratios are what holds
//! on another machine.

mod again;
pub mod budgets;
mod check;
pub mod diff;
mod measure;
mod rows;
mod rules;
mod synth;

use anyhow::Result;

/// Prints a table for each family.
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
