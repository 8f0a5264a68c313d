//! The deletion policy of a resource that holds data is not set, so the data would be deleted with it.
//!
//! CloudFormation deletes a resource that leaves its stack, or that a change
//! replaces, unless a policy says otherwise. For a database that is the end of
//! its data.
//!
//! Say what is meant: `retain()`, `on_delete(OnDelete::Snapshot)` where the
//! type can take one, or `on_delete(OnDelete::Delete)` for environments that come
//! and go. The constructs of meshsynth keep their data by default. Queues are
//! not meant: they hold what is on its way.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html>

use crate::diag::Diagnostic;
use crate::facts;
use crate::node::{OnDelete, Resource};
use crate::synth::{Link, Model};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, _, resource) in model.resources() {
        if resource.on_delete == OnDelete::Unset && holds_data(resource) {
            let message = format!("the deletion policy of this {} is not set, so its data would be deleted with it", resource.type_name);
            out.push(model.warning(id, "MS0310", message).help("call `retain()`, or set `on_delete`"));
        }
    }
}

/// An instance of an Aurora cluster is stateful to CloudFormation, but the data is the cluster's.
fn holds_data(resource: &Resource) -> bool {
    let is_member = resource.props.get("DBClusterIdentifier").is_some();
    let is_queue = resource.type_name == "AWS::SQS::Queue";
    !is_member && !is_queue && facts::cloudformation(&resource.type_name).is_some_and(|facts| facts.stateful)
}

#[cfg(test)]
mod tests {
    use crate::OnDelete;
    use crate::cfn::s3::Bucket;
    use crate::testing::{codes, stack};

    #[test]
    fn data_without_a_word_is_a_warning() {
        assert_eq!(codes(|app| drop(Bucket::new().define(&stack(app, "data"), "files"))), ["MS0310"]);
    }

    #[test]
    fn what_is_meant_is_fine() {
        for on_delete in [OnDelete::Retain, OnDelete::Delete] {
            assert_eq!(
                codes(|app| {
                    Bucket::new().define(&stack(app, "data"), "files").on_delete(on_delete);
                }),
                [""; 0]
            );
        }
    }
}
