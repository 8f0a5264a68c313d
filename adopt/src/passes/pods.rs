//! Containers and pods of a long statement, as variables before it: a Deployment is nested ten levels deep.

use crate::names::{self, Given};
use crate::tree::{Expr, Line, Literal, Statement, layout};

/// A statement of fewer lines than this is easier to read in one piece.
const LEAST_LINES: usize = 30;

/// What becomes a variable, the inner one first, and what that is called where it has no name of its own.
const APART: [(&str, &str); 2] = [("kube::core::Container::new", "container"), ("kube::core::PodSpec::new", "pod")];

/// Moves containers and pods of a function before their statements.
pub fn apart(statements: &mut [Statement], given: &mut Given) {
    for statement in statements.iter_mut().filter(|it| layout::n_lines(it) >= LEAST_LINES) {
        let mut lines = Vec::new();
        for mut line in std::mem::take(&mut statement.lines) {
            let mut found = Vec::new();
            if let Line::Let { value, .. } | Line::Do(value) = &mut line {
                for (path, name) in APART {
                    value.children_mut().into_iter().for_each(|it| moved(it, path, name, given, &mut found));
                }
            }
            lines.extend(found.into_iter().map(|(name, value)| Line::Let { name, is_mut: false, value }));
            lines.push(line);
        }
        statement.lines = lines;
    }
}

/// Puts variables in the place of what begins with a call of the path.
fn moved(expr: &mut Expr, path: &str, name: &str, given: &mut Given, found: &mut Vec<(String, Expr)>) {
    match called(expr, path) {
        Some(arguments) => {
            let own = match arguments.first() {
                Some(Expr::Literal(Literal::Text(own))) => names::snake(own),
                _ => name.to_owned(),
            };
            // A workload is often called as its container is.
            let name = match given.take(&own, "_") {
                free if free == own => own,
                _ => given.take(&format!("{own}_{name}"), "_"),
            };
            let value = std::mem::replace(expr, Expr::variable(&name));
            found.push((name, value));
        }
        None => expr.children_mut().into_iter().for_each(|it| moved(it, path, name, given, found)),
    }
}

/// The arguments of the call of a path that a chain of methods begins with.
fn called<'a>(expr: &'a Expr, path: &str) -> Option<&'a [Expr]> {
    match expr {
        Expr::Method(method) => called(&method.of, path),
        Expr::Call(of, arguments) if of.text == path && of.of.is_none() => Some(arguments),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::long;

    fn deployment(n_variables: usize) -> Statement {
        let variable = |idx| Expr::call("kube::core::EnvVar::new", [Expr::text(format!("VARIABLE_{idx}"))]);
        let env = Expr::Array((0..n_variables).map(variable).collect());
        let containers = ["web", "log-writer"]
            .map(|name| Expr::call("kube::core::Container::new", [Expr::text(name)]).method("env", [env.clone()]));
        let pod = Expr::call("kube::core::PodSpec::new", [Expr::Array(containers.into())]).method("priority", []);
        let template = Expr::call("kube::core::PodTemplateSpec::new", []).method("spec", [pod]);
        Statement::define("web", Expr::call("mesh::Workload::bare", [Expr::text("web"), template]))
    }

    fn written(mut statement: Statement) -> String {
        let mut given = long::given(["cluster"].into_iter(), std::slice::from_ref(&statement));
        apart(std::slice::from_mut(&mut statement), &mut given);
        layout::statement(&statement, 0)
    }

    #[test]
    fn containers_and_pods_of_a_long_statement_are_variables() {
        let text = written(deployment(20));
        let begins: Vec<&str> =
            text.lines().filter(|it| it.starts_with("let ")).map(|it| it.split_once('=').unwrap().0).collect();
        assert_eq!(begins, ["let web_container ", "let log_writer ", "let pod ", "let web "], "{text}");
        assert!(text.contains("PodSpec::new([web_container, log_writer])") && text.contains(".spec(pod)"), "{text}");
    }

    #[test]
    fn a_short_statement_stays_in_one_piece() {
        assert_eq!(written(deployment(1)).matches("let ").count(), 1);
    }
}
