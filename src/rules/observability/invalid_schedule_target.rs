//! A schedule has a target that it does not reach, or a span that is not of whole minutes.
//!
//! EventBridge Scheduler runs once a minute at most, and its span between two
//! runs is a number of minutes, hours or days. It has no way to a log group, and
//! none to a FIFO topic, which wants a group.
//!
//! Give whole minutes, and a queue, a standard topic, a function, a state
//! machine or a bus as the target.
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
    fn seconds_and_fifo_topics_are_errors() {
        assert_eq!(every(Duration::seconds(90), false), ["MS0710"]);
        assert_eq!(every(Duration::hours(1), true), ["MS0710"]);
    }

    #[test]
    fn whole_minutes_to_a_topic_are_fine() {
        assert_eq!(every(Duration::minutes(5), false), [""; 0]);
    }
}
