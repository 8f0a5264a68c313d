//! Something refers to what is not there, or lies where nothing can write it.
//!
//! A resource belongs to a stack, an object to a cluster and, where its kind
//! wants one, to a namespace. A reference names an attribute that the resource
//! has; CloudFormation would refuse another one only while deploying.
//!
//! Define the resource below a `Stack`, the object below a cluster or
//! namespace; see the return values of the resource type for its attributes.

#[cfg(test)]
mod tests {
    use crate::testing::{codes, diagnostics, stack};
    use crate::val::Bag;
    use crate::{Construct, Resource, Val, aws, cfn};

    #[test]
    fn a_resource_outside_of_a_stack_is_an_error() {
        assert_eq!(codes(|app| drop(cfn::sqs::Queue::new().define(app.scope(), "jobs"))), ["MS0103"]);
    }

    #[test]
    fn a_construct_outside_of_a_stack_is_one_error() {
        let found = diagnostics("shop", |app| drop(aws::Vpc::new(app, "vpc", aws::VpcProps::default())));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].message.starts_with("`vpc` is defined outside of a stack, with its "), "{found:?}");
    }

    #[test]
    fn an_attribute_that_is_not_there_is_an_error() {
        assert_eq!(codes(|app| reads(app, "Endpoint")), ["MS0103"]);
    }

    #[test]
    fn an_attribute_that_is_there_is_fine() {
        assert_eq!(codes(|app| reads(app, "Arn")), [""; 0]);
    }

    fn reads(app: &crate::App, attribute: &'static str) {
        let stack = stack(app, "run");
        let value: Val<String> = cfn::sqs::Queue::new().define(&stack, "jobs").attr(attribute);
        let props = Bag::default().with("Type", "String").with("Value", value);
        Resource::<()>::define(&stack, "parameter", "AWS::SSM::Parameter", props);
    }
}
