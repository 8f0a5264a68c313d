//! A stack exceeds a CloudFormation quota.
//!
//! # What it reports
//!
//! A stack or template exceeds one of these limits:
//!
//! - 500 resources
//! - 200 parameters, 200 mappings or 200 outputs
//! - 60 dynamic references to secrets
//! - 1,000,000 bytes of template text
//!
//! # Why it matters
//!
//! CloudFormation rejects the template.
//!
//! # Fix
//!
//! Move whole constructs into another `Stack`. References between the stacks still work.

#[cfg(test)]
mod tests {
    use crate::rules::testing::programs::queues;
    use crate::cfn;
    use crate::testing::{codes, stack};

    #[test]
    fn reports_too_many_resources() {
        assert_eq!(queues(501), ["MS0110"]);
    }

    #[test]
    fn reports_too_many_outputs() {
        assert_eq!(codes(|app| {
            let stack = stack(app, "run");
            cfn::sqs::Queue::new().define(&stack, "jobs");
            for idx in 0..201 {
                stack.output(&format!("Name{idx}"), "x");
            }
        }), ["MS0110"]);
    }

    #[test]
    fn reports_a_template_that_is_too_large() {
        assert_eq!(codes(|app| {
            let stack = stack(app, "run");
            for idx in 0..10 {
                let text = "x".repeat(110_000);
                stack.output(&format!("Text{idx}"), text);
            }
            cfn::sqs::Queue::new().define(&stack, "jobs");
        }), ["MS0110"]);
    }

    #[test]
    fn accepts_one_resource() {
        assert_eq!(queues(1), [""; 0]);
    }
}
