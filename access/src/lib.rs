//! What access policies admit, as sets that can be compared.
//!
//! Each language has a module that reads its documents and tells what they admit as a [`sets::Region`]: a set of
//! requests. [`compare`] tells what one region admits and another does not, in the words of the policies, whatever
//! statements it comes from. Nothing here knows where documents come from: references are resolved before, and what
//! could not be resolved stands for itself.

pub mod iam;
pub mod istio;
pub mod kubernetes;
pub mod network;
pub mod redis;
pub mod sets;

mod change;
mod json;

pub use change::{Change, Direction, compare};
