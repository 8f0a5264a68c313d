//! Scaling by what waits: what KEDA looks at, for workloads and for jobs.

mod events;
mod identity;
mod scaled_job;
mod trigger;

pub use events::Events;
pub use scaled_job::{ScaledJob, ScaledJobProps};
pub use trigger::{Trigger, TriggerIdentity};
