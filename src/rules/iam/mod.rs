//! Rules for IAM roles and policies.

use super::Rule;

rules! {
    "MS0501" broad_role_trust => model;
    "MS0221" grant_across_accounts in "aws::iam::across";
    "MS0502" role_of_another_service_account => model;
    "MS0503" wildcard_permission => model;
    "MS0504" unknown_iam_action => model;
    "MS0505" unknown_managed_policy => model;
}
