//! A listed object without the values that the API server adds.

use meshsynth_model::val::{Bag, Data};
use serde_json::{Map, Value};

use super::assigned::{is_assigned, is_assigned_item};
use super::defaults::is_default;
use super::field::Field;
use crate::yaml::json;

/// Removes defaults and assigned values from a listed object, to approximate the manifest of its author.
pub fn lean(object: &Data) -> Data {
    let text = |key: &str| object.at(key).and_then(Data::as_str).unwrap_or_default();
    let of = Of { api: text("apiVersion"), kind: text("kind"), whole: &json(object) };
    let Data::Map(bag) = object else { return object.clone() };
    Data::Map(of.map(bag, "", false))
}

/// The identity and content of the object.
struct Of<'a> {
    api: &'a str,
    kind: &'a str,
    whole: &'a Value,
}

impl Of<'_> {
    fn map(&self, bag: &Bag, path: &str, is_opaque: bool) -> Bag {
        let mut lean = Bag::default();
        for (key, value) in bag.iter() {
            let (at, is_opaque) =
                (below(path, key), is_opaque || super::is_opaque(key, matches!(value, Data::List(_))));
            // The default of an object or list includes the defaults of its nested fields, so it is compared before
            // they are removed.
            let is_nested = matches!(value, Data::Map(_) | Data::List(_)) && !path.is_empty();
            if is_opaque || !is_nested || !is_default(self.api, self.kind, &at, &json(value)) {
                lean.set(key.to_owned(), self.value(value, &at, is_opaque));
            }
        }
        let Value::Object(mut left) = json(&Data::Map(lean.clone())) else { return lean };
        // A field is kept if another field is derived from it. Of two equivalent fields, such as `dataSource` and
        // `dataSourceRef`, the first is kept, unless it is deprecated.
        let mut keys: Vec<String> = left.keys().rev().cloned().collect();
        keys.sort_by_key(|key| key != "serviceAccount");
        for key in &keys {
            let at = below(path, key);
            let Some(value) = left.remove(key) else { continue };
            let is_opaque = is_opaque || super::is_opaque(key, value.is_array());
            let is_head = ["apiVersion", "kind", "metadata"].contains(&at.as_str());
            if is_head || !self.is_omitted(&at, &value, &left, is_opaque) {
                left.insert(key.clone(), value);
            }
        }
        lean.retain(|key, _| left.contains_key(key));
        lean
    }

    fn value(&self, value: &Data, path: &str, is_opaque: bool) -> Data {
        match value {
            Data::Map(bag) => Data::Map(self.map(bag, path, is_opaque)),
            Data::List(items) => {
                let path = format!("{path}.*");
                let is_written = |item: &&Data| !is_assigned_item(self.kind, &path, item);
                Data::List(items.iter().filter(is_written).map(|it| self.value(it, &path, is_opaque)).collect())
            }
            other => other.clone(),
        }
    }

    /// Whether a field has the value that it would have if it were omitted.
    fn is_omitted(&self, path: &str, value: &Value, beside: &Map<String, Value>, is_opaque: bool) -> bool {
        let Self { api, kind, whole } = *self;
        // A volume without a source is an `emptyDir`, but authors always write it.
        if path.ends_with("spec.volumes.*.emptyDir") {
            return false;
        }
        let field = Field { api, kind, path, value, beside, whole };
        !is_opaque && is_default(api, kind, path, value) || field.is_nothing() || is_assigned(&field)
    }
}

/// Returns the path of a key below another path.
fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::lean;
    use crate::tree::{Dialect, compare};
    use crate::yaml::{json, read};

    #[test]
    fn removes_only_redundant_fields() {
        let text = "\
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { protocol: TCP } }
spec:
  progressDeadlineSeconds: 600
  replicas: 2
  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 25%, maxUnavailable: 25% } }
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
      - name: web
        image: registry.example/web:1.0.0
        imagePullPolicy: IfNotPresent
        env: [{ name: A, value: '1' }]
        ports: [{ containerPort: 80, protocol: TCP }]
        resources: {}
        terminationMessagePath: /dev/termination-log
      dnsPolicy: ClusterFirst
      serviceAccount: web
      serviceAccountName: web
      securityContext: {}
";
        let object = read(text).unwrap().remove(0).written();
        let lean = lean(&object);
        let short = "\
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { protocol: TCP } }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
      - name: web
        image: registry.example/web:1.0.0
        env: [{ name: A, value: '1' }]
        ports: [{ containerPort: 80 }]
      serviceAccountName: web
";
        assert_eq!(json(&lean), json(&read(short).unwrap().remove(0).written()));
        assert!(compare(&json(&object), &json(&lean), Dialect::Kubernetes).is_empty());
    }
}
