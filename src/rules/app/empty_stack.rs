//! A stack has no resource.
//!
//! CloudFormation refuses a template without resources.
//!
//! Define something in the stack, or remove it.

#[cfg(test)]
mod tests {
    use crate::cfn;
    use crate::testing::{codes, stack};

    #[test]
    fn a_stack_without_a_resource_is_an_error() {
        assert_eq!(codes(|app| drop(stack(app, "run"))), ["MS0111"]);
    }

    #[test]
    fn one_resource_is_enough() {
        assert_eq!(codes(|app| drop(cfn::sqs::Queue::new().define(&stack(app, "run"), "jobs"))), [""; 0]);
    }
}
