//! Compares declared relations with the answers: denied relations, and undeclared paths.

mod arns;
mod broken;
mod declared;
mod ends;
mod exposed;
mod open;
mod undeclared;

pub use broken::{Broken, broken};
pub use open::{Open, open};
pub use undeclared::{Undeclared, undeclared};

use std::panic::resume_unwind;
use std::thread;

use crate::engine::Engine;

/// Returns all differences, which are computed in parallel.
pub fn differing<'a>(engine: &Engine<'a>) -> (Vec<Broken<'a>>, Vec<Undeclared>, Vec<Open>) {
    thread::scope(|scope| {
        let stores = scope.spawn(|| undeclared(engine));
        let workloads = scope.spawn(|| open(engine));
        let broken = broken(engine);
        let stores = stores.join().unwrap_or_else(|panic| resume_unwind(panic));
        (broken, stores, workloads.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}
