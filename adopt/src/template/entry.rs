//! A resource that is to be written.

use std::collections::BTreeSet;

use meshsynth_types::val::{Bag, Data};

/// A resource that is to be written.
pub(super) struct Entry<'a> {
    /// Its logical id.
    pub id: &'a str,
    /// Its type.
    pub type_name: &'a str,
    /// Its properties and attributes.
    pub body: &'a Bag,
    /// What it is best beside.
    pub group: String,
    /// Its variable.
    pub variable: String,
    /// The id of its construct.
    pub construct: String,
    /// Whether something names it.
    pub is_needed: bool,
}

/// What a resource waits for beside what it refers to.
pub(super) fn dependencies(body: &Bag) -> BTreeSet<String> {
    match body.get("DependsOn") {
        Some(Data::Text(id)) => BTreeSet::from([id.to_string()]),
        Some(Data::List(items)) => items.iter().filter_map(Data::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    }
}
