//! A set of files that can be in one cluster.

use std::collections::BTreeMap;

/// What the sets may have in common, in all of them together, beside this many times all objects. Where it is more, an
/// alternative is judged without what is common.
pub const MOST_COMMON_TIMES: usize = 4;
/// And this many objects.
pub const MOST_COMMON: usize = 20_000;

/// Files that can be in one cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    /// The alternative that the set is for, by the name of its folder or file.
    pub name: String,
    /// The files, and whether the set is where findings of the file are told.
    pub files: BTreeMap<&'static str, bool>,
    /// Whether what the alternatives have in common is not in it.
    pub is_part: bool,
    /// Whether it is one of a collection of examples: what it refers to may be defined by any other.
    pub is_example: bool,
    /// How many objects its files define.
    pub n_objects: usize,
}
