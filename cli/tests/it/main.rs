//! The binary, driven over small projects whose programs are shell scripts.

mod ci;
mod config;
mod diff;
mod graph;
mod output;
mod programs;
mod project;
mod reports;
mod sixty;
mod svg;
