//! A rule of an event bus has a pattern without a condition.
//!
//! # What it reports
//!
//! The `Pattern` of a rule is empty.
//!
//! # Why it matters
//!
//! A pattern specifies the events of a rule. EventBridge does not create a rule with an empty pattern.
//!
//! # Fix
//!
//! Specify the source of the events, such as `Pattern::source(["shop.orders"])`. To match all events of an account,
//! specify the account.
//!
//! Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>

#[cfg(test)]
mod tests {
    use crate::events::{Bus, BusProps, Pattern};
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{codes, stack};

    fn rule(pattern: Pattern) -> Vec<&'static str> {
        codes(|app| {
            let stack = stack(app, "events");
            let queue = Queue::new(&stack, "invoices", QueueProps::default());
            Bus::new(&stack, "shop", BusProps::default()).add_rule("placed", pattern).add_target(&queue);
        })
    }

    #[test]
    fn reports_a_pattern_without_a_condition() {
        assert_eq!(rule(Pattern::new()), ["MS0708"]);
    }

    #[test]
    fn accepts_a_pattern_with_a_condition() {
        assert_eq!(rule(Pattern::new().account(["111122223333"])), [""; 0]);
    }
}
