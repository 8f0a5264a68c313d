//! What may be wrong with a machine and a project: findings, each with its fix.

pub mod finding;
pub mod machine;
pub mod project;
