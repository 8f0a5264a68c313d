//! `meshsynth adopt`: converts existing templates and manifests to a program.
//!
//! 1. [`read`] reads files into an estate.
//! 2. The crate `meshsynth-adopt` generates the program.
//! 3. [`write`] writes it into a folder.
//! 4. [`proof`] builds it, and compares its output with the files.
//! 5. [`set_aside`] excludes the parts that the rules reject.
//! 6. [`coverage`] counts the missing parts, and [`report`] lists the results.

pub mod baseline;
pub mod coverage;
pub mod differing;
mod interface;
mod nested;
pub mod proof;
pub mod read;
pub mod report;
pub mod set_aside;
mod stack_names;
pub mod write;
