//! An object that a cluster lists, without what the API server fills in.

use meshsynth::val::{Bag, Data};
use serde_json::{Map, Value};

use super::OPAQUE;
use super::assigned::is_assigned;
use super::defaults::is_default;
use super::omitted::Field;
use crate::yaml::json;

/// An object that a cluster lists, as its author may have written it: without defaults, and without what is assigned.
pub fn lean(object: &Data) -> Data {
    let text = |key: &str| object.at(key).and_then(Data::as_str).unwrap_or_default();
    let of = Of { api: text("apiVersion"), kind: text("kind") };
    let Data::Map(bag) = object else { return object.clone() };
    Data::Map(of.map(bag, "", false))
}

/// What the object is.
struct Of<'a> {
    api: &'a str,
    kind: &'a str,
}

impl Of<'_> {
    fn map(&self, bag: &Bag, path: &str, is_opaque: bool) -> Bag {
        let mut lean = Bag::default();
        for (key, value) in bag.iter() {
            lean.set(key.to_owned(), self.value(value, &below(path, key), is_opaque || OPAQUE.contains(&key)));
        }
        let all = json(&Data::Map(lean.clone()));
        let Value::Object(all) = all else { return lean };
        lean.retain(|key, _| {
            let at = below(path, key);
            let is_opaque = is_opaque || OPAQUE.contains(&key);
            ["apiVersion", "kind", "metadata"].contains(&at.as_str()) || !self.is_omitted(&at, key, &all, is_opaque)
        });
        lean
    }

    fn value(&self, value: &Data, path: &str, is_opaque: bool) -> Data {
        match value {
            Data::Map(bag) => Data::Map(self.map(bag, path, is_opaque)),
            Data::List(items) => {
                let path = format!("{path}.*");
                Data::List(items.iter().map(|it| self.value(it, &path, is_opaque)).collect())
            }
            other => other.clone(),
        }
    }

    /// Whether a field says what its absence says.
    fn is_omitted(&self, path: &str, key: &str, all: &Map<String, Value>, is_opaque: bool) -> bool {
        let (api, kind) = (self.api, self.kind);
        let Some(value) = all.get(key) else { return false };
        let mut beside = all.clone();
        beside.remove(key);
        let field = Field { api, kind, path, value, beside: &beside };
        !is_opaque && !value.is_object() && is_default(api, kind, path, value)
            || field.is_nothing()
            || is_assigned(&field)
    }
}

/// The path of a key below another path.
fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::lean;
    use crate::tree::{Dialect, compare};
    use crate::yaml::{json, read};

    #[test]
    fn what_is_left_is_the_same_to_a_cluster() {
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
