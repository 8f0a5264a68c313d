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

use crate::diag::Severity;
use crate::node::OnDelete;
use crate::policy::{Platform, Report};

pub(super) fn check(platform: &Platform<'_>, report: &mut Report) {
    for resource in platform.all_resources().filter(|it| it.on_delete() == OnDelete::Unset && it.holds_data()) {
        let message = format!("the deletion policy of this {} is not set, so its data would be deleted with it", resource.type_name());
        report.at(&resource, message).severity(Severity::Warning).help("call `retain()`, or set `on_delete`");
    }
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
