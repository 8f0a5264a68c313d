//! Custom resource definitions of the platform, which define the shapes of kinds that the built-in facts do not
//! contain.

use serde_json::{Map, Value, json};

use crate::facts::{self, Dialect, Shape};
use crate::hash::{FastMap, FastSet};
use crate::val::Data;

use super::Model;

/// The shapes by `apiVersion` and `kind`.
#[derive(Default)]
pub(super) struct Definitions(FastMap<(String, String), Shape>);

impl Definitions {
    /// Returns the shapes of the kinds of custom resources that the built-in facts do not contain.
    pub fn of(model: &Model) -> Self {
        let unknown = model.objects().map(|(.., object)| (object.api_version.as_ref(), object.kind.as_ref()));
        let unknown: FastSet<(&str, &str)> =
            unknown.filter(|(api_version, kind)| facts::kubernetes(api_version, kind).is_none()).collect();
        let mut found = FastMap::default();
        if unknown.is_empty() {
            return Self(found);
        }
        for (_, definition) in model.of_kind("CustomResourceDefinition") {
            let text = |path: &str| definition.body.at(path).and_then(Data::as_str).unwrap_or_default();
            let (group, kind) = (text("spec.group"), text("spec.names.kind"));
            for version in definition.body.at("spec.versions").map(Data::items).unwrap_or_default() {
                let name = version.at("name").and_then(Data::as_str).unwrap_or_default();
                let api_version = format!("{group}/{name}");
                let schema = version.at("schema.openAPIV3Schema");
                if let Some(schema) = schema.filter(|_| unknown.contains(&(&*api_version, kind))) {
                    found.insert((api_version, kind.to_owned()), shape(schema));
                }
            }
        }
        Self(found)
    }

    pub fn get(&self, api_version: &str, kind: &str) -> Option<&Shape> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&(api_version.to_owned(), kind.to_owned()))
    }
}

/// Returns the shape of an object's body, without the fields that all kinds have.
fn shape(schema: &Data) -> Shape {
    let mut schema = plain(schema);
    const OF_EVERY_OBJECT: [&str; 4] = ["apiVersion", "kind", "metadata", "status"];
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for name in ["apiVersion", "kind", "status"] {
            properties.remove(name);
        }
        properties
            .insert("metadata".to_owned(), json!({ "x-kubernetes-preserve-unknown-fields": true, "type": "object" }));
    }
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| !OF_EVERY_OBJECT.iter().any(|known| name == known));
    }
    fill_defaults(&mut schema);
    Shape::from_json(&schema, &Value::Null, Dialect::Kubernetes)
}

/// Marks fields with a default as optional, because the API server sets them.
fn fill_defaults(schema: &mut Value) {
    if let Some(map) = schema.as_object_mut() {
        let properties = map.get("properties").and_then(Value::as_object).into_iter().flatten();
        let filled = properties.filter(|(_, property)| property.get("default").is_some());
        let filled: Vec<String> = filled.map(|(name, _)| name.clone()).collect();
        if let Some(required) = map.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| !filled.iter().any(|filled| name == filled));
        }
        map.values_mut().for_each(fill_defaults);
    } else if let Some(items) = schema.as_array_mut() {
        items.iter_mut().for_each(fill_defaults);
    }
}

/// Converts data to JSON. Deferred values become `null`.
fn plain(data: &Data) -> Value {
    match data {
        Data::Bool(value) => json!(value),
        Data::Int(value) => json!(value),
        Data::Float(value) => json!(value),
        Data::Text(text) => json!(text),
        Data::List(items) => items.iter().map(plain).collect(),
        Data::Map(bag) => {
            Value::Object(bag.iter().map(|(key, value)| (key.to_owned(), plain(value))).collect::<Map<_, _>>())
        }
        Data::Null | Data::Deferred(_) | Data::Secret(_) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn widget(spec: &str) -> String {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{ name: widgets.acme.io }}\nspec:\n\
             \x20 group: acme.io\n  scope: Namespaced\n  names: {{ kind: Widget, plural: widgets, singular: widget, listKind: WidgetList }}\n  versions:\n\
             \x20 - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        required: [spec]\n\
             \x20       properties:\n          spec:\n            type: object\n            required: [size]\n            properties:\n\
             \x20             size: {{ type: integer, minimum: 1 }}\n              color: {{ type: string, enum: [red, blue] }}\n\
             ---\napiVersion: acme.io/v1\nkind: Widget\nmetadata: {{ name: a, labels: {{ app: a }} }}\nspec: {spec}\n"
        )
    }

    #[test]
    fn checks_custom_resource_against_its_definition() {
        assert_eq!(open(&widget("{ size: 3, color: red }")), [""; 0]);
        assert_eq!(fields(&widget("{ size: 0, colour: red }")), ["spec.colour", "spec.size"]);
        assert_eq!(open(&widget("{ color: green }")), ["MS0106", "MS0106"]);
        let filled = widget("{ color: red }").replace("minimum: 1", "minimum: 1, default: 1");
        assert_eq!(open(&filled), [""; 0], "the API server sets the size");
    }
}
