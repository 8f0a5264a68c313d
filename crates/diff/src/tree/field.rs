//! A field of a Kubernetes object with the context that decides whether it is redundant.

use serde_json::{Map, Value};

use super::order;

/// A field that only one of two objects has.
pub struct Field<'a> {
    pub api: &'a str,
    pub kind: &'a str,
    /// Its path in the notation of the facts.
    pub path: &'a str,
    pub value: &'a Value,
    /// Its sibling fields in the object without it.
    pub beside: &'a Map<String, Value>,
    /// The object without it.
    pub whole: &'a Value,
}

impl Field<'_> {
    /// Returns its last path segment.
    pub fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }

    /// Whether the field is in a pod or a pod template.
    pub fn is_in_pod(&self) -> bool {
        order::pod_template(self.kind).is_some_and(|steps| self.path.split('.').zip(steps).all(|(a, b)| a == *b))
    }
}
