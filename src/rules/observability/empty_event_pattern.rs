//! A rule of an event bus has a pattern without a condition.
//!
//! A pattern says which events a rule takes; EventBridge does not create a rule
//! whose pattern says nothing.
//!
//! Name whose events the rule takes, such as
//! `Pattern::source(["shop.orders"])`. For every event of an account, name the
//! account.
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
    fn a_pattern_without_a_condition_is_an_error() {
        assert_eq!(rule(Pattern::new()), ["MS0708"]);
    }

    #[test]
    fn a_pattern_with_a_condition_is_fine() {
        assert_eq!(rule(Pattern::new().account(["111122223333"])), [""; 0]);
    }
}
