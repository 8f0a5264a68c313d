//! Tests of the binary with small projects whose programs are shell scripts.

mod adopt;
mod check;
mod ci;
mod companion;
mod config;
mod current;
mod diff;
mod doctor;
mod explained_types;
mod folders;
mod foreign_files;
mod gates;
mod graph;
mod init;
mod listed;
mod lose;
mod mistakes;
mod other_values;
mod output;
mod overlays;
mod partly_rendered;
mod plain_secrets;
mod policies;
mod programs;
mod project;
mod quotas;
mod reach;
mod relations;
mod rendered;
mod reports;
mod sixty;
mod svg;
mod synthesized;
mod templates;
mod together;
mod tool_versions;
#[allow(unused_variables)]
#[rustfmt::skip]
mod typed_examples;
mod unusual_files;
mod upgrade;
mod versions;
mod watch;

/// The tested binary.
const BINARY: &str = env!("CARGO_BIN_EXE_meshsynth");
/// The folder with the outputs that the programs of the tests write.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
