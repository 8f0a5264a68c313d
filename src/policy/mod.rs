//! What rules read of a platform.

pub(crate) mod document;
