//! Selectors of labels.
//!
//! Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/>.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::json::{field, items, text, texts};
use crate::sets::{Cube, Dimension, Set, Test};

/// The labels of an object.
pub type Labels = BTreeMap<String, String>;

/// What labels must be like. An empty selector takes all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    wanted: Vec<(String, Set)>,
}

impl Selector {
    /// Reads a selector with `matchLabels` and `matchExpressions`.
    pub fn parse(value: &Value) -> Self {
        let mut wanted = Self::labels(&value["matchLabels"]).wanted;
        for expression in items(&value["matchExpressions"]) {
            let values = texts(&expression["values"]);
            let values = Set::literals(values.iter().map(String::as_str));
            let set = match field(expression, "operator") {
                "In" => values,
                "NotIn" => values.complement(),
                "Exists" => Set::of([Test::Absent]).complement(),
                "DoesNotExist" => Set::of([Test::Absent]),
                // The API server takes no other operator.
                _ => Set::of([]),
            };
            wanted.push((field(expression, "key").to_owned(), set));
        }
        Self { wanted }
    }

    /// Reads a selector that is a map of labels.
    pub fn labels(value: &Value) -> Self {
        let labels = value.as_object().into_iter().flatten();
        Self { wanted: labels.map(|(key, value)| (key.clone(), Set::literal(&text(value)))).collect() }
    }

    /// Whether labels are as it wants them.
    pub fn selects(&self, labels: &Labels) -> bool {
        self.wanted.iter().all(|(key, set)| set.has_text(labels.get(key).map(String::as_str)))
    }

    /// Labels that it selects, and as few as can be.
    pub fn example(&self) -> Labels {
        let mut labels = Labels::new();
        for (key, set) in &self.wanted {
            let value =
                set.tests.iter().find_map(|test| if let Test::Text(glob) = test { Some(glob.text()) } else { None });
            match (set.is_complement, value) {
                (false, Some(value)) => _ = labels.insert(key.clone(), value.to_owned()),
                (true, None) => _ = labels.entry(key.clone()).or_insert_with(|| "any".to_owned()),
                _ => {}
            }
        }
        labels
    }

    /// The labels that it wants by name: a value for a key.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &Set)> {
        self.wanted.iter().map(|(key, set)| (key.as_str(), set))
    }

    pub(super) fn within(&self, cube: Cube, dimension: fn(String) -> Dimension) -> Cube {
        self.wanted.iter().fold(cube, |cube, (key, set)| cube.with(dimension(key.clone()), set.clone()))
    }
}
