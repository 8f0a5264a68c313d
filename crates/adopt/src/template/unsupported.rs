//! Refusals of templates that CloudFormation does not accept.

use std::collections::BTreeMap;

use meshsynth_model::val::Data;

use super::sections::{self, KNOWN};
use crate::{Refusal, Template};

/// Sections that are copied as a whole.
const WHOLE: [&str; 3] = ["Hooks", "Transform", "Fn::Transform"];

/// Returns the reasons why a template cannot be adopted. The result is empty if it can be adopted.
pub fn refusals(template: &Template) -> Vec<Refusal> {
    let mut found = Vec::new();
    let mut refuse = |why: String| found.push(Refusal { file: template.file.clone(), line: 0, why });
    let Some(data) = template.data.as_map() else {
        refuse("it is not a map: a template is a map of sections, such as `Resources`".to_owned());
        return found;
    };
    // A macro may read arbitrary sections.
    let has_macro = data.get("Fn::Transform").is_some() || sections::transforms(template).any(|it| is_macro(&it));
    let is_serverless = sections::transforms(template).any(|it| it.starts_with("AWS::Serverless"));
    for (name, _) in data.iter().filter(|(name, _)| !KNOWN.contains(name) && !WHOLE.contains(name)) {
        if !(has_macro || is_serverless && name == "Globals") {
            refuse(format!("CloudFormation does not support the section `{name}`: remove it, or correct its name"));
        }
    }
    let (mut loops, mut is_of_rain) = (false, false);
    each_key(&template.data, &mut |key| {
        loops |= key.starts_with("Fn::ForEach::");
        is_of_rain |= key.starts_with("Rain::");
    });
    if is_of_rain {
        refuse("it is an input file of `rain`: adopt the output of `rain pkg`".to_owned());
        return found;
    }
    if loops && !has_macro && !sections::transforms(template).any(|it| it == "AWS::LanguageExtensions") {
        refuse("`Fn::ForEach` requires `Transform: AWS::LanguageExtensions`: add it".to_owned());
    }
    let resources = template.data.at("Resources").and_then(Data::as_map);
    if resources.is_none_or(|all| all.is_empty()) {
        refuse("it has no resources: CloudFormation requires at least one".to_owned());
    }
    let mut wrong: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (id, body) in resources.into_iter().flat_map(|all| all.iter()) {
        let why = match (body.as_map(), body.at("Type").and_then(Data::as_str)) {
            _ if id.starts_with("Fn::") || has_macro => continue,
            (None, _) => "a resource must be a map with `Type` and `Properties`",
            (_, None) => "a resource requires a `Type`: add it, or adopt the whole template that contains this part",
            _ if body.at("Properties").is_some_and(|it| !matches!(it, Data::Map(_) | Data::Null)) => {
                "`Properties` of a resource must be a map"
            }
            _ => continue,
        };
        wrong.entry(why).or_default().push(format!("`{id}`"));
    }
    for (why, ids) in wrong {
        refuse(format!("{}: {why}", ids.join(", ")));
    }
    found
}

/// Whether a transform is neither AWS SAM nor the language extensions.
fn is_macro(name: &str) -> bool {
    name != "AWS::LanguageExtensions" && !name.starts_with("AWS::Serverless-")
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
