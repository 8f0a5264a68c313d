//! Resources with equal logical IDs in several stacks. Their names contain the stack, so that each stack has its own rows.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_assembly::Stack;

use crate::side::{Pair, Side};

/// Returns the logical IDs without a path in a program that several stacks of a side have.
pub fn logical_ids(pair: &Pair) -> BTreeSet<String> {
    let mut stacks: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for side in [pair.base, pair.head] {
        for stack in side.manifest.stacks.iter().filter(|stack| !has_paths(stack)) {
            for (_, id, _) in side.resources_of(stack) {
                stacks.entry(id).or_default().insert(&stack.id);
            }
        }
    }
    stacks.into_iter().filter(|(_, stacks)| stacks.len() > 1).map(|(id, _)| id.to_owned()).collect()
}

/// Whether a program defines the resources of a stack, so that their paths are unique.
fn has_paths(stack: &Stack) -> bool {
    stack.resources.values().any(|row| !row.construct.is_empty())
}

/// Returns a side whose names of these logical IDs begin with the stack.
pub fn named_apart(side: &Side, ids: &BTreeSet<String>) -> Side {
    let mut apart = side.shared();
    let places: Vec<(usize, String)> = side
        .manifest
        .stacks
        .iter()
        .enumerate()
        .filter(|(_, stack)| !has_paths(stack))
        .flat_map(|(at, stack)| side.resources_of(stack).map(move |(_, id, _)| (at, id.clone())))
        .filter(|(_, id)| ids.contains(id))
        .collect();
    for (at, id) in places {
        let stack = &mut apart.manifest.stacks[at];
        let name = format!("{}/{id}", stack.id);
        stack.resources.entry(id).or_default().construct = name;
    }
    apart
}
