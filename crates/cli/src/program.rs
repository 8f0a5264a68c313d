//! Runs a platform program and evaluates its output.
//!
//! The protocol is described in the documentation of `meshsynth-program`.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::Result;
use clap::ValueEnum;
use meshsynth::diag::Diagnostic;
use meshsynth_assembly::{self as assembly, Assembly};
use meshsynth_model::problem::Problem;

use crate::child::{share_terminal, wait, watch_over};
use crate::compile::Compiled;
use crate::config::Target;
use crate::progress::Progress;
use crate::shell::Shell;
use crate::today::today;
use crate::{exceptions, interrupt, library, os};

/// The maximum number of quoted characters of a line on stdout.
const QUOTED: usize = 120;

/// The result of a program.
pub enum Answer {
    /// A platform.
    Assembly(Box<Assembly>),
    /// The mistakes in it.
    Mistakes(Vec<Diagnostic>),
}

/// The output folders of a program.
#[derive(Clone, Copy)]
pub struct Out<'a> {
    /// An empty folder.
    pub folder: &'a Path,
    /// The folder of the assembly that the new one replaces.
    pub replaced: Option<&'a Path>,
}

impl<'a> Out<'a> {
    /// Creates the output for a folder that replaces no assembly.
    pub fn new(folder: &'a Path) -> Self {
        Self { folder, replaced: None }
    }

    /// Returns the folder of the assembly after the program has succeeded.
    pub fn assembly(self) -> &'a Path {
        self.replaced.filter(|_| assembly::is_unchanged(self.folder)).unwrap_or(self.folder)
    }
}

/// The file format of templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Json,
    Yaml,
}

impl Format {
    /// Returns the format as a word, for the command line and `MESHSYNTH_FORMAT`.
    pub fn word(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Yaml => "yaml",
        }
    }
}

/// Runs the program of a target.
pub fn run(shell: &Shell, target: Target<'_>, folder: &Path, out: Out<'_>, format: Format) -> Result<Answer> {
    run_with(shell, target, folder, out, format, None).and_then(|answer| counting(shell, answer))
}

/// Runs the program of a target that is already compiled.
pub fn run_compiled(
    shell: &Shell,
    target: Target<'_>,
    compiled: &Compiled,
    folder: &Path,
    out: Out<'_>,
    format: Format,
) -> Result<Answer> {
    let mut command = Command::new(&compiled.executable);
    command.env("CARGO_MANIFEST_DIR", &compiled.package_dir);
    set_up(&mut command, target, folder, out, format);
    let (status, printed) = watch_over(shell, command, &format!("running {}", target.name()), first_line)?;
    check(target, out, status, printed.flatten().as_deref(), true).and_then(|answer| counting(shell, answer))
}

/// Restores the original severity of findings whose exceptions have ended.
fn counting(shell: &Shell, answer: Answer) -> Result<Answer> {
    let today = today()?;
    Ok(match answer {
        Answer::Mistakes(found) => Answer::Mistakes(exceptions::counting(found, today)),
        Answer::Assembly(mut assembly) => {
            let found = exceptions::counting(std::mem::take(&mut assembly.diagnostics), today);
            exceptions::of_program(&assembly.manifest.exceptions, today).iter().for_each(|line| shell.note(line));
            if found.iter().any(Diagnostic::is_error) {
                return Ok(Answer::Mistakes(found));
            }
            assembly.diagnostics = found;
            Answer::Assembly(assembly)
        }
    })
}

/// Runs the program like [`run`], with a target folder for cargo. It does not evaluate the end dates of exceptions,
/// because an old side may predate them.
pub fn run_with(
    shell: &Shell,
    target: Target<'_>,
    folder: &Path,
    out: Out<'_>,
    format: Format,
    cache: Option<&Path>,
) -> Result<Answer> {
    interrupt::check()?;
    let progress = shell.progress(&format!("compiling {}", target.name()));
    let mut command = command(target, folder, out, format);
    if let Some(cache) = cache {
        command.env("CARGO_TARGET_DIR", cache);
    }
    let ended = start(shell, target, command, &progress).and_then(|child| wait(child, &progress, first_line));
    progress.finish();
    interrupt::check()?;
    let (status, printed) = ended?;
    let answer = check(target, out, status, printed.flatten().as_deref(), false);
    // Types of two library versions are incompatible, and the compiler reports that with many unrelated errors.
    match library::versions(folder).as_slice() {
        many @ [_, _, ..] if answer.is_err() && !out.folder.join(".started").exists() => {
            let text = format!("the program of `{}` cannot be compiled: {}", target.name(), library::clash(many));
            Err(Problem::platform(text).help(library::CLASH_HELP).into())
        }
        _ => answer,
    }
}

fn command(target: Target<'_>, folder: &Path, out: Out<'_>, format: Format) -> Command {
    let (program, args) = target.app.run.split_first().expect("a configuration without `run` is refused");
    let path = Path::new(program);
    let mut command = Command::new(if path.components().count() > 1 { folder.join(path) } else { path.to_owned() });
    command.args(args);
    set_up(&mut command, target, folder, out, format);
    command
}

/// Sets the working folder, the streams and the environment variables of a program.
fn set_up(command: &mut Command, target: Target<'_>, folder: &Path, out: Out<'_>, format: Format) {
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped());
    command.env("MESHSYNTH_OUT", out.folder).env("MESHSYNTH_FORMAT", format.word());
    match out.replaced {
        Some(replaced) => command.env("MESHSYNTH_REPLACED", replaced),
        None => command.env_remove("MESHSYNTH_REPLACED"),
    };
    match target.environment {
        Some(environment) => command.env("MESHSYNTH_ENV", environment),
        None => command.env_remove("MESHSYNTH_ENV"),
    };
    match target.app.severity.variable(target.environment) {
        Some(severity) => command.env("MESHSYNTH_SEVERITY", severity),
        None => command.env_remove("MESHSYNTH_SEVERITY"),
    };
    match target.app.allow.as_slice() {
        [] => command.env_remove("MESHSYNTH_ALLOW"),
        allow => command.env("MESHSYNTH_ALLOW", exceptions::variable(allow)),
    };
}

fn start(shell: &Shell, target: Target<'_>, mut command: Command, progress: &Progress) -> Result<Child> {
    let program = target.app.run.first().map(String::as_str).unwrap_or_default();
    share_terminal(shell, &mut command, progress);
    command.spawn().map_err(|error| {
        let problem = match error.kind() {
            io::ErrorKind::NotFound => format!("cannot find the program `{program}`"),
            _ => error.to_string(),
        };
        let help = format!("check `run` of `[apps.{}]` in meshsynth.toml", target.app.name);
        anyhow::Error::new(Problem::setting(problem).help(help))
            .context(format!("cannot run the program of `{}`", target.app.name))
    })
}

/// Returns the first line of a stream, cut to [`QUOTED`] characters; discards the rest.
fn first_line(mut stream: impl Read) -> Option<String> {
    let mut start = Vec::new();
    let _ = stream.by_ref().take(4 * QUOTED as u64).read_to_end(&mut start);
    let _ = io::copy(&mut stream, &mut io::sink());
    let text = String::from_utf8_lossy(&start);
    let line = text.lines().find(|line| !line.trim().is_empty()).or_else(|| text.lines().next())?;
    Some(line.trim_end().chars().filter(|c| !c.is_control()).take(QUOTED).collect())
}

/// Evaluates the exit status of a program. If `is_compiled`, a compiler error is not a possible reason.
fn check(
    target: Target<'_>,
    out: Out<'_>,
    status: ExitStatus,
    printed: Option<&str>,
    is_compiled: bool,
) -> Result<Answer> {
    let name = target.name();
    match status.code() {
        Some(0) => match printed {
            Some(line) => Err(printed_to_stdout(&name, line).into()),
            None => accept(&name, out.assembly()).map(|assembly| Answer::Assembly(Box::new(assembly))),
        },
        Some(1) if assembly::has_diagnostics(out.folder) => refuse(&name, out.folder).map(Answer::Mistakes),
        _ => Err(failed(target, out.folder, status, printed, is_compiled).into()),
    }
}

fn accept(name: &str, out: &Path) -> Result<Assembly> {
    let wrong = || broken(format!("the program of `{name}` wrote an assembly that cannot be used"));
    let assembly = Assembly::read(out).map_err(|error| fix(error, wrong()))?;
    if assembly.manifest.app != name {
        let text = format!("the program of `{name}` synthesizes an app named `{}`", assembly.manifest.app);
        let help = "the names in the program and in meshsynth.toml must be the same; \
                    an app with environments is named `<app>-<environment>`, which `Program::environment` does";
        return Err(Problem::setting(text).help(help).into());
    }
    if assembly.diagnostics.iter().any(Diagnostic::is_error) {
        return Err(broken(format!("the program of `{name}` ended with exit code 0, but reported errors")).into());
    }
    Ok(assembly)
}

fn refuse(name: &str, out: &Path) -> Result<Vec<Diagnostic>> {
    let wrong = || broken(format!("the program of `{name}` failed, and its diagnostics cannot be read"));
    let diagnostics = assembly::read_diagnostics(out).map_err(|error| fix(error, wrong()))?;
    if !diagnostics.iter().any(Diagnostic::is_error) {
        return Err(broken(format!("the program of `{name}` failed, but did not report an error")).into());
    }
    Ok(diagnostics)
}

/// Adds a problem to an error; an error with its own fix keeps it.
fn fix(error: anyhow::Error, problem: Problem) -> anyhow::Error {
    match error.downcast_ref::<Problem>() {
        Some(_) => error.context(problem.to_string()),
        None => error.context(problem),
    }
}

fn broken(text: String) -> Problem {
    let help =
        "end its `main` with `meshsynth_program::run` or `Program::run`, and write nothing to `MESHSYNTH_OUT` yourself";
    Problem::platform(text).help(help)
}

fn printed_to_stdout(name: &str, line: &str) -> Problem {
    Problem::platform(format!("the program of `{name}` prints to stdout: `{line}`"))
        .help("meshsynth uses stdout: use `eprintln!` instead of `println!`")
}

fn failed(target: Target<'_>, out: &Path, status: ExitStatus, printed: Option<&str>, is_compiled: bool) -> Problem {
    let name = target.name();
    let command = target.app.run.join(" ");
    let has_started = is_compiled || out.join(".started").exists();
    let is_cargo =
        target.app.run.first().is_some_and(|program| Path::new(program).file_stem().is_some_and(|it| it == "cargo"));
    if let Some(signal) = os::signal(status) {
        let problem = Problem::setting(format!("{signal} ended the program of `{name}`"));
        return match signal.contains("KILL") {
            true => problem.help("the usual cause is that the machine ran out of memory"),
            false => problem.help(format!("run the program directly for more details: `{command}`")),
        };
    }
    match (status.code().unwrap_or_default(), has_started) {
        (101, true) => Problem::platform(format!("the program of `{name}` panicked"))
            .help("the panic is above; set `RUST_BACKTRACE=1` for a backtrace"),
        (101, false) if is_cargo => Problem::platform(format!("the program of `{name}` cannot be compiled"))
            .help("the errors of cargo are above: fix the first error first, because it often causes the rest"),
        (2, _) => Problem::setting(format!("the program of `{name}` rejected its call (exit code 2)"))
            .help("its error is above; compare its environments with those in meshsynth.toml"),
        (3, _) => Problem::setting(format!("the program of `{name}` could not write its output"))
            .help("its error is above; free disk space, or choose another folder with `--output`"),
        (code, _) => {
            let problem =
                Problem::platform(format!("the program of `{name}` ended with exit code {code}, without diagnostics"));
            match printed {
                Some(line) => problem.help(format!("it printed to stdout: `{line}`")),
                None => problem.help(format!("run the program directly for more details: `{command}`")),
            }
        }
    }
}
