//! The relations of the program, by the construct paths of their ends.

use std::collections::HashSet;

use super::ends::above;
use crate::ends::Source;
use crate::world::{Edge, World};

/// The relations of the program. A relation of a construct also applies to its children and its ancestors.
pub struct Declared<'a> {
    world: &'a World,
    /// Pairs of ends as written, and with the ancestors of the first end, of the second, or of both.
    pairs: [HashSet<(&'a str, &'a str)>; 4],
    /// The targets of entries, and their ancestors.
    entries: [HashSet<&'a str>; 2],
}

impl<'a> Declared<'a> {
    /// Collects the relations of a world.
    pub fn new(world: &'a World) -> Self {
        let mut pairs: [HashSet<(&str, &str)>; 4] = Default::default();
        let mut entries: [HashSet<&str>; 2] = Default::default();
        for Edge { from, to, kind, .. } in &world.edges {
            pairs[0].insert((from, to));
            pairs[1].extend(above(from).map(|from| (from, to.as_str())));
            pairs[2].extend(above(to).map(|to| (from.as_str(), to)));
            pairs[3].extend(above(from).flat_map(|from| above(to).map(move |to| (from, to))));
            if kind == "entry" {
                entries[0].insert(to);
                entries[1].extend(above(to));
            }
        }
        Self { world, pairs, entries }
    }

    /// Whether a relation applies to a source and the construct at a path.
    pub fn has(&self, source: &Source, to: &str) -> bool {
        match source {
            // An entry forwards external traffic to the construct, so access from the internet is intended.
            Source::Internet => above(to).any(|it| self.entries[0].contains(it)) || self.entries[1].contains(to),
            Source::Workload(id) => self.is_between(&self.world.object_of(*id).at.construct, to),
            Source::Resource(id) => self.is_between(&self.world.resource(*id).name(), to),
            _ => false,
        }
    }

    /// Whether a relation exists between two constructs. A construct also uses its own parts.
    fn is_between(&self, from: &str, to: &str) -> bool {
        if above(to).any(|it| it == from) {
            return true;
        }
        let [written, above_from, above_to, above_both] = &self.pairs;
        above(from).any(|from| above(to).any(|to| written.contains(&(from, to))))
            || above(to).any(|to| above_from.contains(&(from, to)))
            || above(from).any(|from| above_to.contains(&(from, to)))
            || above_both.contains(&(from, to))
    }
}
