//! The commands. Each file contains the arguments, the help and the implementation of one command.

pub mod adopt;
pub mod asked;
pub mod bootstrap;
pub mod check;
pub mod completions;
pub mod context;
pub mod deploy;
mod deployed_args;
pub mod destroy;
pub mod diff;
mod diff_args;
pub mod doctor;
pub mod drift;
pub mod explain;
pub mod graph;
pub mod init;
pub mod list;
mod list_exceptions;
mod list_owners;
pub mod lose;
pub mod man;
pub mod reach;
pub mod render;
pub mod status;
pub mod synth;
pub mod upgrade;
pub mod watch;
