//! The binary, driven over small projects whose programs are shell scripts.

mod check;
mod ci;
mod config;
mod deploy;
mod diff;
mod doctor;
mod graph;
mod init;
mod mistakes;
mod output;
mod programs;
mod project;
mod reports;
mod sixty;
mod svg;
mod versions;
mod watch;
