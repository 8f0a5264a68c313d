//! Runs the rendering tools.

use std::env;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::interrupt;

/// The time limit of a tool for one folder.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// The maximum number of error lines of a failed tool.
const MOST_LINES: usize = 6;

/// The message and the help for a missing tool.
type Missing = (&'static str, &'static str);

/// A rendering tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// `kustomize build`.
    Kustomize,
    /// `kubectl kustomize`.
    Kubectl,
    /// `helm template`.
    Helm,
}

impl Tool {
    /// Returns the installed tool for kustomizations, or a message and the help if there is none.
    pub fn for_kustomizations() -> Result<Self, Missing> {
        [Tool::Kustomize, Tool::Kubectl].into_iter().find(|tool| tool.is_there()).ok_or((
            "the kustomization is not rendered: neither `kustomize` nor `kubectl` is in PATH",
            "install one: https://kubectl.docs.kubernetes.io/installation/kustomize, \
             https://kubernetes.io/docs/tasks/tools",
        ))
    }

    /// Returns the tool for charts, or a message and the help if it is not installed.
    pub fn for_charts() -> Result<Self, Missing> {
        Some(Tool::Helm).filter(|tool| tool.is_there()).ok_or((
            "the chart is not rendered: `helm` is not in PATH",
            "install it: https://helm.sh/docs/intro/install",
        ))
    }

    /// Returns the command without arguments.
    pub fn command(self) -> Command {
        let (program, subcommand) = match self {
            Tool::Kustomize => ("kustomize", "build"),
            Tool::Kubectl => ("kubectl", "kustomize"),
            Tool::Helm => ("helm", "template"),
        };
        let mut command = Command::new(program);
        command.arg(subcommand);
        command
    }

    fn is_there(self) -> bool {
        let command = self.command();
        let is_in = |folder: &Path| folder.join(command.get_program()).is_file();
        env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| is_in(&folder)))
    }
}

/// Returns a command as text.
pub fn typed(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Returns the output of the command, or the reason of its failure.
pub fn output(command: &mut Command) -> Result<Result<Vec<u8>, String>> {
    interrupt::check()?;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(Err(error.to_string())),
        Err(error) => return Err(error).with_context(|| format!("cannot run `{}`", typed(command))),
    };
    let guard = interrupt::guard(child.id());
    let read = |stream: Option<Box<dyn Read + Send>>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            // After an error, the data up to it is used.
            let _ = stream.map(|mut stream| stream.read_to_end(&mut bytes));
            bytes
        })
    };
    let stdout = read(child.stdout.take().map(|it| Box::new(it) as Box<dyn Read + Send>));
    let stderr = read(child.stderr.take().map(|it| Box::new(it) as Box<dyn Read + Send>));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().context("cannot wait for the program")? {
            break Some(status);
        }
        if start.elapsed() > TIME_LIMIT || interrupt::happened() {
            // The process may have ended in the meantime.
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        thread::sleep(Duration::from_millis(5));
    };
    drop(guard);
    interrupt::check()?;
    let Some(status) = status else {
        return Ok(Err(format!("it did not end within {} seconds", TIME_LIMIT.as_secs())));
    };
    let bytes = |thread: thread::JoinHandle<Vec<u8>>| thread.join().unwrap_or_default();
    if status.success() {
        return Ok(Ok(bytes(stdout)));
    }
    Ok(Err(shortened(&String::from_utf8_lossy(&bytes(stderr)))))
}

/// Returns the first lines of the output of a tool.
fn shortened(text: &str) -> String {
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let lines: Vec<String> = lines.map(|line| of_log(line).unwrap_or_else(|| line.to_owned())).collect();
    let more = if lines.len() > MOST_LINES { "\n…" } else { "" };
    match lines.is_empty() {
        true => "it failed without an error message".to_owned(),
        false => lines[..lines.len().min(MOST_LINES)].join("\n") + more,
    }
}

/// Returns the error in a log line of kubectl, without its time and process:
/// `E1123 01:11:26.628864    9961 run.go:72] "command failed" err="accumulating resources: …"`.
fn of_log(line: &str) -> Option<String> {
    let (head, rest) = line.split_once("] ")?;
    let level = head.strip_prefix(['E', 'F', 'I', 'W'])?;
    let is_day = level.len() > 4 && level.is_char_boundary(4) && level[..4].chars().all(|c| c.is_ascii_digit());
    let error = rest.split_once(" err=\"")?.1.strip_suffix('"')?;
    is_day.then(|| error.replace("\\\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extracts_error_of_log_line() {
        let line = r#"E1123 01:11:26.628864    9961 run.go:72] "command failed" err="no \"a\" in 'b'""#;
        assert_eq!(shortened(line), "no \"a\" in 'b'");
        assert_eq!(shortened("Error: list[0] err=\"x\""), "Error: list[0] err=\"x\"");
    }

    #[test]
    fn shortens_tool_output() {
        assert_eq!(shortened("\n"), "it failed without an error message");
        assert_eq!(shortened("Error: no\n\n  at a\n"), "Error: no\n  at a");
        assert_eq!(shortened(&"a\n".repeat(20)).lines().count(), MOST_LINES + 1);
    }

    #[test]
    #[cfg(unix)]
    fn reports_reason_of_tool_failure() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo wrong >&2; exit 3"]);
        assert_eq!(output(&mut command).unwrap(), Err("wrong".to_owned()));
        let mut command = Command::new("sh");
        command.args(["-c", "echo 'kind: A'"]);
        assert_eq!(output(&mut command).unwrap(), Ok(b"kind: A\n".to_vec()));
    }
}
