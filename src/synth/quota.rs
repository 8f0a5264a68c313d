//! The CloudFormation quotas of a stack.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::tree::NodeId;
use crate::val::{Bag, Data};

use super::{Link, Model, TemplateFormat, files};

pub(crate) const MAX_RESOURCES: usize = 500;
pub(crate) const MAX_OUTPUTS: usize = 200;
pub(crate) const MAX_PARAMETERS: usize = 200;
pub(crate) const MAX_MAPPINGS: usize = 200;
pub(crate) const MAX_BYTES: usize = 1_000_000;
const MAX_DYNAMIC_REFERENCES: usize = 60;
/// The share of a quota, in percent, above which a warning is reported.
const WARN_PERCENT: usize = 80;

/// Checks the quotas that can be counted before files are written.
pub(super) fn counts(model: &Model, link: &Link, out: &mut Vec<Diagnostic>) {
    let mut n_resources: BTreeMap<NodeId, usize> = BTreeMap::new();
    let mut n_secrets: BTreeMap<NodeId, usize> = BTreeMap::new();
    for (id, _, resource) in model.resources() {
        if let Some(stack) = model.stack_of(id) {
            *n_resources.entry(stack).or_default() += 1;
            *n_secrets.entry(stack).or_default() += secrets(&resource.props);
        }
    }
    for (id, stack) in model.stacks() {
        let n_outputs = stack.outputs.len() + link.outputs.get(&id).map_or(0, BTreeMap::len);
        // A loop or a macro can define several resources, but counts as one resource.
        let n_entries = stack.entries.iter().filter(|(section, ..)| *section == "Resources").count();
        let n_resources = n_resources.get(&id).copied().unwrap_or_default() + n_entries;
        // If a stack is defined twice, its resources may be in the other definition.
        let has_twin = || model.nodes().any(|(_, node)| node.twin_of == Some(id));
        // A stack of imports has no template. Its values in other stacks and in manifests need one.
        let is_of_imports = || n_outputs == 0 && model.nodes().any(|(_, node)| node.parent == Some(id));
        if n_resources == 0 && !has_twin() && !is_of_imports() {
            out.push(model.error(id, "MS0111", "the stack has no resources, which CloudFormation rejects").help(
                "define a resource in the stack, or remove the stack; move imports to a stack that defines resources",
            ));
        }
        out.extend(limit(model, id, "resources", n_resources, MAX_RESOURCES));
        out.extend(limit(model, id, "outputs", n_outputs, MAX_OUTPUTS));
        let n_secrets = n_secrets.get(&id).copied().unwrap_or_default();
        out.extend(limit(model, id, "dynamic references", n_secrets, MAX_DYNAMIC_REFERENCES));
    }
}

/// Checks the size of the written templates.
pub(super) fn sizes(model: &Model, files: &BTreeMap<String, String>, out: &mut Vec<Diagnostic>) {
    for (id, _) in model.stacks() {
        for format in [TemplateFormat::Json, TemplateFormat::Yaml] {
            if let Some(text) = files.get(&files::template_path(model, id, format)) {
                out.extend(limit(model, id, "bytes of template", text.len(), MAX_BYTES));
            }
        }
    }
}

fn limit(model: &Model, stack: NodeId, what: &str, n: usize, max: usize) -> Option<Diagnostic> {
    let diagnostic = quota_exceeded(what, n, max)?.construct(model.construct(stack)).at(model.node(stack).at);
    Some(diagnostic.help("move complete constructs to another `Stack`; references between stacks still work"))
}

/// Returns the diagnostic about a stack that exceeds or nearly exceeds a CloudFormation quota.
pub(crate) fn quota_exceeded(what: &str, n: usize, max: usize) -> Option<Diagnostic> {
    match n {
        n if n > max => {
            Some(Diagnostic::error("MS0110", format!("the stack has {n} {what}; the CloudFormation limit is {max}")))
        }
        n if n * 100 >= max * WARN_PERCENT => Some(Diagnostic::warning(
            "MS0109",
            format!("the stack has {n} {what}, close to the CloudFormation limit of {max}"),
        )),
        _ => None,
    }
}

fn secrets(bag: &Bag) -> usize {
    fn count(data: &Data) -> usize {
        match data {
            Data::Secret(_) => 1,
            Data::List(items) => items.iter().map(count).sum(),
            Data::Map(bag) => secrets(bag),
            _ => 0,
        }
    }
    bag.iter().map(|(_, data)| count(data)).sum()
}
