//! Finds the objects and enums of a unit, and names them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::embed::Embed;
use super::facts::{Kind, Module, Root, properties};
use super::fixups;
use super::model::{Choices, Type};
use super::names::{self, Taken};
use super::shape::{Shape, canon, shape};
use crate::codegen::case;

/// An object with properties.
pub struct Node<'a> {
    pub schema: &'a Value,
    /// The name in the schema, if there is one.
    name: Option<String>,
    /// Set for a kind.
    pub kind: Option<&'a Kind>,
    /// Its occurrences, starting with the nearest to the root.
    found: Vec<Found>,
}

/// An occurrence of a nested record.
struct Found {
    parent: usize,
    /// The vendor's name of the property.
    key: String,
    /// The singular name.
    name: String,
}

impl Node<'_> {
    /// Returns the properties with a generated setter. The metadata of a kind has a separate setter.
    pub fn properties(&self) -> impl Iterator<Item = (&String, &Value)> {
        properties(self.schema).filter(|(key, _)| self.kind.is_none() || *key != "metadata")
    }
}

/// Text with a fixed set of values.
#[derive(Clone)]
struct Values<'a> {
    key: String,
    values: Vec<&'a str>,
    parents: Vec<usize>,
}

/// The objects and enums of a unit.
pub struct Finder<'a> {
    module: &'a Module,
    embed: &'a Embed<'a>,
    /// The objects, starting with the nearest to the root.
    pub nodes: Vec<Node<'a>>,
    known: BTreeMap<String, usize>,
    choices: Vec<Values<'a>>,
}

impl<'a> Finder<'a> {
    /// Finds every object and enum below the roots, starting with the nearest.
    pub fn new(module: &'a Module, embed: &'a Embed<'a>, roots: &[Root<'a>]) -> Self {
        let mut finder = Self { module, embed, nodes: Vec::new(), known: BTreeMap::new(), choices: Vec::new() };
        finder.find(roots);
        finder
    }

    fn find(&mut self, roots: &[Root<'a>]) {
        for root in roots {
            let (name, schema, kind) = match root {
                Root::Kind(kind) => (names::defined(&kind.name), &kind.schema, Some(*kind)),
                Root::Definition(name, schema) => (names::defined(name), *schema, None),
            };
            self.nodes.push(Node { schema, name: Some(name), kind, found: Vec::new() });
        }
        let mut next = 0;
        while next < self.nodes.len() {
            let inner: Vec<_> = properties(self.nodes[next].schema).collect();
            for (key, schema) in inner {
                self.visit(schema, &case::pascal(key), key, next);
            }
            next += 1;
        }
        self.split_choices();
    }

    /// Assigns different enums with the same name to their records.
    fn split_choices(&mut self) {
        let mut split = Vec::new();
        for values in &self.choices {
            let rivals = self.choices.iter().filter(|other| other.key == values.key).count();
            let alone = |parent: &usize| Values { parents: vec![*parent], ..values.clone() };
            match rivals {
                1 => split.push(values.clone()),
                _ => split.extend(values.parents.iter().map(alone)),
            }
        }
        self.choices = split;
    }

    fn visit(&mut self, schema: &'a Value, name: &str, key: &str, parent: usize) {
        match shape(schema) {
            Shape::List(inner) | Shape::Map(inner) => self.visit(inner, &names::singular(name), key, parent),
            Shape::Choices(values) => {
                let known = self.choices.iter_mut().find(|known| known.key == name && known.values == values);
                match known {
                    Some(known) if known.parents.contains(&parent) => {}
                    Some(known) => known.parents.push(parent),
                    None => self.choices.push(Values { key: name.to_owned(), values, parents: vec![parent] }),
                }
            }
            Shape::Object if self.embed(schema, name).is_none() => {
                let idx = *self.known.entry(canon(schema)).or_insert_with(|| {
                    self.nodes.push(Node { schema, name: None, kind: None, found: Vec::new() });
                    self.nodes.len() - 1
                });
                self.nodes[idx].found.push(Found { parent, key: key.to_owned(), name: name.to_owned() });
            }
            _ => {}
        }
    }

    /// Returns the built-in Kubernetes record of a nested object in a custom kind.
    fn embed(&self, schema: &Value, name: &str) -> Option<&'static str> {
        self.module.definitions.is_empty().then(|| self.embed.find(schema, name)).flatten()
    }

    /// Returns the names of all nodes.
    pub fn names(&self, taken: &mut Taken, label: &str, given: &mut fixups::Names) -> Result<Vec<String>> {
        let mut names: Vec<String> = Vec::new();
        for node in self.nodes.iter().filter_map(|node| node.name.as_ref()) {
            if !taken.take(node) {
                bail!("`{label}` has two records `{node}`");
            }
        }
        for (idx, node) in self.nodes.iter().enumerate() {
            let name = match &node.name {
                Some(name) => name.clone(),
                None => {
                    let by_hand = given.find(label, &self.place(idx));
                    let candidates = by_hand.into_iter().chain(self.candidates(idx, &names));
                    let name = taken.first(candidates);
                    name.with_context(|| format!("`{label}` has no unused name for `{}`", self.place(idx)))?
                }
            };
            names.push(name);
        }
        Ok(names)
    }

    /// Returns possible names of a nested record, with the best one first.
    fn candidates(&self, idx: usize, names: &[String]) -> Vec<String> {
        let found = &self.nodes[idx].found;
        let Found { parent, name, .. } = &found[0];
        let shared = found.iter().any(|other| other.parent != *parent) && found.iter().all(|other| other.name == *name);
        let mut candidates = Vec::new();
        if shared || self.is_top(*parent) {
            candidates.push(name.clone());
        }
        let before = match self.nodes[*parent].found.first() {
            // Use the parent's short name as prefix if its full name only adds a prefix to it, and otherwise the full
            // name.
            Some(found) if names[*parent].ends_with(&found.name) => &found.name,
            _ => &names[*parent],
        };
        candidates.extend([names::nested(before, name), names::nested(&names[*parent], name)]);
        candidates.push(self.place(idx).split('.').map(case::pascal).collect());
        candidates
    }

    /// Whether names below a node need no prefix: the kind of a unit, and its `spec`.
    fn is_top(&self, idx: usize) -> bool {
        let node = &self.nodes[idx];
        let spec = |found: &Found| found.parent == 0 && found.key == "spec";
        self.module.definitions.is_empty() && (node.kind.is_some() || node.found.first().is_some_and(spec))
    }

    /// Returns the first path of a nested record, such as `spec.http.match`.
    fn place(&self, idx: usize) -> String {
        match self.nodes[idx].found.first() {
            Some(found) => {
                let before = self.place(found.parent);
                let dot = if before.is_empty() { "" } else { "." };
                format!("{before}{dot}{}", found.key)
            }
            None => String::new(),
        }
    }

    /// Returns the documentation of a node's type.
    pub fn doc(&self, idx: usize, names: &[String]) -> String {
        let mut root = idx;
        while let Some(found) = self.nodes[root].found.first() {
            root = found.parent;
        }
        match (&self.nodes[idx], self.nodes[root].kind) {
            (Node { kind: Some(kind), .. }, _) => format!("`{}` of `{}`.", kind.name, kind.api_version),
            (_, Some(_)) => format!("`{}` of a [`{}`].", self.place(idx), names[root]),
            (Node { name: Some(name), .. }, _) => format!("A `{name}` of the kinds of `{}`.", self.module.name),
            _ => format!("`{}` of a [`{}`].", self.place(idx), names[root]),
        }
    }

    /// Returns the enums with their names.
    pub fn choices(&self, names: &[String], taken: &mut Taken) -> Result<Vec<Choices>> {
        let mut choices = Vec::new();
        for values in &self.choices {
            let rivals = self.choices.iter().filter(|other| other.key == values.key).count();
            let parent = values.parents[0];
            let nested = match self.is_top(parent) {
                true => values.key.clone(),
                false => names::nested(&names[parent], &values.key),
            };
            let telling = case::words(&values.key).len() > 1 || values.parents.len() > 1;
            let mut candidates = Vec::new();
            if rivals == 1 && telling && taken.is_free(&values.key) {
                candidates.push(values.key.clone());
            }
            candidates.extend([format!("{nested}Choice"), format!("{}{}", names[parent], values.key)]);
            candidates.insert(candidates.len() - 2, nested);
            let name = taken.first(candidates).with_context(|| format!("no unused name for `{}`", values.key))?;
            let mut variants: Vec<(String, String)> = Vec::new();
            for value in &values.values {
                let variant = names::variant(value).with_context(|| format!("`{value}` of `{name}` has no variant"))?;
                match variants.iter().find(|(known, _)| *known == variant) {
                    // Words that differ only in case: keep the first.
                    Some((_, known)) if known.eq_ignore_ascii_case(value) => {}
                    Some(_) => bail!("`{name}` has two variants `{variant}`"),
                    None => variants.push((variant, (*value).to_owned())),
                }
            }
            choices.push(Choices { name, variants });
        }
        Ok(choices)
    }

    /// Returns the type of a property.
    pub fn kind(&self, schema: &'a Value, name: &str, parent: usize) -> Result<Type> {
        Ok(match shape(schema) {
            Shape::Text => Type::Text,
            Shape::Bool => Type::Bool,
            Shape::Int => Type::Int,
            Shape::Float => Type::Float,
            Shape::IntOrString => Type::IntOrString,
            Shape::Free => Type::Json,
            Shape::List(inner) => Type::List(Box::new(self.kind(inner, &names::singular(name), parent)?)),
            Shape::Map(inner) => Type::Map(Box::new(self.kind(inner, &names::singular(name), parent)?)),
            Shape::Choices(values) => {
                let same = |known: &Values<'_>| known.key == name && known.values == values;
                let idx = self.choices.iter().position(|known| same(known) && known.parents.contains(&parent));
                Type::Choices(idx.context("choices were not found")?)
            }
            Shape::Reference(reference) => self.reference(reference)?,
            Shape::Object => match self.embed(schema, name) {
                Some(record) => self.reference(record)?,
                None => Type::Record(*self.known.get(&canon(schema)).context("a record was not found")?),
            },
        })
    }

    fn reference(&self, reference: &str) -> Result<Type> {
        let (module, name) = reference.split_once('.').context("a definition has no module")?;
        let name = names::defined(name);
        if module != self.module.name {
            return Ok(Type::Foreign(module.to_owned(), name));
        }
        let idx = self.nodes.iter().position(|node| node.kind.is_none() && node.name.as_ref() == Some(&name));
        Ok(Type::Record(idx.with_context(|| format!("`{reference}` is not defined"))?))
    }
}
