//! Check shapes: each resource and object by itself, against the vendor's schema.

use crate::diag::Diagnostic;
use crate::facts::{self, Problem};
use crate::node::{Kind, Object};
use crate::tree::NodeId;
use crate::val::{Bag, Data, Deferred};

use super::definitions::Definitions;
use super::{Model, wire};

/// Names every property that the vendor would refuse.
pub(super) fn shapes(model: &Model) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let out = &mut diagnostics;
    let is_list = |value: &Deferred| wire::is_list(model, value);
    let definitions = Definitions::of(model);
    for (id, node) in model.nodes() {
        match &node.kind {
            Kind::Resource(resource) => {
                if let Some(facts) = model.facts(id) {
                    let problems = facts.shape.check_bag_with(&resource.props, &is_list);
                    out.extend(problems.into_iter().map(|it| problem(model, id, "MS0105", &resource.type_name, it)));
                }
            }
            Kind::Object(object) => {
                placed(model, id, object, out);
                no_secret(model, id, &object.body, out);
                let facts = facts::kubernetes(&object.api_version, &object.kind);
                let known = facts.or_else(|| same_shape(&object.api_version, &object.kind)).map(|facts| &facts.shape);
                if let Some(shape) = known.or_else(|| definitions.get(&object.api_version, &object.kind)) {
                    let problems = shape.check_bag_with(&object.body, &is_list);
                    out.extend(problems.into_iter().map(|it| match is_experimental(object, &it) {
                        true if model.is_open => experimental(model, id, &object.kind, &it.path),
                        _ => problem(model, id, "MS0106", &object.kind, it),
                    }));
                }
            }
            Kind::Release(release) => no_secret(model, id, &release.values, out),
            Kind::Stack(stack) => {
                for (name, _) in stack.outputs.iter().filter(|(_, value)| matches!(value, Data::Secret(_))) {
                    out.push(
                        model
                            .error(id, "MS0112", format!("the output `{name}` reveals a secret"))
                            .help("show its ARN: `secret.arn()`"),
                    );
                }
            }
            _ => {}
        }
    }
    diagnostics
}

/// Istio serves its kinds under older versions too, in one shape for all of them.
fn same_shape(api_version: &str, kind: &str) -> Option<&'static facts::KindFacts> {
    let (group, version) = api_version.split_once('/')?;
    let is_older = matches!(version, "v1alpha3" | "v1beta1" | "v1alpha1");
    (is_older && group.ends_with(".istio.io")).then(|| facts::kubernetes(&format!("{group}/v1"), kind)).flatten()
}

/// A manifest is plain text: a secret has no place in it, whatever a patch says.
fn no_secret(model: &Model, id: NodeId, body: &Bag, out: &mut Vec<Diagnostic>) {
    fn holds(data: &Data) -> bool {
        match data {
            Data::Secret(_) => true,
            Data::List(items) => items.iter().any(holds),
            Data::Map(bag) => bag.iter().any(|(_, data)| holds(data)),
            _ => false,
        }
    }
    if body.iter().any(|(_, data)| holds(data)) {
        out.push(
            model
                .error(id, "MS0112", "a secret would be written into a manifest as plain text")
                .help("use `env_secret`, which refers to the secret in Secrets Manager"),
        );
    }
}

fn problem(model: &Model, id: NodeId, code: &'static str, of: &str, problem: Problem) -> Diagnostic {
    let Problem { path, message, help } = problem;
    let diagnostic = match path.is_empty() {
        true => model.error(id, code, format!("{of}: {message}")),
        false => model.error(id, code, format!("`{path}` of {of}: {message}")).field(path),
    };
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// Whether the problem is a field that another channel of the Gateway API has.
fn is_experimental(object: &Object, problem: &Problem) -> bool {
    let value = object.body.at(&problem.path.replace('[', ".").replace(']', ""));
    facts::is_experimental(&object.api_version, &object.kind, &problem.path, value.and_then(Data::as_str))
}

/// Which channel is installed, manifests do not tell.
fn experimental(model: &Model, id: NodeId, kind: &str, path: &str) -> Diagnostic {
    let message = format!("`{path}` of {kind} is of the experimental channel of the Gateway API");
    model.warning(id, "MS0106", message).field(path).help(
        "install the definitions of the experimental channel, or remove it: the standard channel drops or refuses it",
    )
}

/// An object needs a cluster to go to, and a namespace if its kind lives in one.
fn placed(model: &Model, id: NodeId, object: &Object, out: &mut Vec<Diagnostic>) {
    if model.target_of(id).is_none() {
        out.push(
            model
                .error(id, "MS0103", format!("`{}` `{}` is not in a cluster", object.kind, object.name))
                .help("define it in a cluster, or in a construct of one"),
        );
    }
    if object.namespaced && object.namespace.is_none() {
        out.push(
            model
                .error(id, "MS0103", format!("`{}` `{}` has no namespace", object.kind, object.name))
                .help("define it in a namespace, or call `in_namespace`"),
        );
    }
}
