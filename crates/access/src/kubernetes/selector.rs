//! Label selectors.
//!
//! Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/>.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::json::{field, items, text, texts};
use crate::sets::{Cube, Dimension, Set, Test};

/// The labels of an object.
pub type Labels = BTreeMap<String, String>;

/// The requirements for labels. An empty selector matches all objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    wanted: Vec<(String, Set)>,
}

impl Selector {
    /// Parses a selector with `matchLabels` and `matchExpressions`.
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
                // The API server rejects all other operators.
                _ => Set::of([]),
            };
            wanted.push((field(expression, "key").to_owned(), set));
        }
        Self { wanted }
    }

    /// Parses a selector that is a map of labels.
    pub fn labels(value: &Value) -> Self {
        let labels = value.as_object().into_iter().flatten();
        Self { wanted: labels.map(|(key, value)| (key.clone(), Set::literal(&text(value)))).collect() }
    }

    /// Whether it matches labels.
    pub fn selects(&self, labels: &Labels) -> bool {
        self.wanted.iter().all(|(key, set)| set.has_text(labels.get(key).map(String::as_str)))
    }

    /// Returns the smallest set of labels that it matches.
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

    /// Returns the requirements for one label.
    #[must_use]
    pub fn only(&self, key: &str) -> Self {
        Self { wanted: self.wanted.iter().filter(|it| it.0 == key).cloned().collect() }
    }

    /// Returns the keys and the required values of its labels.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &Set)> {
        self.wanted.iter().map(|(key, set)| (key.as_str(), set))
    }

    pub(super) fn within(&self, cube: Cube, dimension: fn(String) -> Dimension) -> Cube {
        self.wanted.iter().fold(cube, |cube, (key, set)| cube.with(dimension(key.clone()), set.clone()))
    }
}
