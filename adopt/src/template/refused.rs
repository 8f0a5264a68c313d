//! Templates that are not what CloudFormation deploys, or that a program cannot say.

use meshsynth_types::val::Data;

use crate::code::function;
use crate::{Refusal, Template};

/// The sections that a template may have.
const SECTIONS: [&str; 9] = [
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

/// Why a template cannot be adopted, a line for each reason; none where it can.
pub fn refusals(template: &Template) -> Vec<Refusal> {
    let mut found = Vec::new();
    let mut refuse = |why: String| found.push(Refusal { file: template.file.clone(), line: 0, why });
    let Some(data) = template.data.as_map() else {
        refuse("it is not a map".to_owned());
        return found;
    };
    // What a macro makes of the rest, nobody here knows.
    if let Some(value) = data.get("Transform") {
        refuse(transform(value));
        return found;
    }
    for (name, _) in data.iter().filter(|(name, _)| !SECTIONS.contains(name)) {
        match name {
            "Hooks" => refuse("it has `Hooks`, which a program does not write: they belong to a deployment".to_owned()),
            other => refuse(format!("CloudFormation knows no section `{other}`")),
        }
    }
    let mut loops = Vec::new();
    each_key(&template.data, &mut |key| {
        if key.starts_with("Fn::ForEach") || key == "Fn::Transform" {
            loops.push(key.to_owned());
        }
    });
    loops.sort();
    loops.dedup();
    for name in loops {
        refuse(format!("`{name}` stands for what CloudFormation makes of it: adopt the processed template"));
    }
    let resources = template.data.at("Resources").and_then(Data::as_map);
    if resources.is_none_or(|all| all.is_empty()) {
        refuse("it has no resources".to_owned());
    }
    for (id, body) in resources.into_iter().flat_map(|all| all.iter()) {
        let why = match (body.as_map(), body.at("Type").and_then(Data::as_str)) {
            _ if id.starts_with("Fn::") => continue,
            (None, _) => "is not a map",
            (_, None) => "has no type",
            _ if body.at("Properties").is_some_and(|it| !matches!(it, Data::Map(_) | Data::Null)) => {
                "has properties that are not a map"
            }
            _ if body.at("Properties").is_some_and(is_other) => "has a function in place of its properties",
            _ => continue,
        };
        refuse(format!("the resource `{id}` {why}"));
    }
    found
}

fn transform(value: &Data) -> String {
    let names: Vec<String> = match value {
        Data::List(items) => items.iter().map(Data::to_text).collect(),
        other => vec![other.to_text()],
    };
    let how = "aws cloudformation get-template --template-stage Processed";
    match names.iter().any(|name| name.starts_with("AWS::Serverless")) {
        true => format!("AWS SAM makes other resources of it: adopt what CloudFormation has (`{how}`)"),
        false => {
            format!(
                "the macro `{}` makes another template of it: adopt what CloudFormation has (`{how}`)",
                names.join("`, `")
            )
        }
    }
}

/// Whether data is a function; `Fn::Transform` is told by itself.
fn is_other(data: &Data) -> bool {
    function(data).is_some_and(|(name, _)| name != "Fn::Transform")
}

fn each_key(data: &Data, visit: &mut dyn FnMut(&str)) {
    match data {
        Data::List(items) => items.iter().for_each(|item| each_key(item, visit)),
        Data::Map(bag) => {
            for (key, value) in bag.iter() {
                visit(key);
                each_key(value, visit);
            }
        }
        _ => {}
    }
}
