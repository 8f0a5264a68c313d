//! Stacks depend on each other in a cycle, so no stack can be deployed first.
//!
//! # What it reports
//!
//! A stack depends on another stack if it reads one of its values or calls `depends_on`. The notes name one reader for
//! each step of the cycle.
//!
//! # Why it matters
//!
//! Each stack needs a value that does not exist until another stack of the cycle is deployed.
//!
//! # Fix
//!
//! Define one of the readers in the stack that it reads from, or in a third stack that is deployed after both. For this
//! reason, resources of a relation such as `allow_from` are defined in the stack of the client.

#[cfg(test)]
mod tests {
    use crate::testing::{codes, stack};
    use crate::val::Bag;
    use crate::{App, Resource, Stack, Val, cfn};

    fn queue_that_is_read_by(from: &Stack, reader: &Stack, id: &str) {
        let arn: Val<String> = cfn::sqs::Queue::new().define(from, id).attr("Arn");
        let props = Bag::default().with("Type", "String").with("Value", arn);
        Resource::<crate::cfn::Raw>::define(reader, &format!("{id}-reader"), "AWS::SSM::Parameter", props);
    }

    fn two(app: &App) -> (Stack, Stack) {
        (stack(app, "one"), stack(app, "two"))
    }

    #[test]
    fn reports_two_stacks_that_use_values_of_each_other() {
        assert_eq!(codes(|app| {
            let (one, two) = two(app);
            queue_that_is_read_by(&one, &two, "a");
            queue_that_is_read_by(&two, &one, "b");
        }), ["MS0104"]);
    }

    #[test]
    fn accepts_one_direction() {
        assert_eq!(codes(|app| {
            let (one, two) = two(app);
            queue_that_is_read_by(&one, &two, "a");
            queue_that_is_read_by(&one, &two, "b");
        }), [""; 0]);
    }
}
