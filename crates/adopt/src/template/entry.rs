//! A resource to write.

use std::collections::BTreeSet;

use meshsynth_model::val::{Bag, Data};

/// A resource to write.
pub(super) struct Entry<'a> {
    /// Its logical ID.
    pub id: &'a str,
    /// Its type.
    pub type_name: &'a str,
    /// Its properties and attributes.
    pub body: &'a Bag,
    /// Its preferred group.
    pub group: String,
    /// Its variable.
    pub variable: String,
    /// The ID of its construct.
    pub construct: String,
    /// Whether it is referenced.
    pub is_needed: bool,
}

/// Returns the explicit dependencies of a resource.
pub(super) fn dependencies(body: &Bag) -> BTreeSet<String> {
    match body.get("DependsOn") {
        Some(Data::Text(id)) => BTreeSet::from([id.to_string()]),
        Some(Data::List(items)) => items.iter().filter_map(Data::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    }
}
