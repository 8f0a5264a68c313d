//! The binary, driven over small projects whose programs are shell scripts.

mod config;
mod output;
mod programs;
mod project;
mod reports;
