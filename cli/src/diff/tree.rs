//! Two values and where they differ in meaning.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Edit;

/// Whose rules of equality hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Numbers and booleans may be written as text; policies hold one text or a list of one.
    CloudFormation,
    /// Quantities and durations of equal size are equal.
    Kubernetes,
    /// Only what is written counts.
    Plain,
}

/// What names an item of a list, the first that fits.
const KEYS: [&[&str]; 12] = [
    &["Key"],
    &["name"],
    &["Sid"],
    &["Name"],
    &["mountPath"],
    &["containerPort", "protocol"],
    &["type"],
    &["topologyKey"],
    &["AttributeName"],
    &["IndexName"],
    &["LogType"],
    &["secretKey"],
];

/// Lists whose order says nothing.
const SETS: [&str; 46] = [
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Statement",
    "Statements",
    "AWS",
    "Service",
    "Federated",
    "ManagedPolicyArns",
    "Policies",
    "Roles",
    "Tags",
    "SubnetIds",
    "Subnets",
    "ClientSubnets",
    "SecurityGroups",
    "SecurityGroupIds",
    "VPCSecurityGroups",
    "VpcSecurityGroupIds",
    "SecurityGroupIngress",
    "SecurityGroupEgress",
    "PublicAccessCidrs",
    "UserIds",
    "EnableCloudwatchLogsExports",
    "ThumbprintList",
    "ClientIdList",
    "RouteTableIds",
    "LogDeliveryConfigurations",
    "DependsOn",
    "AttributeDefinitions",
    "GlobalSecondaryIndexes",
    "SupportedCaptures",
    "policyTypes",
    "ingress",
    "egress",
    "from",
    "to",
    "ports",
    "verbs",
    "resources",
    "apiGroups",
    "accessModes",
    "finalizers",
    "drop",
    "values",
];

/// Below these keys of a Kubernetes object, text is only text.
const OPAQUE: [&str; 8] = ["data", "stringData", "binaryData", "annotations", "labels", "args", "command", "env"];

/// Every difference in meaning between two values.
pub fn compare(before: &Value, after: &Value, dialect: Dialect) -> Vec<Edit> {
    let mut walk = Walk { dialect, edits: Vec::new() };
    walk.values("", "", before, after, false);
    walk.edits
}

struct Walk {
    dialect: Dialect,
    edits: Vec<Edit>,
}

impl Walk {
    fn values(&mut self, path: &str, key: &str, before: &Value, after: &Value, opaque: bool) {
        if before == after {
            return;
        }
        match (before, after) {
            (Value::Object(a), Value::Object(b)) if !is_intrinsic(a) && !is_intrinsic(b) => {
                self.maps(path, a, b, opaque);
            }
            (Value::Array(a), Value::Array(b)) => self.lists(path, key, a, b, opaque),
            _ if self.is_equal_scalar(key, before, after, opaque) => {}
            _ => self.push(path, Some(before), Some(after)),
        }
    }

    fn maps(&mut self, path: &str, a: &Map<String, Value>, b: &Map<String, Value>, opaque: bool) {
        let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for name in keys {
            let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            // `env` is a list of pairs in a container and free text where a chart says so.
            let opaque = opaque || (self.dialect == Dialect::Kubernetes && OPAQUE.contains(&name.as_str()));
            match (a.get(name), b.get(name)) {
                (Some(before), Some(after)) => self.values(&below, name, before, after, opaque),
                (before, after) => self.push(&below, before, after),
            }
        }
    }

    fn lists(&mut self, path: &str, key: &str, a: &[Value], b: &[Value], opaque: bool) {
        let keys = KEYS.iter().filter(|_| self.dialect != Dialect::Plain);
        if let Some(names) = keys.into_iter().find(|names| names_all(names, a) && names_all(names, b)) {
            let labels: BTreeSet<String> = a.iter().chain(b).filter_map(|item| label(names, item)).collect();
            let find = |items: &[Value], wanted: &str| {
                items.iter().find(|item| label(names, item).as_deref() == Some(wanted)).cloned()
            };
            for label in &labels {
                let below = format!("{path}[{label}]");
                match (find(a, label), find(b, label)) {
                    (Some(before), Some(after)) => self.values(&below, key, &before, &after, opaque),
                    (before, after) => self.push(&below, before.as_ref(), after.as_ref()),
                }
            }
            let order = |items: &[Value], others: &[Value]| {
                let common = items.iter().filter_map(|item| label(names, item));
                common.filter(|label| find(others, label).is_some()).collect::<Vec<_>>()
            };
            if is_ordered(key, a) && order(a, b) != order(b, a) {
                self.push(path, Some(&Value::from(order(a, b))), Some(&Value::from(order(b, a))));
            }
            return;
        }
        if self.dialect != Dialect::Plain && SETS.contains(&key) {
            return self.sets(path, key, a, b, opaque);
        }
        let start = a.iter().zip(b).take_while(|(x, y)| self.is_same(key, x, y, opaque)).count();
        let (a_rest, b_rest) = (&a[start..], &b[start..]);
        let both = a_rest.iter().rev().zip(b_rest.iter().rev());
        let end = both.take_while(|(x, y)| self.is_same(key, x, y, opaque)).count();
        let (a_rest, b_rest) = (&a_rest[..a_rest.len() - end], &b_rest[..b_rest.len() - end]);
        for idx in 0..a_rest.len().max(b_rest.len()) {
            let below = format!("{path}[{}]", start + idx);
            match (a_rest.get(idx), b_rest.get(idx)) {
                (Some(before), Some(after)) => self.values(&below, key, before, after, opaque),
                (before, after) => self.push(&below, before, after),
            }
        }
    }

    fn sets(&mut self, path: &str, key: &str, a: &[Value], b: &[Value], opaque: bool) {
        let mut added: Vec<&Value> = b.iter().collect();
        let mut removed = Vec::new();
        for item in a {
            match added.iter().position(|other| self.is_same(key, item, other, opaque)) {
                Some(idx) => drop(added.remove(idx)),
                None => removed.push(item),
            }
        }
        // What is left with the same actions is one statement that changed; so are two that are left alone.
        removed.retain(|before| {
            let is_alone = a.len() == b.len() && added.len() == 1;
            let is_pair = |after: &&&Value| {
                let has_actions = !before["Action"].is_null() && before["Action"] == after["Action"];
                before.is_object() && after.is_object() && (has_actions || is_alone)
            };
            let Some(after) = added.iter().find(is_pair).copied() else { return true };
            added.retain(|other| !std::ptr::eq(*other, after));
            let idx = a.iter().position(|item| std::ptr::eq(item, *before)).unwrap_or_default();
            self.values(&format!("{path}[{idx}]"), key, before, after, opaque);
            false
        });
        removed.iter().for_each(|item| self.push(&format!("{path}[]"), Some(item), None));
        added.iter().for_each(|item| self.push(&format!("{path}[]"), None, Some(item)));
    }

    fn is_same(&self, key: &str, a: &Value, b: &Value, opaque: bool) -> bool {
        let mut walk = Walk { dialect: self.dialect, edits: Vec::new() };
        walk.values("", key, a, b, opaque);
        walk.edits.is_empty()
    }

    fn is_equal_scalar(&self, key: &str, a: &Value, b: &Value, opaque: bool) -> bool {
        match self.dialect {
            Dialect::Plain => false,
            Dialect::CloudFormation => {
                let single = |value: &Value| match value {
                    Value::Array(items) if items.len() == 1 => items[0].clone(),
                    other => other.clone(),
                };
                let is_policy = ["Action", "NotAction", "Resource", "NotResource", "AWS", "Service", "Federated"];
                (scalar(a).is_some() && scalar(a) == scalar(b)) || (is_policy.contains(&key) && single(a) == single(b))
            }
            Dialect::Kubernetes if opaque => false,
            Dialect::Kubernetes => match (scalar(a), scalar(b)) {
                (Some(a), Some(b)) if is_quantity(key) => quantity(&a).is_some() && quantity(&a) == quantity(&b),
                (Some(a), Some(b)) if is_duration(key) => duration(&a).is_some() && duration(&a) == duration(&b),
                _ => false,
            },
        }
    }

    fn push(&mut self, path: &str, before: Option<&Value>, after: Option<&Value>) {
        self.edits.push(Edit { path: path.to_owned(), before: before.cloned(), after: after.cloned() });
    }
}

/// Whether the order of items with names says something: the first route that fits is taken, variables expand earlier ones.
fn is_ordered(key: &str, items: &[Value]) -> bool {
    let expands = |item: &Value| item["value"].as_str().is_some_and(|text| text.contains("$("));
    ["initContainers", "http", "rules", "routes", "steps"].contains(&key) || (key == "env" && items.iter().any(expands))
}

/// `Ref` and `Fn::…` are compared as a whole.
fn is_intrinsic(map: &Map<String, Value>) -> bool {
    map.len() == 1 && map.keys().all(|key| key == "Ref" || key.starts_with("Fn::"))
}

fn label(names: &[&str], item: &Value) -> Option<String> {
    let first = scalar(&item[names[0]])?;
    let rest = names[1..].iter().filter_map(|name| scalar(&item[*name]));
    Some(std::iter::once(first).chain(rest).collect::<Vec<_>>().join("/"))
}

fn names_all(names: &[&str], items: &[Value]) -> bool {
    let labels: BTreeSet<Option<String>> = items.iter().map(|item| label(names, item)).collect();
    labels.len() == items.len() && !labels.contains(&None)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn is_quantity(key: &str) -> bool {
    ["cpu", "memory", "storage", "ephemeral-storage", "sizeLimit", "averageValue", "pods"].contains(&key)
}

fn is_duration(key: &str) -> bool {
    let key = key.to_lowercase();
    ["timeout", "interval", "duration", "period", "window", "delay"].iter().any(|word| key.ends_with(word))
}

/// A Kubernetes quantity in thousandths.
fn quantity(text: &str) -> Option<i128> {
    let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let factor: i128 = match unit {
        "m" => 1,
        "" => 1_000,
        "k" => 1_000_000,
        "M" => 1_000_000_000,
        "G" => 1_000_000_000_000,
        "T" => 1_000_000_000_000_000,
        "Ki" => 1_000 << 10,
        "Mi" => 1_000 << 20,
        "Gi" => 1_000 << 30,
        "Ti" => 1_000 << 40,
        _ => return None,
    };
    scaled(number, factor)
}

/// A duration such as `1m30s` in microseconds.
fn duration(text: &str) -> Option<i128> {
    let mut rest = text;
    let mut sum = 0;
    while !rest.is_empty() {
        let at = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let end = rest[at..].find(|c: char| !c.is_ascii_alphabetic()).map_or(rest.len(), |end| at + end);
        let factor = match &rest[at..end] {
            "ms" => 1_000,
            "s" => 1_000_000,
            "m" => 60_000_000,
            "h" => 3_600_000_000,
            _ => return None,
        };
        sum += scaled(&rest[..at], factor)?;
        rest = &rest[end..];
    }
    (!text.is_empty()).then_some(sum)
}

/// A decimal times a factor, exactly.
fn scaled(number: &str, factor: i128) -> Option<i128> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits: i128 = format!("{whole}{part}").parse().ok()?;
    let divisor = 10_i128.checked_pow(u32::try_from(part.len()).ok()?)?;
    let product = digits.checked_mul(factor)?;
    (product % divisor == 0).then_some(product / divisor)
}
