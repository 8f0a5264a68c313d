//! Units of a stack's statements: repeated statements become one function, and stay together.

use std::collections::BTreeSet;

use crate::names::Given;
use crate::passes::functions::{self, Context};
use crate::passes::groups::{self, Group};
use crate::passes::settle;
use crate::tree::{Expr, Function, Param, Statement, Type, layout};

/// Statements that stay together, by index.
pub(super) struct Unit {
    /// The statements of each instance. A single instance is not repeated.
    pub instances: Vec<Vec<usize>>,
    /// The approximate number of lines.
    pub n_lines: usize,
}

impl Unit {
    /// Returns all statements.
    pub fn members(&self) -> impl Iterator<Item = usize> {
        self.instances.iter().flatten().copied()
    }
}

/// Returns the units in the order of their dependencies.
pub(super) fn of(statements: &[Statement]) -> Vec<Unit> {
    let groups = groups::found(statements);
    let n_lines = |of: &[usize]| of.iter().map(|it| layout::n_lines(&statements[*it])).sum::<usize>();
    let unit = |members: Vec<usize>| {
        let is_group = |it: &&Group| it.instances.iter().flatten().any(|it| members.contains(it));
        match groups.iter().find(is_group) {
            Some(group) => {
                let n_lines = n_lines(&group.instances[0]) + group.instances.len() + 6;
                Unit { instances: group.instances.clone(), n_lines }
            }
            None => Unit { n_lines: n_lines(&members), instances: vec![members] },
        }
    };
    groups::order(statements, &groups).into_iter().map(unit).collect()
}

/// Packs units into named parts with a maximum number of lines. Units of one group stay together if possible.
pub(super) fn pack<'u, 'g>(
    units: &'u [Unit],
    most: usize,
    group: &dyn Fn(usize) -> &'g String,
) -> Vec<(&'g String, Vec<&'u Unit>)> {
    let name = |unit: &Unit| group(unit.instances[0][0]);
    let mut runs: Vec<(&String, Vec<&Unit>)> = Vec::new();
    for unit in units {
        match runs.last_mut() {
            Some((last, all)) if **last == *name(unit) => all.push(unit),
            _ => runs.push((name(unit), vec![unit])),
        }
    }
    let (mut parts, mut size): (Vec<(&String, Vec<&Unit>)>, usize) = (Vec::new(), 0);
    for (group, run) in runs {
        let of_run: usize = run.iter().map(|it| it.n_lines).sum();
        if parts.is_empty() || size + of_run > most {
            parts.push((group, Vec::new()));
            size = 0;
        }
        for unit in run {
            // A sequence of units that exceeds the maximum is split.
            if size > 0 && size + unit.n_lines > most {
                parts.push((group, Vec::new()));
                size = 0;
            }
            size += unit.n_lines;
            if let Some((_, all)) = parts.last_mut() {
                all.push(unit);
            }
        }
    }
    parts
}

/// Statements, and the functions that they call.
#[derive(Default)]
pub(super) struct Extracted {
    /// The statements.
    pub statements: Vec<Statement>,
    /// The functions of repeated units.
    pub functions: Vec<Function>,
}

/// Returns the statements of units for a function, and the functions of repeated units. Variables that `after` uses are
/// returned.
pub(super) fn extract(
    statements: &[Statement],
    units: &[&Unit],
    after: &[Statement],
    is_here: &dyn Fn(&str) -> bool,
    types: &dyn Fn(&str) -> Option<Type>,
) -> Extracted {
    let all: Vec<usize> = units.iter().flat_map(|it| it.members()).collect();
    let names = all.iter().flat_map(|it| statements[*it].variables().into_iter().chain(statements[*it].defines()));
    let mut names = Given::of(names.map(str::to_owned).collect());
    names.take("define", "_");
    let mut extracted = Extracted::default();
    for unit in units {
        let settled = |it: &usize| {
            let mut one = [statements[*it].clone()];
            settle::settle(&mut one, &Expr::Scope, is_here);
            let [one] = one;
            one
        };
        let own: BTreeSet<usize> = unit.members().collect();
        let others = all.iter().filter(|it| !own.contains(it)).map(|it| &statements[*it]).chain(after);
        let used: BTreeSet<String> = others.flat_map(Statement::variables).map(str::to_owned).collect();
        let function = if unit.instances.len() > 1 {
            let instances: Vec<Vec<Statement>> =
                unit.instances.iter().map(|it| it.iter().map(settled).collect()).collect();
            let instances: Vec<Vec<&Statement>> = instances.iter().map(|it| it.iter().collect()).collect();
            let scope = Param::reference("stack", "Stack");
            let mut context = Context { scope, types, used: &used, names: &mut names };
            functions::extract(&instances, &mut context)
        } else {
            None
        };
        match function {
            Some((function, calls)) => {
                extracted.functions.push(function);
                extracted.statements.extend(calls);
            }
            None => extracted.statements.extend(unit.members().map(|it| statements[it].clone())),
        }
    }
    extracted
}
