//! Raw objects, to test rules without constructs.

use serde_json::{Value, json};

use crate::node::{self, Kind, Wave};
use crate::testing::{codes, stack};
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data};

/// Returns the codes of findings for a cluster with these objects in the namespace `shop`.
#[track_caller]
pub fn codes_of(objects: impl IntoIterator<Item = Value>) -> Vec<&'static str> {
    codes(|app| {
        let stack = stack(app, "run");
        crate::Resource::<crate::cfn::Raw>::define(&stack, "topic", "AWS::SNS::Topic", Bag::default());
        let shop = namespace(stack.scope());
        for (idx, object) in objects.into_iter().enumerate() {
            define(&shop, idx, object);
        }
    })
}

/// Returns a namespace of a cluster.
pub fn namespace(stack: &Scope) -> Scope {
    let target = node::Target {
        name: "run".into(),
        version: "1.36".to_owned(),
        provided: crate::eks::Controller::ALL.map(crate::eks::Controller::word).to_vec(),
        ..node::Target::default()
    };
    let target = stack.define("cluster", Kind::Target(target));
    let shop = stack.construct("shop");
    shop.on_target(&target).in_namespace("shop");
    define(&shop, 100, json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop" } }));
    shop
}

/// Defines an object from a manifest.
pub fn define(scope: &Scope, idx: usize, manifest: Value) -> Scope {
    let text = |pointer: &str| manifest.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (kind, name) = (text("/kind"), text("/metadata/name"));
    let namespace = manifest.pointer("/metadata/namespace").and_then(Value::as_str).map(str::to_owned);
    let api_version = text("/apiVersion");
    let Data::Map(mut body) = data(&manifest) else { panic!("an object is a map") };
    body.remove("apiVersion");
    body.remove("kind");
    let object = node::Object {
        namespaced: kind != "Namespace",
        api_version: api_version.into(),
        kind: kind.clone().into(),
        name,
        namespace,
        wave: Wave::Workloads,
        is_named_by_content: false,
        body,
    };
    scope.define(&format!("{}-{idx}", kind.to_lowercase()), Kind::Object(Box::new(object)))
}

fn data(json: &Value) -> Data {
    match json {
        Value::Null => Data::Null,
        Value::Bool(value) => Data::Bool(*value),
        Value::Number(number) => number.as_i64().map_or(Data::Float(number.as_f64().unwrap_or_default()), Data::Int),
        Value::String(text) => Data::from(text.clone()),
        Value::Array(items) => Data::List(items.iter().map(data).collect()),
        Value::Object(map) => Data::Map(map.iter().map(|(key, value)| (key.clone(), data(value))).collect::<Bag>()),
    }
}

/// Returns a `Deployment` `orders` whose pods have the label `app: orders`. `spec` is merged into the pod spec.
pub fn orders(spec: Value) -> Value {
    let mut pods = json!({ "containers": [{ "name": "orders", "image": "orders:1.0.0" }] });
    merge(&mut pods, spec);
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": "orders" },
        "spec": {
            "selector": { "matchLabels": { "app": "orders" } },
            "template": { "metadata": { "labels": { "app": "orders" } }, "spec": pods },
        },
    })
}

/// Returns a `HorizontalPodAutoscaler` of `orders` that measures the CPU.
pub fn hpa(name: &str, spec: Value) -> Value {
    let mut whole = json!({
        "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "orders" },
        "minReplicas": 2,
        "maxReplicas": 10,
    });
    merge(&mut whole, spec);
    json!({
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": { "name": name },
        "spec": whole,
    })
}

/// Merges the keys of one map into another, and replaces equal keys.
pub fn merge(into: &mut Value, from: Value) {
    let (Value::Object(into), Value::Object(from)) = (into, from) else { panic!("two maps") };
    into.extend(from);
}
