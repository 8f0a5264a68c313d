//! The resources of a template with their names in the program.

use meshsynth_model::val::{Bag, Data};

use super::context::NestedModules;
use super::references::{References, explicit_dependencies};
use super::resource_names::resource_names;
use super::sections::{self, entries_of};
use crate::constructs;
use crate::names::{self, Given};
use crate::order::{self, Item};

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

/// Returns the resources of a template in source order. Each gets a unique variable and a unique construct ID.
pub(super) fn entries<'a>(
    template: &'a Data,
    nested: &NestedModules,
    references: &References,
    variables: &mut Given,
) -> Vec<Entry<'a>> {
    let mut constructs = Given::default();
    let names = resource_names(template);
    let mut entries = Vec::new();
    for (id, body) in entries_of(template, "Resources") {
        let (Some(bag), Some(name)) = (body.as_map(), names.get(id)) else { continue };
        let Some(type_name) = body.at("Type").and_then(Data::as_str) else { continue };
        if sections::is_entry(id, bag) {
            continue;
        }
        entries.push(Entry {
            id,
            type_name,
            body: bag,
            group: name.group.clone(),
            variable: variables.take(&names::snake(&name.name), "_"),
            construct: constructs.take(&names::kebab(&name.name), "-"),
            // The template of a nested stack is defined through its variable.
            is_needed: references.needs(id) || nested.contains_key(id),
        });
    }
    entries
}

/// Returns the indices of resources in an order in which each follows its dependencies.
pub(super) fn order(template: &Data, entries: &[Entry<'_>]) -> Vec<usize> {
    let items: Vec<Item<'_>> = entries
        .iter()
        .map(|entry| {
            let mut needs = explicit_dependencies(entry.body);
            entry.body.iter().for_each(|(_, value)| order::references(value, &mut needs));
            needs.extend(constructs::unnamed_owner(template, entry.type_name, entry.id).map(str::to_owned));
            Item { name: entry.id, needs, group: &entry.group }
        })
        .collect();
    order::sorted(&items)
}
