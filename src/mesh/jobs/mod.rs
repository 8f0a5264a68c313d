//! Jobs that run once, and jobs that run by a schedule.

mod cron_job;
mod job;
mod spec;

pub use cron_job::{Concurrency, CronJob, CronJobProps};
pub use job::{Job, JobProps};
pub(in crate::mesh) use spec::JobShape;

#[cfg(test)]
mod tests;
