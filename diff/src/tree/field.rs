//! A field of an object of Kubernetes, with what decides whether it says anything.

use serde_json::{Map, Value};

use super::order;

/// A field that one of two objects has.
pub struct Field<'a> {
    pub api: &'a str,
    pub kind: &'a str,
    /// Its path as the facts write it.
    pub path: &'a str,
    pub value: &'a Value,
    /// The fields beside it in the object that lacks it.
    pub beside: &'a Map<String, Value>,
    /// The object that lacks it.
    pub whole: &'a Value,
}

impl Field<'_> {
    /// Its own name.
    pub fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }

    /// Whether it is in a template of pods, or in a pod.
    pub fn is_in_pod(&self) -> bool {
        order::pod_template(self.kind).is_some_and(|steps| self.path.split('.').zip(steps).all(|(a, b)| a == *b))
    }
}
