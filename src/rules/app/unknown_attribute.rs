//! A reference names an attribute that the resource does not have.
//!
//! # What it reports
//!
//! The attribute does not exist for the resource type, or the construct does not define the resource. The rule also
//! reports attributes that only manifests can read, if a template reads them.
//!
//! # Why it matters
//!
//! CloudFormation rejects the reference only during the deployment.
//!
//! # Fix
//!
//! See the return values of the resource type for its attributes, and `manifest.json` for the resources of each
//! construct. If CloudFormation does not return the value, read it in a manifest instead of a template.

#[cfg(test)]
mod tests {
    use crate::testing::{codes, stack};
    use crate::val::Bag;
    use crate::{Resource, Val, cfn};

    #[test]
    fn reports_an_attribute_that_does_not_exist() {
        assert_eq!(codes(|app| reads(app, "Endpoint")), ["MS0113"]);
    }

    #[test]
    fn accepts_an_existing_attribute() {
        assert_eq!(codes(|app| reads(app, "Arn")), [""; 0]);
    }

    fn reads(app: &crate::App, attribute: &'static str) {
        let stack = stack(app, "run");
        let value: Val<String> = cfn::sqs::Queue::new().define(&stack, "jobs").attr(attribute);
        let props = Bag::default().with("Type", "String").with("Value", value);
        Resource::<crate::cfn::Raw>::define(&stack, "parameter", "AWS::SSM::Parameter", props);
    }
}
