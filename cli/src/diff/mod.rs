//! Where the sides of a diff come from, and how it is told. What it says is judged by the crate `meshsynth-diff`.

pub mod adopted;
mod alike;
pub mod base;
pub mod by_name;
pub mod folders;
mod foreign;
pub mod render;
