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
pub mod cloud;
pub mod clusters;
pub mod commands;
pub mod delivery;
pub mod destroy;
pub mod drift;
pub mod event;
pub mod executor;
pub mod failure;
pub mod gate;
pub mod helm;
mod inputs;
pub mod journal;
pub mod judgement;
pub mod kube;
pub mod live;
pub mod lock;
mod mask;
pub mod orphans;
pub mod plan;
pub mod preflight;
pub mod record;
pub mod render;
pub mod retry;
pub mod retryable;
pub mod session;
pub mod stack;
pub mod state_dir;
pub mod stop;
pub mod stores;
pub mod time;
pub mod watch;
