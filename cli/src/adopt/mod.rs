//! `meshsynth adopt`: from what exists to a program.
//!
//! [`read`] makes an estate of files, the crate `meshsynth-adopt` writes the program, [`write`] puts it into a folder,
//! [`proof`] builds it and compares what it makes with the files, [`set_aside`] leaves out what the rules refuse, and [`report`] says what became what.

pub mod baseline;
pub mod held;
mod nested;
pub mod proof;
pub mod read;
pub mod report;
pub mod set_aside;
mod stack_names;
pub mod write;
