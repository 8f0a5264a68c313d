//! Computes the requests that access policies admit, as sets that can be compared.
//!
//! Each policy language has a module that parses its documents and returns the admitted requests as a [`sets::Region`].
//! [`compare`] returns the requests that only one of two regions admits. The result uses the terms of the policies and
//! does not depend on how their statements are written.
//!
//! The crate does not depend on the origin of documents. References are resolved before; an unresolved reference is
//! compared by its text.

pub mod iam;
pub mod istio;
pub mod kubernetes;
pub mod network;
pub mod redis;
pub mod sets;

mod change;
mod json;

pub use change::{Change, Direction, compare};
