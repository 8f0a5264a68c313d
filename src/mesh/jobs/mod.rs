//! Workloads whose pods end: jobs that run once, and cron jobs.

mod cron_job;
mod job;
mod spec;

pub use cron_job::{Concurrency, CronJob, CronJobProps};
pub use job::{Job, JobProps};
pub(in crate::mesh) use spec::JobShape;

#[cfg(test)]
mod tests;
