//! A reference to an attribute that a resource does not have, or to a resource that a construct does not define.
//!
//! CloudFormation would refuse the reference only while deploying.
//!
//! See the return values of the resource type for its attributes, and
//! `manifest.json` for the resources of each construct.

#[cfg(test)]
mod tests {
    use crate::testing::{codes, stack};
    use crate::val::Bag;
    use crate::{Resource, Val, cfn};

    #[test]
    fn an_attribute_that_is_not_there_is_an_error() {
        assert_eq!(codes(|app| reads(app, "Endpoint")), ["MS0113"]);
    }

    #[test]
    fn an_attribute_that_is_there_is_fine() {
        assert_eq!(codes(|app| reads(app, "Arn")), [""; 0]);
    }

    fn reads(app: &crate::App, attribute: &'static str) {
        let stack = stack(app, "run");
        let value: Val<String> = cfn::sqs::Queue::new().define(&stack, "jobs").attr(attribute);
        let props = Bag::default().with("Type", "String").with("Value", value);
        Resource::<crate::cfn::Raw>::define(&stack, "parameter", "AWS::SSM::Parameter", props);
    }
}
