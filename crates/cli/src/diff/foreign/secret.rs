//! Secrets, normalized for comparison. A value is the same in text and in base64, and reports show only
//! digests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use meshsynth::rules::{hide_in_object, hide_in_template, hide_in_values};
use serde_json::{Map, Value};

use super::digest::digest;

/// The fields of a Secret that a report may show. All other fields may contain values, even fields that the API server
/// rejects.
const SHOWN: [&str; 5] = ["apiVersion", "immutable", "kind", "metadata", "type"];

fn is_secret(document: &Value) -> bool {
    document["kind"] == "Secret" && document["apiVersion"] == "v1"
}

/// Normalizes the values of a Secret as the API server does. `stringData` is moved to `data` and takes precedence, and
/// base64 has no line breaks.
///
/// Source: <https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data>.
pub fn keep(document: &mut Value) {
    if !is_secret(document) {
        return;
    }
    let Some(secret) = document.as_object_mut() else { return };
    if let Some(data) = secret.get_mut("data").and_then(Value::as_object_mut) {
        data.values_mut().for_each(rewrite);
    }
    if secret.get("data").is_some_and(|data| !data.is_object()) {
        return;
    }
    let Some(Value::Object(texts)) = secret.get_mut("stringData") else { return };
    let mut encoded = Map::new();
    texts.retain(|key, value| {
        let text = value.as_str();
        encoded.extend(text.map(|text| (key.clone(), STANDARD.encode(text).into())));
        text.is_none()
    });
    if texts.is_empty() {
        secret.remove("stringData");
    }
    let data = secret.entry("data").or_insert_with(|| Value::Object(Map::new()));
    data.as_object_mut().into_iter().for_each(|data| data.extend(std::mem::take(&mut encoded)));
}

/// The decoder of the API server ignores line breaks.
fn rewrite(value: &mut Value) {
    let Some(text) = value.as_str() else { return };
    let whole: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    if STANDARD.decode(&whole).is_ok() {
        *value = whole.into();
    }
}

/// Replaces the values of a Secret, and secrets in any other object, by digests. A report then shows that they differ
/// without revealing them.
pub fn mask(document: &mut Value) {
    if !is_secret(document) {
        return hide_in_object(document, &stand);
    }
    let fields = document.as_object_mut().into_iter().flatten();
    for (_, field) in fields.filter(|(key, _)| !SHOWN.contains(&key.as_str())) {
        match field {
            Value::Object(values) => values.values_mut().for_each(hide),
            value => hide(value),
        }
    }
}

/// Replaces the secrets of a template by digests.
pub fn mask_template(template: &mut Value) {
    hide_in_template(template, &stand);
}

/// Replaces the passwords in the values of a release by digests.
pub fn mask_values(values: &mut Value) {
    hide_in_values(values, &stand);
}

fn hide(value: &mut Value) {
    *value = stand(value);
}

fn stand(value: &Value) -> Value {
    format!("a value with the digest {}", &digest(value.to_string().as_bytes())[..12]).into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{keep, mask};

    #[test]
    fn text_and_base64_are_equal() {
        let mut secret = json!({ "apiVersion": "v1", "kind": "Secret", "stringData": { "a": "one", "n": 1 },
            "data": { "a": "dHdv", "b": "dHd\nv\n", "c": "not base64" } });
        keep(&mut secret);
        let data = json!({ "a": "b25l", "b": "dHdv", "c": "not base64" });
        assert_eq!((&secret["data"], &secret["stringData"]), (&data, &json!({ "n": 1 })));
    }

    #[test]
    fn masks_all_fields_of_secrets() {
        let mut secret = json!({ "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": "hunter2",
            "stringData": ["hunter2"], "dataString": { "a": { "b": "hunter2" } }, "password": "hunter2" });
        keep(&mut secret);
        mask(&mut secret);
        assert!(!secret.to_string().contains("hunter2") && secret["type"] == "Opaque", "{secret}");
    }
}
