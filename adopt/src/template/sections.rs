//! The statements for what stands in a template beside its resources.

use meshsynth_types::val::{Bag, Data};

use crate::Template;
use crate::code::{Named, Writer, function, text};
use crate::report::{Became, Row};
use crate::statement::Statement;

/// Sections that are written entry by entry, or by a method of their own.
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

/// The stack, its parameters, mappings and conditions, and whole sections such as `Transform`.
pub fn head(template: &Template, module: &str, parameters: &Bag, writer: &mut Writer<'_>) -> Vec<Statement> {
    let data = &template.data;
    let env = match &template.account {
        Some(account) => format!("Env::new({account:?}, {:?})", template.region),
        None => format!("Env::region({:?})", template.region),
    };
    let mut out = vec![
        plain(format!("let stack = Stack::new(app, {:?}, {env});", module.replace('_', "-"))),
        plain(format!("stack.adopt({:?});", template.stack)),
    ];
    if let Some(description) = data.at("Description").and_then(Data::as_str) {
        out.push(plain(format!("stack.describe({});", text(description))));
    }
    for (name, value) in data.as_map().into_iter().flat_map(Bag::iter).filter(|(name, _)| !KNOWN.contains(name)) {
        out.push(plain(format!("stack.section({}, {});", text(name), writer.data(value).text)));
    }
    for (id, body) in parameters.iter() {
        let mut more = body.as_map().cloned().unwrap_or_default();
        let call = match more.remove("Type") {
            Some(Data::Text(kind)) => {
                format!("stack.parameter({}, {}, {});", text(id), text(&kind), writer.bag(&more).text)
            }
            _ => format!("stack.entry(\"Parameters\", {}, {});", text(id), writer.data(body).text),
        };
        let text = match writer.named.get(id) {
            Some(Named::Parameter(variable)) if call.starts_with("stack.parameter(") => {
                format!("let {variable} = {call}")
            }
            _ => call,
        };
        out.push(commented(template, "Parameters", id, text, false));
    }
    for (id, rows) in section(data, "Mappings").iter() {
        let text = match rows {
            Data::Map(_) if function(rows).is_none() => {
                format!("stack.mapping({}, {});", text(id), writer.data(rows).text)
            }
            other => format!("stack.entry(\"Mappings\", {}, {});", text(id), writer.data(other).text),
        };
        out.push(commented(template, "Mappings", id, text, true));
    }
    for (id, body) in section(data, "Conditions").iter() {
        let text = format!("stack.condition({}, {});", text(id), writer.test(body));
        out.push(commented(template, "Conditions", id, text, false));
    }
    for name in ["Rules", "Metadata"] {
        for (id, body) in section(data, name).iter() {
            let text = format!("stack.entry({name:?}, {}, {});", text(id), writer.data(body).text);
            out.push(commented(template, name, id, text, true));
        }
    }
    out
}

/// The outputs.
pub fn tail(outputs: &Bag, template: &Template, writer: &mut Writer<'_>) -> Vec<Statement> {
    let mut out = Vec::new();
    for (id, body) in outputs.iter() {
        writer.used.clear();
        let is_plain = body.as_map().is_some_and(|bag| bag.len() == 1);
        let text = match body.at("Value").filter(|_| is_plain) {
            Some(value) => format!("stack.output({}, {});", text(id), writer.data(value).text),
            None => format!("stack.entry(\"Outputs\", {}, {});", text(id), writer.data(body).text),
        };
        let uses = writer.used.clone();
        out.push(Statement { uses, ..commented(template, "Outputs", id, text, out.is_empty()) });
    }
    out
}

/// Whether an entry of `Resources` is written as it is: CloudFormation makes resources of it, or a function stands in place of
/// its properties.
pub fn is_entry(id: &str, body: &Bag) -> bool {
    id.starts_with("Fn::")
        || body.get("Type").and_then(Data::as_str).is_none()
        || body.get("Properties").is_some_and(is_other)
}

/// Whether data stands where properties do and is something else.
fn is_other(data: &Data) -> bool {
    match data {
        Data::Map(_) => {
            function(data).is_some_and(|(name, _)| name != "Fn::Transform" && !name.starts_with("Fn::ForEach"))
        }
        other => *other != Data::Null,
    }
}

/// The entries of `Resources` that are written as they are.
pub fn entries(template: &Template, writer: &mut Writer<'_>) -> (Vec<Statement>, Vec<Row>) {
    let (mut statements, mut rows) = (Vec::new(), Vec::new());
    for (id, body) in section(&template.data, "Resources").iter() {
        let bag = body.as_map().cloned().unwrap_or_default();
        if !is_entry(id, &bag) {
            continue;
        }
        writer.used.clear();
        let text = format!("stack.entry(\"Resources\", {}, {});", text(id), writer.data(body).text);
        let uses = writer.used.clone();
        statements.push(Statement { uses, ..commented(template, "Resources", id, text, true) });
        let (kind, why) = match bag.get("Type").and_then(Data::as_str) {
            Some(kind) => (kind, "a function stands in place of its properties"),
            None if id.starts_with("Fn::ForEach") => ("Fn::ForEach", "CloudFormation makes resources of the loop"),
            None => ("Fn::Transform", "a macro makes resources of it"),
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

/// What expands the template before it is deployed, by name.
pub fn transforms(template: &Template) -> impl Iterator<Item = String> {
    let named = match template.data.at("Transform") {
        Some(Data::List(items)) => items.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    named.into_iter().map(|it| it.at("Name").unwrap_or(&it).to_text())
}

fn section(data: &Data, name: &str) -> Bag {
    data.at(name).and_then(Data::as_map).cloned().unwrap_or_default()
}

fn plain(text: String) -> Statement {
    Statement { text, ..Statement::default() }
}

fn commented(template: &Template, section: &str, id: &str, text: String, is_apart: bool) -> Statement {
    let comments = template.comments.get(&format!("{section}.{id}")).cloned().unwrap_or_default();
    Statement { text, comments, is_apart, ..Statement::default() }
}
