//! Changes that the API server refuses, such as changes of immutable fields.

use meshsynth_diff::Diff;
use meshsynth_diff::Verdict;
use serde_json::{Value, json};

use crate::scene::{diff, scene};

fn changed(object: &Value, pointer: &str, value: Value) -> Diff {
    let of = |object: Value| scene(vec![], vec![("10-x", object)]);
    let mut after = object.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match after.pointer_mut(parent).unwrap() {
        Value::Object(map) if value.is_null() => drop(map.remove(key)),
        parent => parent[key] = value,
    }
    diff(&of(object.clone()), &of(after))
}

#[track_caller]
fn check(object: &Value, pointer: &str, value: Value, wanted: Option<Verdict>) {
    let found = changed(object, pointer, value);
    let verdicts: Vec<Verdict> = found.changes.iter().map(|change| change.verdict).collect();
    assert_eq!(verdicts, wanted.into_iter().collect::<Vec<_>>(), "{} {pointer}", object["kind"]);
}

fn object(api: &str, kind: &str, rest: Value) -> Value {
    let mut object = json!({ "apiVersion": api, "kind": kind, "metadata": { "name": "a" } });
    object.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    object
}

const IN_PLACE: Option<Verdict> = Some(Verdict::InPlace);
const REFUSED: Option<Verdict> = Some(Verdict::KubernetesImmutable);
const LOST: Option<Verdict> = Some(Verdict::DataLoss);

#[test]
fn pod_allows_few_changes_besides_images() {
    let pod = object(
        "v1",
        "Pod",
        json!({ "spec": {
            "activeDeadlineSeconds": 60,
            "containers": [{ "name": "a", "image": "i:1", "args": ["x"] }],
            "tolerations": [{ "key": "a" }, { "key": "b" }],
        } }),
    );
    check(&pod, "/spec/containers/0/image", json!("i:2"), IN_PLACE);
    check(&pod, "/spec/tolerations", json!([{ "key": "b" }, { "key": "a" }, { "key": "c" }]), IN_PLACE);
    check(&pod, "/spec/activeDeadlineSeconds", json!(30), IN_PLACE);
    check(&pod, "/metadata/labels", json!({ "a": "b" }), IN_PLACE);
    check(&pod, "/spec/containers/0/args", json!(["y"]), REFUSED);
    check(&pod, "/spec/containers/0/resources", json!({ "limits": { "cpu": 1 } }), REFUSED);
    check(&pod, "/spec/containers", json!([{ "name": "a", "image": "i:1", "args": ["x"] }, { "name": "b" }]), REFUSED);
    check(&pod, "/spec/tolerations", json!([{ "key": "a" }]), REFUSED);
    check(&pod, "/spec/activeDeadlineSeconds", json!(90), REFUSED);
    check(&pod, "/spec/activeDeadlineSeconds", Value::Null, REFUSED);
    check(&pod, "/spec/hostNetwork", json!(true), REFUSED);
    check(&pod, "/spec/hostNetwork", json!(false), None);
}

#[test]
fn definition_keeps_scope_names_and_stored_version() {
    let definition = object(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        json!({ "spec": {
            "group": "example.com", "scope": "Namespaced", "names": { "kind": "Thing", "plural": "things", "singular": "thing" },
            "versions": [{ "name": "v1", "storage": true, "served": true }, { "name": "v1alpha1", "storage": false, "served": true }],
        } }),
    );
    check(&definition, "/spec/scope", json!("Cluster"), LOST);
    check(&definition, "/spec/names/kind", json!("Other"), LOST);
    check(&definition, "/spec/names/shortNames", json!(["t"]), IN_PLACE);
    check(&definition, "/spec/versions", json!([{ "name": "v1", "storage": true, "served": true }]), IN_PLACE);
    check(&definition, "/spec/versions", json!([{ "name": "v1alpha1", "storage": true, "served": true }]), LOST);
}

#[test]
fn claims_can_grow_but_not_shrink() {
    let spec = json!({ "spec": { "accessModes": ["ReadWriteOnce", "ReadOnlyMany"], "resources": { "requests": { "storage": "10Gi" } } } });
    let claim = object("v1", "PersistentVolumeClaim", spec);
    check(&claim, "/spec/resources/requests/storage", json!("20Gi"), IN_PLACE);
    check(&claim, "/spec/resources/requests/storage", json!("10240Mi"), None);
    check(&claim, "/spec/resources/requests/storage", json!("5Gi"), LOST);
    check(&claim, "/spec/resources/limits", json!({ "storage": "20Gi" }), LOST);
    check(&claim, "/spec/accessModes", json!(["ReadOnlyMany", "ReadWriteOnce"]), LOST);
    check(&claim, "/spec/volumeName", json!("x"), IN_PLACE);
    check(&claim, "/spec/volumeMode", json!("Filesystem"), None);
}

#[test]
fn refused_changes_are_never_in_place() {
    let driver = object("storage.k8s.io/v1", "CSIDriver", json!({ "spec": { "podInfoOnMount": false } }));
    check(&driver, "/spec/attachRequired", json!(false), REFUSED);
    check(&driver, "/spec/volumeLifecycleModes", json!(["Ephemeral"]), REFUSED);
    check(&driver, "/spec/podInfoOnMount", json!(true), IN_PLACE);
    let class = object("storage.k8s.io/v1", "StorageClass", json!({ "provisioner": "a", "reclaimPolicy": "Delete" }));
    check(&class, "/reclaimPolicy", Value::Null, None);
    check(&class, "/volumeBindingMode", json!("Immediate"), None);
    check(&class, "/volumeBindingMode", json!("WaitForFirstConsumer"), REFUSED);
    check(&class, "/parameters", json!({ "type": "io2" }), REFUSED);
    check(&class, "/mountOptions", json!(["noatime"]), IN_PLACE);
    let job = object("batch/v1", "Job", json!({ "spec": { "completions": 3, "parallelism": 2 } }));
    check(&job, "/spec/completions", json!(4), REFUSED);
    check(&job, "/spec/podFailurePolicy", json!({ "rules": [] }), REFUSED);
    check(&job, "/spec/backoffLimit", json!(1), IN_PLACE);
    let volume = object(
        "v1",
        "PersistentVolume",
        json!({ "spec": { "capacity": { "storage": "1Gi" }, "nfs": { "server": "a" } } }),
    );
    check(&volume, "/spec/nfs/server", json!("b"), REFUSED);
    check(&volume, "/spec/nodeAffinity", json!({ "required": {} }), IN_PLACE);
    check(&volume, "/spec/mountOptions", json!(["noatime"]), IN_PLACE);
    let service = object(
        "v1",
        "Service",
        json!({ "spec": { "type": "LoadBalancer", "clusterIP": "10.0.0.1", "ipFamilies": ["IPv4"] } }),
    );
    check(&service, "/spec/clusterIP", json!("10.0.0.2"), REFUSED);
    check(&service, "/spec/clusterIP", Value::Null, IN_PLACE);
    check(&service, "/spec/loadBalancerClass", json!("x"), REFUSED);
    check(&service, "/spec/ipFamilies", json!(["IPv6"]), REFUSED);
    check(&service, "/spec/ipFamilies", json!(["IPv4", "IPv6"]), IN_PLACE);
    let secret = object("v1", "Secret", json!({ "immutable": true, "stringData": { "a": "1" } }));
    check(&secret, "/immutable", json!(false), REFUSED);
    check(&secret, "/metadata/labels", json!({ "a": "b" }), IN_PLACE);
    let claim = object("resource.k8s.io/v1", "ResourceClaim", json!({ "spec": { "devices": {} } }));
    check(&claim, "/spec/devices", json!({ "requests": [{ "name": "gpu" }] }), REFUSED);
    let claim = object("resource.k8s.io/v1beta2", "ResourceClaim", json!({ "spec": { "devices": {} } }));
    check(&claim, "/spec/devices", json!({ "requests": [{ "name": "gpu" }] }), REFUSED);
    let addresses = object("networking.k8s.io/v1", "ServiceCIDR", json!({ "spec": { "cidrs": ["10.8.0.0/16"] } }));
    check(&addresses, "/spec/cidrs", json!(["10.9.0.0/16"]), REFUSED);
    check(&addresses, "/spec/cidrs", json!(["10.8.0.0/16", "fd00::/108"]), IN_PLACE);
    let class =
        object("resource.k8s.io/v1", "DeviceClass", json!({ "spec": { "extendedResourceName": "a.example/gpu" } }));
    check(&class, "/spec/extendedResourceName", json!("b.example/gpu"), IN_PLACE);
}

#[test]
fn applies_transition_rules_of_definitions() {
    let gateway =
        object("gateway.networking.k8s.io/v1", "GatewayClass", json!({ "spec": { "controllerName": "a/b" } }));
    check(&gateway, "/spec/controllerName", json!("a/c"), REFUSED);
    let older =
        object("gateway.networking.k8s.io/v1beta1", "GatewayClass", json!({ "spec": { "controllerName": "a/b" } }));
    check(&older, "/spec/controllerName", json!("a/c"), REFUSED);
    // A definition in the platform itself has the same effect.
    let rule = json!([{ "rule": "self.size >= 1 && self.zone == oldSelf.zone" }]);
    let schema = json!({ "properties": { "spec": { "properties": { "zone": {}, "size": {} }, "x-kubernetes-validations": rule } } });
    let definition = object(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        json!({ "spec": { "group": "example.com", "names": { "kind": "Thing" }, "versions": [{ "name": "v1", "schema": { "openAPIV3Schema": schema } }] } }),
    );
    let platform = |zone: &str, size: u8| {
        let thing = object("example.com/v1", "Thing", json!({ "spec": { "zone": zone, "size": size } }));
        scene(vec![], vec![("10-x", definition.clone()), ("20-x", thing)])
    };
    let verdicts = |found: Diff| found.changes.iter().map(|change| change.verdict).collect::<Vec<_>>();
    assert_eq!(verdicts(diff(&platform("a", 1), &platform("b", 1))), [Verdict::KubernetesImmutable]);
    assert_eq!(verdicts(diff(&platform("a", 1), &platform("a", 2))), [Verdict::InPlace]);
}

#[test]
fn workloads_that_replace_pods_later_do_not_restart() {
    let template = json!({ "spec": { "containers": [{ "name": "a", "image": "i:1" }] } });
    let image = "/spec/template/spec/containers/0/image";
    let spec = json!({ "spec": { "updateStrategy": { "type": "OnDelete" }, "template": template } });
    check(&object("apps/v1", "DaemonSet", spec), image, json!("i:2"), IN_PLACE);
    let spec = json!({ "spec": { "paused": true, "template": template } });
    check(&object("apps/v1", "Deployment", spec), image, json!("i:2"), IN_PLACE);
    let spec = json!({ "spec": { "template": template } });
    check(&object("apps/v1", "Deployment", spec), image, json!("i:2"), Some(Verdict::RolloutRestart));
}
