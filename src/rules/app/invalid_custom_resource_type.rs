//! The type of a custom resource is not valid in CloudFormation.
//!
//! # What it reports
//!
//! The name after `Custom::` is empty, longer than 60 characters, or contains characters other than letters, digits,
//! `_@-` and `:`. The type `AWS::CloudFormation::CustomResource` is always valid.
//!
//! # Why it matters
//!
//! CloudFormation rejects the template.
//!
//! # Fix
//!
//! Write a valid name, such as `Custom::Tenant`.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};

/// The maximum length of the name after `Custom::`.
const LONGEST: usize = 60;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, _, resource) in model.resources() {
        let Some(name) = resource.type_name.strip_prefix("Custom::") else { continue };
        if let Some(problem) = problem(name) {
            let message = format!("the custom resource type `{}` {problem}", resource.type_name);
            out.push(model.error(id, "MS0144", message).help("use a name such as `Custom::Tenant`"));
        }
    }
}

fn problem(name: &str) -> Option<String> {
    // The reference does not list colons, but existing templates use them.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@-:".contains(c);
    match name.chars().find(|c| !is_plain(*c)) {
        _ if name.is_empty() => Some("has no name after `Custom::`".to_owned()),
        Some(c) => Some(format!("contains `{c}`; only letters, digits and `_@-` are allowed")),
        None if name.len() > LONGEST => Some(format!("has a name of {} characters; the maximum is {LONGEST}", name.len())),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::cloudformation::{CustomResource, CustomResourceProps};
    use crate::testing::{codes, stack};

    fn found(type_name: &str) -> Vec<&'static str> {
        codes(|app| {
            let token = "arn:aws:sns:eu-west-1:111122223333:tenants";
            CustomResource::new(&stack(app, "data"), "tenant", type_name, token, CustomResourceProps::default());
        })
    }

    #[test]
    fn reports_types_with_a_space_or_without_a_name() {
        assert_eq!(found("Custom::My tenant"), ["MS0144"]);
        assert_eq!(found("Custom::"), ["MS0144"]);
        assert_eq!(found(&format!("Custom::{}", "x".repeat(61))), ["MS0144"]);
    }

    #[test]
    fn accepts_letters_digits_and_hyphens() {
        assert_eq!(found("Custom::AWSCDK-EKS-Helm_Chart@2"), [""; 0]);
    }
}
