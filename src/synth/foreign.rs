//! Exceptions for checkov and cfn-lint, in their own format: `Metadata` of a resource for both, and annotations of an
//! object for checkov.
//!
//! Source: <https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html>,
//! <https://github.com/aws-cloudformation/cfn-lint#metadata>

use crate::exception::{CodeForm, Exception};
use crate::node::Kind;
use crate::tree::NodeId;
use crate::val::{Bag, Data};

use super::Model;

/// Writes the exceptions of a platform into their resources and objects.
pub(super) fn write(model: &mut Model) {
    for exception in std::mem::take(&mut model.exceptions) {
        for id in covered(model, &exception) {
            match &mut model.nodes[id].kind {
                Kind::Resource(resource) => match CodeForm::of(&exception.code) {
                    Some(CodeForm::CfnLint) => {
                        push(resource.metadata.place("cfn-lint.config.ignore_checks"), exception.code.clone());
                    }
                    _ => {
                        let (id, comment) = (exception.code.clone(), exception.reason.clone());
                        let skip = Bag::default().with("id", id).with("comment", comment);
                        push(resource.metadata.place("checkov.skip"), skip);
                    }
                },
                Kind::Object(object) => {
                    if let Data::Map(annotations) = map(object.body.place("metadata.annotations")) {
                        let number = annotations.iter().filter(|(key, _)| key.starts_with(SKIP)).count() + 1;
                        annotations.set(format!("{SKIP}{number}"), format!("{}={}", exception.code, exception.reason));
                    }
                }
                _ => {}
            }
        }
        model.exceptions.push(exception);
    }
}

/// The prefix of annotations that skip a checkov check.
const SKIP: &str = "checkov.io/skip";

/// Whether an exception for another tool applies to any resource or object.
pub(super) fn covers(model: &Model, exception: &Exception) -> bool {
    !covered(model, exception).is_empty()
}

/// Returns the resources and objects of a construct that another tool checks.
fn covered(model: &Model, exception: &Exception) -> Vec<NodeId> {
    let (resources, objects) = match CodeForm::of(&exception.code) {
        Some(CodeForm::CfnLint) => (true, false),
        Some(CodeForm::Checkov) => {
            let is_of = |provider: &str| exception.code.contains(provider);
            (!is_of("_K8S_"), !is_of("_AWS_"))
        }
        _ => (false, false),
    };
    if !resources && !objects {
        return Vec::new();
    }
    let mut is_in = vec![false; model.nodes.iter().len()];
    let mut found = Vec::new();
    for (id, node) in model.nodes.with_ids() {
        is_in[id.idx()] = id == exception.node || node.parent.is_some_and(|above| is_in[above.idx()]);
        let is_judged = match node.kind {
            Kind::Resource(_) => resources,
            Kind::Object(_) => objects,
            _ => false,
        };
        if is_judged && is_in[id.idx()] {
            found.push(id);
        }
    }
    found
}

fn push(place: &mut Data, item: impl Into<Data>) {
    match place {
        Data::List(items) => items.push(item.into()),
        place => *place = Data::List(vec![item.into()]),
    }
}

fn map(place: &mut Data) -> &mut Data {
    if !matches!(place, Data::Map(_)) {
        *place = Data::Map(Bag::default());
    }
    place
}
