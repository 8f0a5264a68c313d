//! References between the resources of a world.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_reach::World;
use meshsynth_reach::world::{Reference, ResourceId};
use serde_json::Value;

/// The references between resources, in both directions.
pub struct References {
    to: BTreeMap<ResourceId, BTreeSet<ResourceId>>,
    from: BTreeMap<ResourceId, BTreeSet<ResourceId>>,
}

impl References {
    /// Finds the references in a world.
    pub fn new(world: &World) -> Self {
        let mut found = Self { to: BTreeMap::new(), from: BTreeMap::new() };
        for (at, resource) in world.resources.iter().enumerate() {
            let mut texts = Vec::new();
            collect(&resource.properties, &mut texts);
            let named = texts.iter().flat_map(|text| Reference::within(text)).filter_map(|it| world.referred(&it));
            for id in named.filter(|id| id.0 != at) {
                found.to.entry(ResourceId(at)).or_default().insert(id);
                found.from.entry(id).or_default().insert(ResourceId(at));
            }
        }
        found
    }

    /// Returns the resources to which a resource refers.
    pub fn to(&self, id: ResourceId) -> impl Iterator<Item = ResourceId> {
        self.to.get(&id).into_iter().flatten().copied()
    }

    /// Returns the resources that refer to a resource.
    pub fn from(&self, id: ResourceId) -> impl Iterator<Item = ResourceId> {
        self.from.get(&id).into_iter().flatten().copied()
    }
}

/// Collects all texts that may contain a reference, including map keys.
pub fn collect<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|it| collect(it, found)),
        Value::Object(map) => map.iter().for_each(|(key, it)| {
            found.push(key);
            collect(it, found);
        }),
        _ => {}
    }
}
