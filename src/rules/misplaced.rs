//! A resource or an object lies where nothing can write it.
//!
//! A resource belongs to a stack, an object to a cluster and, where its kind
//! wants one, to a namespace. Outside of these it would be in no template and no manifest.
//!
//! Define the resource below a `Stack`, the object below a cluster or namespace.

#[cfg(test)]
mod tests {
    use crate::testing::{codes, diagnostics, stack};
    use crate::{Construct, aws, cfn};

    #[test]
    fn a_resource_outside_of_a_stack_is_an_error() {
        assert_eq!(codes(|app| drop(cfn::sqs::Queue::new().define(app.scope(), "jobs"))), ["MS0103"]);
    }

    #[test]
    fn a_resource_in_a_stack_is_fine() {
        let found = codes(|app| {
            cfn::sqs::Queue::new().define(&stack(app, "run"), "jobs");
        });
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn a_construct_outside_of_a_stack_is_one_error() {
        let found = diagnostics("shop", |app| drop(aws::Vpc::new(app, "vpc", aws::VpcProps::default())));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].message.starts_with("`vpc` is defined outside of a stack, with its "), "{found:?}");
    }
}
