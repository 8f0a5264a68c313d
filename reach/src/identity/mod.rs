//! Who somebody is, what they may do, and what a login to a store means.
//!
//! [`decide`] is AWS's evaluation of policies with three answers, over documents alone. It is held against a second
//! evaluator in the tests. [`Identities`] puts questions of a world to it: which credentials somebody can get, what these
//! may do, and whether a store that is reached by network lets them in.

mod address;
mod arn;
mod condition;
mod context;
mod decide;
mod document;
mod estate;
mod granted;
mod guests;
mod identities;
mod login;
mod managed;
mod pattern;
mod permission;
mod policy;
mod principal;
mod runs_with;
mod say;
mod services;
mod session;
mod stores;
mod touch;
mod truth;
mod written;

use serde_json::Value;

pub use context::{Context, Known};
pub use decide::{Decision, Part, Policies, Step, decide};
pub use document::{Document, Element, Request, Statement};
pub use estate::{Association, Estate, Identity};
pub use identities::Identities;
pub use pattern::{same, shown};
pub use policy::{Body, Grant, Policy};
pub use principal::{As, Principal, account_of};
pub use stores::{On, Use};
pub use touch::{Touch, is_like, is_open};
pub use truth::Truth;
pub use written::Written;

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
