//! Reads the sides of a diff and renders the result. The crate `meshsynth-diff` compares them.

pub mod adopted;
mod alike;
pub mod base;
pub mod by_name;
pub mod folders;
mod foreign;
pub mod render;
