//! The weights of a canary do not increase from step to step.
//!
//! A step to a smaller share takes requests away from the new version in the
//! middle of its release, and one to the same share does nothing.
//!
//! Let each share be greater than the one before, such as 2, 10 and 50 percent.
//! `mesh::Canary` checks its steps when the workload is defined.
//!
//! Source: <https://argo-rollouts.readthedocs.io/en/stable/features/canary/>
