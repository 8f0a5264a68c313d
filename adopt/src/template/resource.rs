//! The statement that defines a resource.

use std::collections::BTreeMap;

use meshsynth_types::val::{Bag, Data};

use super::entry::{Entry, dependencies};
use crate::around::{self, Alone};
use crate::code::{Named, Writer, shown, text as literal};
use crate::constructs::{self, Wanted};
use crate::either::either;
use crate::report::Became;
use crate::statement::{Statement, VARIES};

/// What the CDK writes for its own tools.
const CDK: [&str; 2] = ["aws:cdk:", "aws:asset:"];

/// A resource that is written.
pub struct Defined {
    /// What defines it.
    pub statement: Statement,
    /// What it became.
    pub became: Became,
    /// The construct around it, where it became one.
    pub alone: Option<&'static Alone>,
    /// The construct that it became a part of: its logical id, and the path below it.
    pub within: Option<(String, String)>,
}

/// The statement, and what the resource became. With `is_held` it is in no construct.
pub fn define(
    entry: &Entry<'_>,
    stack: &str,
    comments: &BTreeMap<String, Vec<String>>,
    is_held: bool,
    template: &Data,
    writer: &mut Writer<'_>,
) -> Defined {
    let props = match entry.body.get("Properties") {
        Some(Data::Map(props)) => props.clone(),
        _ => Bag::default(),
    };
    let path = writer.types.resource(entry.type_name).map(|record| record.path.clone());
    let wanted = Wanted {
        type_name: entry.type_name,
        props: &props,
        id: &entry.construct,
        logical_id: entry.id,
        template,
        stack,
    };
    let made = if is_held { None } else { constructs::make(&wanted, writer) };
    let alone = made.as_ref().filter(|it| it.is_construct).and_then(|_| around::alone(entry.type_name));
    let within = made.as_ref().and_then(|it| it.within.clone());
    let place = format!(".define({stack}, {:?})", entry.construct);
    let (head, became) = match (made, path) {
        (Some(made), _) => (made.text, Became::Construct(made.path, alone.map_or("", |it| it.adds))),
        (None, Some(path)) => match writer.record(&path, &props) {
            Some(code) => (code.text + &place, Became::Typed(shown(&path))),
            None => (
                raw(entry.type_name, &props, writer) + &place,
                Became::Raw("it lacks a property that its type requires"),
            ),
        },
        (None, None) => {
            (raw(entry.type_name, &props, writer) + &place, Became::Raw("its type is not in the registry's schemas"))
        }
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
            _ => calls.push_str(&format!(".attribute({}, {})", literal(name), writer.data(value).text)),
        }
    }
    let needs = dependencies(&Data::Map(entry.body.clone()));
    let variables: Vec<(&String, String)> = needs
        .iter()
        .filter_map(|id| match writer.named.get(id) {
            Some(Named::Resource(variable, _)) => Some((variable, format!("&{variable}"))),
            Some(Named::Construct(variable, _)) => {
                Some((variable, either(variable, &format!("&{variable}.resource()"), &format!("&{variable}"))))
            }
            _ => None,
        })
        .collect();
    if variables.len() < needs.len() {
        let ids: Vec<String> = needs.iter().map(|id| literal(id)).collect();
        calls.push_str(&format!(".attribute(\"DependsOn\", [{}])", ids.join(", ")));
    } else {
        calls.extend(variables.iter().map(|(_, code)| format!(".depends_on({code})")));
        writer.used.extend(variables.into_iter().map(|(variable, _)| variable.clone()));
    }
    if alone.is_some() {
        calls.insert_str(0, ".resource()");
    }
    let text = match entry.is_needed {
        // What is added to a network is known to it from there on.
        true if alone.is_some_and(|it| it.path == "aws::Vpc") => {
            format!("let {VARIES}{0} = {head};\n    {0}{calls};", entry.variable)
        }
        true => format!("let {0} = {head};\n    {0}{calls};", entry.variable),
        false => format!("{head}{calls};"),
    };
    let comments = comments.get(&format!("Resources.{}", entry.id)).cloned().unwrap_or_default();
    let is_apart = text.len() > 200 || !comments.is_empty();
    Defined { statement: Statement { comments, text, is_apart, ..Statement::default() }, became, alone, within }
}

fn raw(type_name: &str, props: &Bag, writer: &mut Writer<'_>) -> String {
    let mut text = format!("cfn::Raw::new({type_name:?})");
    for (key, value) in props.iter() {
        text.push_str(&format!(".set({}, {})", literal(key), writer.data(value).text));
    }
    text
}
