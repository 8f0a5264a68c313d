//! The order of stacks that read exports and outputs by their names, as adopted stacks do.

use std::collections::BTreeMap;

use crate::node::{Env, Kind, Stack};
use crate::tree::NodeId;
use crate::val::{Data, Deferred, Part, Verbatim};

use super::Model;

/// Returns the values that stacks read from other stacks: exports with `Fn::ImportValue`, and outputs with
/// `Fn::GetStackOutput`. Each row contains the reading stack, the source stack, the name, and the reading node.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html>
pub(super) fn imports(model: &Model) -> Vec<Import> {
    let mut exported: BTreeMap<(&Env, String), NodeId> = BTreeMap::new();
    for (id, stack) in model.stacks() {
        let outputs = stack.entries.iter().filter(|(section, ..)| *section == "Outputs");
        for name in outputs.filter_map(|(.., body)| text(stack, &tree(body.at("Export.Name")?))) {
            exported.insert((&stack.env, name), id);
        }
    }
    let named: BTreeMap<&str, Vec<NodeId>> = model.stacks().fold(BTreeMap::new(), |mut named, (id, stack)| {
        named.entry(stack.name.as_str()).or_insert_with(Vec::new).push(id);
        named
    });
    let mut found = Vec::new();
    if model.stacks().nth(1).is_none() {
        return found;
    }
    let mut add = |reader: NodeId, id: NodeId, data: &Data| {
        if !has_function(data) {
            return;
        }
        let stack = model.stack(id);
        each_import(&tree(data), &mut |function, argument| {
            let read = match function {
                Reads::Export => text(stack, argument).and_then(|name| {
                    let from = exported.get(&(&stack.env, name.clone())).copied()?;
                    Some((from, name))
                }),
                Reads::Output => {
                    let part = |key: &str| text(stack, at(argument, key)?);
                    part("StackName").and_then(|of| {
                        // If several stacks have the same name, their regions differ.
                        let region = part("Region").unwrap_or_else(|| stack.env.region.clone());
                        let is_there = |id: &&NodeId| model.stack(**id).env.region == region;
                        let from = named.get(of.as_str())?.iter().find(is_there)?;
                        Some((*from, part("OutputName").unwrap_or_default()))
                    })
                }
            };
            if let Some((from, name)) = read.filter(|(from, _)| *from != id) {
                found.push(Import { reader, stack: id, from, name });
            }
        });
    };
    for (id, node) in model.nodes() {
        match &node.kind {
            Kind::Stack(stack) => stack.entries.iter().for_each(|(.., body)| add(id, id, body)),
            Kind::Resource(resource) => {
                let Some(stack) = model.stack_of(id) else { continue };
                for (_, value) in resource.props.iter().chain(resource.attributes.iter()) {
                    add(id, stack, value);
                }
            }
            _ => {}
        }
    }
    found
}

/// The kind of value that a function reads.
#[derive(Clone, Copy)]
enum Reads {
    /// `Fn::ImportValue`.
    Export,
    /// `Fn::GetStackOutput`.
    Output,
}

/// An import by name.
pub(super) struct Import {
    pub reader: NodeId,
    pub stack: NodeId,
    pub from: NodeId,
    pub name: String,
}

/// Whether data contains verbatim CloudFormation functions. Most data contains no functions and is skipped.
fn has_function(data: &Data) -> bool {
    fn is_one(value: &Deferred) -> bool {
        match value {
            Deferred::Verbatim(_) => true,
            Deferred::Text(parts) | Deferred::Doc(parts) => {
                parts.iter().any(|part| matches!(part, Part::Value(value) if is_one(value)))
            }
            Deferred::Piece { of, .. } | Deferred::Item { of, .. } | Deferred::Joined { of, .. } => is_one(of),
            Deferred::Attr(_) => false,
        }
    }
    match data {
        Data::List(items) => items.iter().any(has_function),
        Data::Map(bag) => bag.iter().any(|(key, value)| FUNCTIONS.contains(&key) || has_function(value)),
        Data::Deferred(value) => is_one(value),
        _ => false,
    }
}

/// The functions that read values of another stack.
const FUNCTIONS: [&str; 2] = ["Fn::GetStackOutput", "Fn::ImportValue"];

/// Returns a value of a map.
fn at<'a>(of: &'a Verbatim, key: &str) -> Option<&'a Verbatim> {
    match of {
        Verbatim::Map(rows) => rows.iter().find(|(name, _)| name == key).map(|(_, value)| value),
        Verbatim::Value(Deferred::Verbatim(inner)) => at(inner, key),
        _ => None,
    }
}

fn tree(data: &Data) -> Verbatim {
    Verbatim::from(data.clone())
}

/// Visits the argument of each function that reads from another stack, at any depth.
fn each_import(of: &Verbatim, visit: &mut dyn FnMut(Reads, &Verbatim)) {
    match of {
        Verbatim::List(items) => items.iter().for_each(|item| each_import(item, visit)),
        Verbatim::Map(rows) => {
            if let [(name, argument)] = rows.as_slice() {
                match name.as_ref() {
                    "Fn::ImportValue" => visit(Reads::Export, argument),
                    "Fn::GetStackOutput" => visit(Reads::Output, argument),
                    _ => {}
                }
            }
            rows.iter().for_each(|(_, value)| each_import(value, visit));
        }
        Verbatim::Value(value) => in_value(value, visit),
        _ => {}
    }
}

fn in_value(value: &Deferred, visit: &mut dyn FnMut(Reads, &Verbatim)) {
    match value {
        Deferred::Verbatim(inner) => each_import(inner, visit),
        Deferred::Text(parts) | Deferred::Doc(parts) => {
            for part in parts {
                if let Part::Value(value) = part {
                    in_value(value, visit);
                }
            }
        }
        Deferred::Piece { of, .. } | Deferred::Item { of, .. } | Deferred::Joined { of, .. } => in_value(of, visit),
        Deferred::Attr(_) => {}
    }
}

/// Returns the text that intrinsic functions produce, if the stack and its parameter defaults determine the text.
fn text(stack: &Stack, of: &Verbatim) -> Option<String> {
    match of {
        Verbatim::Text(text) => Some(text.to_string()),
        Verbatim::Int(value) => Some(value.to_string()),
        Verbatim::Value(Deferred::Verbatim(inner)) => text(stack, inner),
        Verbatim::Value(Deferred::Text(parts)) => {
            let part = |part: &Part| match part {
                Part::Text(known) => Some(known.to_string()),
                Part::Value(value) => text(stack, &Verbatim::Value(value.clone())),
            };
            parts.iter().map(part).collect()
        }
        Verbatim::Map(rows) => match rows.as_slice() {
            [(name, Verbatim::Text(id))] if name == "Ref" => named(stack, id),
            [(name, Verbatim::Text(pattern))] if name == "Fn::Sub" => substituted(stack, pattern, &[]),
            [(name, Verbatim::List(items))] => match (name.as_ref(), items.as_slice()) {
                ("Fn::Sub", [Verbatim::Text(pattern), Verbatim::Map(variables)]) => {
                    substituted(stack, pattern, variables)
                }
                ("Fn::Join", [Verbatim::Text(separator), Verbatim::List(items)]) => {
                    let items: Option<Vec<String>> = items.iter().map(|item| text(stack, item)).collect();
                    Some(items?.join(separator))
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Returns the value of a pseudo parameter, or the default of a parameter.
fn named(stack: &Stack, id: &str) -> Option<String> {
    match id {
        "AWS::StackName" => Some(stack.name.clone()),
        "AWS::Region" => Some(stack.env.region.clone()),
        "AWS::AccountId" => stack.env.account.clone(),
        id => {
            let mut parameters = stack.entries.iter().filter(|(section, ..)| *section == "Parameters");
            let (.., body) = parameters.find(|(_, name, _)| name == id)?;
            body.at("Default").map(Data::to_text).filter(|it| !it.is_empty())
        }
    }
}

fn substituted(stack: &Stack, pattern: &str, variables: &[(crate::val::Key, Verbatim)]) -> Option<String> {
    let (mut out, mut rest) = (String::new(), pattern);
    while let Some(start) = rest.find("${") {
        let end = rest[start..].find('}')? + start;
        let name = &rest[start + 2..end];
        out.push_str(&rest[..start]);
        let value = variables.iter().find(|(key, _)| key == name).map(|(_, value)| text(stack, value));
        out.push_str(&value.unwrap_or_else(|| named(stack, name))?);
        rest = &rest[end + 1..];
    }
    Some(out + rest)
}

#[cfg(test)]
mod tests {
    use crate::intrinsic::{function, import_value, stack_name, sub};
    use crate::val::Bag;
    use crate::{App, Construct, Env, Stack, cfn, text};

    /// Returns the dependencies of `reader` with this import.
    fn needs(import: crate::intrinsic::Intrinsic) -> Vec<String> {
        let app = App::new("shop");
        let reader = Stack::new(&app, "a-reader", Env::region("eu-west-1"));
        reader.adopt("reader").parameter("Network", "String", Bag::default().with("Default", "legacy"));
        let network = Stack::new(&app, "network", Env::region("eu-west-1"));
        network.adopt("legacy");
        let vpc = cfn::ec2::Vpc::new().cidr_block("10.0.0.0/16").define(&network, "vpc");
        let name = Bag::default().with("Name", text![stack_name(), "-vpc"]);
        network.entry("Outputs", "Vpc", Bag::default().with("Value", vpc.reference()).with("Export", name));
        cfn::ec2::SecurityGroup::new("of the shop").vpc_id(import).define(&reader, "group");
        assert!(!reader.scope().path().is_empty());
        let assembly = app.synth().expect("it synthesizes");
        let manifest: serde_json::Value = serde_json::from_str(&assembly.files["manifest.json"]).expect("it is JSON");
        let stacks = manifest["stacks"].as_array().expect("there are stacks");
        let reader = stacks.iter().find(|it| it["id"] == "a-reader").expect("it is there");
        reader["needs"].as_array().into_iter().flatten().map(|it| it.as_str().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn importing_stack_depends_on_exporting_stack() {
        assert_eq!(needs(import_value("legacy-vpc")), ["network"]);
        assert_eq!(needs(import_value(sub("${Network}-vpc", Bag::default()))), ["network"]);
        assert_eq!(needs(import_value(sub("${Of}-vpc", Bag::default().with("Of", "legacy")))), ["network"]);
        assert_eq!(needs(import_value("other-vpc")), [""; 0]);
    }

    #[test]
    fn stack_depends_on_stack_whose_output_it_reads() {
        let output = |stack: &str, region: &str| {
            let place = Bag::default().with("StackName", stack).with("Region", region).with("OutputName", "Vpc");
            function("Fn::GetStackOutput", place)
        };
        assert_eq!(needs(output("legacy", "eu-west-1")), ["network"]);
        assert_eq!(needs(output("legacy", "us-east-1")), [""; 0]);
        assert_eq!(needs(output("other", "eu-west-1")), [""; 0]);
        let here = Bag::default().with("StackName", sub("${Network}", Bag::default())).with("OutputName", "Vpc");
        assert_eq!(needs(function("Fn::GetStackOutput", here)), ["network"]);
    }
}
