//! A grant to a role of another account uses a resource that has no resource policy.
//!
//! # What it reports
//!
//! The account of the role differs from the account of the resource, and the resource type has no resource policy:
//! databases, caches, Kafka clusters, parameters and state machines.
//!
//! Queues, topics, buckets, keys, secrets, repositories, functions and event buses have a resource policy. A grant for
//! them writes both policies.
//!
//! # Why it matters
//!
//! Access between accounts needs both the policy of the role and the policy of the resource. Without a resource policy,
//! AWS denies each request.
//!
//! # Fix
//!
//! Define a role in the account of the resource, allow the other role to assume it, and grant to that role.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

#[cfg(test)]
mod tests {
    use crate::iam::{ExistingRole, Role};
    use crate::ssm::Path;
    use crate::testing::codes;
    use crate::{Env, Stack};

    fn codes_of(account: &str) -> Vec<&'static str> {
        codes(|app| {
            let data = Stack::new(app, "data", Env::new("111122223333", "ap-northeast-1"));
            let partner = ExistingRole::arn(format!("arn:aws:iam::{account}:role/partner"));
            let parameter = Path::new(&data, "config", "orders").add("db", "url");
            parameter.grant_read(&Role::import(&data, "partner", partner));
        })
    }

    #[test]
    fn reports_a_grant_without_a_resource_policy() {
        assert_eq!(codes_of("444455556666"), ["MS0221"]);
    }

    #[test]
    fn accepts_grants_within_an_account() {
        assert_eq!(codes_of("111122223333"), [""; 0]);
    }
}
