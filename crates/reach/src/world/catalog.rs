//! The objects of a cluster, indexed by kind and name.

use std::collections::HashMap;

use super::object::Object;

/// The positions of a cluster's objects by kind, and by namespace and name.
#[derive(Clone, Debug, Default)]
pub(super) struct Catalog {
    kinds: HashMap<String, Kind>,
}

/// The objects of one kind.
#[derive(Clone, Debug, Default)]
struct Kind {
    all: Vec<usize>,
    /// The first object of each name, by namespace.
    by_name: HashMap<String, HashMap<String, usize>>,
}

impl Catalog {
    /// Indexes objects.
    pub fn new(objects: &[Object]) -> Self {
        let mut catalog = Self::default();
        for (at, object) in objects.iter().enumerate() {
            catalog.insert(at, object);
        }
        catalog
    }

    /// Adds an object. Its position must be after all existing ones.
    pub fn insert(&mut self, at: usize, object: &Object) {
        if !self.kinds.contains_key(&object.kind) {
            self.kinds.insert(object.kind.clone(), Kind::default());
        }
        let Some(kind) = self.kinds.get_mut(&object.kind) else { return };
        kind.all.push(at);
        if !kind.by_name.contains_key(&object.namespace) {
            kind.by_name.insert(object.namespace.clone(), HashMap::new());
        }
        if let Some(names) = kind.by_name.get_mut(&object.namespace) {
            names.entry(object.name.clone()).or_insert(at);
        }
    }

    /// Returns the positions of the objects of a kind, in order.
    pub fn kind(&self, kind: &str) -> &[usize] {
        self.kinds.get(kind).map_or(&[], |it| &it.all)
    }

    /// Returns the position of the first object with a kind, namespace and name.
    pub fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<usize> {
        self.kinds.get(kind)?.by_name.get(namespace)?.get(name).copied()
    }
}
