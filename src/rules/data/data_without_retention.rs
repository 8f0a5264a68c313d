//! The deletion policy of a resource that stores data is not set, so its data would be deleted with it.
//!
//! # What it reports
//!
//! A resource that stores data has no `DeletionPolicy`. The finding is a warning. Constructs of meshsynth retain their
//! data by default. Queues are not reported, because they contain only messages in transit.
//!
//! # Why it matters
//!
//! By default, CloudFormation deletes a resource that is removed from its stack or replaced by a change. For a
//! database, its data is lost.
//!
//! # Fix
//!
//! State the intention: `retain()`, `on_delete(OnDelete::Snapshot)` if the type supports snapshots, or
//! `on_delete(OnDelete::Delete)` for short-lived environments.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html>

use crate::diag::Severity;
use crate::node::OnDelete;
use crate::policy::{Platform, Report};

pub(super) fn check(platform: &Platform<'_>, report: &mut Report) {
    for resource in platform.all_resources().filter(|it| it.on_delete() == OnDelete::Unset && it.holds_data()) {
        let message = format!("this {} has no deletion policy, so its data is deleted together with the resource", resource.type_name());
        report.at(&resource, message).severity(Severity::Warning).help("call `retain()`, or set `on_delete`");
    }
}

#[cfg(test)]
mod tests {
    use crate::OnDelete;
    use crate::cfn::s3::Bucket;
    use crate::testing::{codes, stack};

    #[test]
    fn warns_about_data_without_a_deletion_policy() {
        assert_eq!(codes(|app| drop(Bucket::new().define(&stack(app, "data"), "files"))), ["MS0310"]);
    }

    #[test]
    fn accepts_an_explicit_policy() {
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
