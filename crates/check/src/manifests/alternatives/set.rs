//! A set of files that can be in one cluster.

use std::collections::BTreeMap;

/// The factor that limits the total size of common objects in all sets, relative to the number of all objects. Above
/// it, alternatives are checked without common objects.
pub const MOST_COMMON_TIMES: usize = 4;
/// The number of common objects in all sets that is always allowed.
pub const MOST_COMMON: usize = 20_000;

/// Files that can be in one cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    /// The name of the folder or file of the alternative.
    pub name: String,
    /// The files, and whether this set reports findings in a file.
    pub files: BTreeMap<&'static str, bool>,
    /// Whether the common files are missing.
    pub is_part: bool,
    /// Whether it belongs to a collection of examples. Its references may point to objects of other sets.
    pub is_example: bool,
    /// The number of objects in its files.
    pub n_objects: usize,
}
