//! Comparisons held against evaluators of each policy language that are written for the test alone, point by point
//! over a small universe.

mod authorization_policy;
mod iam;
mod iam_conditions;
mod network_policy;
mod peer_authentication;
mod points;
mod rbac;
mod security_group;
mod sentences;
