//! Extraction of literals with long lines into variables, because `rustfmt` does not format a statement that contains
//! one.

use std::collections::BTreeSet;

use super::naming;
use crate::names::Given;
use crate::tree::{Expr, Line, Literal, Statement};

/// The maximum length of a literal line within a statement.
const MOST: usize = 108;

/// Moves long literals of a function into variables before their statements.
pub fn apart(statements: &mut [Statement], given: &mut Given) {
    for statement in statements {
        let names = naming::names(statement);
        let (mut found, mut at) = (Vec::new(), 0);
        statement.change(&mut |it| {
            let Expr::Literal(literal) = it else { return };
            let name = &names[at];
            at += 1;
            if is_long(literal) {
                let name = given.take(role(name), "_");
                let value = std::mem::replace(it, Expr::variable(&name));
                found.push(Line::Let { name, is_mut: false, value });
            }
        });
        statement.lines.splice(0..0, found);
    }
}

/// Returns the variable name for a literal that a method or a property receives.
fn role(name: &str) -> &str {
    match name {
        "describe" => "description",
        "explain" => "constraint",
        "value" => "text",
        other => other,
    }
}

fn is_long(literal: &Literal) -> bool {
    matches!(literal, Literal::Text(_)) && literal.shown().lines().any(|line| line.len() > MOST)
}

/// Returns the names that are used in a function.
pub fn given<'a>(params: impl Iterator<Item = &'a str>, statements: &[Statement]) -> Given {
    let mut names: BTreeSet<String> = params.map(str::to_owned).collect();
    for statement in statements {
        names.extend(statement.variables().into_iter().map(str::to_owned));
        names.extend(statement.defines().map(str::to_owned));
    }
    Given::of(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::layout;

    fn moved(statement: Statement, taken: &[&str]) -> String {
        let mut statements = [statement];
        let mut given = given(taken.iter().copied(), &statements);
        apart(&mut statements, &mut given);
        layout::statement(&statements[0], 0)
    }

    #[test]
    fn long_script_becomes_a_variable() {
        let script = format!("short\n{}", "x".repeat(110));
        let value = Expr::call("X::new", [])
            .method("user_data", [Expr::intrinsic("base64", [Expr::text(&script)])])
            .method("tag", [Expr::text("b")]);
        assert_eq!(
            moved(Statement::define("a", value), &[]),
            format!(
                "let user_data = r\"{script}\";\nlet a = X::new().user_data(intrinsic::base64(user_data)).tag(\"b\");\n"
            )
        );
    }

    #[test]
    fn variable_name_that_is_already_taken_gets_a_number() {
        let long = "x".repeat(110);
        let g = || Expr::call("g", [Expr::text(&long)]);
        assert_eq!(
            moved(Statement::of(Expr::call("f", [g(), g()])), &["g"]),
            format!("let g_2 = \"{long}\";\nlet g_3 = \"{long}\";\nf(g(g_2), g(g_3));\n")
        );
    }
}
