//! A schedule has an unsupported target, or an interval that is not in whole minutes.
//!
//! # What it reports
//!
//! The target of a schedule is a log group or a FIFO topic, or the interval is zero or not a whole number of minutes.
//!
//! # Why it matters
//!
//! EventBridge Scheduler runs at most once a minute, and its interval is a number of minutes, hours or days. It does
//! not support log groups, and it does not support FIFO topics, which need a message group.
//!
//! # Fix
//!
//! Use whole minutes. As target, use a queue, a standard topic, a function, a state machine or an event bus.
//!
//! Source: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>

#[cfg(test)]
mod tests {
    use crate::Duration;
    use crate::scheduler::{Schedule, ScheduleProps, When};
    use crate::sns::{Topic, TopicProps};
    use crate::testing::{codes, stack};

    fn every(span: Duration, fifo: bool) -> Vec<&'static str> {
        codes(|app| {
            let stack = stack(app, "jobs");
            let topic = Topic::new(&stack, "reports", TopicProps { fifo, ..Default::default() });
            Schedule::new(&stack, "report", When::Every(span), &topic, ScheduleProps::default());
        })
    }

    #[test]
    fn reports_intervals_in_seconds_and_fifo_topics() {
        assert_eq!(every(Duration::seconds(90), false), ["MS0710"]);
        assert_eq!(every(Duration::hours(1), true), ["MS0710"]);
    }

    #[test]
    fn accepts_intervals_in_minutes_and_standard_topics() {
        assert_eq!(every(Duration::minutes(5), false), [""; 0]);
    }
}
