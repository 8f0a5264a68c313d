//! Field ownership, as the API server records it in `metadata.managedFields`.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::api::MANAGER;

/// Fields in the form `fieldsV1`: `f:` is a key, `k:`, `v:` and `i:` are list items, `.` is the value itself.
pub(super) type Fields = Map<String, Value>;

/// The manager that wrote a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Writer {
    /// The field manager, such as `kubectl-edit`.
    pub manager: String,
    /// `Apply` or `Update`.
    pub operation: String,
    /// The subresource, such as `scale`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subresource: String,
    /// The time of its last write.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub time: String,
}

impl fmt::Display for Writer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { manager, operation, subresource, time } = self;
        write!(out, "`{manager}` ({operation}")?;
        if !subresource.is_empty() {
            write!(out, " of `{subresource}`")?;
        }
        if !time.is_empty() {
            write!(out, ", {time}")?;
        }
        out.write_str(")")
    }
}

/// The fields of one manager in an object.
pub(super) struct Entry<'a> {
    pub writer: Writer,
    pub fields: &'a Fields,
}

impl Entry<'_> {
    /// Whether a deployment of meshsynth applied the fields.
    pub fn is_ours(&self) -> bool {
        self.writer.manager == MANAGER && self.writer.operation == "Apply" && self.writer.subresource.is_empty()
    }
}

/// Returns the entries of an object, except for those that write its status.
pub(super) fn entries(object: &Value) -> Vec<Entry<'_>> {
    let rows = object["metadata"]["managedFields"].as_array().into_iter().flatten();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let entry = |row| {
        let writer = Writer {
            manager: text(row, "manager"),
            operation: text(row, "operation"),
            subresource: text(row, "subresource"),
            time: text(row, "time"),
        };
        Some(Entry { writer, fields: row["fieldsV1"].as_object()? })
    };
    rows.filter(|row| row["subresource"] != "status").filter_map(entry).collect()
}

/// Returns the fields that meshsynth applied. There is one entry for each API version.
pub(super) fn ours(object: &Value) -> Option<Fields> {
    entries(object).iter().filter(|entry| entry.is_ours()).map(|entry| entry.fields.clone()).reduce(union)
}

/// Returns the recorded entries of meshsynth, including their times.
pub(super) fn record(object: &Value) -> Vec<&Value> {
    let rows = object["metadata"]["managedFields"].as_array().into_iter().flatten();
    rows.filter(|row| row["manager"] == MANAGER && row["operation"] == "Apply").collect()
}

/// A step from an object to one of its fields.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// A key of a map.
    Key(String),
    /// The list item with these values.
    Keys(Map<String, Value>),
    /// The item of a set.
    Item(Value),
    /// The item at an index.
    Index(usize),
}

impl Step {
    /// Formats the step as in `fieldsV1`.
    pub fn written(&self) -> String {
        match self {
            Step::Key(key) => format!("f:{key}"),
            Step::Keys(keys) => format!("k:{}", Value::Object(keys.clone())),
            Step::Item(item) => format!("v:{item}"),
            Step::Index(idx) => format!("i:{idx}"),
        }
    }

    pub fn read(text: &str) -> Option<Self> {
        let (sign, text) = text.split_once(':')?;
        match sign {
            "f" => Some(Step::Key(text.to_owned())),
            "k" => serde_json::from_str(text).ok().map(Step::Keys),
            "v" => serde_json::from_str(text).ok().map(Step::Item),
            "i" => text.parse().ok().map(Step::Index),
            _ => None,
        }
    }

    /// Returns the value at this step, or `None` if it does not exist.
    pub fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        match self {
            Step::Key(key) => value.as_object()?.get(key),
            Step::Index(idx) => value.as_array()?.get(*idx),
            _ => value.as_array()?.iter().find(|item| self.is(item)),
        }
    }

    fn is(&self, item: &Value) -> bool {
        match self {
            Step::Keys(keys) => keys.iter().all(|(key, value)| item.get(key) == Some(value)),
            Step::Item(value) => value == item,
            Step::Key(_) | Step::Index(_) => false,
        }
    }

    /// Returns the fields below this step, or `None` if there are none.
    pub fn among<'f>(&self, fields: &'f Fields) -> Option<&'f Fields> {
        let found = fields.get(&self.written()).or_else(|| {
            // The keys can be in another order.
            let is_same = |(text, _): &(&String, &Value)| Step::read(text).as_ref() == Some(self);
            matches!(self, Step::Keys(_)).then(|| fields.iter().find(is_same))?.map(|(_, inner)| inner)
        })?;
        found.as_object()
    }
}

/// Whether the fields are a leaf. A leaf includes everything below it.
pub(super) fn is_leaf(fields: &Fields) -> bool {
    fields.is_empty()
}

/// Returns the keys that identify the items of a list. The result is empty for a set, and `None` for an atomic list.
pub(super) fn keys_of_list<'f>(all: impl Iterator<Item = &'f Fields>) -> Option<BTreeSet<String>> {
    let mut found = None;
    for step in all.flat_map(Fields::keys).filter_map(|text| Step::read(text)) {
        match step {
            Step::Keys(keys) => return Some(keys.into_iter().map(|(key, _)| key).collect()),
            Step::Item(_) => found = Some(BTreeSet::new()),
            Step::Key(_) | Step::Index(_) => {}
        }
    }
    found
}

/// Returns the part of a value that the fields select. A leaf selects the whole value.
pub(super) fn part(value: &Value, fields: &Fields) -> Value {
    if is_leaf(fields) {
        return value.clone();
    }
    let steps = || fields.iter().filter_map(|(text, inner)| Some((Step::read(text)?, inner.as_object()?)));
    match value {
        Value::Object(map) => {
            let of = |(step, inner): (Step, &Fields)| match step {
                Step::Key(key) => map.get(&key).map(|value| (key.clone(), part(value, inner))),
                _ => None,
            };
            Value::Object(steps().filter_map(of).collect())
        }
        Value::Array(items) => {
            let of = |(idx, item): (usize, &Value)| {
                let (_, inner) = steps().find(|(step, _)| step.is(item) || *step == Step::Index(idx))?;
                Some(part(item, inner))
            };
            Value::Array(items.iter().enumerate().filter_map(of).collect())
        }
        other => other.clone(),
    }
}

/// Joins two sets of fields. A leaf includes everything below it.
pub(super) fn union(mut one: Fields, other: Fields) -> Fields {
    for (key, inner) in other {
        let joined = match (one.remove(&key), inner) {
            (Some(Value::Object(a)), Value::Object(b)) => match is_leaf(&a) || is_leaf(&b) {
                true => json!({}),
                false => Value::Object(union(a, b)),
            },
            (_, inner) => inner,
        };
        one.insert(key, joined);
    }
    one
}

/// Adds a path to the fields.
pub(super) fn with(mut fields: Fields, path: &[Step]) -> Fields {
    let mut at = &mut fields;
    for (idx, step) in path.iter().enumerate() {
        let is_new = step.among(at).is_none();
        let inner = at.entry(step.written()).or_insert_with(|| json!({}));
        let Value::Object(inner) = inner else { break };
        let is_last = idx + 1 == path.len();
        // An existing leaf already covers the rest of the path.
        if is_last || (is_leaf(inner) && !is_new) {
            inner.clear();
            break;
        }
        at = inner;
    }
    fields
}

/// Formats a path for people. Items and keys with a dot are in brackets.
pub(super) fn shown(steps: &[Step]) -> String {
    let mut out = String::new();
    for step in steps {
        match step {
            Step::Key(key) if key.contains('.') => out += &format!("[{key}]"),
            Step::Key(key) if out.is_empty() => out += key,
            Step::Key(key) => out += &format!(".{key}"),
            Step::Keys(keys) => {
                let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let keys: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={}", text(value))).collect();
                out += &format!("[{}]", keys.join(","));
            }
            Step::Item(item) => out += &format!("[{}]", item.as_str().map_or_else(|| item.to_string(), str::to_owned)),
            Step::Index(idx) => out += &format!("[{idx}]"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(value: Value) -> Fields {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn selects_managed_parts_by_keys_values_indexes_and_leaves() {
        let live = json!({
            "labels": { "a": "b", "theirs": "c" }, "finalizers": ["x", "y"], "selector": { "m": { "a": "b" } },
            "list": ["p", "q"],
            "containers": [{ "name": "proxy", "image": "p" }, { "name": "app", "image": "i:1", "pull": "Always" }]
        });
        let ours = fields(json!({
            "f:labels": { "f:a": {} }, "f:finalizers": { "v:\"x\"": {} }, "f:selector": {}, "f:gone": {},
            "f:list": { "i:1": {} },
            "f:containers": { "k:{\"name\":\"app\"}": { ".": {}, "f:name": {}, "f:image": {} } }
        }));
        let wanted = json!({
            "labels": { "a": "b" }, "finalizers": ["x"], "selector": { "m": { "a": "b" } }, "list": ["q"],
            "containers": [{ "name": "app", "image": "i:1" }]
        });
        assert_eq!(part(&live, &ours), wanted);
    }

    #[test]
    fn union_of_managed_fields_keeps_leaves() {
        let one = fields(json!({ "f:a": { "f:b": {} }, "f:whole": {} }));
        let other = fields(json!({ "f:a": { "f:c": {} }, "f:whole": { "f:x": {} } }));
        let joined = union(one, other);
        assert_eq!(joined, fields(json!({ "f:a": { "f:b": {}, "f:c": {} }, "f:whole": {} })));
        let key = |text: &str| Step::Key(text.to_owned());
        let more = with(joined.clone(), &[key("whole"), key("y")]);
        assert_eq!(more, joined);
        let ports = Step::Keys(fields(json!({ "protocol": "TCP", "port": 80 })));
        let more = with(joined, &[key("a"), key("ports"), ports.clone(), key("name")]);
        assert_eq!(more["f:a"]["f:ports"]["k:{\"port\":80,\"protocol\":\"TCP\"}"], json!({ "f:name": {} }));
        assert_eq!(shown(&[key("spec"), key("ports"), ports]), "spec.ports[port=80,protocol=TCP]");
        assert_eq!(shown(&[key("metadata"), key("annotations"), key("a.b/c")]), "metadata.annotations[a.b/c]");
    }
}
