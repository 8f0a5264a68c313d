//! Who somebody is, what they may do, and what a login to a store means.
//!
//! [`decide`] is AWS's evaluation of policies with three answers, over documents alone. It is held against a second
//! evaluator in the tests.

mod address;
mod condition;
mod context;
mod decide;
mod document;
mod managed;
mod pattern;
mod policy;
mod principal;
mod truth;

use serde_json::Value;

pub use context::{Context, Known};
pub use decide::{Decision, Part, Policies, Step, decide};
pub use document::{Document, Element, Request, Statement};
pub use pattern::{same, shown};
pub use policy::{Body, Grant, Policy};
pub use principal::{As, Principal, account_of};
pub use truth::Truth;

/// A list, whether it is written as one or as its only item.
fn items(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(items) => items,
        other => std::slice::from_ref(other),
    }
}

/// The texts of a list; numbers and booleans as they are written.
fn texts(value: &Value) -> Vec<String> {
    items(value).iter().map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)).collect()
}
