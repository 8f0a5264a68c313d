//! Compares the results with a separate evaluator for each policy language, at every point of a small universe.

mod authorization_policy;
mod iam;
mod iam_conditions;
mod network_policy;
mod peer_authentication;
mod points;
mod rbac;
mod security_group;
mod sentences;
