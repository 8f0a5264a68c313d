//! Assumed values of parameters and conditions that the files do not determine.

use std::collections::BTreeMap;

use serde_json::Value;

/// A value that is assumed for a parameter or a condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Assumed {
    /// A value of the parameter.
    Value(String),
    /// Any value that no condition compares with.
    Other,
    /// Whether the condition is true.
    Holds(bool),
}

/// The assumptions of one combination, by stack and name. A pseudo parameter such as `AWS::Region` has no stack.
pub(super) type Assumptions = BTreeMap<(Option<usize>, String), Assumed>;

/// Returns a scalar as text. CloudFormation compares all scalars as text.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
