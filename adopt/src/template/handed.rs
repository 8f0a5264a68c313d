//! Constructs that one part of a stack hands to others, which define what belongs to them.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::Entry;
use super::location::Parts;
use crate::code::{Named, Writer};
use crate::passes::unused;
use crate::tree::{Expr, Line, Param, Path, Statement, Type};

/// A part takes and hands on at most so many constructs: more of them are hard to read.
const MOST: usize = 5;

/// What parts take from others: the constructs to which they would add something, those first to which they add most. `changes`
/// says whether a resource would change what its construct knows, which is for the part of the construct alone.
pub(super) fn found<'a>(parts: &Parts<'a>, changes: &dyn Fn(&str) -> bool) -> BTreeSet<(usize, &'a str)> {
    let mut wanted: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    let mut refused: BTreeSet<(usize, &str)> = BTreeSet::new();
    for entry in parts.entries {
        let owner = parts.locations.get(entry.id).and_then(|it| it.within.as_ref());
        let owner = owner.and_then(|(owner, _)| parts.entries.iter().find(|it| it.id == owner));
        let (Some(owner), Some(part)) = (owner, parts.of.get(entry.id)) else { continue };
        match parts.of.get(owner.id) {
            Some(home) if home < part && !changes(entry.id) => *wanted.entry((*part, owner.id)).or_default() += 1,
            Some(home) if home != part => drop(refused.insert((*part, owner.id))),
            _ => {}
        }
    }
    let mut wanted: Vec<_> = wanted.into_iter().filter(|(key, _)| !refused.contains(key)).collect();
    wanted.sort_by_key(|(key, n_members)| (std::cmp::Reverse(*n_members), *key));
    let mut handed: BTreeSet<(usize, &str)> = BTreeSet::new();
    for ((part, owner), _) in wanted {
        let home = parts.of.get(owner);
        let n_taken = handed.iter().filter(|(taker, _)| *taker == part).count();
        let of_home: BTreeSet<&str> =
            handed.iter().map(|(_, id)| *id).filter(|id| *id != owner && parts.of.get(id) == home).collect();
        if n_taken < MOST && of_home.len() < MOST {
            handed.insert((part, owner));
        }
    }
    handed
}

/// What a part takes, and what it hands on.
pub(super) struct Handed {
    /// The constructs that it takes: variables and their types.
    pub taken: Vec<(String, Path)>,
    /// The constructs that it hands on.
    pub returned: Vec<(String, Path)>,
}

impl Handed {
    /// Those of a part.
    pub fn of(parts: &Parts<'_>, part: usize, writer: &Writer<'_>) -> Self {
        let known = |entry: &Entry<'_>| match writer.named.get(entry.id) {
            Some(Named::Construct(variable, alone)) => Some((variable.clone(), alone.path.into())),
            _ => None,
        };
        let taken = parts.entries.iter().filter(|it| parts.handed.contains(&(part, it.id)));
        let returned = parts.entries.iter().filter(|it| parts.of.get(it.id) == Some(&part) && parts.is_handed(it));
        Self { taken: taken.filter_map(known).collect(), returned: returned.filter_map(known).collect() }
    }

    /// The parameters for what it takes.
    pub fn params(&self) -> impl Iterator<Item = Param> {
        self.taken.iter().map(|(name, path)| Param { name: name.clone(), is: Type::Reference(path.clone()) })
    }

    /// A statement that names what is handed on, so that it is not forgotten.
    pub fn named(&self) -> Vec<Statement> {
        let variables = self.returned.iter().map(|(name, _)| Expr::variable(name)).collect();
        if self.returned.is_empty() { Vec::new() } else { vec![Statement::of(Expr::Tuple(variables))] }
    }

    /// The call of the part, with what it takes and hands on, and with the stack where it defines something there.
    pub fn call(&self, module: &str, scope: Option<Expr>) -> Statement {
        let taken = self.taken.iter().map(|(name, _)| Expr::variable(name).borrowed());
        let value = Expr::call(format!("{module}::define"), scope.into_iter().chain(taken));
        if self.returned.is_empty() {
            return Statement::of(value);
        }
        let names = self.returned.iter().map(|(name, _)| Some(name.clone())).collect();
        Statement { lines: vec![Line::Bind { names, value }], ..Statement::default() }
    }
}

/// Whether a statement changes what a construct knows.
pub(super) fn changes(statement: &Statement) -> bool {
    let mut found = false;
    statement.visit(&mut |it| found |= matches!(it, Expr::Method(method) if unused::changes(method)));
    found
}

#[cfg(test)]
mod tests {
    use meshsynth_types::val::Bag;

    use super::super::location::Location;
    use super::*;

    /// What is handed of a network or a cluster in part 0, to which the other parts add by their resources.
    fn handed(owners: &[&str], members: &[(&str, &str, usize)], changes: &str) -> Vec<(usize, String)> {
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
            let member = members.iter().find(|(member, ..)| *member == id)?;
            Some((member.1.to_owned(), id.to_owned()))
        };
        let locations = entries.iter().map(|it| (it.id, Location::new(it, false, within(it.id), None))).collect();
        let part = |id: &str| members.iter().find(|(member, ..)| *member == id).map_or(0, |(.., part)| *part);
        let of = entries.iter().map(|it| (it.id, part(it.id))).collect();
        let parts = Parts { entries: &entries, locations: &locations, of, handed: BTreeSet::new() };
        found(&parts, &|id| id == changes).into_iter().map(|(part, id)| (part, id.to_owned())).collect()
    }

    #[test]
    fn a_part_takes_what_it_adds_to() {
        let found = handed(&["cluster"], &[("nodes", "cluster", 1), ("own", "cluster", 0), ("dns", "cluster", 2)], "");
        assert_eq!(found, [(1, "cluster".to_owned()), (2, "cluster".to_owned())]);
    }

    #[test]
    fn a_network_that_would_change_stays_where_it_is() {
        let members = [("endpoint", "network", 1), ("subnet", "network", 1), ("flow-log", "network", 2)];
        assert_eq!(handed(&["network"], &members, "subnet"), [(2, "network".to_owned())]);
    }

    #[test]
    fn a_part_takes_no_more_than_can_be_read() {
        let owners = ["a", "b", "c", "d", "e", "f"];
        let members =
            [("1", "a", 1), ("2", "b", 1), ("3", "c", 1), ("4", "d", 1), ("5", "e", 1), ("6", "f", 1), ("7", "f", 1)];
        let found: Vec<String> = handed(&owners, &members, "").into_iter().map(|(_, id)| id).collect();
        assert_eq!(found, ["a", "b", "c", "d", "f"]);
    }
}
