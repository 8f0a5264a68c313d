//! The page of each construct: read from the sources of the library, completed with what its example emits.
//!
//! The build script writes every doc example as a function (`examples`); [`emitted`] runs it and looks at the
//! assembly. `UPDATE_DOCS=1 cargo test -p meshsynth-reference` writes the pages.

pub mod cost;
pub mod emitted;
mod links;
pub mod page;
pub mod source;
pub mod summary;

/// An example that runs.
pub struct Run {
    /// The construct that it is of.
    pub name: &'static str,
    /// The line of the file of examples in which its first line stands.
    pub line: usize,
    /// What it defines.
    pub run: fn() -> meshsynth::App,
}

/// The doc examples of the constructs, as functions.
#[allow(unused, dropping_references, clippy::all, missing_docs, reason = "they are written for readers")]
mod examples {
    use super::Run;

    include!(concat!(env!("OUT_DIR"), "/examples.rs"));
}

pub use examples::EXAMPLES;
