//! Reasons why a program ends without a result, and their exit codes.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

/// A reason why a program ends without a result.
#[derive(Debug)]
pub enum Stop {
    /// The call is invalid.
    Usage(String),
    /// The folder cannot be written.
    Write(String),
}

impl Stop {
    /// Prints the reason, and returns the exit code.
    pub fn tell(&self) -> ExitCode {
        let (Stop::Usage(text) | Stop::Write(text)) = self;
        say(format_args!("error: {text}\n"));
        match self {
            Stop::Usage(_) => ExitCode::from(2),
            Stop::Write(_) => ExitCode::from(3),
        }
    }
}

/// Writes to stderr. Ignores errors, because they cannot be reported.
pub fn say(text: impl fmt::Display) {
    let _ = write!(io::stderr(), "{text}");
}
