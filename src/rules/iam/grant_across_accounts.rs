//! A role of another account is granted something that has no policy of its own for that.
//!
//! Between accounts both sides must agree: the policy of the role, and the policy of what it is granted. Queues, topics,
//! buckets, keys, secrets, repositories, functions and buses have one, and a grant writes both. Databases, caches, clusters of
//! Kafka, parameters and state machines have none: the role alone would be allowed, and each call refused.
//!
//! Define a role in the account of the resource, let the other role assume it, and grant to it.
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
    fn what_has_no_policy_is_not_granted_to_another_account() {
        assert_eq!(codes_of("444455556666"), ["MS0221"]);
    }

    #[test]
    fn within_an_account_it_is_fine() {
        assert_eq!(codes_of("111122223333"), [""; 0]);
    }
}
