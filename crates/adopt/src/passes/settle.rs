//! Resolution of expressions that depend on the function that contains them.

use crate::tree::{Expr, Statement};

/// Resolves expressions for a function with the given stack or cluster expression. `is_here` returns whether the
/// function or its caller defines a variable.
pub fn settle(statements: &mut [Statement], scope: &Expr, is_here: &dyn Fn(&str) -> bool) {
    let mut settled = |it: &mut Expr| {
        while let Expr::Either(either) = it {
            let either = std::mem::replace(
                either.as_mut(),
                crate::tree::Either { variable: String::new(), here: Expr::Scope, elsewhere: Expr::Scope },
            );
            *it = if is_here(&either.variable) { either.here } else { either.elsewhere };
        }
        if *it == Expr::Scope {
            *it = scope.clone();
        }
    };
    statements.iter_mut().for_each(|it| it.change(&mut settled));
}

#[cfg(test)]
mod tests {
    use super::settle;
    use crate::tree::{Expr, Statement, layout};

    #[test]
    fn resolves_nested_expressions() {
        let name = Expr::either(
            "assets",
            Expr::variable("assets").method("name", []),
            Expr::variable("assets").method("reference", []),
        );
        let logs = Expr::either("logs", Expr::variable("logs").method("of", [name.clone()]), name);
        let text = |is_here: &dyn Fn(&str) -> bool| {
            let mut statements = [Statement::of(logs.clone())];
            settle(&mut statements, &Expr::variable("stack"), is_here);
            layout::statement(&statements[0], 0)
        };
        assert_eq!(text(&|_| true), "logs.of(assets.name());\n");
        assert_eq!(text(&|variable| variable == "logs"), "logs.of(assets.reference());\n");
        assert_eq!(text(&|_| false), "assets.reference();\n");
    }
}
