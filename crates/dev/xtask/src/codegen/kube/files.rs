//! The distribution of types to files.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Type, Unit};
use crate::codegen::case;

/// A file of a unit.
pub struct File {
    /// Its name without `.rs`.
    pub name: String,
    /// Its records, by their index in the unit.
    pub records: Vec<usize>,
    /// Its enums.
    pub choices: Vec<usize>,
}

/// A record or an enum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    Record(usize),
    Choices(usize),
}

/// Splits a unit into files. A kind has one file. In a module with named records, each kind and each
/// shared record has a file, together with the types that only it uses.
pub fn split(unit: &Unit, foreign: &BTreeSet<String>) -> Vec<File> {
    if let Some(kind) = &unit.kind {
        let (records, choices) = ((0..unit.records.len()).collect(), (0..unit.choices.len()).collect());
        return vec![File { name: case::module(kind), records, choices }];
    }
    let mut parents: BTreeMap<Item, BTreeSet<Item>> = BTreeMap::new();
    for (idx, record) in unit.records.iter().enumerate() {
        for prop in &record.props {
            prop.kind.each(&mut |kind| {
                let item = match kind {
                    Type::Record(inner) => Item::Record(*inner),
                    Type::Choices(inner) => Item::Choices(*inner),
                    _ => return,
                };
                if item != Item::Record(idx) {
                    parents.entry(item).or_default().insert(Item::Record(idx));
                }
            });
        }
    }
    let mut owners: BTreeMap<Item, Item> = BTreeMap::new();
    for (idx, record) in unit.records.iter().enumerate() {
        let item = Item::Record(idx);
        let wanted = foreign.iter().any(|name| name.split_once('.').is_some_and(|(_, name)| name == record.name));
        if record.object.is_some() || wanted || !parents.contains_key(&item) {
            owners.insert(item, item);
        }
    }
    // An item that two files use gets a separate file. The items that it uses may then need separate files, too.
    loop {
        let mut changed = false;
        for (item, parents) in &parents {
            if owners.get(item) == Some(item) {
                continue;
            }
            let found: BTreeSet<Item> = parents.iter().filter_map(|parent| owners.get(parent)).copied().collect();
            let owner = match found.len() {
                0 => continue,
                1 => *found.first().expect("there is one"),
                _ => *item,
            };
            changed |= owners.insert(*item, owner) != Some(owner);
        }
        if !changed {
            break;
        }
    }
    let mut files: BTreeMap<Item, File> = BTreeMap::new();
    for (item, owner) in owners {
        let name = match owner {
            Item::Record(idx) => &unit.records[idx].name,
            Item::Choices(idx) => &unit.choices[idx].name,
        };
        let new = || File { name: case::module(name), records: Vec::new(), choices: Vec::new() };
        let file = files.entry(owner).or_insert_with(new);
        match item {
            Item::Record(idx) => file.records.push(idx),
            Item::Choices(idx) => file.choices.push(idx),
        }
    }
    files.into_values().collect()
}
