//! A state machine has no state, two states with the same name, or a definition that is not JSON.
//!
//! # What it reports
//!
//! The state machine, or a parallel branch or iteration of it, has no state, or two of its states have the same name.
//! The rule also reports a definition text that is not valid JSON.
//!
//! # Why it matters
//!
//! Step Functions rejects a definition without a first state. States are stored in one map by name, separately for each
//! parallel branch and iteration, so the second state would replace the first.
//!
//! # Fix
//!
//! Give each state a unique name, and each branch at least one state.
//!
//! Source: <https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html>

#[cfg(test)]
mod tests {
    use crate::stepfunctions::{Chain, State, StateMachine, StateMachineProps};
    use crate::testing::{codes, stack};
    use crate::units::Duration;

    fn with(steps: Chain) -> Vec<&'static str> {
        codes(|app| {
            StateMachine::new(&stack(app, "run"), "checkout", steps, StateMachineProps::default());
        })
    }

    #[test]
    fn reports_duplicate_state_names_and_empty_branches() {
        let wait = || State::wait("wait", Duration::seconds(5));
        assert_eq!(with(Chain::new([wait(), wait()])), ["MS0337"]);
        assert_eq!(with(Chain::new([State::parallel("both", [Chain::new([wait()]), Chain::new([])])])), ["MS0337"]);
        assert_eq!(with(Chain::new([])), ["MS0337"]);
    }

    #[test]
    fn reports_a_definition_that_is_not_json() {
        let found = codes(|app| {
            let run = stack(app, "run");
            StateMachine::of_text(&run, "checkout", "{", Vec::new(), StateMachineProps::default());
        });
        assert_eq!(found, ["MS0337"]);
    }

    #[test]
    fn accepts_states_with_unique_names() {
        let wait = |name: &str| State::wait(name, Duration::seconds(5));
        assert_eq!(with(Chain::new([wait("first"), wait("second")])), [""; 0]);
    }
}
