//! The order of resources: referenced resources come first.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_model::val::Data;

use crate::code::{attribute, function};

/// Collects the logical IDs in references.
pub fn references(data: &Data, found: &mut BTreeSet<String>) {
    match function(data) {
        Some(("Ref", Data::Text(id))) => drop(found.insert(id.to_string())),
        Some(("Fn::GetAtt", argument)) => {
            if let Some((id, _)) = attribute(argument) {
                found.insert(id.to_owned());
            }
            argument.items().iter().for_each(|item| references(item, found));
        }
        Some(("Fn::Sub", argument)) => {
            let text = argument.as_str().or_else(|| argument.items().first()?.as_str()).unwrap_or_default();
            for piece in text.split("${").skip(1).filter_map(|rest| rest.split_once('}')) {
                found.insert(piece.0.split('.').next().unwrap_or_default().to_owned());
            }
            argument.items().iter().for_each(|item| references(item, found));
        }
        _ => match data {
            Data::List(items) => items.iter().for_each(|item| references(item, found)),
            Data::Map(bag) => bag.iter().for_each(|(_, value)| references(value, found)),
            _ => {}
        },
    }
}

/// An item to sort, with its dependencies and its preferred group.
pub struct Item<'a> {
    /// Its name.
    pub name: &'a str,
    /// The names of its dependencies.
    pub needs: BTreeSet<String>,
    /// Its preferred group.
    pub group: &'a str,
}

/// Sorts items so that each follows its dependencies, with groups together if possible. Circular items keep their
/// order.
pub fn sorted(items: &[Item<'_>]) -> Vec<usize> {
    let names: BTreeSet<&str> = items.iter().map(|item| item.name).collect();
    let mut dependents: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut n_missing = vec![0_usize; items.len()];
    for (idx, item) in items.iter().enumerate() {
        for need in item.needs.iter().filter(|need| *need != item.name && names.contains(need.as_str())) {
            dependents.entry(need).or_default().push(idx);
            n_missing[idx] += 1;
        }
    }
    let mut open: BTreeSet<usize> = (0..items.len()).collect();
    let mut ready = Ready::default();
    open.iter().filter(|idx| n_missing[**idx] == 0).for_each(|idx| ready.insert(*idx, items[*idx].group));
    let (mut order, mut group) = (Vec::new(), "");
    while let Some(first) = open.first().copied() {
        let next = ready.first(group).unwrap_or(first);
        group = items[next].group;
        open.remove(&next);
        ready.remove(next, group);
        order.push(next);
        for dependent in dependents.remove(items[next].name).unwrap_or_default() {
            n_missing[dependent] -= 1;
            if n_missing[dependent] == 0 && open.contains(&dependent) {
                ready.insert(dependent, items[dependent].group);
            }
        }
    }
    order
}

/// Items whose dependencies are already in the result.
#[derive(Default)]
struct Ready<'a> {
    all: BTreeSet<usize>,
    by_group: BTreeMap<&'a str, BTreeSet<usize>>,
}

impl<'a> Ready<'a> {
    fn insert(&mut self, idx: usize, group: &'a str) {
        self.all.insert(idx);
        self.by_group.entry(group).or_default().insert(idx);
    }

    fn remove(&mut self, idx: usize, group: &str) {
        self.all.remove(&idx);
        self.by_group.get_mut(group).map(|of_group| of_group.remove(&idx));
    }

    /// Returns the first item of a group, or of all groups if the group has none.
    fn first(&self, group: &str) -> Option<usize> {
        let beside = self.by_group.get(group).and_then(BTreeSet::first);
        beside.or_else(|| self.all.first()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_come_first_and_groups_stay_together() {
        let item = |name, needs: &[&str], group| Item {
            name,
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            group,
        };
        let items =
            [item("web", &["role"], "ec2"), item("role", &[], "iam"), item("vpc", &[], "ec2"), item("key", &[], "kms")];
        assert_eq!(sorted(&items), [1, 0, 2, 3]);
        let circle = [item("a", &["b"], ""), item("b", &["a"], "")];
        assert_eq!(sorted(&circle), [0, 1]);
    }
}
