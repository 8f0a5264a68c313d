//! Extraction of containers and pods from long statements into variables, because a Deployment is nested ten levels
//! deep.

use crate::names::{self, Given};
use crate::tree::{Expr, Line, Literal, Statement, layout};

/// The minimum number of lines for an extraction.
const LEAST_LINES: usize = 30;

/// The calls that become variables, inner ones first, with their default names.
const APART: [(&str, &str); 2] = [("kube::core::Container::new", "container"), ("kube::core::PodSpec::new", "pod")];

/// Moves containers and pods of a function into variables before their statements.
pub fn apart(statements: &mut [Statement], given: &mut Given) {
    for statement in statements.iter_mut().filter(|it| layout::n_lines(it) >= LEAST_LINES) {
        let mut lines = Vec::new();
        for mut line in std::mem::take(&mut statement.lines) {
            let mut found = Vec::new();
            let workload = workload(&line);
            if let Line::Let { value, .. } | Line::Do(value) = &mut line {
                for (path, name) in APART {
                    value
                        .children_mut()
                        .into_iter()
                        .for_each(|it| moved(it, (path, name), workload.as_deref(), given, &mut found));
                }
            }
            lines.extend(found.into_iter().map(|(name, value)| Line::Let { name, is_mut: false, value }));
            lines.push(line);
        }
        statement.lines = lines;
    }
}

/// Returns the variable or the ID of the workload that a line defines.
fn workload(line: &Line) -> Option<String> {
    let mut id = match line {
        Line::Let { name, .. } => Some(name.clone()),
        _ => None,
    };
    line.roots().into_iter().for_each(|root| {
        root.visit(&mut |it| {
            if let Expr::Call(path, arguments) = it
                && id.is_none()
                && path.last() == "bare"
                && let Some(Expr::Literal(Literal::Text(own))) = arguments.get(1)
            {
                id = Some(names::snake(own));
            }
        });
    });
    id
}

/// Replaces calls of the path by variables.
fn moved(
    expr: &mut Expr,
    (path, name): (&str, &str),
    workload: Option<&str>,
    given: &mut Given,
    found: &mut Vec<(String, Expr)>,
) {
    match called(expr, path) {
        Some(arguments) => {
            let own = match arguments.first() {
                Some(Expr::Literal(Literal::Text(own))) => names::snake(own),
                _ => name.to_owned(),
            };
            // A workload and its container often have the same name.
            let of_kind = (own != name).then(|| format!("{own}_{name}"));
            let of_workload = workload.filter(|it| **it != own).map(|it| format!("{it}_{own}"));
            let name = given.take_first([Some(own), of_kind, of_workload].into_iter().flatten());
            let value = std::mem::replace(expr, Expr::variable(&name));
            found.push((name, value));
        }
        None => {
            expr.children_mut().into_iter().for_each(|it| moved(it, (path, name), workload, given, found));
        }
    }
}

/// Returns the arguments if a method chain begins with a call of the path.
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
    fn extracts_containers_and_pods_of_long_statements() {
        let text = written(deployment(20));
        let begins: Vec<&str> =
            text.lines().filter(|it| it.starts_with("let ")).map(|it| it.split_once('=').unwrap().0).collect();
        assert_eq!(begins, ["let web_container ", "let log_writer ", "let pod ", "let web "], "{text}");
        assert!(text.contains("PodSpec::new([web_container, log_writer])") && text.contains(".spec(pod)"), "{text}");
    }

    #[test]
    fn keeps_short_statements() {
        assert_eq!(written(deployment(1)).matches("let ").count(), 1);
    }
}
