//! A rule of an event bus has no target.
//!
//! # What it reports
//!
//! `Targets` of an EventBridge rule is missing or empty. The finding is a warning.
//!
//! # Why it matters
//!
//! The rule matches events but delivers them to no target.
//!
//! # Fix
//!
//! Add a target, as in `rule.add_target(&queue)`, or remove the rule.
//!
//! Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, rule) in model.of_type("AWS::Events::Rule") {
        if rule.props.get("Targets").is_none_or(|it| it.items().is_empty()) {
            out.push(
                model
                    .warning(id, "MS0709", "the rule has no target, so its events are dropped")
                    .help("add a target, such as `rule.add_target(&queue)`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::events::{Bus, BusProps, Pattern};
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{codes, stack};

    fn targets(number: usize) -> Vec<&'static str> {
        codes(|app| {
            let stack = stack(app, "events");
            let rule = Bus::new(&stack, "shop", BusProps::default()).add_rule("all", Pattern::source(["shop"]));
            for number in 0..number {
                rule.add_target(&Queue::new(&stack, &format!("queue-{number}"), QueueProps::default()));
            }
        })
    }

    #[test]
    fn warns_about_a_rule_without_a_target() {
        assert_eq!(targets(0), ["MS0709"]);
    }

    #[test]
    fn accepts_a_rule_with_targets() {
        assert_eq!(targets(2), [""; 0]);
    }
}
