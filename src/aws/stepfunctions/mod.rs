//! AWS Step Functions state machines: sequences of states with retries and error handlers.

mod bare;
mod condition;
mod definition;
mod import;
mod state;
mod state_machine;
mod task;

pub use condition::Condition;
pub use import::ExistingStateMachine;
pub use state::{Chain, Choice, Retry, State};
pub use state_machine::{ExecutionLog, StateMachine, StateMachineProps, StateMachineType};
pub use task::Task;
