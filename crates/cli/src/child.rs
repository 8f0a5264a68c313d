//! Child processes: their stderr appears above the progress line, and an interrupt waits for them.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use meshsynth_model::problem::Problem;

use crate::interrupt;
use crate::progress::Progress;
use crate::shell::Shell;

/// Runs a command of this crate with a progress line; returns its exit status and the data that `read` took from
/// stdout.
pub fn watch_over<T: Send + 'static>(
    shell: &Shell,
    mut command: Command,
    text: &str,
    read: fn(ChildStdout) -> T,
) -> Result<(ExitStatus, Option<T>)> {
    interrupt::check()?;
    let progress = shell.progress(text);
    share_terminal(shell, &mut command, &progress);
    let program = command.get_program().to_string_lossy().into_owned();
    let child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => anyhow::Error::new(Problem::setting(format!("cannot find the program `{program}`"))),
        _ => anyhow::Error::new(error).context(format!("cannot run `{program}`")),
    });
    let ended = child.and_then(|child| wait(child, &progress, read));
    progress.finish();
    interrupt::check()?;
    ended
}

/// Pipes the stderr of a command through this process while a progress line is shown.
pub fn share_terminal(shell: &Shell, command: &mut Command, progress: &Progress) {
    if progress.is_shown() {
        command.stderr(Stdio::piped());
        if shell.is_coloured() && std::env::var_os("CARGO_TERM_COLOR").is_none() {
            command.env("CARGO_TERM_COLOR", "always");
        }
    }
}

/// Waits for the process; returns its exit status and the data that `read` took from stdout.
pub fn wait<T: Send + 'static>(
    mut child: Child,
    progress: &Progress,
    read: fn(ChildStdout) -> T,
) -> Result<(ExitStatus, Option<T>)> {
    let guard = interrupt::guard(child.id());
    let stdout = child.stdout.take().map(|stdout| thread::spawn(move || read(stdout)));
    let stderr = child.stderr.take().map(|stderr| {
        let progress = progress.clone();
        thread::spawn(move || pass_on(stderr, &progress))
    });
    let status = child.wait().context("cannot wait for the program")?;
    drop(guard);
    if interrupt::happened() {
        // Descendants of the process may keep the pipes open for a long time.
        return Ok((status, None));
    }
    if let Some(stderr) = stderr {
        join(stderr);
    }
    Ok((status, stdout.map(join)))
}

fn join<T>(thread: JoinHandle<T>) -> T {
    thread.join().expect("reading a pipe never panics")
}

fn pass_on(stream: impl Read, progress: &Progress) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
        progress.above(&line);
        line.clear();
    }
}
