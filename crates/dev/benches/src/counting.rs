//! An allocator that counts allocations and the peak of the allocated bytes.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The environment variable with the folder in which each process writes its counts.
const FOLDER: &str = "MESHSYNTH_COUNTS";

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system allocator with counters.
pub struct Counting;

fn grow(bytes: usize) {
    let now = BYTES.fetch_add(bytes, Relaxed) + bytes;
    PEAK.fetch_max(now, Relaxed);
}

// SAFETY: every call is forwarded to the system allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        grow(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        grow(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        BYTES.fetch_sub(layout.size(), Relaxed);
        grow(new_size);
        unsafe { System.realloc(old, layout, new_size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(old, layout) }
    }
}

/// Runs a program, and writes `ALLOCATIONS PEAK_BYTES` to a file for this process in the folder `MESHSYNTH_COUNTS`.
///
/// # Panics
///
/// If the file cannot be written.
pub fn reported(main: impl FnOnce() -> ExitCode) -> ExitCode {
    let code = main();
    if let Some(folder) = std::env::var_os(FOLDER) {
        let text = format!("{} {}", ALLOCATIONS.load(Relaxed), PEAK.load(Relaxed));
        let path = PathBuf::from(folder).join(std::process::id().to_string());
        std::fs::write(&path, text).unwrap_or_else(|error| panic!("writing `{}`: {error}", path.display()));
    }
    code
}
