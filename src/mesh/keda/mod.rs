//! Event-driven scaling of workloads and jobs with KEDA triggers.

mod events;
mod identity;
mod scaled_job;
mod trigger;

pub use events::Events;
pub use scaled_job::{ScaledJob, ScaledJobProps};
pub use trigger::{Trigger, TriggerIdentity};
