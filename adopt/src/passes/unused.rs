//! Variables that nothing names, and variables that change.

use std::collections::BTreeSet;

use crate::tree::{Expr, Line, Method, Statement};

/// Values of variables that no statement names stand by themselves: what defines them does something all the same.
pub fn forget<'a>(statements: &mut [Statement], returned: impl Iterator<Item = &'a str>) {
    let mut used: BTreeSet<String> = statements.iter().flat_map(|it| it.variables()).map(str::to_owned).collect();
    used.extend(returned.map(str::to_owned));
    for line in statements.iter_mut().flat_map(|it| &mut it.lines) {
        if let Line::Let { name, value, .. } = line
            && !used.contains(name)
        {
            let value = std::mem::replace(value, Expr::Scope);
            *line = Line::Do(value);
        }
    }
}

/// Methods of a network that it is changed by; others add to the stack alone.
const CHANGE: [&str; 3] = ["add_nat_gateway", "add_route_table", "add_subnet"];

/// Whether a call changes what it is called on.
pub fn changes(method: &Method) -> bool {
    CHANGE.contains(&method.name.as_str())
}

/// A variable that may change is `mut` where something is added to it.
pub fn vary(statements: &mut [Statement]) {
    let mut changed: BTreeSet<String> = BTreeSet::new();
    for statement in &*statements {
        statement.visit(&mut |it| {
            let name = match it {
                Expr::Method(method) if changes(method) => &method.of,
                Expr::BorrowedMut(inner) => inner,
                _ => return,
            };
            if let Expr::Variable(name) = name {
                changed.insert(name.clone());
            }
        });
    }
    for line in statements.iter_mut().flat_map(|it| &mut it.lines) {
        if let Line::Let { name, is_mut, .. } = line {
            *is_mut &= changed.contains(name);
        }
    }
}
