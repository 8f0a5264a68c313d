//! Constructs that one part of a stack passes to other parts, which add resources to them.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::Entry;
use super::location::Parts;
use crate::code::{Named, Writer};
use crate::passes::unused;
use crate::tree::{Expr, Line, Param, Path, Statement, Type};

/// The maximum number of constructs that a part receives or returns. More are difficult to read.
const MOST: usize = 5;

/// Returns the constructs that parts receive in order to add resources to them, the most used first. `changes`
/// returns whether a resource modifies its construct, which only the defining part may do.
pub(super) fn find<'a>(parts: &Parts<'a>, changes: &dyn Fn(&str) -> bool) -> BTreeSet<(usize, &'a str)> {
    let mut users: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    let mut refused: BTreeSet<(usize, &str)> = BTreeSet::new();
    for entry in parts.entries {
        let owner = parts.locations.get(entry.id).and_then(|it| it.within.as_ref());
        let owner = owner.and_then(|(owner, _)| parts.entries.iter().find(|it| it.id == owner));
        let (Some(owner), Some(part)) = (owner, parts.of.get(entry.id)) else { continue };
        match parts.of.get(owner.id) {
            Some(home) if home < part && !changes(entry.id) => *users.entry((*part, owner.id)).or_default() += 1,
            Some(home) if home != part => drop(refused.insert((*part, owner.id))),
            _ => {}
        }
    }
    let mut users: Vec<_> = users.into_iter().filter(|(key, _)| !refused.contains(key)).collect();
    users.sort_by_key(|(key, n_members)| (std::cmp::Reverse(*n_members), *key));
    let mut passed: BTreeSet<(usize, &str)> = BTreeSet::new();
    for ((part, owner), _) in users {
        let home = parts.of.get(owner);
        let n_taken = passed.iter().filter(|(taker, _)| *taker == part).count();
        let of_home: BTreeSet<&str> =
            passed.iter().map(|(_, id)| *id).filter(|id| *id != owner && parts.of.get(id) == home).collect();
        if n_taken < MOST && of_home.len() < MOST {
            passed.insert((part, owner));
        }
    }
    passed
}

/// The constructs that a part receives and returns.
pub(super) struct PassedConstructs {
    /// The received constructs: variables and their types.
    pub taken: Vec<(String, Path)>,
    /// The returned constructs: variables and their types.
    pub returned: Vec<(String, Path)>,
}

impl PassedConstructs {
    /// Returns the constructs of a part.
    pub fn of(parts: &Parts<'_>, part: usize, writer: &Writer<'_>) -> Self {
        let known = |entry: &Entry<'_>| match writer.named.get(entry.id) {
            Some(Named::Construct(variable, construct)) => Some((variable.clone(), construct.path.into())),
            _ => None,
        };
        let taken = parts.entries.iter().filter(|it| parts.passed.contains(&(part, it.id)));
        let returned = parts.entries.iter().filter(|it| parts.of.get(it.id) == Some(&part) && parts.is_passed(it));
        Self { taken: taken.filter_map(known).collect(), returned: returned.filter_map(known).collect() }
    }

    /// Returns the parameters for the received constructs.
    pub fn params(&self) -> impl Iterator<Item = Param> {
        self.taken.iter().map(|(name, path)| Param { name: name.clone(), is: Type::Reference(path.clone()) })
    }

    /// Returns a statement that uses the returned variables, so that they are not removed as unused.
    pub fn named(&self) -> Vec<Statement> {
        let variables = self.returned.iter().map(|(name, _)| Expr::variable(name)).collect();
        if self.returned.is_empty() { Vec::new() } else { vec![Statement::of(Expr::Tuple(variables))] }
    }

    /// Writes the call of a part with its constructs, after other arguments.
    pub fn call(&self, module: &str, others: impl Iterator<Item = Expr>) -> Statement {
        let taken = self.taken.iter().map(|(name, _)| Expr::variable(name).borrowed());
        let value = Expr::call(format!("{module}::define"), others.chain(taken));
        if self.returned.is_empty() {
            return Statement::of(value);
        }
        let names = self.returned.iter().map(|(name, _)| Some(name.clone())).collect();
        Statement { lines: vec![Line::Bind { names, value }], ..Statement::default() }
    }
}

/// Whether a statement modifies a construct.
pub(super) fn changes(statement: &Statement) -> bool {
    let mut found = false;
    statement.visit(&mut |it| found |= matches!(it, Expr::Method(method) if unused::changes(method)));
    found
}

#[cfg(test)]
mod tests {
    use meshsynth_model::val::Bag;

    use super::super::location::Location;
    use super::*;

    /// Returns the received constructs of all parts. The owners are in part 0, and the members add to them in other
    /// parts.
    fn passed(owners: &[&str], members: &[(&str, &str, usize)], changes: &str) -> Vec<(usize, String)> {
        let body = Bag::default();
        let entry = |id| Entry {
            id,
            type_name: "",
            body: &body,
            group: String::new(),
            variable: id.to_owned(),
            construct: id.to_owned(),
            is_needed: true,
        };
        let ids = owners.iter().chain(members.iter().map(|(id, ..)| id));
        let entries: Vec<Entry<'_>> = ids.map(|id| entry(id)).collect();
        let within = |id: &str| {
            let row = members.iter().find(|(row, ..)| *row == id)?;
            Some((row.1.to_owned(), id.to_owned()))
        };
        let locations = entries.iter().map(|it| (it.id, Location::new(it, false, within(it.id), None))).collect();
        let part = |id: &str| members.iter().find(|(row, ..)| *row == id).map_or(0, |(.., part)| *part);
        let of = entries.iter().map(|it| (it.id, part(it.id))).collect();
        let parts = Parts { entries: &entries, locations: &locations, of, passed: BTreeSet::new() };
        find(&parts, &|id| id == changes).into_iter().map(|(part, id)| (part, id.to_owned())).collect()
    }

    #[test]
    fn part_receives_the_constructs_that_it_extends() {
        let found = passed(&["cluster"], &[("nodes", "cluster", 1), ("own", "cluster", 0), ("dns", "cluster", 2)], "");
        assert_eq!(found, [(1, "cluster".to_owned()), (2, "cluster".to_owned())]);
    }

    #[test]
    fn network_is_not_passed_to_a_part_that_modifies_it() {
        let members = [("endpoint", "network", 1), ("subnet", "network", 1), ("flow-log", "network", 2)];
        assert_eq!(passed(&["network"], &members, "subnet"), [(2, "network".to_owned())]);
    }

    #[test]
    fn part_receives_a_limited_number_of_constructs() {
        let owners = ["a", "b", "c", "d", "e", "f"];
        let members =
            [("1", "a", 1), ("2", "b", 1), ("3", "c", 1), ("4", "d", 1), ("5", "e", 1), ("6", "f", 1), ("7", "f", 1)];
        let found: Vec<String> = passed(&owners, &members, "").into_iter().map(|(_, id)| id).collect();
        assert_eq!(found, ["a", "b", "c", "d", "f"]);
    }
}
