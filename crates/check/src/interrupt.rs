//! Handles Ctrl-C and similar signals: the running child is ended, and the run cleans up.
//!
//! The handler itself only ends the child. The run then detects the interrupt and returns an error as usual.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use meshsynth_model::problem::Problem;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// The ID of the child process to wait for; 0 if there is none.
static CHILD: AtomicU32 = AtomicU32::new(0);

/// Whether a second interrupt ends the process at once.
static ENDS_AT_ONCE: AtomicBool = AtomicBool::new(false);

/// While it exists, an interrupt ends its process.
pub struct Guard;

/// Installs the handler for Ctrl-C, SIGTERM and SIGHUP.
pub fn install() -> Result<()> {
    let handler = || {
        let again = INTERRUPTED.swap(true, Ordering::SeqCst);
        if again && ENDS_AT_ONCE.load(Ordering::SeqCst) {
            std::process::exit(130);
        }
        match CHILD.load(Ordering::SeqCst) {
            0 => {}
            child => end(child, again),
        }
    };
    ctrlc::set_handler(handler).context("cannot install the Ctrl-C handler")
}

/// Registers the process that an interrupt ends.
pub fn guard(child: u32) -> Guard {
    CHILD.store(child, Ordering::SeqCst);
    if happened() {
        end(child, false);
    }
    Guard
}

/// Changes the behavior: the first interrupt lets the current call finish, and the second ends the process immediately.
pub fn end_at_once_when_repeated() {
    ENDS_AT_ONCE.store(true, Ordering::SeqCst);
}

/// Whether the user has interrupted the run.
pub fn happened() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Reads a line from stdin. Returns `None` if the user interrupts the run before answering.
pub fn read_line() -> Option<io::Result<String>> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).map(|_| line);
        // Sending fails if an interrupt has already ended the run and dropped the receiver.
        let _ = tell.send(read);
    });
    while !happened() {
        match told.recv_timeout(Duration::from_millis(20)) {
            Ok(line) => return Some(line),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Some(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }
    None
}

/// Returns an error if the user has interrupted the run.
pub fn check() -> Result<()> {
    if happened() { Err(Problem::interrupt().into()) } else { Ok(()) }
}

impl Drop for Guard {
    fn drop(&mut self) {
        CHILD.store(0, Ordering::SeqCst);
    }
}

/// Sends SIGTERM to a process, or kills it immediately.
#[cfg(unix)]
fn end(process: u32, at_once: bool) {
    use rustix::process::{Pid, Signal, kill_process};

    let signal = if at_once { Signal::KILL } else { Signal::TERM };
    if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        // The process may have ended in the meantime.
        let _ = kill_process(process, signal);
    }
}

/// Does nothing: the console ends all of its processes.
#[cfg(not(unix))]
fn end(_: u32, _: bool) {}
