//! The result of writing objects.

use super::object::Read;
use crate::Object;
use crate::module::Module;
use crate::origin::Origin;
use crate::refusal::Refusal;
use crate::report::Row;

/// The modules of a cluster, and the result for each object.
#[derive(Default)]
pub struct AdoptedObjects {
    /// The modules by their paths below `src`.
    pub modules: Vec<(String, Module)>,
    /// The adopted objects.
    pub rows: Vec<Row>,
    /// The omitted objects.
    pub refusals: Vec<Refusal>,
    /// Identical duplicates, which are adopted once.
    pub same: Vec<Refusal>,
    /// The source of each construct in the program, by construct path.
    pub origins: Vec<(String, Origin)>,
}

/// An adopted object.
pub struct Adopted<'a> {
    /// Its identity and content.
    pub read: Read,
    /// Its source.
    pub exists: &'a Object,
}
