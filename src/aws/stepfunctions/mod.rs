//! State machines of AWS Step Functions: steps one after another, each with its retries and what comes of its failure.

mod choice;
mod definition;
mod import;
mod state;
mod state_machine;
mod task;

pub use choice::{Choice, Condition};
pub use import::ExistingStateMachine;
pub use state::{Chain, Retry, State};
pub use state_machine::{ExecutionLog, StateMachine, StateMachineProps, StateMachineType};
pub use task::Task;
