//! Takes an assembly of meshsynth to AWS and to its clusters.
//!
//! A [`plan::Plan`] says what is to be done, as data. An
//! [`executor::Executor`] does it through the trait [`cloud::Cloud`]. Every
//! step may be cut off and done again: what a stack is in AWS decides what
//! happens next, never what we remember of it.

#![allow(clippy::result_large_err, reason = "a failure ends a deployment, so its size does not matter")]

pub mod approval;
pub mod assembly;
pub mod aws;
pub mod bindings;
pub mod bootstrap;
pub mod call;
pub mod cloud;
pub mod clusters;
pub mod delivery;
pub mod destroy;
pub mod drift;
pub mod executor;
pub mod failure;
pub mod gate;
mod guard;
pub mod helm;
mod inputs;
pub mod judgement;
pub mod kube;
pub mod live;
pub mod lock;
mod mask;
pub mod orphans;
pub mod plan;
pub mod reach;
pub mod record;
pub mod render;
mod retry;
pub mod run;
pub mod stack;
pub mod stores;
pub mod watch;
