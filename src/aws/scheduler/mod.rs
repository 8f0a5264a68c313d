//! Amazon EventBridge Scheduler schedules.

mod schedule;
mod timing;

pub use schedule::{Schedule, ScheduleProps};
pub use timing::When;
