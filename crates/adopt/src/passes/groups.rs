//! Detection of repeated statement groups with the same shapes and the same references.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::columns::{Columns, MOST_PARAMS};
use super::tables::shape;
use crate::tree::{Expr, Line, Statement, layout};

/// The minimum number of saved lines. Below it, separate statements are easier to read.
const LEAST_SAVED: usize = 16;

/// Repeated statements, with the statements of each instance in the same order.
pub struct Group {
    /// The statement indices of each instance.
    pub instances: Vec<Vec<usize>>,
}

/// Returns disjoint groups of statements.
pub fn found(statements: &[Statement]) -> Vec<Group> {
    let graph = Graph::of(statements);
    let mut candidates: Vec<(usize, Vec<Vec<usize>>)> = graph
        .classes
        .values()
        .filter(|members| members.len() > 1)
        .filter_map(|members| graph.grown(members, &BTreeSet::new()))
        .collect();
    candidates.sort_by_key(|(saved, instances)| (std::cmp::Reverse(*saved), instances[0][0]));
    let (mut groups, mut taken) = (Vec::new(), BTreeSet::new());
    for (_, instances) in candidates {
        // Statements of earlier groups are not available, so later candidates shrink.
        let seeds: Vec<usize> = instances.iter().map(|it| it[0]).filter(|it| !taken.contains(it)).collect();
        let Some((_, mut instances)) = graph.grown(&seeds, &taken) else { continue };
        let mut all = taken.clone();
        all.extend(instances.iter().flatten());
        if graph.is_circle(&groups, &instances) {
            continue;
        }
        instances.sort_by_key(|it| it.iter().min().copied());
        taken = all;
        groups.push(Group { instances });
    }
    groups
}

/// Returns the units, each a statement or a group, ordered by their dependencies.
pub fn order(statements: &[Statement], groups: &[Group]) -> Vec<Vec<usize>> {
    let graph = Graph::of(statements);
    let units = graph.units(groups.iter().map(|it| it.instances.as_slice()));
    let needs = graph.needs_of(&units);
    let (mut done, mut order) = (BTreeSet::new(), Vec::new());
    let mut open: Vec<usize> = (0..units.len()).collect();
    open.sort_by_key(|idx| units[*idx].iter().min().copied());
    while !open.is_empty() {
        let ready = open.iter().position(|idx| needs[*idx].iter().all(|it| done.contains(it)));
        let next = open.remove(ready.unwrap_or(0));
        done.insert(next);
        order.push(units[next].clone());
    }
    order
}

/// Statements with their shapes and references.
struct Graph<'a> {
    statements: &'a [Statement],
    class: Vec<usize>,
    classes: BTreeMap<usize, Vec<usize>>,
    /// The variables of a statement, in the order of use.
    uses: Vec<Vec<&'a str>>,
    n_lines: Vec<usize>,
    definer: HashMap<&'a str, usize>,
    users: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Graph<'a> {
    fn of(statements: &'a [Statement]) -> Self {
        let mut known: HashMap<Statement, usize> = HashMap::new();
        let mut graph = Self {
            statements,
            class: Vec::new(),
            classes: BTreeMap::new(),
            uses: Vec::new(),
            n_lines: statements.iter().map(layout::n_lines).collect(),
            definer: HashMap::new(),
            users: HashMap::new(),
        };
        for (idx, statement) in statements.iter().enumerate() {
            let uses = named(statement);
            let n_known = known.len();
            let class = *known.entry(canonical(statement, &uses)).or_insert(n_known);
            graph.class.push(class);
            if can_repeat(statement) {
                graph.classes.entry(class).or_default().push(idx);
            }
            for name in statement.defines() {
                graph.definer.insert(name, idx);
            }
            for name in &uses {
                graph.users.entry(name).or_default().push(idx);
            }
            graph.uses.push(uses);
        }
        graph
    }

    /// Grows instances around statements of one class. Returns them with the number of saved lines, or `None` if too
    /// few lines are saved.
    fn grown(&self, seeds: &[usize], taken: &BTreeSet<usize>) -> Option<(usize, Vec<Vec<usize>>)> {
        let whole = self.grown_to(seeds, taken, &|_| true)?;
        // Few groups are circular and the check is slow, so it runs first on the final group only.
        let is_right = |instances: &[Vec<usize>]| !self.is_circle(&[], instances);
        let instances = if is_right(&whole) { whole } else { self.grown_to(seeds, taken, &is_right)? };
        let of_one: usize = instances[0].iter().map(|it| self.n_lines[*it]).sum();
        let saved = (of_one * (instances.len() - 1)).checked_sub(4 + 2 * instances.len())?;
        (saved >= LEAST_SAVED).then_some((saved, instances))
    }

    /// Grows instances around seed statements while `is_right` accepts them.
    fn grown_to(
        &self,
        seeds: &[usize],
        taken: &BTreeSet<usize>,
        is_right: &dyn Fn(&[Vec<usize>]) -> bool,
    ) -> Option<Vec<Vec<usize>>> {
        let mut instances: Vec<Vec<usize>> = seeds.iter().map(|seed| vec![*seed]).collect();
        if instances.len() < 2 || !self.can_be(&instances) || !is_right(&instances) {
            return None;
        }
        let mut role = 0;
        while role < instances[0].len() {
            for next in self.neighbours(&instances, role) {
                let is_free = next.iter().all(|it| {
                    !taken.contains(it) && self.class[*it] == self.class[next[0]] && can_repeat(&self.statements[*it])
                });
                let is_new = !instances.iter().flatten().any(|it| next.contains(it));
                let is_distinct = next.iter().collect::<BTreeSet<_>>().len() == next.len();
                if !(is_free && is_new && is_distinct) {
                    continue;
                }
                let mut more = instances.clone();
                more.iter_mut().zip(&next).for_each(|(instance, it)| instance.push(*it));
                if self.can_be(&more) && is_right(&more) {
                    instances = more;
                }
            }
            role += 1;
        }
        // The function keeps the statement order of the first instance.
        let mut roles: Vec<usize> = (0..instances[0].len()).collect();
        roles.sort_by_key(|role| instances[0][*role]);
        let sorted = |it: &Vec<usize>| roles.iter().map(|role| it[*role]).collect::<Vec<usize>>();
        Some(instances.iter().map(sorted).collect())
    }

    /// Returns candidate statements with the same relation to each instance, next to one of its statements.
    fn neighbours(&self, instances: &[Vec<usize>], role: usize) -> Vec<Vec<usize>> {
        let mut found = Vec::new();
        for place in 0..self.uses[instances[0][role]].len() {
            let definers = instances.iter().map(|it| self.definer.get(self.uses[it[role]][place]).copied());
            found.extend(definers.collect::<Option<Vec<usize>>>());
        }
        let uses_of = |instance: &Vec<usize>| -> BTreeMap<(usize, usize), Vec<usize>> {
            let mut uses: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
            for name in self.statements[instance[role]].defines() {
                for user in self.users.get(name).into_iter().flatten() {
                    let place = self.uses[*user].iter().position(|it| *it == name).unwrap_or_default();
                    uses.entry((self.class[*user], place)).or_default().push(*user);
                }
            }
            uses
        };
        let uses: Vec<_> = instances.iter().map(uses_of).collect();
        for how in uses[0].keys() {
            let users = uses.iter().map(|it| match it.get(how).map(Vec::as_slice) {
                Some([one]) => Some(*one),
                _ => None,
            });
            found.extend(users.collect::<Option<Vec<usize>>>());
        }
        found
    }

    /// Whether instances can be one function: few parameters, and no dependencies between instances.
    fn can_be(&self, instances: &[Vec<usize>]) -> bool {
        let all: BTreeSet<usize> = instances.iter().flatten().copied().collect();
        let is_apart = instances.iter().all(|instance| {
            instance.iter().flat_map(|it| &self.uses[*it]).all(|name| match self.definer.get(name) {
                Some(definer) => instance.contains(definer) || !all.contains(definer),
                None => true,
            })
        });
        let rows: Vec<Vec<&Statement>> =
            instances.iter().map(|it| it.iter().map(|idx| &self.statements[*idx]).collect()).collect();
        let n_scopes = usize::from(rows[0].iter().any(|it| has_scope(it)));
        is_apart && Columns::of(&rows).is_some_and(|columns| n_scopes + columns.n_params() <= MOST_PARAMS)
    }

    /// Whether a group would need a statement that depends on the group.
    fn is_circle(&self, groups: &[Group], instances: &[Vec<usize>]) -> bool {
        let units = self.units(groups.iter().map(|it| it.instances.as_slice()).chain([instances]));
        let needs = self.needs_of(&units);
        let (mut done, mut open): (BTreeSet<usize>, Vec<usize>) = (BTreeSet::new(), (0..units.len()).collect());
        loop {
            let before = open.len();
            open.retain(|idx| {
                let is_ready = needs[*idx].iter().all(|it| done.contains(it));
                if is_ready {
                    done.insert(*idx);
                }
                !is_ready
            });
            if open.is_empty() || open.len() == before {
                return !open.is_empty();
            }
        }
    }

    /// Returns the statements as units, with each group as one unit.
    fn units<'g>(&self, groups: impl Iterator<Item = &'g [Vec<usize>]>) -> Vec<Vec<usize>> {
        let groups: Vec<Vec<usize>> = groups.map(|it| it.iter().flatten().copied().collect()).collect();
        let grouped: BTreeSet<usize> = groups.iter().flatten().copied().collect();
        let single = (0..self.statements.len()).filter(|idx| !grouped.contains(idx)).map(|idx| vec![idx]);
        single.chain(groups).collect()
    }

    /// Returns the dependencies of each unit.
    fn needs_of(&self, units: &[Vec<usize>]) -> Vec<BTreeSet<usize>> {
        let mut unit_of = vec![0; self.statements.len()];
        for (unit, members) in units.iter().enumerate() {
            members.iter().for_each(|it| unit_of[*it] = unit);
        }
        let needs = |unit: usize, members: &Vec<usize>| {
            let definers = members.iter().flat_map(|it| &self.uses[*it]).filter_map(|name| self.definer.get(name));
            definers.map(|it| unit_of[*it]).filter(|it| *it != unit).collect()
        };
        units.iter().enumerate().map(|(unit, members)| needs(unit, members)).collect()
    }
}

/// Whether a statement uses the stack. All variables of the statement are defined in the same function.
fn has_scope(statement: &Statement) -> bool {
    fn is_in(expr: &Expr) -> bool {
        match expr {
            Expr::Scope => true,
            Expr::Either(either) => is_in(&either.here),
            other => other.children().into_iter().any(is_in),
        }
    }
    statement.lines.iter().flat_map(Line::roots).any(is_in)
}

/// Whether a statement can be part of a function.
fn can_repeat(statement: &Statement) -> bool {
    statement.lines.iter().all(|line| match line {
        Line::Let { is_mut, .. } => !is_mut,
        Line::Do(_) => true,
        Line::Bind { .. } | Line::For(_) | Line::Result(_) => false,
    })
}

/// Returns the variables that a statement uses but does not define, in order and without duplicates.
fn named(statement: &Statement) -> Vec<&str> {
    let own: BTreeSet<&str> = statement.defines().collect();
    let mut found: Vec<&str> = Vec::new();
    statement.visit(&mut |it| {
        if let Expr::Variable(name) = it
            && !own.contains(name.as_str())
            && !found.contains(&name.as_str())
        {
            found.push(name);
        }
    });
    found
}

/// Returns a statement without its literals and variable names.
fn canonical(statement: &Statement, uses: &[&str]) -> Statement {
    let mut shape = shape(statement);
    let renamed = |name: &str| uses.iter().position(|it| *it == name).map_or_else(String::new, |at| at.to_string());
    for line in &mut shape.lines {
        if let Line::Let { name, .. } = line {
            name.clear();
        }
    }
    shape.change(&mut |it| match it {
        Expr::Variable(name) => *name = renamed(name),
        Expr::Either(either) => either.variable = renamed(&either.variable),
        _ => {}
    });
    shape
}
