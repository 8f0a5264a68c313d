//! Sets of workloads of a cluster.

use std::collections::HashMap;

use meshsynth_access::kubernetes::{Labels, Selector};
use meshsynth_access::sets::Test;

/// A subset of a cluster's workloads, by their index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Members(Vec<u64>);

impl Members {
    /// Creates an empty subset of `count` workloads.
    pub fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    /// Adds a workload.
    pub fn insert(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    /// Whether it contains a workload.
    pub fn has(&self, at: usize) -> bool {
        self.0[at / 64] & (1 << (at % 64)) != 0
    }

    pub(super) fn or(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }

    pub(super) fn and(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= b);
    }

    /// Removes the members of another subset.
    pub(super) fn remove(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= !b);
    }

    /// Whether it contains no workload.
    pub(super) fn is_none(&self) -> bool {
        self.0.iter().all(|it| *it == 0)
    }

    fn invert(&mut self) {
        self.0.iter_mut().for_each(|word| *word = !*word);
    }
}

/// An index of labels by key and value. It finds the matches of a selector without testing each object.
#[derive(Clone, Debug, Default)]
pub struct LabelIndex {
    count: usize,
    by_key: HashMap<String, Values>,
}

/// The members with each value of a key, and the members with any value.
#[derive(Clone, Debug, Default)]
struct Values {
    each: HashMap<String, Members>,
    any: Members,
}

impl LabelIndex {
    /// Indexes labels, in the order of the members.
    pub fn new<'a>(labels: impl ExactSizeIterator<Item = &'a Labels>) -> Self {
        let count = labels.len();
        let mut by_key: HashMap<String, Values> = HashMap::new();
        let none = || Values { each: HashMap::new(), any: Members::none(count) };
        for (at, labels) in labels.enumerate() {
            for (key, value) in labels {
                let values = by_key.entry(key.clone()).or_insert_with(none);
                values.any.insert(at);
                values.each.entry(value.clone()).or_insert_with(|| Members::none(count)).insert(at);
            }
        }
        Self { count, by_key }
    }

    /// Returns the members that a selector matches.
    pub fn select(&self, selector: &Selector) -> Members {
        let mut all = Members::none(self.count);
        all.invert();
        for (key, set) in selector.pairs() {
            let values = self.by_key.get(key);
            let mut taken = Members::none(self.count);
            for test in &set.tests {
                match (test, values) {
                    // A selector contains literal values.
                    (Test::Text(value), Some(values)) => {
                        values.each.get(value.text()).into_iter().for_each(|it| taken.or(it));
                    }
                    (Test::Absent, _) => {
                        let mut without = values.map_or_else(|| Members::none(self.count), |it| it.any.clone());
                        without.invert();
                        taken.or(&without);
                    }
                    _ => {}
                }
            }
            if set.is_complement {
                taken.invert();
            }
            all.and(&taken);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use meshsynth_access::kubernetes::{Labels, Selector};
    use serde_json::json;

    use super::LabelIndex;

    #[test]
    fn index_agrees_with_selector() {
        let labels = |pairs: &[(&str, &str)]| -> Labels {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let pods = [labels(&[("app", "a"), ("tier", "x")]), labels(&[("app", "b")]), labels(&[])];
        let index = LabelIndex::new(pods.iter());
        for selector in [
            json!({}),
            json!({ "matchLabels": { "app": "a" } }),
            json!({ "matchExpressions": [{ "key": "app", "operator": "NotIn", "values": ["a"] }] }),
            json!({ "matchExpressions": [{ "key": "app", "operator": "Exists" }, { "key": "tier", "operator": "DoesNotExist" }] }),
            json!({ "matchLabels": { "app": "b" }, "matchExpressions": [{ "key": "app", "operator": "In", "values": ["a"] }] }),
        ] {
            let selector = Selector::parse(&selector);
            let members = index.select(&selector);
            for (at, pod) in pods.iter().enumerate() {
                assert_eq!(members.has(at), selector.selects(pod), "{selector:?} {pod:?}");
            }
        }
    }
}
