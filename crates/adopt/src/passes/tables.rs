//! Conversion of statements that differ only in a few literals to a loop over a table.

use super::naming;
use crate::names::Given;
use crate::tree::{Content, Expr, File, Line, Literal, Loop, Statement};

/// The minimum number of rows in a table. Two statements are easier to read separately.
const LEAST: usize = 3;

/// The maximum number of columns in a table, and of characters in a row.
const MOST_COLUMNS: usize = 5;
const MOST_OF_ROW: usize = 150;

/// Replaces consecutive statements of one shape by a loop.
pub fn folded(statements: Vec<Statement>) -> Vec<Statement> {
    let shapes: Vec<Option<Statement>> = statements.iter().map(|it| can_repeat(it).then(|| shape(it))).collect();
    let (mut folded, mut start) = (Vec::new(), 0);
    while start < statements.len() {
        let is_same = |idx: &usize| shapes[start].is_some() && shapes[start] == shapes[*idx];
        let end = start + 1 + (start + 1..statements.len()).take_while(is_same).count();
        let rows = &statements[start..end];
        match if rows.len() >= LEAST { table(rows) } else { None } {
            Some(statement) => folded.push(statement),
            None => folded.extend_from_slice(rows),
        }
        start = end;
    }
    folded
}

/// Whether a statement only defines a resource without comments that other statements do not use.
fn can_repeat(statement: &Statement) -> bool {
    let [Line::Do(value)] = statement.lines.as_slice() else { return false };
    let mut defines = false;
    value.visit(&mut |it| {
        defines |= match it {
            Expr::Method(method) => method.name == "define",
            Expr::Call(path, _) => matches!(path.last(), "bare" | "define") || path.owner() == "Manifests",
            _ => false,
        }
    });
    defines && statement.comments.is_empty()
}

/// Returns a statement without the texts and numbers that may differ between rows.
pub fn shape(statement: &Statement) -> Statement {
    let mut shape = Statement { is_apart: false, ..statement.clone() };
    shape.change(&mut |it| {
        if let Expr::Literal(literal) = it {
            match literal {
                Literal::Text(text) => text.clear(),
                Literal::Int(value) => *value = if i32::try_from(*value).is_ok() { 0 } else { i64::MAX },
                Literal::Float(value) => *value = 0.0,
                Literal::Bool(_) => {}
                Literal::File(file) => *file = File { path: String::new(), content: Content::default() },
            }
        }
    });
    shape
}

/// Returns the literals of a statement, in visit order.
pub fn literals(statement: &Statement) -> Vec<&Literal> {
    let mut found = Vec::new();
    statement.visit(&mut |it| {
        if let Expr::Literal(literal) = it {
            found.push(literal);
        }
    });
    found
}

/// Whether rows are easier to read than separate calls.
pub fn is_table(rows: &[Vec<Expr>]) -> bool {
    let is_short = |row: &Vec<Expr>| {
        let texts: Vec<String> = row
            .iter()
            .map(|it| match it {
                Expr::Literal(literal) => literal.shown(),
                _ => String::new(),
            })
            .collect();
        !texts.iter().any(|it| it.contains('\n')) && texts.iter().map(|it| it.len() + 2).sum::<usize>() <= MOST_OF_ROW
    };
    rows.len() >= LEAST && (1..=MOST_COLUMNS).contains(&rows[0].len()) && rows.iter().all(is_short)
}

/// Returns the loop over the rows, or `None` if separate statements are easier to read.
fn table(rows: &[Statement]) -> Option<Statement> {
    let names = naming::names(&rows[0]);
    let values: Vec<Vec<&Literal>> = rows.iter().map(literals).collect();
    let column = |idx: usize| values.iter().map(|row| row[idx]).collect::<Vec<_>>();
    // A loop variable must not hide a variable of the same name.
    let named = rows[0].variables().into_iter().map(str::to_owned).collect();
    let (mut columns, mut given): (Vec<(String, Vec<&Literal>)>, Given) = (Vec::new(), Given::of(named));
    let mut places = Vec::new();
    for (idx, name) in names.iter().enumerate() {
        let column = column(idx);
        if column.iter().all(|it| *it == column[0]) {
            places.push(None);
            continue;
        }
        let known = columns.iter().position(|(_, known)| *known == column);
        places.push(Some(known.unwrap_or(columns.len())));
        if known.is_none() {
            columns.push((given.take(name, "_"), column));
        }
    }
    let (mut body, mut at) = (rows[0].clone(), 0);
    body.replace(&mut |_| {
        at += 1;
        places[at - 1].map(|place| Expr::variable(&columns[place].0))
    });
    // The ID columns come first.
    columns.sort_by_key(|(name, _)| match name.as_str() {
        "id" => 0,
        "logical_id" => 1,
        _ => 2,
    });
    let row = |idx: usize| columns.iter().map(|(_, it)| Expr::Literal(it[idx].clone())).collect();
    let rows: Vec<Vec<Expr>> = (0..rows.len()).map(row).collect();
    let is_table = is_table(&rows);
    let names = columns.into_iter().map(|(name, _)| name).collect();
    is_table.then(|| Statement {
        lines: vec![Line::For(Loop { names, rows, body: body.lines })],
        is_apart: true,
        ..Statement::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::layout;

    fn text(statements: Vec<Statement>) -> Vec<String> {
        folded(statements).iter().map(|it| layout::statement(it, 0)).collect()
    }

    #[test]
    fn statements_with_different_literals_become_a_table() {
        let queue = |id: &str, seconds: i64| {
            let props = Expr::call("cfn::sqs::Queue::new", [])
                .method("visibility_timeout", [Expr::Literal(Literal::Int(seconds))])
                .method("delay_seconds", [Expr::Literal(Literal::Int(5))]);
            Statement::of(Expr::call("sqs::Queue::bare", [Expr::variable("stack"), Expr::text(id), props]))
        };
        let (a, b, c) = (queue("a", 30), queue("b", 60), queue("c", 90));
        assert_eq!(text(vec![a.clone(), b.clone()]).len(), 2, "two are read as they are");
        assert_eq!(
            text(vec![a, b, c]),
            [r#"for (id, visibility_timeout) in [
    ("a", 30),
    ("b", 60),
    ("c", 90),
] {
    sqs::Queue::bare(stack, id, cfn::sqs::Queue::new().visibility_timeout(visibility_timeout).delay_seconds(5));
}
"#]
        );
    }

    #[test]
    fn loop_variable_does_not_hide_a_variable() {
        let alias = |id: &str, alias: &str| {
            let new = Expr::call("cfn::x::Alias::new", [Expr::variable("alias").method("arn", [])]);
            let new = new.method("alias", [Expr::text(alias)]);
            Statement::of(new.method("define", [Expr::variable("stack"), Expr::text(id)]))
        };
        let text = text(vec![alias("a", "x"), alias("b", "y"), alias("c", "z")]);
        assert!(text[0].starts_with("for (id, alias_2) in [\n") && text[0].contains("new(alias.arn())"), "{}", text[0]);
    }

    #[test]
    fn keeps_statements_of_different_shape_or_type() {
        let x = |value: Literal| {
            let new = Expr::call("X::new", [Expr::Literal(value)]);
            Statement::of(new.method("define", [Expr::variable("stack"), Expr::text("a")]))
        };
        let all = vec![x(Literal::Int(1)), x(Literal::Float(1.5)), x(Literal::Int(2))];
        assert_eq!(folded(all.clone()), all);
        let same = Statement::define("a", Expr::call("X::new", []).method("define", []));
        let all = vec![same.clone(), same.clone(), same];
        assert_eq!(folded(all.clone()), all);
    }
}
