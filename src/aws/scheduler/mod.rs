//! Schedules of Amazon EventBridge Scheduler.

mod schedule;
mod timing;

pub use schedule::{Schedule, ScheduleProps};
pub use timing::When;
