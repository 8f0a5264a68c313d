//! The checks of `meshsynth doctor` for the machine and the project, each with its fix.

pub mod finding;
pub mod machine;
pub mod project;
