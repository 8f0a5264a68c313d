//! A state machine has no state, or two states of one name, or text that is not JSON.
//!
//! States are named in one map, those of a parallel branch or an iteration
//! apart from the others. Step Functions refuses a definition without a first
//! state, and would take the later one of two states with one name.
//!
//! Give each state a name of its own, and each branch at least one state.
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
    fn two_states_of_one_name_and_an_empty_branch_are_errors() {
        let wait = || State::wait("wait", Duration::seconds(5));
        assert_eq!(with(Chain::new([wait(), wait()])), ["MS0337"]);
        assert_eq!(with(Chain::new([State::parallel("both", [Chain::new([wait()]), Chain::new([])])])), ["MS0337"]);
        assert_eq!(with(Chain::new([])), ["MS0337"]);
    }

    #[test]
    fn text_that_is_not_json_is_an_error() {
        let found = codes(|app| {
            let run = stack(app, "run");
            StateMachine::of_text(&run, "checkout", "{", Vec::new(), StateMachineProps::default());
        });
        assert_eq!(found, ["MS0337"]);
    }

    #[test]
    fn states_with_names_of_their_own_are_fine() {
        let wait = |name: &str| State::wait(name, Duration::seconds(5));
        assert_eq!(with(Chain::new([wait("first"), wait("second")])), [""; 0]);
    }
}
