//! The order of resources: what is referred to comes first.

use std::collections::BTreeSet;

use meshsynth_types::val::Data;

use crate::code::{attribute, function};

/// The logical ids that data refers to.
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

/// What must be defined before what: an item by its name, what it needs, and the group that it is best beside.
pub struct Item<'a> {
    /// Its name.
    pub name: &'a str,
    /// The names of what it needs.
    pub needs: BTreeSet<String>,
    /// What it is best beside.
    pub group: &'a str,
}

/// The items in an order in which each comes after what it needs, groups together where that is possible. What needs each
/// other in a circle stays as it was.
pub fn sorted(items: &[Item<'_>]) -> Vec<usize> {
    let names: BTreeSet<&str> = items.iter().map(|item| item.name).collect();
    let (mut done, mut order): (BTreeSet<&str>, Vec<usize>) = (BTreeSet::new(), Vec::new());
    let mut open: Vec<usize> = (0..items.len()).collect();
    let mut group = "";
    while !open.is_empty() {
        let is_ready = |idx: &usize| {
            let item = &items[*idx];
            item.needs
                .iter()
                .all(|need| need == item.name || !names.contains(need.as_str()) || done.contains(need.as_str()))
        };
        let ready: Vec<usize> = open.iter().copied().filter(is_ready).collect();
        let beside = ready.iter().copied().find(|idx| items[*idx].group == group);
        let next = beside.or(ready.first().copied()).unwrap_or(open[0]);
        open.retain(|idx| *idx != next);
        done.insert(items[next].name);
        group = items[next].group;
        order.push(next);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_comes_first_and_groups_stay_together() {
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
