//! Statements for the template sections other than `Resources`.

use meshsynth_model::val::{Bag, Data};

use super::{output, parameter};
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

/// Writes the definition of the stack, and whole sections such as `Transform`. The stack of a nested template is an
/// argument.
pub fn opening(template: &Template, module: &str, writer: &mut Writer<'_>) -> Vec<Statement> {
    let data = &template.data;
    let env = match &template.account {
        Some(account) => Expr::call("Env::new", [Expr::text(account), Expr::text(&template.region)]),
        None => Expr::call("Env::region", [Expr::text(&template.region)]),
    };
    let id = Expr::text(module.replace('_', "-"));
    let stack = |name: &str, arguments: Vec<Expr>| Statement::of(Expr::variable("stack").method(name, arguments));
    let mut out = Vec::new();
    if !template.is_nested {
        out.push(Statement::define("stack", Expr::call("Stack::new", [Expr::variable("app"), id, env])));
        out.push(stack("adopt", vec![Expr::text(&template.stack)]));
    }
    if let Some(description) = data.at("Description").and_then(Data::as_str) {
        out.push(stack("describe", vec![Expr::text(description)]));
    }
    for (name, value) in data.as_map().into_iter().flat_map(Bag::iter).filter(|(name, _)| !KNOWN.contains(name)) {
        out.push(stack("section", vec![Expr::text(name), writer.data(value).expr]));
    }
    out
}

/// Whether an entry of a section is written elsewhere.
type IsElsewhere<'a> = &'a dyn Fn(&str, &str) -> bool;

/// Writes the parameters.
pub fn parameters(template: &Template, is_elsewhere: IsElsewhere<'_>, writer: &mut Writer<'_>) -> Vec<Statement> {
    let mut out = Vec::new();
    let own = entries_of(&template.data, "Parameters").filter(|(id, _)| !is_elsewhere("Parameters", id));
    for (id, body) in own {
        let line = match (parameter::write(id, body, writer), writer.named.get(id)) {
            (Some(value), Some(Named::Parameter(name))) => Line::Let { name: name.clone(), is_mut: false, value },
            (Some(value), _) => Line::Do(value),
            (None, _) => Line::Do(entry("Parameters", id, body, writer)),
        };
        out.push(commented(template, "Parameters", id, line, false));
    }
    out
}

/// Writes the mappings, conditions, rules and metadata.
pub fn mappings_and_conditions(
    template: &Template,
    is_elsewhere: IsElsewhere<'_>,
    writer: &mut Writer<'_>,
) -> Vec<Statement> {
    let own =
        |section: &'static str| entries_of(&template.data, section).filter(move |(id, _)| !is_elsewhere(section, id));
    let mut out = Vec::new();
    for (id, rows) in own("Mappings") {
        let value = match rows {
            Data::Map(_) if function(rows).is_none() => {
                Expr::variable("stack").method("mapping", [Expr::text(id), writer.data(rows).expr])
            }
            other => entry("Mappings", id, other, writer),
        };
        out.push(commented(template, "Mappings", id, Line::Do(value), true));
    }
    for (id, body) in own("Conditions") {
        let value = Expr::variable("stack").method("condition", [Expr::text(id), writer.test(body)]);
        out.push(commented(template, "Conditions", id, Line::Do(value), false));
    }
    for name in ["Rules", "Metadata"] {
        for (id, body) in own(name) {
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
        let value = match output::write(id, body, writer) {
            Some(value) => value,
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
