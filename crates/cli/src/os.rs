//! Functions that differ between operating systems.

use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus};

/// Swaps two folders atomically. Returns an error of kind `Unsupported` if the file system cannot do it.
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::XDEV) => Err(io::ErrorKind::Unsupported.into()),
        result => Ok(result?),
    }
}

/// Returns an error, because this system cannot swap two folders atomically.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Returns the width of the terminal at stdout in columns, or `None` if stdout is not a terminal.
#[cfg(unix)]
pub fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Returns `None`, because the width is unknown on this system.
#[cfg(not(unix))]
pub fn columns() -> Option<usize> {
    None
}

/// Renames a file or folder. Returns an error if the target exists.
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => rename_checked(from, to),
        result => Ok(result?),
    }
}

/// Renames a file or folder. Returns an error if the target exists.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    rename_checked(from, to)
}

/// For systems that cannot check and rename atomically.
fn rename_checked(from: &Path, to: &Path) -> io::Result<()> {
    match to.symlink_metadata() {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => std::fs::rename(from, to),
    }
}

/// Replaces this process with a program. Returns the error if the program cannot be started.
#[cfg(unix)]
pub fn replace(mut command: Command) -> io::Error {
    use std::os::unix::process::CommandExt;

    command.exec()
}

/// Runs a program, waits for it and exits with its exit code. Returns the error if the program cannot be started.
#[cfg(not(unix))]
pub fn replace(mut command: Command) -> io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(2)),
        Err(error) => error,
    }
}

/// Returns the number and name of the signal that ended a process.
#[cfg(unix)]
pub fn signal(status: ExitStatus) -> Option<String> {
    use std::os::unix::process::ExitStatusExt;

    use rustix::process::Signal;

    let number = status.signal()?;
    let names = [
        (Signal::HUP, "SIGHUP"),
        (Signal::INT, "SIGINT"),
        (Signal::ILL, "SIGILL"),
        (Signal::ABORT, "SIGABRT"),
        (Signal::BUS, "SIGBUS"),
        (Signal::FPE, "SIGFPE"),
        (Signal::KILL, "SIGKILL"),
        (Signal::SEGV, "SIGSEGV"),
        (Signal::PIPE, "SIGPIPE"),
        (Signal::TERM, "SIGTERM"),
        (Signal::XCPU, "SIGXCPU"),
        (Signal::XFSZ, "SIGXFSZ"),
    ];
    let name = names.iter().find(|(signal, _)| signal.as_raw() == number);
    Some(name.map_or_else(|| format!("signal {number}"), |(_, name)| format!("signal {number} ({name})")))
}

/// Returns `None`: this system has no signals.
#[cfg(not(unix))]
pub fn signal(_: ExitStatus) -> Option<String> {
    None
}
