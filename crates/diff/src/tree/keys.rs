//! Fields that identify list items.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::change::Names;

/// Fields that identify the items of a list, by the name of the list. The first match applies.
///
/// Istio: <https://istio.io/latest/docs/reference/config/networking/virtual-service/>, KEDA:
/// <https://keda.sh/docs/latest/reference/scaledobject-spec/>.
const LISTS: [(&str, &[Names]); 16] = [
    ("http", &[&["name"], &["?match"]]),
    ("tls", &[&["name"], &["?match"]]),
    ("tcp", &[&["name"], &["?match"]]),
    ("route", &[&["destination.host", "?destination.subset", "?destination.port.number"]]),
    ("backendRefs", &[&["name", "?namespace", "?port"]]),
    ("servers", &[&["name"], &["port.name"], &["port.number"]]),
    ("endpoints", &[&["address"]]),
    (
        "triggers",
        &[
            &["name"],
            &["type"],
            &[
                "type",
                "?metadata.topic",
                "?metadata.consumerGroup",
                "?metadata.queueURL",
                "?metadata.metricName",
                "?metadata.query",
                "?metadata.expression",
                "?metadata.start",
            ],
        ],
    ),
    (
        "metrics",
        &[
            &["name"],
            &[
                "type",
                "?resource.name",
                "?containerResource.name",
                "?pods.metric.name",
                "?external.metric.name",
                "?object.metric.name",
            ],
        ],
    ),
    ("policies", &[&["type", "?periodSeconds"]]),
    ("rules", &[&["name"], &["alert"], &["record"], &["host"]]),
    ("hosts", &[&["name"]]),
    ("Rules", &[&["Id"], &["Name"]]),
    ("Origins", &[&["Id"]]),
    ("CacheBehaviors", &[&["PathPattern"]]),
    ("Grants", &[&["Id"]]),
];

/// Fields that identify the items of any other list.
const ANY: [Names; 13] = [
    &["Key"],
    &["name"],
    &["Sid"],
    &["Name"],
    &["mountPath"],
    &["containerPort", "?protocol"],
    &["port", "?protocol"],
    &["type"],
    &["topologyKey"],
    &["AttributeName"],
    &["IndexName"],
    &["LogType"],
    &["secretKey"],
];

/// Returns the fields that identify the items of both lists, or `None` if no fields do.
pub fn names(key: &str, a: &[Value], b: &[Value]) -> Option<Names> {
    let own = LISTS.iter().find(|(list, _)| *list == key).map(|(_, names)| names.iter()).unwrap_or_default();
    own.chain(&ANY).copied().find(|names| names_all(names, a) && names_all(names, b))
}

/// Returns the label of an item.
pub fn label(names: Names, item: &Value) -> Option<String> {
    let mut parts = Vec::new();
    for name in names {
        let (path, may_miss) = name.strip_prefix('?').map_or((*name, false), |path| (path, true));
        match (path.split('.').fold(item, |value, key| &value[key]), may_miss) {
            (Value::Null, true) if names.len() == 1 => parts.push("*".to_owned()),
            (Value::Null, true) => {}
            // TCP is the default protocol of a port.
            (value, true) if path == "protocol" && value == "TCP" => {}
            (Value::Null, false) => return None,
            (value, _) => match scalar(value) {
                Some(text) => parts.push(text),
                None if may_miss => parts.push(value.to_string()),
                None => return None,
            },
        }
    }
    Some(parts.join("/"))
}

/// Returns a label for display: short, and without path syntax.
pub fn shown(label: &str) -> String {
    let text: String = label.chars().take(60).map(|c| if matches!(c, '[' | ']') { '|' } else { c }).collect();
    if text.len() < label.len() { text + "…" } else { text }
}

fn names_all(names: Names, items: &[Value]) -> bool {
    let labels: BTreeSet<Option<String>> = items.iter().map(|item| label(names, item)).collect();
    labels.len() == items.len() && !labels.contains(&None)
}

/// Returns a scalar as text.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
