//! The statement that defines a resource.

use std::collections::BTreeMap;

use meshsynth_types::val::{Bag, Data};

use super::{Entry, dependencies};
use crate::code::{Named, Writer, shown, text};
use crate::module::Statement;
use crate::report::Became;

/// What the CDK writes for its own tools.
const CDK: [&str; 2] = ["aws:cdk:", "aws:asset:"];

/// The statement, and what the resource became.
pub fn define(
    entry: &Entry<'_>,
    stack: &str,
    comments: &BTreeMap<String, Vec<String>>,
    writer: &mut Writer<'_>,
) -> (Statement, Became) {
    let props = match entry.body.get("Properties") {
        Some(Data::Map(props)) => props.clone(),
        _ => Bag::default(),
    };
    let path = writer.types.resource(entry.type_name).map(|record| record.path.clone());
    let (head, became) = match path {
        Some(path) => match writer.record(&path, &props) {
            Some(code) => (code.text, Became::Typed(shown(&path))),
            None => (raw(entry.type_name, &props, writer), Became::Raw("it lacks a property that its type requires")),
        },
        None => (raw(entry.type_name, &props, writer), Became::Raw("its type is not in the registry's schemas")),
    };
    let mut calls = format!(".logical_id({:?})", entry.id);
    for (name, value) in entry.body.iter() {
        match (name, value) {
            ("Type" | "Properties" | "DependsOn", _) => {}
            ("Metadata", Data::Map(bag)) => {
                let mut bag = bag.clone();
                bag.retain(|key, _| !CDK.iter().any(|start| key.starts_with(start)));
                if !bag.is_empty() {
                    calls.push_str(&format!(".attribute(\"Metadata\", {})", writer.bag(&bag).text));
                }
            }
            _ => calls.push_str(&format!(".attribute({}, {})", text(name), writer.data(value).text)),
        }
    }
    let needs = dependencies(&Data::Map(entry.body.clone()));
    let variables: Vec<String> = needs
        .iter()
        .filter_map(|id| match writer.named.get(id) {
            Some(Named::Resource(variable, _)) => Some(variable.clone()),
            _ => None,
        })
        .collect();
    if variables.len() < needs.len() {
        let ids: Vec<String> = needs.iter().map(|id| text(id)).collect();
        calls.push_str(&format!(".attribute(\"DependsOn\", [{}])", ids.join(", ")));
    } else {
        calls.extend(variables.iter().map(|variable| format!(".depends_on(&{variable})")));
        writer.used.extend(variables);
    }
    let define = format!("{head}.define({stack}, {:?})", entry.construct);
    let text = match entry.is_needed {
        true => format!("let {0} = {define};\n    {0}{calls};", entry.variable),
        false => format!("{define}{calls};"),
    };
    let comments = comments.get(&format!("Resources.{}", entry.id)).cloned().unwrap_or_default();
    let is_apart = text.len() > 200 || !comments.is_empty();
    (Statement { comments, text, is_apart, ..Statement::default() }, became)
}

fn raw(type_name: &str, props: &Bag, writer: &mut Writer<'_>) -> String {
    let mut text = format!("cfn::Raw::new({type_name:?})");
    for (key, value) in props.iter() {
        text.push_str(&format!(".set({}, {})", super::text(key), writer.data(value).text));
    }
    text
}
