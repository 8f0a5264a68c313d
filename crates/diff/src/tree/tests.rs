//! Every difference is an edit or a named equivalence: the edits, applied to the old value, produce the new one.

use serde_json::{Value, json};

use super::{Dialect, compare, compare_within, label};
use crate::change::{Edit, PathSegment};

/// Applies all edits to the old value.
pub fn apply(before: &Value, edits: &[Edit]) -> Value {
    let rows: Vec<(&[PathSegment], &Edit)> = edits.iter().map(|edit| (edit.trail.as_slice(), edit)).collect();
    made(Some(before), &rows).unwrap_or_default()
}

fn made(value: Option<&Value>, edits: &[(&[PathSegment], &Edit)]) -> Option<Value> {
    if edits.is_empty() {
        return value.cloned();
    }
    if let [(trail, edit)] = edits
        && trail.is_empty()
    {
        return edit.after.clone();
    }
    let at = |step: &PathSegment| -> Vec<(&[PathSegment], &Edit)> {
        edits.iter().filter(|(trail, _)| trail[0] == *step).map(|(trail, edit)| (&trail[1..], *edit)).collect()
    };
    match value? {
        Value::Object(map) => {
            let mut keys: Vec<String> = map.keys().cloned().collect();
            keys.extend(edits.iter().filter_map(|(trail, _)| match &trail[0] {
                PathSegment::Key(key) if !map.contains_key(key) => Some(key.clone()),
                _ => None,
            }));
            let row = |key: String| Some((key.clone(), made(map.get(&key), &at(&PathSegment::Key(key)))?));
            Some(Value::Object(keys.into_iter().filter_map(row).collect()))
        }
        Value::Array(items) => {
            let old = items.iter().enumerate().filter_map(|(i, item)| made(Some(item), &at(&PathSegment::At(i))));
            let mut list: Vec<Value> = old.collect();
            let mut new: Vec<(usize, Value)> = Vec::new();
            for (trail, edit) in edits {
                if let PathSegment::Insert(j) = trail[0] {
                    new.push((j, edit.after.clone().unwrap()));
                }
            }
            new.sort_by_key(|(j, _)| *j);
            for (j, value) in new {
                list.insert(j.min(list.len()), value);
            }
            for (trail, edit) in edits {
                if let PathSegment::Order(names) = trail[0] {
                    let order: Vec<Value> = edit.after.clone().unwrap().as_array().unwrap().clone();
                    list.sort_by_key(|item| order.iter().position(|it| *it == label(names, item).unwrap()));
                }
            }
            Some(Value::Array(list))
        }
        _ => None,
    }
}

#[track_caller]
fn check(dialect: Dialect, before: &Value, after: &Value) {
    let (edits, same) = compare_within(before, after, dialect, None, None);
    let result = apply(before, &edits);
    let (rest, rest_same) = compare_within(&result, after, dialect, None, None);
    assert!(rest.is_empty(), "{rest:#?}\nof {edits:#?}\n{before:#}\n{after:#}");
    assert!(result == *after || !rest_same.is_empty(), "{result:#} {after:#}");
    assert!(result == *after || !same.is_empty(), "an equivalence is not named: {result:#}\n{after:#}");
}

/// A pseudorandom generator with a fixed seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

fn value(dice: &mut Dice, depth: usize) -> Value {
    const KEYS: [&str; 14] = [
        "name",
        "Tags",
        "http",
        "cpu",
        "timeout",
        "Statement",
        "Action",
        "env",
        "ports",
        "spec",
        "rules",
        "image",
        "Key",
        "triggers",
    ];
    match dice.roll(if depth == 0 { 4 } else { 8 }) {
        0 => json!(dice.roll(3)),
        1 => ["a", "b", "1000m", "1", "60s", "1m", "true"][dice.roll(7)].into(),
        2 => json!(dice.roll(2) == 0),
        3 => {
            let id = ["A", "B"][dice.roll(2)];
            json!({ "Ref": id })
        }
        4 | 5 => (0..dice.roll(4)).map(|_| value(dice, depth - 1)).collect(),
        _ => {
            let fields = (0..dice.roll(5)).map(|_| (KEYS[dice.roll(14)].to_owned(), value(dice, depth - 1)));
            Value::Object(fields.collect())
        }
    }
}

/// Returns a copy with a few changes.
fn changed(dice: &mut Dice, of: &Value) -> Value {
    match of {
        _ if dice.roll(9) == 0 => value(dice, 2),
        Value::Object(map) => {
            let mut map: serde_json::Map<String, Value> =
                map.iter().map(|(key, value)| (key.clone(), changed(dice, value))).collect();
            if dice.roll(4) == 0 {
                map.insert("added".to_owned(), value(dice, 1));
            }
            Value::Object(map)
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|value| changed(dice, value)).collect();
            if items.len() > 1 && dice.roll(3) == 0 {
                let last = items.len() - 1;
                items.swap(0, last);
            }
            if dice.roll(4) == 0 {
                items.insert(dice.roll(items.len() + 1), value(dice, 1));
            }
            Value::Array(items)
        }
        other => other.clone(),
    }
}

#[test]
fn edits_transform_the_old_value_into_the_new_one() {
    let mut dice = Dice(42);
    for _ in 0..20_000 {
        let before = value(&mut dice, 4);
        let after = changed(&mut dice, &before);
        for dialect in [Dialect::CloudFormation, Dialect::Kubernetes, Dialect::Plain] {
            check(dialect, &before, &after);
            assert_eq!(compare(&before, &before, dialect), []);
        }
    }
}

#[test]
fn ignores_equivalent_values() {
    let same = |dialect, a: Value, b: Value| {
        let (edits, same) = compare_within(&a, &b, dialect, None, None);
        assert!(edits.is_empty() && !same.is_empty(), "{edits:?}");
        assert!(compare(&b, &a, dialect).is_empty());
    };
    let kube = Dialect::Kubernetes;
    same(kube, json!({"cpu": "1000m"}), json!({"cpu": 1}));
    same(kube, json!({"memory": "1Gi"}), json!({"memory": "1024Mi"}));
    same(kube, json!({"timeout": "90s"}), json!({"timeout": "1m30s"}));
    let scaler = |triggers: Value| json!({"kind": "ScaledObject", "spec": {"triggers": triggers}});
    same(
        kube,
        scaler(json!([{"type": "cpu"}, {"type": "kafka"}])),
        scaler(json!([{"type": "kafka"}, {"type": "cpu"}])),
    );
    let role = |verbs: Value| json!({"kind": "Role", "rules": [{"verbs": verbs}]});
    same(kube, role(json!(["get", "list"])), role(json!(["list", "get"])));
    let service = |spec: Value| json!({"apiVersion": "v1", "kind": "Service", "spec": spec});
    same(kube, service(json!({"type": "ClusterIP"})), service(json!({})));
    let ports = |port: Value| service(json!({"ports": [port]}));
    same(kube, ports(json!({"port": 80})), ports(json!({"port": 80, "protocol": "TCP", "targetPort": 80})));
    let apps = |kind: &str, spec: Value| json!({"apiVersion": "apps/v1", "kind": kind, "spec": spec});
    let web = |more: Value| {
        let mut pod = json!({"containers": [{"name": "a", "image": "shop/web:1", "env": [{"name": "A"}]}]});
        pod.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        apps("Deployment", json!({"template": {"spec": pod}}))
    };
    let written = json!([{ "name": "a", "image": "shop/web:1", "imagePullPolicy": "IfNotPresent", "resources": {}, "args": [],
        "env": [{"name": "A", "value": ""}] }]);
    same(
        kube,
        web(json!({})),
        web(json!({"containers": written, "volumes": [], "securityContext": {}, "nodeSelector": {}})),
    );
    let strategy = json!({"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}}});
    same(kube, apps("Deployment", json!({})), apps("Deployment", strategy));
    let claim = |written: Value| apps("StatefulSet", json!({"volumeClaimTemplates": [written]}));
    let whole = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a"}});
    same(kube, claim(json!({"metadata": {"name": "a"}})), claim(whole));
    let binding = |role: Value, subject: Value| json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "roleRef": role, "subjects": [subject]});
    let (role, account) = (json!({"kind": "Role", "name": "a"}), json!({"kind": "ServiceAccount", "name": "a"}));
    let with = |of: &Value, group: &str| {
        let mut of = of.clone();
        of["apiGroup"] = group.into();
        of
    };
    let rbac = "rbac.authorization.k8s.io";
    same(kube, binding(role.clone(), account.clone()), binding(with(&role, rbac), with(&account, "")));
    let route = |host: &str, weight: u8| json!({"destination": {"host": host}, "weight": weight});
    let routes = |list: Value| json!({"kind": "VirtualService", "spec": {"http": [{"route": list}]}});
    same(kube, routes(json!([route("a", 1), route("b", 2)])), routes(json!([route("b", 2), route("a", 1)])));
    let aws = Dialect::CloudFormation;
    same(aws, json!({"Action": "a"}), json!({"Action": ["a"]}));
    let policy = |statement: Value| json!({"PolicyDocument": {"Statement": statement}});
    let statement = |action: Value, from: Value| json!({"Effect": "Allow", "Action": action, "Condition": {"StringLike": {"aws:SourceArn": from}}});
    same(aws, policy(statement(json!("a"), json!(["b"]))), policy(json!([statement(json!(["a"]), json!("b"))])));
    let tag = |key: &str| json!({"Key": key, "Value": "x"});
    same(aws, json!({"Tags": [tag("a"), tag("b")]}), json!({"Tags": [tag("b"), tag("a")]}));
    same(aws, json!({"Port": 5432}), json!({"Port": "5432"}));
    same(aws, json!({"Body": "{\"a\": 1, \"b\": 2}"}), json!({"Body": "{\"b\":2,\"a\":1}"}));
}

#[test]
fn reports_semantic_differences() {
    let differ = |dialect, a: Value, b: Value| assert!(!compare(&a, &b, dialect).is_empty(), "{a} {b}");
    let kube = Dialect::Kubernetes;
    differ(kube, json!({"data": {"cpu": "1000m"}}), json!({"data": {"cpu": "1"}}));
    differ(kube, json!({"args": ["a", "b"]}), json!({"args": ["b", "a"]}));
    differ(kube, json!({"env": [{"name": "A"}, {"name": "B"}]}), json!({"env": [{"name": "B"}, {"name": "A"}]}));
    differ(kube, json!({"port": 80}), json!({"port": "80"}));
    differ(kube, json!({"drop": ["a"]}), json!({"drop": ["a", "a"]}));
    let service = |kind: &str| json!({"apiVersion": "v1", "kind": "Service", "spec": {"type": kind}});
    differ(kube, service("LoadBalancer"), json!({"apiVersion": "v1", "kind": "Service", "spec": {}}));
    let policy = |spec: Value| json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": spec});
    differ(kube, policy(json!({"ingress": [{}]})), policy(json!({"ingress": []})));
    differ(kube, policy(json!({"podSelector": {}})), policy(json!({})));
    let own = |spec: Value| json!({"apiVersion": "x.io/v1", "kind": "Deployment", "spec": spec});
    differ(kube, own(json!({"list": []})), own(json!({})));
    let pod = |container: Value| json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [container]}});
    differ(kube, pod(json!({"name": "a", "securityContext": {}})), pod(json!({"name": "a"})));
    differ(
        kube,
        pod(json!({"name": "a", "image": "a", "imagePullPolicy": "Never"})),
        pod(json!({"name": "a", "image": "a"})),
    );
    // Istio uses the first matching route.
    let http = |first: &str, second: &str| json!({"http": [{"match": [{"uri": first}]}, {"match": [{"uri": second}]}]});
    differ(kube, http("/a", "/"), http("/", "/a"));
    differ(Dialect::Plain, json!(["a", "b"]), json!(["b", "a"]));
    differ(Dialect::CloudFormation, json!({"Tags": ["a"]}), json!({"Tags": "a"}));
    differ(Dialect::CloudFormation, json!({"Ref": "A"}), json!({"Fn::GetAtt": ["A", "Arn"]}));
}
