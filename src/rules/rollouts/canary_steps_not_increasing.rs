//! The weights of a canary do not increase from step to step.
//!
//! # What it reports
//!
//! A step of `mesh::Canary` has a weight that is not greater than the weight of the previous step. The steps are
//! checked when the workload is defined.
//!
//! # Why it matters
//!
//! A step to a smaller weight removes requests from the new version in the middle of its release. A step to the same
//! weight has no effect.
//!
//! # Fix
//!
//! Use increasing weights, such as 2, 10 and 50 percent.
//!
//! Source: <https://argo-rollouts.readthedocs.io/en/stable/features/canary/>
