//! What a stack says beside its resources: parameters, mappings, conditions, outputs.

use meshsynth_types::val::{Bag, Data};

use crate::Template;
use crate::code::{Named, Writer, text};
use crate::statement::Statement;

/// The stack, its parameters, mappings and conditions.
pub(super) fn head(template: &Template, module: &str, parameters: &Bag, writer: &mut Writer<'_>) -> Vec<Statement> {
    let data = &template.data;
    let plain = |text: String| Statement { text, ..Statement::default() };
    let comments = |path: &str| template.comments.get(path).cloned().unwrap_or_default();
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
    for (id, body) in parameters.iter() {
        let mut more = body.as_map().cloned().unwrap_or_default();
        let kind = more.remove("Type").map_or_else(String::new, |kind| kind.to_text());
        let call = format!("stack.parameter({id:?}, {kind:?}, {});", writer.bag(&more).text);
        let text = match writer.named.get(id) {
            Some(Named::Parameter(variable)) => format!("let {variable} = {call}"),
            _ => call,
        };
        out.push(Statement {
            text,
            comments: comments(&format!("Parameters.{id}")),
            is_apart: false,
            ..Statement::default()
        });
    }
    let section = |name: &str| data.at(name).and_then(Data::as_map).cloned().unwrap_or_default();
    for (id, rows) in section("Mappings").iter() {
        let text = format!("stack.mapping({id:?}, {});", writer.data(rows).text);
        out.push(Statement {
            text,
            comments: comments(&format!("Mappings.{id}")),
            is_apart: true,
            ..Statement::default()
        });
    }
    for (id, body) in section("Conditions").iter() {
        let text = format!("stack.condition({id:?}, {});", writer.test(body));
        out.push(Statement {
            text,
            comments: comments(&format!("Conditions.{id}")),
            is_apart: false,
            ..Statement::default()
        });
    }
    for name in ["Rules", "Metadata"] {
        for (id, body) in section(name).iter() {
            let text = format!("stack.entry({name:?}, {id:?}, {});", writer.data(body).text);
            out.push(Statement {
                text,
                comments: comments(&format!("{name}.{id}")),
                is_apart: true,
                ..Statement::default()
            });
        }
    }
    out
}

/// The outputs.
pub(super) fn tail(outputs: &Bag, template: &Template, writer: &mut Writer<'_>) -> Vec<Statement> {
    let mut out = Vec::new();
    for (id, body) in outputs.iter() {
        writer.used.clear();
        let is_plain = body.as_map().is_some_and(|bag| bag.len() == 1);
        let text = match body.at("Value").filter(|_| is_plain) {
            Some(value) => format!("stack.output({id:?}, {});", writer.data(value).text),
            None => format!("stack.entry(\"Outputs\", {id:?}, {});", writer.data(body).text),
        };
        let comments = template.comments.get(&format!("Outputs.{id}")).cloned().unwrap_or_default();
        out.push(Statement { is_apart: out.is_empty(), text, comments, uses: writer.used.clone() });
    }
    out
}
