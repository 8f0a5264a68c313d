//! What objects are written as.

use super::object::Read;
use crate::Object;
use crate::module::Module;
use crate::place::Place;
use crate::refusal::Refusal;
use crate::report::Row;

/// The files of a cluster, and what its objects became.
#[derive(Default)]
pub struct Written {
    /// The modules by their paths below `src`.
    pub modules: Vec<(String, Module)>,
    /// What the objects became.
    pub rows: Vec<Row>,
    /// What is left out.
    pub refusals: Vec<Refusal>,
    /// What is there twice in the same words, and adopted once.
    pub same: Vec<Refusal>,
    /// What is where in the program, by the path of the construct.
    pub places: Vec<(String, Place)>,
}

/// An object that is adopted.
pub struct Adopted<'a> {
    /// What it is.
    pub read: Read,
    /// What it is read from.
    pub exists: &'a Object,
}
