//! Why a program ends without an answer, and its exit code.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

/// Why a program ends without an answer.
#[derive(Debug)]
pub enum Stop {
    /// It was called wrongly.
    Usage(String),
    /// The folder cannot be written.
    Write(String),
}

impl Stop {
    /// Says why, and answers the exit code.
    pub fn tell(&self) -> ExitCode {
        let (Stop::Usage(text) | Stop::Write(text)) = self;
        say(format_args!("error: {text}\n"));
        match self {
            Stop::Usage(_) => ExitCode::from(2),
            Stop::Write(_) => ExitCode::from(3),
        }
    }
}

/// Writes to stderr. Nobody is left to tell if that fails.
pub fn say(text: impl fmt::Display) {
    let _ = write!(io::stderr(), "{text}");
}
