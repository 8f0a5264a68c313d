//! Amazon EventBridge: event buses, rules and targets.

mod bus;
mod pattern;
mod rule;
mod target;

pub use super::filter::Match;
pub use super::target::{Source, Target, TargetKind};
pub use bus::{Bus, BusProps, ExistingBus};
pub use pattern::Pattern;
pub use rule::{Rule, RuleProps};
pub use target::{Input, TargetProps};
