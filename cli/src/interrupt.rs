//! Ctrl-C and its like: the program that runs is ended, and the run cleans up behind it.
//!
//! The handler removes nothing itself. It ends the child, the run sees that it
//! was interrupted, and leaves by the way of every other error.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use meshsynth_assembly::problem::Problem;

use crate::os;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// The process that is waited for; 0 for none.
static CHILD: AtomicU32 = AtomicU32::new(0);

/// Whether a second interrupt ends the process at once.
static ENDS_AT_ONCE: AtomicBool = AtomicBool::new(false);

/// As long as it lives, its process is ended by an interrupt.
pub struct Guard;

/// Takes over Ctrl-C, SIGTERM and SIGHUP.
pub fn install() -> Result<()> {
    let handler = || {
        let again = INTERRUPTED.swap(true, Ordering::SeqCst);
        if again && ENDS_AT_ONCE.load(Ordering::SeqCst) {
            std::process::exit(130);
        }
        match CHILD.load(Ordering::SeqCst) {
            0 => {}
            child => os::end(child, again),
        }
    };
    ctrlc::set_handler(handler).context("cannot take over Ctrl-C")
}

/// Names the process that an interrupt ends.
pub fn guard(child: u32) -> Guard {
    CHILD.store(child, Ordering::SeqCst);
    if happened() {
        os::end(child, false);
    }
    Guard
}

/// From now on the first interrupt lets a call end, and the second one ends the process at once.
pub fn end_at_once_when_repeated() {
    ENDS_AT_ONCE.store(true, Ordering::SeqCst);
}

/// Whether the user wants to end.
pub fn happened() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Reads a line from stdin; none once the user wants to end, who may not have answered by then.
pub fn read_line() -> Option<io::Result<String>> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).map(|_| line);
        // Nobody listens any more where the run was ended.
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

/// An error once the user wants to end.
pub fn check() -> Result<()> {
    if happened() { Err(Problem::interrupt().into()) } else { Ok(()) }
}

impl Drop for Guard {
    fn drop(&mut self) {
        CHILD.store(0, Ordering::SeqCst);
    }
}
