//! A stack has no resource.
//!
//! # What it reports
//!
//! A stack contains neither resources nor entries in `Resources` that a macro or a loop expands. Imports are not
//! resources of the stack.
//!
//! # Why it matters
//!
//! CloudFormation rejects a template without resources.
//!
//! # Fix
//!
//! Define a resource in the stack, or remove the stack. Move imports to a stack that defines resources.

#[cfg(test)]
mod tests {
    use crate::cfn;
    use crate::testing::{codes, stack};

    #[test]
    fn reports_a_stack_without_a_resource() {
        assert_eq!(codes(|app| drop(stack(app, "run"))), ["MS0111"]);
    }

    #[test]
    fn accepts_one_resource() {
        assert_eq!(codes(|app| drop(cfn::sqs::Queue::new().define(&stack(app, "run"), "jobs"))), [""; 0]);
    }
}
