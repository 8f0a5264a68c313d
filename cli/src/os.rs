//! What the operating systems do differently.

use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus};

/// Swaps two folders in one step; an error of kind `Unsupported` where the file system cannot.
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::XDEV) => Err(io::ErrorKind::Unsupported.into()),
        result => Ok(result?),
    }
}

/// Swaps two folders in one step, which this system cannot.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The columns of the terminal at stdout, if there is one.
#[cfg(unix)]
pub fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// The columns of the terminal, which nobody tells here.
#[cfg(not(unix))]
pub fn columns() -> Option<usize> {
    None
}

/// Renames a file or folder to a place where nothing may be yet.
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => rename_checked(from, to),
        result => Ok(result?),
    }
}

/// Renames a file or folder to a place where nothing may be yet.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    rename_checked(from, to)
}

/// For systems that cannot look and rename in one step.
fn rename_checked(from: &Path, to: &Path) -> io::Result<()> {
    match to.symlink_metadata() {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => std::fs::rename(from, to),
    }
}

/// Asks a process to end, or ends it.
#[cfg(unix)]
pub fn end(process: u32, at_once: bool) {
    use rustix::process::{Pid, Signal, kill_process};

    let signal = if at_once { Signal::KILL } else { Signal::TERM };
    if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        // It may have ended by itself in between.
        let _ = kill_process(process, signal);
    }
}

/// Elsewhere the console ends all of its processes.
#[cfg(not(unix))]
pub fn end(_: u32, _: bool) {}

/// Runs a program in place of this one; answers why it could not be started.
#[cfg(unix)]
pub fn replace(mut command: Command) -> io::Error {
    use std::os::unix::process::CommandExt;

    command.exec()
}

/// Runs a program in place of this one, which waits for it and ends as it ended; answers why it could not be started.
#[cfg(not(unix))]
pub fn replace(mut command: Command) -> io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(2)),
        Err(error) => error,
    }
}

/// The signal that ended a process, by number and name.
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

/// Elsewhere there are no signals.
#[cfg(not(unix))]
pub fn signal(_: ExitStatus) -> Option<String> {
    None
}
