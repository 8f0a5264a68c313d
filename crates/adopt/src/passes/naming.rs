//! Names for the literals of a statement, from the preceding key or the receiving function.

use crate::names;
use crate::tree::{Expr, Line, Literal, Statement};

/// Methods whose first argument is the name of the second one.
const TAKE_KEYS: [&str; 7] = ["annotate", "attribute", "label", "output", "patch", "raw", "set"];

/// Returns the names of a statement's literals, in the order of [`Statement::visit`].
pub fn names(statement: &Statement) -> Vec<String> {
    let mut found = Vec::new();
    statement.lines.iter().for_each(|line| of_line(line, &mut found));
    found
}

fn of_line(line: &Line, found: &mut Vec<String>) {
    match line {
        Line::Let { value, .. } | Line::Bind { value, .. } | Line::Do(value) | Line::Result(value) => {
            of(value, "value", found);
        }
        Line::For(table) => {
            table.rows.iter().flatten().for_each(|it| of(it, "value", found));
            table.body.iter().for_each(|it| of_line(it, found));
        }
    }
}

fn of(expr: &Expr, name: &str, found: &mut Vec<String>) {
    match expr {
        Expr::Literal(Literal::File(_)) if name == "name" => found.push("text".to_owned()),
        Expr::Literal(_) => found.push(name.to_owned()),
        // A function of a property value, such as `base64`.
        Expr::Call(path, arguments) if path.owner() == "intrinsic" && path.last() != "select" => {
            all(arguments, name, false, found);
        }
        Expr::Call(path, arguments) => {
            let own = match path.last() {
                "new" if path.owner() == "NestedStack" => "template_url".to_owned(),
                "new" => names::snake(path.owner()),
                "bare" => "name".to_owned(),
                "select" => "index".to_owned(),
                last => names::snake(last),
            };
            all(arguments, &own, false, found);
        }
        Expr::Method(method) => {
            of(&method.of, name, found);
            let takes_key = TAKE_KEYS.contains(&method.name.as_str());
            let own = if method.name.starts_with("add_") { "id".to_owned() } else { names::snake(&method.name) };
            all(&method.arguments, &own, takes_key, found);
        }
        Expr::Tuple(items) if items.len() == 2 => all(items, name, true, found),
        other => other.children().into_iter().for_each(|child| of(child, name, found)),
    }
}

/// Names the arguments of one call. The argument after the stack is the ID.
fn all(arguments: &[Expr], name: &str, takes_key: bool, found: &mut Vec<String>) {
    for (idx, argument) in arguments.iter().enumerate() {
        let before = idx.checked_sub(1).map(|before| &arguments[before]);
        match before {
            None => of(argument, name, found),
            Some(Expr::Literal(Literal::Text(key))) if takes_key => of(argument, &names::snake(key), found),
            Some(it) if is_scope(it) => of(argument, "id", found),
            // The stack, the ID, and the URL of the template.
            Some(_) if name == "template_url" => of(argument, name, found),
            Some(_) => of(argument, "name", found),
        }
    }
}

fn is_scope(expr: &Expr) -> bool {
    match expr {
        Expr::Scope => true,
        Expr::Variable(name) => matches!(name.as_str(), "cluster" | "stack"),
        Expr::Borrowed(inner) => is_scope(inner),
        _ => false,
    }
}
