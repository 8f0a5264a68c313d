//! Deploys an assembly of meshsynth to AWS and to its clusters.
//!
//! 1. [`commands`] has a function for each command. It opens a [`session`]: the assembly, AWS, the runtime.
//! 2. A [`plan::Plan`] lists the stacks and clusters to deploy, in order.
//! 3. [`state_dir`] locks the state of this machine, [`lock`] the app across machines; [`journal`] records [`event`]s.
//! 4. `inputs` validates all inputs before the deployment changes anything.
//! 5. An [`executor::Executor`] starts each stack and cluster after its dependencies.
//! 6. [`stack`] deploys one stack through the trait [`cloud::Cloud`], which [`aws`] implements: it takes over, imports,
//!    creates or updates. Before that, [`refactor`] moves resources between stacks.
//! 7. [`clusters`] and [`kube`] apply objects in waves through the trait [`kube::Kube`], and install Helm releases.
//! 8. [`judgement`] and [`approval`] decide when to prompt the user; [`watch`] receives events and questions; [`stop`]
//!    cancels a run.
//!
//! Every step can be interrupted and repeated. The state of a stack in AWS decides the next operation, not a local
//! record of this state.

#![allow(clippy::result_large_err, reason = "a failure ends a deployment, so its size does not matter")]

pub mod approval;
pub mod assembly;
pub mod aws;
pub mod backend;
pub mod bindings;
pub mod bootstrap;
pub mod by_name;
pub mod by_region;
pub mod cloud;
pub mod clusters;
pub mod commands;
pub mod delivery;
pub mod deployment;
pub mod destroy;
pub mod drift;
pub mod event;
pub mod executor;
pub mod failure;
mod first;
pub mod gate;
pub mod helm;
mod imported;
mod inputs;
pub mod journal;
pub mod judgement;
pub mod kube;
pub mod live;
mod live_clusters;
pub mod lock;
mod mask;
pub mod orphans;
pub mod plan;
pub mod policy;
pub mod preflight;
pub mod record;
pub mod refactor;
pub mod regions;
mod releases;
pub mod render;
pub mod retry;
pub mod retryable;
mod script;
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
