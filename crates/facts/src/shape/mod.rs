//! The shape of properties: a vendor's schema, compiled for fast checks.

mod check;
mod compile;
mod near;
mod path;
mod presence;
mod schema;
mod wording;
mod words;
mod written;

use serde_json::Value;

use super::json::Json;
use check::Check;
use compile::Compiler;
use meshsynth_model::val::{Bag, Data, Deferred};
pub use near::nearest;
use schema::{Idx, MapRules, Node, Others, READ_ONLY};

pub use schema::{Dialect, Problem, Shape};
pub use written::PACKAGED;

impl Shape {
    /// Compiles `schema`. A `$ref` is resolved in `definitions` by the text after its last `/`.
    pub fn from_json(schema: &Value, definitions: &Value, dialect: Dialect) -> Self {
        Self::of(&Json::from(schema), &Json::from(definitions), dialect)
    }

    /// Compiles a schema of the facts.
    pub(super) fn of(schema: &Json<'_>, definitions: &Json<'_>, dialect: Dialect) -> Self {
        let definitions = definitions.entries().iter().map(|(name, schema)| (name.as_ref(), schema));
        Compiler::new(definitions, dialect).compile(schema)
    }

    /// Returns all problems in `data`.
    pub fn check(&self, data: &Data) -> Vec<Problem> {
        Check::new(self, &Deferred::is_list).data(data)
    }

    /// Returns all problems in a map of properties.
    pub fn check_bag(&self, bag: &Bag) -> Vec<Problem> {
        self.check_bag_with(bag, &Deferred::is_list)
    }

    /// Returns all problems in a map of properties. `is_list` reports which deferred values are lists.
    pub fn check_bag_with(&self, bag: &Bag, is_list: &dyn Fn(&Deferred) -> bool) -> Vec<Problem> {
        Check::new(self, is_list).bag(bag)
    }

    /// Whether the root has a property with this name, including properties that AWS sets.
    pub(super) fn has_property(&self, name: &str) -> bool {
        let rules = self.nodes[self.root as usize].map.as_ref();
        rules.is_some_and(|rules| rules.props.binary_search_by(|(known, _)| (**known).cmp(name)).is_ok())
    }

    /// Whether the vendor declares that the order of list items is irrelevant (`insertionOrder: false`, list keys). The
    /// path is dotted; `*` represents the items of a list.
    pub fn is_unordered(&self, path: &str) -> bool {
        let mut nodes = vec![self.root];
        for step in path.split('.') {
            nodes = nodes.into_iter().flat_map(|idx| self.step(idx, step)).collect();
        }
        let lists = nodes.into_iter().filter_map(|idx| self.nodes[idx as usize].list.as_ref());
        lists.into_iter().any(|list| list.unordered)
    }

    /// Returns the nodes one step below a node, in all branches of its choices.
    fn step(&self, idx: Idx, step: &str) -> Vec<Idx> {
        let node = &self.nodes[idx as usize];
        let mut found = Vec::new();
        if step == "*" {
            found.extend(node.list.as_ref().and_then(|list| list.item));
        }
        if let Some(rules) = &node.map {
            match rules.props.binary_search_by(|(known, _)| (**known).cmp(step)) {
                Ok(place) => found.push(rules.props[place].1),
                Err(_) => found.extend(match rules.others {
                    Others::Each(idx) => Some(idx),
                    Others::Anything | Others::Nothing => None,
                }),
            }
        }
        if let Some(logic) = &node.logic {
            let branches = logic.all_of.iter().chain(&logic.any_of).chain(&logic.one_of);
            found.extend(branches.flat_map(|idx| self.step(*idx, step)));
        }
        found.retain(|idx| *idx != READ_ONLY);
        found
    }

    /// Returns the property below which `name` is valid: directly in its map, or in the maps of its list. Returns
    /// `None` if several properties match.
    fn below<'s>(&'s self, rules: &'s MapRules, name: &str) -> Option<&'s str> {
        let takes = |node: &Node| {
            let rules = node.map.as_ref();
            rules.is_some_and(|rules| rules.props.binary_search_by(|(known, _)| (**known).cmp(name)).is_ok())
        };
        let mut found = rules.props.iter().filter(|(_, idx)| *idx != READ_ONLY).filter(|(_, idx)| {
            let node = &self.nodes[*idx as usize];
            let item = node.list.as_ref().and_then(|list| list.item);
            takes(node) || item.is_some_and(|idx| takes(&self.nodes[idx as usize]))
        });
        found.next().filter(|_| found.next().is_none()).map(|(name, _)| &**name)
    }

    /// Marks a property of the root as set by the vendor.
    pub(super) fn set_read_only(&mut self, name: &str) {
        let root = self.root as usize;
        if let Some(rules) = &mut self.nodes[root].map
            && !rules.required.iter().any(|required| &**required == name)
            && let Ok(place) = rules.props.binary_search_by(|(known, _)| (**known).cmp(name))
        {
            rules.props[place].1 = READ_ONLY;
        }
    }
}

#[cfg(test)]
mod tests;
