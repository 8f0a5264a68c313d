//! A property of a CloudFormation resource does not match its schema.
//!
//! # What it reports
//!
//! The schema specifies which properties exist, which are required, and their types, ranges, lengths and values. Typed
//! setters prevent most mistakes. This rule checks raw properties, patches, required combinations and templates. It
//! skips templates that use a macro.
//!
//! # Why it matters
//!
//! CloudFormation or the AWS service rejects the resource, and the stack rolls back.
//!
//! # Fix
//!
//! Fix the property that the message names.

#[cfg(test)]
mod tests {
    use crate::Resource;
    use crate::testing::{codes, stack};
    use crate::val::Bag;

    fn queue(property: &'static str) -> Vec<&'static str> {
        codes(|app| {
            Resource::<crate::cfn::Raw>::define(&stack(app, "run"), "jobs", "AWS::SQS::Queue", Bag::default().with(property, 5));
        })
    }

    #[test]
    fn reports_an_unknown_property() {
        assert_eq!(queue("DelaySecond"), ["MS0105"]);
    }

    #[test]
    fn accepts_a_known_property() {
        assert_eq!(queue("DelaySeconds"), [""; 0]);
    }
}
