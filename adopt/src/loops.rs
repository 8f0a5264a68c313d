//! Statements that differ in a few literals alone, as one statement in a loop over a table.

use crate::literals::Shape;
use crate::names::Given;
use crate::statement::Statement;

/// So many statements of one shape are a table; two are easier to read as they are.
const LEAST: usize = 3;

/// A row of a table has at most so many columns, and so many characters.
const MOST_COLUMNS: usize = 5;
const MOST_OF_ROW: usize = 150;

/// The statements, those of one shape that follow each other as a loop.
pub fn folded(statements: &[Statement]) -> Vec<Statement> {
    let shapes: Vec<Option<Shape<'_>>> = statements.iter().map(shape).collect();
    let (mut folded, mut start) = (Vec::new(), 0);
    while start < statements.len() {
        let mut end = start + 1;
        while end < statements.len() && is_same(&shapes[start], &shapes[end]) {
            end += 1;
        }
        let rows: Vec<&Shape<'_>> = shapes[start..end].iter().flatten().collect();
        match if rows.len() >= LEAST { table(&rows) } else { None } {
            Some(text) => folded.push(Statement { text, is_apart: true, ..Statement::default() }),
            None => folded.extend_from_slice(&statements[start..end]),
        }
        start = end;
    }
    folded
}

/// What a literal is: a table has one type for each column.
#[derive(PartialEq, Eq)]
enum Kind<'a> {
    Text,
    Number(&'a str),
}

/// The shape of a statement that defines something which nothing else names; none of another one.
fn shape(statement: &Statement) -> Option<Shape<'_>> {
    let text = statement.text.as_str();
    let defines = text.contains(".define(") || text.contains("::bare(") || text.contains(">::define(");
    (defines && !text.starts_with("let ") && statement.comments.is_empty()).then(|| Shape::of(text))
}

fn kind(literal: &str) -> Kind<'_> {
    match literal.starts_with(|c: char| c.is_ascii_digit()) {
        false => Kind::Text,
        true if literal.contains('.') => Kind::Number("f64"),
        true if literal.ends_with("i64") => Kind::Number("i64"),
        true => Kind::Number("i32"),
    }
}

fn is_same(one: &Option<Shape<'_>>, other: &Option<Shape<'_>>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    let kinds = one.literals.iter().zip(&other.literals);
    one.pieces == other.pieces && kinds.into_iter().all(|(one, other)| kind(one) == kind(other))
}

/// The loop over the rows; none where a table would be harder to read than they are.
fn table(rows: &[&Shape<'_>]) -> Option<String> {
    let first = rows.first()?;
    let column = |idx: usize| rows.iter().map(|row| row.literals[idx]).collect::<Vec<_>>();
    let (mut columns, mut names): (Vec<Vec<&str>>, Vec<String>) = (Vec::new(), Vec::new());
    let (mut given, mut body) = (Given::variables(), String::new());
    for idx in 0..first.literals.len() {
        body.push_str(first.pieces[idx]);
        let values = column(idx);
        if values.iter().all(|value| *value == values[0]) {
            body.push_str(values[0]);
            continue;
        }
        let known = columns.iter().position(|known| *known == values);
        let place = known.unwrap_or_else(|| {
            columns.push(values);
            names.push(given.take(&first.name(idx), "_"));
            columns.len() - 1
        });
        body.push_str(&names[place]);
    }
    body.push_str(first.pieces.last()?);
    // What a row is called comes first.
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|idx| match names[*idx].as_str() {
        "id" => 0,
        "logical_id" => 1,
        _ => 2,
    });
    let row = |idx: usize| {
        let values: Vec<&str> = order.iter().map(|column| columns[*column][idx]).collect();
        if values.len() == 1 { values[0].to_owned() } else { format!("({})", values.join(", ")) }
    };
    let table: Vec<String> = (0..rows.len()).map(row).collect();
    let is_short = table.iter().all(|row| row.len() <= MOST_OF_ROW && !row.contains('\n'));
    if !is_short || columns.is_empty() || columns.len() > MOST_COLUMNS {
        return None;
    }
    let names: Vec<&str> = order.iter().map(|column| names[*column].as_str()).collect();
    let head = if names.len() == 1 { names[0].to_owned() } else { format!("({})", names.join(", ")) };
    let lines: Vec<String> = table.iter().map(|row| format!("        {row},\n")).collect();
    Some(format!("for {head} in [\n{}    ] {{\n        {body}\n    }}", lines.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(texts: &[&str]) -> Vec<String> {
        let statements: Vec<Statement> =
            texts.iter().map(|text| Statement { text: (*text).to_owned(), ..Statement::default() }).collect();
        folded(&statements).into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn statements_that_differ_in_literals_are_a_table() {
        let queue = |id: &str, logical: &str, seconds: u32| {
            format!(
                "sqs::Queue::bare(&stack, {id:?}, cfn::sqs::Queue::new().visibility_timeout({seconds}).delay_seconds(5)).resource().logical_id({logical:?});"
            )
        };
        let (a, b, c) = (queue("a", "A", 30), queue("b", "B", 60), queue("c", "C", 90));
        assert_eq!(fold(&[&a, &b]), [a.clone(), b.clone()], "two are read as they are");
        let loops = fold(&[&a, &b, &c]);
        assert_eq!(
            loops,
            [
                "for (id, logical_id, visibility_timeout) in [\n        (\"a\", \"A\", 30),\n        (\"b\", \"B\", 60),\n        \
              (\"c\", \"C\", 90),\n    ] {\n        sqs::Queue::bare(&stack, id, \
              cfn::sqs::Queue::new().visibility_timeout(visibility_timeout).delay_seconds(5)).resource().logical_id(logical_id);\n    }"
            ]
        );
    }

    #[test]
    fn what_is_of_another_shape_or_type_stays() {
        let texts = [
            "X::new(1).define(&stack, \"a\");",
            "X::new(1.5).define(&stack, \"b\");",
            "X::new(2).define(&stack, \"c\");",
        ];
        assert_eq!(fold(&texts), texts);
        let texts = ["let a = X::new().define(&stack, \"a\");"; 3];
        assert_eq!(fold(&texts), texts);
    }

    #[test]
    fn keys_and_raw_texts_are_literals_too() {
        let text = |id: &str, value: &str| {
            format!(
                "kube::core::ConfigMap::new().data([(\"LEVEL\", {value})]).define(&cluster, \"config-map-{id}\", {id:?});"
            )
        };
        let loops = fold(&[&text("a", "r#\"x\"y\"#"), &text("b", "\"\\\"z\""), &text("c", "\"w\"")]);
        assert_eq!(loops.len(), 1);
        assert!(
            loops[0].starts_with("for (id, level, name) in [\n        (\"config-map-a\", r#\"x\"y\"#, \"a\"),"),
            "{}",
            loops[0]
        );
    }
}
