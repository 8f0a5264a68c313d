//! Deploys an assembly of meshsynth to AWS and to its clusters.
//!
//! 1. [`commands`] has a function for each command. It opens a [`session`]: the assembly, AWS, the runtime.
//! 2. A [`plan::Plan`] says what is to be done, as data: stacks and clusters in their order.
//! 3. [`state_dir`] locks the state of this machine, [`lock`] the app across machines; [`journal`] records [`event`]s.
//! 4. `inputs` checks everything that can be checked before anything is changed.
//! 5. An [`executor::Executor`] starts each stack and cluster when what it needs is done.
//! 6. [`stack`] brings one stack to its template through the trait [`cloud::Cloud`], which [`aws`] implements: taken over,
//!    imported into, created or updated. [`refactor`] moves resources between stacks ahead of that.
//! 7. [`clusters`] and [`kube`] apply objects in waves through the trait [`kube::Kube`], and install Helm releases.
//! 8. [`judgement`] and [`approval`] decide when to ask; [`watch`] is who is told and asked; [`stop`] cancels a run.
//!
//! Every step can be interrupted and repeated: the state of a stack in AWS decides what happens next, not what was
//! remembered of it.

#![allow(clippy::result_large_err, reason = "a failure ends a deployment, so its size does not matter")]

pub mod approval;
pub mod assembly;
pub mod aws;
pub mod bindings;
pub mod bootstrap;
pub mod by_name;
pub mod by_region;
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
pub mod refactor;
pub mod regions;
pub mod render;
pub mod retry;
pub mod retryable;
pub mod session;
mod smoke;
pub mod stack;
pub mod state_dir;
pub mod stop;
pub mod stores;
pub mod takeovers;
pub mod time;
pub mod watch;
mod way_back;
pub mod way_row;
