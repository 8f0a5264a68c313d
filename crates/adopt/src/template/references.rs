//! The references between the entries of a template.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_model::val::{Bag, Data};

use super::sections::entries_of;
use crate::constructs;
use crate::order;

/// The references between the entries of a template.
#[derive(Default)]
pub(super) struct References {
    /// The types of all resources, by logical ID.
    pub types: BTreeMap<String, String>,
    /// The entries that another entry refers to.
    used: BTreeSet<String>,
    /// The resources in `DependsOn` of another resource.
    depended: BTreeSet<String>,
}

impl References {
    /// Collects the references of a template.
    pub fn of(template: &Data) -> Self {
        let mut found = Self::default();
        for (id, body) in entries_of(template, "Resources") {
            order::references(body, &mut found.used);
            if let Some(type_name) = body.at("Type").and_then(Data::as_str) {
                found.types.insert(id.to_owned(), type_name.to_owned());
                found.used.extend(constructs::unnamed_owner(template, type_name, id).map(str::to_owned));
            }
            found.depended.extend(body.as_map().map(explicit_dependencies).unwrap_or_default());
        }
        for name in ["Conditions", "Outputs", "Rules"] {
            template.at(name).into_iter().for_each(|it| order::references(it, &mut found.used));
        }
        found
    }

    /// Whether a parameter is used.
    pub fn uses(&self, parameter: &str) -> bool {
        self.used.contains(parameter)
    }

    /// Whether another entry refers to a resource, or waits for it.
    pub fn needs(&self, resource: &str) -> bool {
        self.used.contains(resource) || self.depended.contains(resource)
    }
}

/// Returns the explicit dependencies of a resource.
pub(super) fn explicit_dependencies(body: &Bag) -> BTreeSet<String> {
    match body.get("DependsOn") {
        Some(Data::Text(id)) => BTreeSet::from([id.to_string()]),
        Some(Data::List(items)) => items.iter().filter_map(Data::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    }
}
