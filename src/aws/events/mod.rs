//! Events of Amazon EventBridge: buses, rules, and what they are delivered to.

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
