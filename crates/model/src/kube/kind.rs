//! What every kind says about itself.

pub use crate::kind::Kind;
