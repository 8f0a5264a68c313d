//! Identities, their permissions, and logins to data stores.
//!
//! [`decide`] implements the AWS policy evaluation with three results, based only on documents. The tests compare it
//! with a second evaluator. [`Identities`] applies it to a world: which credentials a source can obtain, what they
//! permit, and whether a store that is reached over the network accepts them.

mod address;
pub(crate) mod arn;
mod buckets;
mod condition;
mod context;
mod decide;
mod denial;
mod document;
mod estate;
mod federated;
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

/// Returns the items of a list. A single value counts as a list of one item.
fn items(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(items) => items,
        other => std::slice::from_ref(other),
    }
}

/// Returns the items of a list as text. Numbers and Booleans keep their notation.
fn texts(value: &Value) -> Vec<String> {
    items(value).iter().map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)).collect()
}
