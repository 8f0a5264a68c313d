//! A stack uses 80 % or more of a CloudFormation quota.
//!
//! # What it reports
//!
//! A stack or template reaches 80 % of one of these limits. The finding is a warning.
//!
//! - 500 resources
//! - 200 parameters, 200 mappings or 200 outputs
//! - 60 dynamic references to secrets
//! - 1,000,000 bytes of template text
//!
//! # Why it matters
//!
//! A stack that exceeds a limit cannot be deployed, and splitting it then is harder than now.
//!
//! # Fix
//!
//! Move whole constructs into another `Stack`. References between the stacks still work. Use a CloudFormation stack
//! refactor for resources that are already deployed, because a new stack would create them again.

#[cfg(test)]
mod tests {
    use crate::rules::testing::programs::queues;

    #[test]
    fn warns_about_80_percent_of_the_resource_quota() {
        assert_eq!(queues(400), ["MS0109"]);
    }

    #[test]
    fn accepts_fewer_resources() {
        assert_eq!(queues(399), [""; 0]);
    }
}
