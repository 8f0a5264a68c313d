//! A nested stack and its parent stack disagree about a parameter or an output.
//!
//! # What it reports
//!
//! - The parent passes a parameter that the nested template does not define.
//! - The nested template defines a parameter without a default, and the parent does not pass it.
//! - The parent reads an output that the nested template does not define.
//! - A resource of one stack refers to a resource of the other one, without a parameter or an output.
//!
//! # Why it matters
//!
//! CloudFormation rejects the template of the parent, or the creation of the nested stack fails.
//!
//! # Fix
//!
//! Define the parameter or the output in the nested template, or correct its name.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html>

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Diagnostic;
use crate::node::Stack;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::{Attr, Data, Deferred, Part};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let nested: BTreeMap<NodeId, &Stack> =
        model.stacks().filter_map(|(_, stack)| Some((stack.nested_in?, stack))).collect();
    if nested.is_empty() {
        return;
    }
    for (resource, stack) in nested.iter().filter(|(_, stack)| !stack.has_macro()) {
        check_parameters(model, *resource, stack, out);
    }
    for (id, _, resource) in model.resources() {
        let values = resource.props.iter().chain(resource.attributes.iter()).map(|(_, value)| value);
        values.for_each(|value| check_outputs(model, id, value, &nested, out));
    }
    for (id, stack) in model.stacks() {
        let entries = stack.entries.iter().map(|(.., value)| value);
        let values = stack.outputs.iter().map(|(_, value)| value).chain(entries);
        values.for_each(|value| check_outputs(model, id, value, &nested, out));
    }
}

fn check_parameters(model: &Model, id: NodeId, stack: &Stack, out: &mut Vec<Diagnostic>) {
    let passed = match model.resource(id).and_then(|it| it.props.get("Parameters")) {
        None => BTreeSet::new(),
        Some(Data::Map(bag)) => bag.iter().map(|(name, _)| name).collect(),
        // A function decides the parameters.
        Some(_) => return,
    };
    let defined: BTreeMap<&str, &Data> = entries(stack, "Parameters").collect();
    let template = model.path(id).trim_end_matches("/resource");
    for name in passed.iter().filter(|name| !defined.contains_key(*name)) {
        let message = format!("the template of `{template}` does not define the parameter `{name}`");
        out.push(model.error(id, "MS0145", message).help("define the parameter in the template, or do not pass it"));
    }
    let is_required = |body: &Data| body.at("Default").is_none();
    for (name, _) in defined.iter().filter(|(name, body)| is_required(body) && !passed.contains(*name)) {
        let message = format!("the parameter `{name}` of `{template}` has no value");
        out.push(model.error(id, "MS0145", message).help("pass the parameter, or define a default in the template"));
    }
}

/// Reports reads of undefined outputs in a value.
fn check_outputs(
    model: &Model,
    reader: NodeId,
    value: &Data,
    nested: &BTreeMap<NodeId, &Stack>,
    out: &mut Vec<Diagnostic>,
) {
    each_attribute(value, &mut |attr| {
        let (Some(stack), Some(name)) = (nested.get(&attr.node), attr.name.named().and_then(|it| it.strip_prefix("Outputs."))) else { return };
        let mut defined = entries(stack, "Outputs").map(|(known, _)| known);
        let is_defined = defined.any(|it| it == name) || stack.outputs.iter().any(|(known, _)| known == name);
        if !is_defined && !stack.has_macro() {
            let template = model.path(attr.node).trim_end_matches("/resource");
            let message = format!("the template of `{template}` does not define the output `{name}`");
            out.push(model.error(reader, "MS0145", message).help("define the output in the template"));
        }
    });
}

fn entries<'a>(stack: &'a Stack, section: &'static str) -> impl Iterator<Item = (&'a str, &'a Data)> {
    stack.entries.iter().filter(move |(of, ..)| *of == section).map(|(_, name, body)| (name.as_str(), body))
}

fn each_attribute(data: &Data, visit: &mut dyn FnMut(&Attr)) {
    match data {
        Data::List(items) => items.iter().for_each(|item| each_attribute(item, visit)),
        Data::Map(bag) => bag.iter().for_each(|(_, value)| each_attribute(value, visit)),
        Data::Deferred(value) => each_attribute_of(value, visit),
        _ => {}
    }
}

fn each_attribute_of(value: &Deferred, visit: &mut dyn FnMut(&Attr)) {
    match value {
        Deferred::Attr(attr) => visit(attr),
        Deferred::Piece { of, .. } | Deferred::Item { of, .. } | Deferred::Joined { of, .. } => {
            each_attribute_of(of, visit);
        }
        Deferred::Text(parts) | Deferred::Doc(parts) => parts.iter().for_each(|part| {
            if let Part::Value(value) = part {
                each_attribute_of(value, visit);
            }
        }),
        Deferred::Verbatim(tree) => each_attribute(&Data::from(&**tree), visit),
    }
}

#[cfg(test)]
mod tests {
    use crate::cloudformation::NestedStack;
    use crate::testing::{codes, stack};
    use crate::val::Bag;
    use crate::{App, Stack, cfn, map};

    /// A nested network with the parameter `Block` and the output `Vpc`.
    fn network(app: &App, parameters: Bag) -> (Stack, NestedStack) {
        let shop = stack(app, "shop");
        let network = NestedStack::new(&shop, "network", "https://shop.s3.amazonaws.com/network.json", parameters);
        let block = network.template().parameter("Block", "String", map![]);
        network.template().parameter("Zone", "String", map![("Default", "a")]);
        let vpc = cfn::ec2::Vpc::new().cidr_block(&block).define(network.template(), "vpc");
        network.template().output("Vpc", vpc.vpc_id());
        (shop, network)
    }

    #[test]
    fn accepts_matching_parameters_and_outputs() {
        let found = codes(|app| {
            let (shop, network) = network(app, map![("Block", "10.0.0.0/16")]);
            shop.output("Vpc", network.output("Vpc"));
        });
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn reports_unknown_and_missing_parameters() {
        assert_eq!(codes(|app| drop(network(app, map![]))), ["MS0145"]);
        let both = || map![("Block", "10.0.0.0/16"), ("Blok", "10.0.0.0/16")];
        assert_eq!(codes(|app| drop(network(app, both()))), ["MS0145"]);
    }

    #[test]
    fn reports_unknown_output() {
        let found = codes(|app| {
            let (shop, network) = network(app, map![("Block", "10.0.0.0/16")]);
            shop.output("Vpc", network.output("VpcId"));
        });
        assert_eq!(found, ["MS0145"]);
    }

    #[test]
    fn reports_reference_across_the_border() {
        let found = codes(|app| {
            let (shop, network) = network(app, map![("Block", "10.0.0.0/16")]);
            let vpc = cfn::ec2::Vpc::new().cidr_block("10.1.0.0/16").define(network.template(), "other");
            shop.output("Vpc", vpc.vpc_id());
        });
        assert_eq!(found, ["MS0145"]);
    }
}
