//! Statements for the template sections other than `Resources`.

use meshsynth_model::val::{Bag, Data};

use crate::Template;
use crate::code::{Named, Writer, function};
use crate::report::{Became, Row};
use crate::tree::{Expr, Line, Statement};

/// Sections with a specific method, or with separate entries.
pub const KNOWN: [&str; 9] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Conditions",
    "Rules",
    "Resources",
    "Outputs",
];

/// Writes the stack, its parameters, mappings and conditions, and whole sections such as `Transform`.
pub fn head(template: &Template, module: &str, writer: &mut Writer<'_>) -> Vec<Statement> {
    let data = &template.data;
    let env = match &template.account {
        Some(account) => Expr::call("Env::new", [Expr::text(account), Expr::text(&template.region)]),
        None => Expr::call("Env::region", [Expr::text(&template.region)]),
    };
    let id = Expr::text(module.replace('_', "-"));
    let stack = |name: &str, arguments: Vec<Expr>| Statement::of(Expr::variable("stack").method(name, arguments));
    let mut out = vec![
        Statement::define("stack", Expr::call("Stack::new", [Expr::variable("app"), id, env])),
        stack("adopt", vec![Expr::text(&template.stack)]),
    ];
    if let Some(description) = data.at("Description").and_then(Data::as_str) {
        out.push(stack("describe", vec![Expr::text(description)]));
    }
    for (name, value) in data.as_map().into_iter().flat_map(Bag::iter).filter(|(name, _)| !KNOWN.contains(name)) {
        out.push(stack("section", vec![Expr::text(name), writer.data(value).expr]));
    }
    for (id, body) in entries_of(data, "Parameters") {
        let mut more = body.as_map().cloned().unwrap_or_default();
        let parameter = match more.remove("Type") {
            Some(Data::Text(kind)) => {
                let arguments = [Expr::text(id), Expr::text(kind.to_string()), writer.bag(&more)];
                Some(Expr::variable("stack").method("parameter", arguments))
            }
            _ => None,
        };
        let line = match (parameter, writer.named.get(id)) {
            (Some(value), Some(Named::Parameter(name))) => Line::Let { name: name.clone(), is_mut: false, value },
            (Some(value), _) => Line::Do(value),
            (None, _) => Line::Do(entry("Parameters", id, body, writer)),
        };
        out.push(commented(template, "Parameters", id, line, false));
    }
    for (id, rows) in entries_of(data, "Mappings") {
        let value = match rows {
            Data::Map(_) if function(rows).is_none() => {
                Expr::variable("stack").method("mapping", [Expr::text(id), writer.data(rows).expr])
            }
            other => entry("Mappings", id, other, writer),
        };
        out.push(commented(template, "Mappings", id, Line::Do(value), true));
    }
    for (id, body) in entries_of(data, "Conditions") {
        let value = Expr::variable("stack").method("condition", [Expr::text(id), writer.test(body)]);
        out.push(commented(template, "Conditions", id, Line::Do(value), false));
    }
    for name in ["Rules", "Metadata"] {
        for (id, body) in entries_of(data, name) {
            let value = entry(name, id, body, writer);
            out.push(commented(template, name, id, Line::Do(value), true));
        }
    }
    out
}

/// Writes an unchanged entry of a section.
fn entry(section: &str, id: &str, body: &Data, writer: &mut Writer<'_>) -> Expr {
    let arguments = [Expr::text(section), Expr::text(id), writer.data(body).expr];
    Expr::variable("stack").method("entry", arguments)
}

/// Writes the outputs.
pub fn outputs(template: &Template, writer: &mut Writer<'_>) -> Vec<Statement> {
    let mut out = Vec::new();
    for (id, body) in entries_of(&template.data, "Outputs") {
        let is_plain = body.as_map().is_some_and(|bag| bag.len() == 1);
        let value = match body.at("Value").filter(|_| is_plain) {
            Some(value) => Expr::variable("stack").method("output", [Expr::text(id), writer.data(value).expr]),
            None => entry("Outputs", id, body, writer),
        };
        out.push(commented(template, "Outputs", id, Line::Do(value), out.is_empty()));
    }
    out
}

/// Whether an entry of `Resources` is written unchanged, because CloudFormation expands it, or because its properties
/// are a function.
pub fn is_entry(id: &str, body: &Bag) -> bool {
    id.starts_with("Fn::")
        || body.get("Type").and_then(Data::as_str).is_none()
        || body.get("Properties").is_some_and(is_other)
}

/// Whether data in place of properties is not a map of properties.
fn is_other(data: &Data) -> bool {
    match data {
        Data::Map(_) => {
            function(data).is_some_and(|(name, _)| name != "Fn::Transform" && !name.starts_with("Fn::ForEach"))
        }
        other => *other != Data::Null,
    }
}

/// Writes the unchanged entries of `Resources`.
pub fn unchanged_resources(template: &Template, writer: &mut Writer<'_>) -> (Vec<Statement>, Vec<Row>) {
    let (mut statements, mut rows) = (Vec::new(), Vec::new());
    for (id, body) in entries_of(&template.data, "Resources") {
        let bag = body.as_map().cloned().unwrap_or_default();
        if !is_entry(id, &bag) {
            continue;
        }
        let value = entry("Resources", id, body, writer);
        statements.push(commented(template, "Resources", id, Line::Do(value), true));
        let (kind, why) = match bag.get("Type").and_then(Data::as_str) {
            Some(kind) => (kind, "a function replaces its properties"),
            None if id.starts_with("Fn::ForEach") => ("Fn::ForEach", "CloudFormation creates resources from the loop"),
            None => ("Fn::Transform", "a macro creates resources from it"),
        };
        rows.push(Row {
            file: template.file.clone(),
            kind: kind.to_owned(),
            name: id.to_owned(),
            became: Became::Raw(why),
        });
    }
    (statements, rows)
}

/// Returns the names of the transforms.
pub fn transforms(template: &Template) -> impl Iterator<Item = String> {
    let named = match template.data.at("Transform") {
        Some(Data::List(items)) => items.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    named.into_iter().map(|it| it.at("Name").unwrap_or(&it).to_text())
}

/// Returns the entries of a section, by logical ID.
pub fn entries_of<'a>(template: &'a Data, section: &str) -> impl Iterator<Item = (&'a str, &'a Data)> {
    template.at(section).and_then(Data::as_map).into_iter().flat_map(Bag::iter)
}

fn commented(template: &Template, section: &str, id: &str, line: Line, is_apart: bool) -> Statement {
    let comments = template.comments.get(&format!("{section}.{id}")).cloned().unwrap_or_default();
    Statement { comments, lines: vec![line], is_apart }
}
