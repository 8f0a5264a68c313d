//! The parameters and outputs through which a stack and its nested stack exchange values.

use std::collections::BTreeSet;

use meshsynth::val::{Bag, Data};
use meshsynth_adopt::Template;

/// Whether a template defines all parameters that a resource of its parent passes and all outputs that the parent reads,
/// and receives all parameters without a default.
pub fn fits(parent: &Template, resource: &str, child: &Template) -> bool {
    let body = parent.data.at("Resources").and_then(Data::as_map).and_then(|it| it.get(resource));
    let passed = body.and_then(|it| it.at("Properties.Parameters")).and_then(Data::as_map);
    let passed: BTreeSet<&str> = passed.into_iter().flat_map(Bag::iter).map(|(name, _)| name).collect();
    let parameters = || entries(child, "Parameters");
    let outputs: BTreeSet<&str> = entries(child, "Outputs").map(|(name, _)| name).collect();
    let is_defined = |name: &&str| parameters().any(|(known, _)| known == *name);
    let mut read = BTreeSet::new();
    outputs_of(&parent.data, resource, &mut read);
    passed.iter().all(is_defined)
        && parameters().all(|(name, body)| body.at("Default").is_some() || passed.contains(name))
        && read.iter().all(|name| outputs.contains(name.as_str()))
}

fn entries<'a>(template: &'a Template, section: &str) -> impl Iterator<Item = (&'a str, &'a Data)> {
    template.data.at(section).and_then(Data::as_map).into_iter().flat_map(Bag::iter)
}

/// Collects the outputs of a nested stack that data reads with `Fn::GetAtt` or `Fn::Sub`.
fn outputs_of(data: &Data, resource: &str, found: &mut BTreeSet<String>) {
    let start = format!("{resource}.Outputs.");
    match data {
        Data::Map(bag) => {
            for (name, value) in bag.iter() {
                match (name, value) {
                    ("Fn::GetAtt", Data::Text(text)) => found.extend(text.strip_prefix(&start).map(str::to_owned)),
                    ("Fn::GetAtt", Data::List(items)) => {
                        let text: Option<Vec<&str>> = items.iter().map(Data::as_str).collect();
                        let text = text.map(|it| it.join("."));
                        found.extend(text.and_then(|it| it.strip_prefix(&start).map(str::to_owned)));
                    }
                    ("Fn::Sub", Data::Text(text)) => {
                        let names = text.split("${").filter_map(|it| it.split_once('}')?.0.strip_prefix(&start));
                        found.extend(names.map(str::to_owned));
                    }
                    _ => outputs_of(value, resource, found),
                }
            }
        }
        Data::List(items) => items.iter().for_each(|item| outputs_of(item, resource, found)),
        _ => {}
    }
}
