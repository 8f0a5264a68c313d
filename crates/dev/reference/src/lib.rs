//! The page of each construct, generated from the sources of the library and the output of its example.
//!
//! The build script writes every doc example as a function (`examples`). [`emitted`] runs it and reads the
//! assembly. `UPDATE_DOCS=1 cargo test -p meshsynth-reference` writes the pages.

pub mod cost;
pub mod emitted;
mod links;
pub mod page;
pub mod source;
pub mod summary;

/// A runnable example.
pub struct Run {
    /// The construct of the example.
    pub name: &'static str,
    /// The number of its first line in the file of examples.
    pub line: usize,
    /// The function that defines the app.
    pub run: fn() -> meshsynth::App,
}

/// The doc examples of the constructs, as functions.
#[allow(unused, dropping_references, clippy::all, missing_docs, reason = "they are written for readers")]
mod examples {
    use super::Run;

    include!(concat!(env!("OUT_DIR"), "/examples.rs"));
}

pub use examples::EXAMPLES;
