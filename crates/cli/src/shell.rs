//! Prints messages for people to stderr and data for programs to stdout.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::{env, ffi::OsStr};

use anyhow::{Context, Result};
use clap::ValueEnum;
use meshsynth::diag::{self, Diagnostic};
use meshsynth_model::failure::{Failure, Kind};
use meshsynth_model::problem::Problem;
use serde_json::Value;

use crate::progress::Progress;
pub use meshsynth_model::words::{bytes, count};

const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[1;33m";
const GREEN: &str = "\x1b[1;32m";
const CYAN: &str = "\x1b[1;36m";
const BLUE: &str = "\x1b[1;34m";
const PLAIN: &str = "\x1b[0m";

/// When to color the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the help would print them")]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// The two streams and their settings.
pub struct Shell {
    is_coloured: bool,
    is_stdout_coloured: bool,
    is_quiet: bool,
    is_terminal: bool,
}

impl Shell {
    /// Creates the streams of this process.
    pub fn new(color: Color, is_quiet: bool) -> Self {
        let is_terminal = io::stderr().is_terminal() && env::var_os("TERM").as_deref() != Some(OsStr::new("dumb"));
        let may = |is_terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        let is_coloured = may(is_terminal);
        let is_stdout_coloured =
            may(io::stdout().is_terminal() && env::var_os("TERM").as_deref() != Some(OsStr::new("dumb")));
        Self { is_coloured, is_stdout_coloured, is_quiet, is_terminal }
    }

    /// Whether only errors are shown.
    pub fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// Prompts on stderr, even if quiet; the cursor stays behind the prompt.
    pub fn ask(&self, text: &str) {
        stderr(text);
    }

    /// Prints an error in the form of a diagnostic.
    pub fn report(&self, text: &str) {
        stderr(&(text.lines().map(|line| self.line(line) + "\n").collect::<String>() + "\n"));
    }

    /// Whether stderr is coloured.
    pub fn is_coloured(&self) -> bool {
        self.is_coloured
    }

    /// Whether stdout is coloured.
    pub fn is_stdout_coloured(&self) -> bool {
        self.is_stdout_coloured
    }

    /// Returns the columns of a line on stdout: `COLUMNS`, or else the width of the terminal, or else 120.
    pub fn columns(&self) -> usize {
        let named = env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
        named.or_else(crate::os::columns).unwrap_or(120)
    }

    /// Prints a progress message, unless quiet.
    pub fn note(&self, text: &str) {
        if !self.is_quiet {
            stderr(&format!("{text}\n"));
        }
    }

    /// Prints a message about a failure, even if quiet.
    pub fn say(&self, text: &str) {
        stderr(&format!("{}\n", self.line(text)));
    }

    /// Prints that a step is done, unless quiet; the first word is green.
    pub fn done(&self, verb: &str, text: &str) {
        self.note(&format!("{} {text}", self.paint(GREEN, verb)));
    }

    /// Prints diagnostics, with a blank line after each.
    pub fn diagnostics(&self, diagnostics: &[Diagnostic]) {
        diagnostics.iter().for_each(|diagnostic| self.diagnostic(diagnostic, "construct"));
    }

    /// Prints a diagnostic and a blank line. `subject` is the term for its construct.
    pub fn diagnostic(&self, diagnostic: &Diagnostic, subject: &str) {
        let text = diag::render_as(diagnostic, subject);
        let mut out: String = text.lines().map(|line| self.line(line) + "\n").collect();
        out.push('\n');
        stderr(&out);
    }

    /// Prints that a run failed, without a further error.
    pub fn failed(&self, text: &str) {
        stderr(&format!("{}\n", self.line(&format!("error: {text}"))));
    }

    /// Prints an error with its causes and its fix; returns the exit code.
    pub fn error(&self, error: &anyhow::Error) -> u8 {
        if let Some(failure) = error.downcast_ref::<Failure>() {
            stderr(&failure.to_string().lines().map(|line| self.line(line) + "\n").collect::<String>());
            return if failure.kind == Kind::Interrupted { 130 } else { 2 };
        }
        let problem = error.downcast_ref::<Problem>();
        let mut out = format!("error: {error}\n");
        if let Some(place) = problem.and_then(|problem| problem.place.as_deref()) {
            let _ = writeln!(out, "  --> {place}");
        }
        for cause in error.chain().skip(1) {
            let _ = writeln!(out, "   = cause: {cause}");
        }
        if let Some(help) = problem.and_then(|problem| problem.help.as_deref()) {
            let _ = writeln!(out, "   = help: {help}");
        }
        stderr(&out.lines().map(|line| self.line(line) + "\n").collect::<String>());
        problem.map_or(2, Problem::exit_code)
    }

    /// Shows a progress line with the elapsed time, or prints a plain line if stderr is not a terminal.
    pub fn progress(&self, text: &str) -> Progress {
        match (self.is_quiet, self.is_terminal) {
            (true, _) => Progress::hidden(),
            (false, true) => Progress::spinner(text, self.is_coloured),
            (false, false) => {
                self.note(text);
                Progress::hidden()
            }
        }
    }

    /// Writes data to stdout.
    ///
    /// A closed pipe is not an error, because the reader has read enough.
    pub fn data(&self, text: &str) -> Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result.context("cannot write to stdout"),
        }
    }

    /// Writes a JSON document to stdout.
    pub fn json(&self, value: &Value) -> Result<()> {
        self.data(&format!("{value:#}\n"))
    }

    /// Colors the leading word of a line of a diagnostic or an error.
    fn line(&self, line: &str) -> String {
        for (start, end, color) in [
            ("error[", "]", RED),
            ("error", ":", RED),
            ("warning[", "]", YELLOW),
            ("  --", ">", BLUE),
            ("   = help", ":", CYAN),
            ("   = ", ":", BLUE),
        ] {
            if let Some(idx) = line.starts_with(start).then(|| line.find(end)).flatten() {
                let (head, rest) = line.split_at(idx + end.len());
                return format!("{}{rest}", self.paint(color, head));
            }
        }
        line.to_owned()
    }

    fn paint(&self, color: &str, text: &str) -> String {
        if self.is_coloured { format!("{color}{text}{PLAIN}") } else { text.to_owned() }
    }
}

/// Returns a path relative to the current folder, if it is below it.
pub fn shown(path: &Path, here: &Path) -> String {
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

/// Writes to stderr. A failure cannot be reported and is ignored.
fn stderr(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_do_not_change_text() {
        let shell = Shell::new(Color::Always, false);
        let text = diag::render(&[Diagnostic::error("MS0101", "`a`: twice").construct("net/a").help("fix it")]);
        for line in text.lines() {
            let painted = shell.line(line);
            assert_ne!(painted, line);
            let stripped =
                [RED, YELLOW, GREEN, CYAN, BLUE, PLAIN].iter().fold(painted, |text, code| text.replace(code, ""));
            assert_eq!(stripped, line);
        }
    }
}
