//! Literals with lines that are too long, as variables before their statement: `rustfmt` leaves a statement as it is that has one.

use std::collections::BTreeSet;

use super::naming;
use crate::names::Given;
use crate::tree::{Expr, Line, Literal, Statement};

/// A line of a literal that is longer than this is too long within a statement.
const MOST: usize = 88;

/// Moves long literals of a function before their statements.
pub fn apart(statements: &mut [Statement], given: &mut Given) {
    for statement in statements {
        let names = naming::names(statement);
        let (mut found, mut at) = (Vec::new(), 0);
        statement.change(&mut |it| {
            let Expr::Literal(literal) = it else { return };
            let name = &names[at];
            at += 1;
            if is_long(literal) {
                let name = given.take(&format!("{name}_text"), "_");
                let value = std::mem::replace(it, Expr::variable(&name));
                found.push(Line::Let { name, is_mut: false, value });
            }
        });
        statement.lines.splice(0..0, found);
    }
}

fn is_long(literal: &Literal) -> bool {
    matches!(literal, Literal::Text(_)) && literal.shown().lines().any(|line| line.len() > MOST)
}

/// The names that mean something in a function.
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
    fn a_script_with_long_lines_stands_before_its_statement() {
        let script = format!("short\n{}", "x".repeat(90));
        let value = Expr::call("X::new", [])
            .method("user_data", [Expr::intrinsic("base64", [Expr::text(&script)])])
            .method("tag", [Expr::text("b")]);
        assert_eq!(
            moved(Statement::define("a", value), &[]),
            format!(
                "let base64_text = r\"{script}\";\nlet a = X::new().user_data(intrinsic::base64(base64_text)).tag(\"b\");\n"
            )
        );
    }

    #[test]
    fn a_name_that_is_taken_is_another_one() {
        let long = "x".repeat(90);
        let g = || Expr::call("g", [Expr::text(&long)]);
        assert_eq!(
            moved(Statement::of(Expr::call("f", [g(), g()])), &["g_text"]),
            format!("let g_text_2 = \"{long}\";\nlet g_text_3 = \"{long}\";\nf(g(g_text_2), g(g_text_3));\n")
        );
    }
}
