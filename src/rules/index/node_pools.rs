//! The label values that the requirements of node pools allow.

use std::collections::{BTreeMap, BTreeSet};

use crate::node::Object;
use crate::val::Data;

/// The requirement of a pool for one label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::rules) struct Wanted {
    /// The allowed values, or `None` for any value.
    one_of: Option<BTreeSet<String>>,
    none_of: BTreeSet<String>,
    above: Option<i64>,
    below: Option<i64>,
    is_absent: bool,
}

impl Wanted {
    /// Whether no value is allowed.
    pub fn is_empty(&self) -> bool {
        let has_range = matches!((self.above, self.below), (Some(above), Some(below)) if above + 1 >= below);
        has_range || self.one_of.as_ref().is_some_and(|values| !values.iter().any(|value| self.takes(value)))
    }

    fn takes(&self, value: &str) -> bool {
        let number = value.parse::<i64>().ok();
        let is_within = number
            .is_none_or(|it| self.above.is_none_or(|above| it > above) && self.below.is_none_or(|below| it < below));
        !self.none_of.contains(value) && is_within && !self.is_absent
    }

    /// Whether both allow a common value.
    fn meets(&self, other: &Self) -> bool {
        let mut both = self.clone();
        both.none_of.extend(other.none_of.iter().cloned());
        both.above = both.above.max(other.above);
        both.below = both.below.into_iter().chain(other.below).min();
        both.is_absent |= other.is_absent;
        both.one_of = match (&self.one_of, &other.one_of) {
            (Some(own), Some(others)) => Some(own.intersection(others).cloned().collect()),
            (own, others) => own.clone().or_else(|| others.clone()),
        };
        !both.is_empty()
    }
}

/// Returns the requirements of a pool, by label.
pub(in crate::rules) fn requirements(pool: &Object) -> BTreeMap<String, Wanted> {
    let mut found: BTreeMap<String, Wanted> = BTreeMap::new();
    for item in pool.body.at("spec.template.spec.requirements").map(Data::items).unwrap_or_default() {
        let text = |key: &str| item.at(key).and_then(Data::as_str).unwrap_or_default();
        let values: BTreeSet<String> =
            item.at("values").map(Data::items).unwrap_or_default().iter().map(Data::to_text).collect();
        let number = || values.first().and_then(|it| it.parse::<i64>().ok());
        let wanted = found.entry(text("key").to_owned()).or_default();
        match text("operator") {
            "In" => {
                let left = wanted.one_of.take().map(|known| known.intersection(&values).cloned().collect());
                wanted.one_of = Some(left.unwrap_or(values));
            }
            "NotIn" => wanted.none_of.extend(values),
            "Gt" => wanted.above = wanted.above.max(number()),
            "Gte" => wanted.above = wanted.above.max(number().map(|it| it - 1)),
            "Lt" => wanted.below = wanted.below.into_iter().chain(number()).min(),
            "Lte" => wanted.below = wanted.below.into_iter().chain(number().map(|it| it + 1)).min(),
            "DoesNotExist" => wanted.is_absent = true,
            _ => {}
        }
    }
    found
}

/// The label of the operating system.
const OS: &str = "kubernetes.io/os";

/// Whether an instance can meet both requirements. By default, nodes run Linux.
pub(in crate::rules) fn overlap(one: &BTreeMap<String, Wanted>, other: &BTreeMap<String, Wanted>) -> bool {
    let linux = Wanted { one_of: Some(BTreeSet::from(["linux".to_owned()])), ..Default::default() };
    let of = |pool: &BTreeMap<String, Wanted>| pool.get(OS).unwrap_or(&linux).clone();
    let of_both = |(key, wanted): (&String, &Wanted)| other.get(key).is_none_or(|it| wanted.meets(it));
    one.iter().all(of_both) && of(one).meets(&of(other))
}
