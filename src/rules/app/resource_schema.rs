//! A property of a CloudFormation resource does not match its schema.
//!
//! The schema says which properties there are and which are required, their
//! types, ranges, lengths and values. Typed setters prevent most of it; raw
//! properties, patches and required combinations are checked here.
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
    fn an_unknown_property_is_an_error() {
        assert_eq!(queue("DelaySecond"), ["MS0105"]);
    }

    #[test]
    fn a_known_one_is_fine() {
        assert_eq!(queue("DelaySeconds"), [""; 0]);
    }
}
