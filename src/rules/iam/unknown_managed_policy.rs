//! A role uses an AWS managed policy that does not exist.
//!
//! # What it reports
//!
//! The rule checks ARNs with `:iam::aws:policy/` in all resources. A policy name is an error if a similar name exists,
//! and otherwise a warning, because services get new policies. Names that contain a wildcard or a value are not
//! checked.
//!
//! # Why it matters
//!
//! CloudFormation cannot create the role, minutes into a deployment.
//!
//! # Fix
//!
//! Correct the name. The path is part of the name: `service-role/AmazonRDSEnhancedMonitoringRole`.
//!
//! Source: <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::facts::literals::managed_policy;
use crate::rules::index::literals::{each_part, judged};
use crate::synth::{Link, Model};

/// The part of an ARN between the partition and the path of a managed policy.
const OF_AWS: &str = ":iam::aws:policy/";

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, _, resource) in model.resources() {
        let mut names = BTreeSet::new();
        each_part(&resource.props, &mut |text| {
            // `contains` is much faster than `split_once`, and few texts contain it.
            if text.contains(OF_AWS) {
                names.extend(text.split_once(OF_AWS).map(|(_, name)| name));
            }
        });
        // Exclude patterns, and names whose end is known only at deployment.
        let whole = |name: &&str| !name.is_empty() && !name.contains(['*', '?', '$', '/', '{']) || is_below_path(name);
        for name in names.into_iter().filter(whole) {
            out.extend(judged(model, id, "MS0505", "AWS managed policy", name, managed_policy(name)));
        }
    }
}

/// Whether the text is a complete path and a complete name.
fn is_below_path(name: &str) -> bool {
    name.split_once('/').is_some_and(|(path, name)| {
        let is_word = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it));
        is_word(path) && is_word(name)
    })
}

#[cfg(test)]
mod tests {
    use crate::cfn::iam::Role as RawRole;
    use crate::diag::Severity;
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{diagnostics, stack};
    use crate::val::Bag;

    fn with(policy: &'static str) -> Vec<(&'static str, Severity)> {
        let found = diagnostics("shop", |app| {
            let props = RoleProps { managed_policies: vec![policy], ..RoleProps::default() };
            Role::new(&stack(app, "run"), "worker", Trust::Service("lambda.amazonaws.com"), props);
        });
        found.into_iter().map(|it| (it.code, it.severity)).collect()
    }

    fn raw(arn: &str) -> Vec<(&'static str, Severity)> {
        let found = diagnostics("shop", |app| {
            let role = RawRole::new(Bag::default()).managed_policy_arns([arn]).permissions_boundary(arn);
            role.define(&stack(app, "run"), "role");
        });
        found.into_iter().map(|it| (it.code, it.severity)).collect()
    }

    #[test]
    fn reports_misspelled_policies_and_warns_about_unknown_ones() {
        assert_eq!(with("AmazonS3ReadOnlyAcces"), [("MS0505", Severity::Error)]);
        assert_eq!(with("AmazonRDSEnhancedMonitoringRole"), [("MS0505", Severity::Error)], "without its path");
        assert_eq!(with("TeleportEverything"), [("MS0505", Severity::Warning)]);
        assert_eq!(raw("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAcess"), [("MS0505", Severity::Error)]);
        assert_eq!(raw("arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRol"), [("MS0505", Severity::Error)]);
    }

    #[test]
    fn accepts_known_policies_and_customer_managed_policies() {
        assert_eq!(with("service-role/AWSLambdaBasicExecutionRole"), []);
        for arn in ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::111122223333:policy/own", "arn:aws:iam::aws:policy/*"] {
            assert_eq!(raw(arn), [], "{arn}");
        }
    }
}
