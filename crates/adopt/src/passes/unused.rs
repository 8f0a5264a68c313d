//! Removal of unused variables, and detection of mutable variables.

use std::collections::BTreeSet;

use crate::tree::{Expr, Line, Method, Statement};

/// Methods that add context to a construct but define no resources. They have no effect on an unused construct.
const TOLD: [&str; 6] = ["with_brokers", "with_name", "with_network", "with_role", "with_secret", "with_version"];

/// Replaces the definitions of unused variables by their values, because the defining call still has an effect.
pub fn forget<'a>(statements: &mut [Statement], returned: impl Iterator<Item = &'a str>) {
    let returned: BTreeSet<&str> = returned.collect();
    loop {
        let used: BTreeSet<String> = statements.iter().flat_map(|it| it.variables()).map(str::to_owned).collect();
        let is_unused = |name: &str| !used.contains(name) && !returned.contains(name);
        let mut is_changed = false;
        for line in statements.iter_mut().flat_map(|it| &mut it.lines) {
            if let Line::Let { name, value, .. } = line
                && is_unused(name)
            {
                *line = Line::Do(untold(std::mem::replace(value, Expr::Scope)));
                is_changed = true;
            }
        }
        // A removed call may have contained the only use of another variable.
        if !is_changed {
            break;
        }
    }
}

fn untold(mut value: Expr) -> Expr {
    while let Expr::Method(method) = &mut value
        && TOLD.contains(&method.name.as_str())
    {
        value = std::mem::replace(&mut method.of, Expr::Scope);
    }
    value
}

/// Methods that change a network. Other methods only add resources to the stack.
const CHANGE: [&str; 3] = ["add_nat_gateway", "add_route_table", "add_subnet"];

/// Whether a call changes its receiver.
pub fn changes(method: &Method) -> bool {
    CHANGE.contains(&method.name.as_str())
}

/// Removes `mut` from variables that do not change.
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

#[cfg(test)]
mod tests {
    use super::forget;
    use crate::tree::{Expr, Statement, layout};

    #[test]
    fn removes_context_calls_of_unused_constructs() {
        let role = Statement::define("role", Expr::call("iam::Role::bare", []));
        let told = |name: &str| {
            Expr::call(format!("lambda::{name}::bare"), []).method("with_role", [Expr::variable("role").borrowed()])
        };
        let text = |mut statements: Vec<Statement>, returned: &[&str]| {
            forget(&mut statements, returned.iter().copied());
            statements.iter().map(|it| layout::statement(it, 0)).collect::<String>()
        };
        let both = || vec![role.clone(), Statement::define("mailer", told("Function"))];
        assert_eq!(text(both(), &[]), "iam::Role::bare();\nlambda::Function::bare();\n");
        let kept = "let role = iam::Role::bare();\nlet mailer = lambda::Function::bare().with_role(&role);\n";
        assert_eq!(text(both(), &["mailer"]), kept);
    }
}
