//! The shape of properties: a vendor's schema, compiled for quick checks.

mod check;
mod compile;
mod near;
mod path;

use serde_json::Value;

use crate::val::{Bag, Data, Deferred};
use check::Check;
use compile::Compiler;

/// A compiled schema. A check allocates nothing until it finds a problem.
#[derive(Debug)]
pub struct Shape {
    nodes: Vec<Node>,
    root: Idx,
    dialect: Dialect,
}

/// What the vendor would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it lies, such as `spec.containers[0].image`; empty for the whole.
    pub path: String,
    /// What is wrong, with the value got and the value wanted.
    pub message: String,
    /// What to write instead, where that can be guessed.
    pub help: Option<String>,
}

/// Where two vendors read the same schema differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Scalars are converted into each other; a map is closed where the schema says so.
    CloudFormation,
    /// Scalars are what they are; a map with properties is closed unless the schema says otherwise.
    Kubernetes,
}

impl Shape {
    /// Compiles `schema`; its `$ref`s are names in `definitions`, whatever comes before the last `/`.
    pub fn from_json(schema: &Value, definitions: &Value, dialect: Dialect) -> Self {
        Compiler::new(definitions, dialect).compile(schema)
    }

    /// Every problem that `data` has.
    pub fn check(&self, data: &Data) -> Vec<Problem> {
        Check::new(self, &Deferred::is_list).data(data)
    }

    /// Every problem that a map of properties has.
    pub fn check_bag(&self, bag: &Bag) -> Vec<Problem> {
        self.check_bag_with(bag, &Deferred::is_list)
    }

    /// Every problem that a map of properties has, where it is known which values that are not known yet are lists.
    pub fn check_bag_with(&self, bag: &Bag, is_list: &dyn Fn(&Deferred) -> bool) -> Vec<Problem> {
        Check::new(self, is_list).bag(bag)
    }

    /// Whether the root has a property of this name, whoever sets it.
    pub(super) fn has_property(&self, name: &str) -> bool {
        let rules = self.nodes[self.root as usize].map.as_ref();
        rules.is_some_and(|rules| rules.props.binary_search_by(|(known, _)| (**known).cmp(name)).is_ok())
    }

    /// Whether the order of a list's items says nothing, as the vendor declares it (`insertionOrder: false`, list keys).
    /// The path is dotted, with `*` for what lies in a list.
    pub fn is_unordered(&self, path: &str) -> bool {
        let mut nodes = vec![self.root];
        for step in path.split('.') {
            nodes = nodes.into_iter().flat_map(|idx| self.step(idx, step)).collect();
        }
        let lists = nodes.into_iter().filter_map(|idx| self.nodes[idx as usize].list.as_ref());
        lists.into_iter().any(|list| list.unordered)
    }

    /// The nodes one step below a node, in all branches of its choices.
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

    /// The one property beneath which another one can be set: in its map, or in each map of its list.
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

    /// Marks a property of the root as one that the vendor sets.
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

/// A node of a shape, by its place.
type Idx = u32;

/// Stands for a property that cannot be set.
const READ_ONLY: Idx = Idx::MAX;

/// What one value must be; rules that are not there hold.
#[derive(Debug, Default)]
struct Node {
    types: Types,
    map: Option<Box<MapRules>>,
    list: Option<Box<ListRules>>,
    text: Option<Box<TextRules>>,
    number: Option<Box<NumberRules>>,
    logic: Option<Box<Logic>>,
}

/// The types that a value may have, as bits; none means any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Types(u8);

impl Types {
    const TEXT: u8 = 1;
    const INT: u8 = 2;
    const NUMBER: u8 = 4;
    const BOOL: u8 = 8;
    const LIST: u8 = 16;
    const MAP: u8 = 32;
    const NULL: u8 = 64;

    fn allow(self, types: u8) -> bool {
        self.0 == 0 || self.0 & types != 0
    }
}

#[derive(Debug, Default)]
struct MapRules {
    /// Sorted by name.
    props: Box<[(Box<str>, Idx)]>,
    required: Names,
    others: Others,
    least: Option<usize>,
    most: Option<usize>,
    /// Exactly one of them.
    one_of: Names,
    /// At least one of them.
    any_of: Names,
    /// With the first, all of the others.
    needs: Box<[(Box<str>, Names)]>,
    /// With the first, none of the others.
    excludes: Box<[(Box<str>, Names)]>,
}

type Names = Box<[Box<str>]>;

/// What a map may hold beside its properties.
#[derive(Debug, Default, PartialEq, Eq)]
enum Others {
    #[default]
    Anything,
    Nothing,
    Each(Idx),
}

#[derive(Debug, Default)]
struct ListRules {
    item: Option<Idx>,
    least: Option<usize>,
    most: Option<usize>,
    unique: bool,
    /// The order of its items says nothing.
    unordered: bool,
}

#[derive(Debug, Default)]
struct TextRules {
    values: Names,
    ignore_case: bool,
    shortest: Option<usize>,
    longest: Option<usize>,
}

#[derive(Debug, Default)]
struct NumberRules {
    least: Option<f64>,
    most: Option<f64>,
    above: Option<f64>,
    below: Option<f64>,
}

#[derive(Debug, Default)]
struct Logic {
    all_of: Box<[Idx]>,
    any_of: Box<[Idx]>,
    one_of: Box<[Idx]>,
    not: Option<Idx>,
}

#[cfg(test)]
mod tests;
