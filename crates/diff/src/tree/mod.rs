//! Semantic comparison of two values.

mod assigned;
mod defaults;
mod field;
mod implied;
pub mod intrinsic;
mod keys;
mod lean;
mod omitted;
pub mod order;
pub mod units;

#[cfg(test)]
pub mod tests;

use std::collections::BTreeSet;

use meshsynth_facts::{self as facts, TypeFacts};
use serde_json::{Map, Value};

use self::intrinsic::Scope;
use self::keys::{label, scalar};
pub use lean::lean;

use crate::change::{Edit, Names, PathSegment};
use crate::fact_path;

/// The rules of equality.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Numbers and booleans may be text. Policies treat a single text as a list with one item. Functions are compared
    /// by their values.
    CloudFormation,
    /// Quantities and durations of equal size are equal. An omitted field has its default value.
    Kubernetes,
    /// Only literally equal values are equal.
    Plain,
}

/// A difference in notation without a difference in meaning.
#[derive(Clone, Debug, PartialEq)]
pub struct Same {
    pub path: String,
    pub why: &'static str,
}

/// Keys of Kubernetes objects whose content is plain text without units or defaults.
const OPAQUE: [&str; 8] = ["data", "stringData", "binaryData", "annotations", "labels", "args", "command", "env"];

/// Whether the content below a key is plain text. A list below `data` contains references, as in an `ExternalSecret`.
fn is_opaque(key: &str, is_list: bool) -> bool {
    OPAQUE.contains(&key) && !(key == "data" && is_list)
}

/// Returns all semantic differences between two values.
pub fn compare(before: &Value, after: &Value, dialect: Dialect) -> Vec<Edit> {
    compare_within(before, after, dialect, None, None).0
}

/// Returns all semantic differences, resolving references within the given templates, and the differences in notation.
pub fn compare_within(
    before: &Value,
    after: &Value,
    dialect: Dialect,
    base: Option<Scope>,
    head: Option<Scope>,
) -> (Vec<Edit>, Vec<Same>) {
    compare_resource("", before, after, dialect, base, head)
}

/// Compares the properties of a resource. Its type defines which lists have no order.
pub fn compare_resource(
    type_name: &str,
    before: &Value,
    after: &Value,
    dialect: Dialect,
    base: Option<Scope>,
    head: Option<Scope>,
) -> (Vec<Edit>, Vec<Same>) {
    let text = |key: &str| after[key].as_str().unwrap_or_default();
    let (api, kind) = if dialect == Dialect::Kubernetes { (text("apiVersion"), text("kind")) } else { ("", "") };
    let mut walk = Walk {
        dialect,
        api,
        kind,
        facts: facts::cloudformation(type_name),
        is_policy: false,
        base,
        head,
        trail: Vec::new(),
        path: String::new(),
        roots: (before, after),
        edits: Vec::new(),
        same: Vec::new(),
        is_one_enough: false,
    };
    walk.values("", before, after, false);
    (walk.edits, walk.same)
}

struct Walk<'a> {
    dialect: Dialect,
    /// The API version of the object, in Kubernetes.
    api: &'a str,
    kind: &'a str,
    /// The facts of the resource type.
    facts: Option<&'a TypeFacts>,
    /// Whether the current value is in an IAM policy.
    is_policy: bool,
    base: Option<Scope<'a>>,
    head: Option<Scope<'a>>,
    /// The current position, for programs and for display.
    trail: Vec<PathSegment>,
    path: String,
    /// The compared values.
    roots: (&'a Value, &'a Value),
    edits: Vec<Edit>,
    same: Vec<Same>,
    /// Whether the walk stops after the first edit.
    is_one_enough: bool,
}

impl Walk<'_> {
    fn values(&mut self, key: &str, before: &Value, after: &Value, opaque: bool) {
        if before == after || (self.is_one_enough && !self.edits.is_empty()) {
            return;
        }
        match (before, after) {
            (Value::Object(a), Value::Object(b)) if !is_intrinsic(a) && !is_intrinsic(b) => self.maps(a, b, opaque),
            (Value::Array(a), Value::Array(b)) => self.lists(key, a, b, opaque),
            _ => match self.equivalence(key, before, after, opaque) {
                Some(why) => self.same(why),
                None => self.push(Some(before), Some(after)),
            },
        }
    }

    fn maps(&mut self, a: &Map<String, Value>, b: &Map<String, Value>, opaque: bool) {
        let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        let was_policy = self.is_policy;
        self.is_policy |= self.dialect == Dialect::CloudFormation && (order::is_policy(a) || order::is_policy(b));
        for name in keys {
            let dot = if self.path.is_empty() { "" } else { "." };
            let shown = format!("{dot}{name}");
            // `env` is a list of pairs in a container, but free text in some charts.
            let is_list = [a, b].into_iter().filter_map(|it| it.get(name)).any(Value::is_array);
            let opaque = opaque || (self.dialect == Dialect::Kubernetes && is_opaque(name, is_list));
            self.below(PathSegment::Key(name.clone()), &shown, |walk| match (a.get(name), b.get(name)) {
                (Some(before), Some(after)) => walk.values(name, before, after, opaque),
                (Some(only), None) if walk.is_omitted(only, b, walk.roots.1, opaque) => {
                    walk.same("a default value is now explicit or omitted")
                }
                (None, Some(only)) if walk.is_omitted(only, a, walk.roots.0, opaque) => {
                    walk.same("a default value is now explicit or omitted")
                }
                (before, after) => walk.push(before, after),
            });
        }
        self.is_policy = was_policy;
    }

    /// Whether a value equals its default. `beside` contains the sibling fields on the side without it, and `whole` is
    /// that side.
    fn is_omitted(&self, value: &Value, beside: &Map<String, Value>, whole: &Value, opaque: bool) -> bool {
        if self.dialect != Dialect::Kubernetes {
            return false;
        }
        let path = fact_path::plain(&self.path);
        let (api, kind) = (self.api, self.kind);
        !opaque && defaults::is_default(api, kind, &path, value)
            || field::Field { api, kind, path: &path, value, beside, whole }.is_nothing()
    }

    fn lists(&mut self, key: &str, a: &[Value], b: &[Value], opaque: bool) {
        let is_plain = self.dialect == Dialect::Plain;
        let names = if is_plain { None } else { keys::names(key, a, b) };
        let is_unordered = match self.dialect {
            Dialect::Plain => false,
            Dialect::CloudFormation => order::of_resource(self.facts, key, &self.path, self.is_policy, &[a, b]),
            Dialect::Kubernetes => order::of_object(self.api, self.kind, key, &self.path),
        };
        match names {
            Some(names) => self.named(names, is_unordered, key, a, b, opaque),
            None if is_unordered => self.sets(key, a, b, opaque),
            None => self.sequences(key, a, b, opaque),
        }
    }

    fn named(&mut self, names: Names, is_unordered: bool, key: &str, a: &[Value], b: &[Value], opaque: bool) {
        let of = |items: &[Value]| -> Vec<String> { items.iter().filter_map(|item| label(names, item)).collect() };
        let (old, new) = (of(a), of(b));
        let all: BTreeSet<&String> = old.iter().chain(&new).collect();
        for name in all {
            let (i, j) = (old.iter().position(|it| it == name), new.iter().position(|it| it == name));
            let step = i.map_or(PathSegment::Insert(j.unwrap_or_default()), PathSegment::At);
            self.below(step, &format!("[{}]", keys::shown(name)), |walk| match (i, j) {
                (Some(i), Some(j)) => walk.values(key, &a[i], &b[j], opaque),
                (i, j) => walk.push(i.map(|i| &a[i]), j.map(|j| &b[j])),
            });
        }
        let common = |ours: &[String], others: &[String]| -> Vec<String> {
            ours.iter().filter(|name| others.contains(name)).cloned().collect()
        };
        let (before, after) = (common(&old, &new), common(&new, &old));
        if before == after {
            return;
        }
        if is_unordered {
            self.same("the order of named items");
        } else {
            // New items may be between old ones, so the order is that of the whole new list.
            self.below(PathSegment::Order(names), "", |walk| {
                walk.push(Some(&Value::from(old)), Some(&Value::from(new)))
            });
        }
    }

    fn sequences(&mut self, key: &str, a: &[Value], b: &[Value], opaque: bool) {
        let start = a.iter().zip(b).take_while(|(x, y)| self.is_same_item(key, x, y, opaque)).count();
        let (a_rest, b_rest) = (&a[start..], &b[start..]);
        let both = a_rest.iter().rev().zip(b_rest.iter().rev());
        let end = both.take_while(|(x, y)| self.is_same_item(key, x, y, opaque)).count();
        for (i, j) in (0..start).map(|i| (i, i)).chain((1..=end).map(|i| (a.len() - i, b.len() - i))) {
            // These items are equivalent, but may differ in notation.
            self.below(PathSegment::At(i), &format!("[{i}]"), |walk| walk.values(key, &a[i], &b[j], opaque));
        }
        let (a_rest, b_rest) = (&a_rest[..a_rest.len() - end], &b_rest[..b_rest.len() - end]);
        for idx in 0..a_rest.len().max(b_rest.len()) {
            let (before, after) = (a_rest.get(idx), b_rest.get(idx));
            let step = if before.is_some() { PathSegment::At(start + idx) } else { PathSegment::Insert(start + idx) };
            self.below(step, &format!("[{}]", start + idx), |walk| match (before, after) {
                (Some(before), Some(after)) => walk.values(key, before, after, opaque),
                (before, after) => walk.push(before, after),
            });
        }
    }

    fn sets(&mut self, key: &str, a: &[Value], b: &[Value], opaque: bool) {
        let mut added: Vec<usize> = (0..b.len()).collect();
        let mut removed = Vec::new();
        let mut is_moved = false;
        for (i, item) in a.iter().enumerate() {
            match added.iter().position(|j| self.is_same_item(key, item, &b[*j], opaque)) {
                Some(at) => {
                    let j = added.remove(at);
                    is_moved |= at > 0 || i != j;
                    self.below(PathSegment::At(i), &format!("[{i}]"), |walk| walk.values(key, item, &b[j], opaque));
                }
                None => removed.push(i),
            }
        }
        if is_moved {
            self.same("the order of an unordered list");
        }
        // A removed and an added item with the same actions are one changed statement. If only one removed and one
        // added item remain, they are also one changed item.
        removed.retain(|i| {
            let before = &a[*i];
            let is_alone = a.len() == b.len() && added.len() == 1;
            let is_pair = |j: &usize| {
                let has_actions = !before["Action"].is_null() && before["Action"] == b[*j]["Action"];
                before.is_object() && b[*j].is_object() && (has_actions || is_alone)
            };
            let Some(at) = added.iter().position(is_pair) else { return true };
            let j = added.remove(at);
            self.below(PathSegment::At(*i), &format!("[{i}]"), |walk| walk.values(key, before, &b[j], opaque));
            false
        });
        for i in removed {
            self.below(PathSegment::At(i), "[]", |walk| walk.push(Some(&a[i]), None));
        }
        for j in added {
            self.below(PathSegment::Insert(j), "[]", |walk| walk.push(None, Some(&b[j])));
        }
    }

    fn is_same(&self, key: &str, a: &Value, b: &Value, opaque: bool) -> bool {
        self.is_same_at(self.path.clone(), key, a, b, opaque)
    }

    /// Whether two items of the current list are equivalent.
    fn is_same_item(&self, key: &str, a: &Value, b: &Value, opaque: bool) -> bool {
        self.is_same_at(format!("{}[]", self.path), key, a, b, opaque)
    }

    fn is_same_at(&self, path: String, key: &str, a: &Value, b: &Value, opaque: bool) -> bool {
        if a == b {
            return true;
        }
        let trail = Vec::new();
        let mut walk = Walk { trail, path, edits: Vec::new(), same: Vec::new(), is_one_enough: true, ..*self };
        walk.values(key, a, b, opaque);
        walk.edits.is_empty()
    }

    /// Returns the reason why two values in different notations are equivalent.
    fn equivalence(&self, key: &str, a: &Value, b: &Value, opaque: bool) -> Option<&'static str> {
        match self.dialect {
            Dialect::Plain => None,
            Dialect::CloudFormation => {
                let single = |value: &Value| match value {
                    Value::Array(items) if items.len() == 1 => items[0].clone(),
                    other => other.clone(),
                };
                let is_policy = ["Action", "NotAction", "Resource", "NotResource", "AWS", "Service", "Federated"];
                if scalar(a).is_some() && scalar(a) == scalar(b) {
                    return Some("a number or boolean as text");
                }
                if is_policy.contains(&key) && single(a) == single(b) {
                    return Some("a single value instead of a list with one item in a policy");
                }
                // In a policy, each list with one item can be replaced by this item.
                let is_one = |list: &Value, other: &Value| matches!(list.as_array().map(Vec::as_slice), Some([item]) if self.is_same(key, item, other, opaque));
                if self.is_policy && a.is_array() != b.is_array() && (is_one(a, b) || is_one(b, a)) {
                    return Some("a single value instead of a list with one item in a policy");
                }
                if is_same_json(a, b) {
                    return Some("JSON text with the same content");
                }
                intrinsic::is_same(a, b, self.base, self.head).then_some("the same reference in another notation")
            }
            Dialect::Kubernetes if opaque => None,
            Dialect::Kubernetes => {
                let (a, b) = (scalar(a)?, scalar(b)?);
                if units::is_quantity(key) && units::quantity(&a).is_some_and(|a| units::quantity(&b) == Some(a)) {
                    return Some("the same quantity in another notation");
                }
                let is_as_long = units::duration(&a).is_some_and(|a| units::duration(&b) == Some(a));
                (units::is_duration(key) && is_as_long).then_some("the same duration in another notation")
            }
        }
    }

    fn below(&mut self, step: PathSegment, shown: &str, act: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push_str(shown);
        self.trail.push(step);
        act(self);
        self.trail.pop();
        self.path.truncate(length);
    }

    fn same(&mut self, why: &'static str) {
        self.same.push(Same { path: self.path.clone(), why });
    }

    fn push(&mut self, before: Option<&Value>, after: Option<&Value>) {
        let (path, trail) = (self.path.clone(), self.trail.clone());
        self.edits.push(Edit { path, trail, before: before.cloned(), after: after.cloned() });
    }
}

/// Whether two texts are JSON documents with the same content.
fn is_same_json(a: &Value, b: &Value) -> bool {
    let parse = |value: &Value| -> Option<Value> {
        let text = value.as_str().filter(|text| text.starts_with(['{', '[']))?;
        serde_json::from_str(text).ok()
    };
    matches!((parse(a), parse(b)), (Some(a), Some(b)) if a == b)
}

/// Whether a map is `Ref` or `Fn::…`, which are compared as a whole.
fn is_intrinsic(map: &Map<String, Value>) -> bool {
    map.len() == 1 && map.keys().all(|key| key == "Ref" || key.starts_with("Fn::"))
}
