//! Whether the API server takes a change of an object: its validation on update.
//!
//! Source: <https://github.com/kubernetes/kubernetes/tree/v1.36.2/pkg/apis> (`*/validation/validation.go`).

use std::fmt;

use meshsynth::facts;
use serde_json::Value;

use super::tree::{order, units};
use super::verdict::{plain, touches};
use super::{Edit, Step};

/// Why the API server refuses a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A field that keeps its value for life.
    Immutable(String),
    /// A field that takes larger values only.
    Smaller(String),
    /// A field that takes smaller values only, once it is set.
    Larger(String),
    /// A list that takes more items, and gives none back.
    Removed(String),
    /// The object is marked `immutable`.
    Marked,
    /// A definition without the version that its objects may be stored in.
    StoredVersion(String),
}

/// Kinds that the facts do not hold, by their group.
const OTHERS: [(&str, &str, &[&str]); 6] = [
    (
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
        &["spec.group", "spec.names.kind", "spec.names.plural", "spec.scope"],
    ),
    ("apps", "ControllerRevision", &["data"]),
    ("certificates.k8s.io", "CertificateSigningRequest", &["spec"]),
    ("resource.k8s.io", "ResourceClaim", &["spec"]),
    ("resource.k8s.io", "ResourceClaimTemplate", &["spec"]),
    ("storage.k8s.io", "CSIStorageCapacity", &["nodeTopology", "storageClassName"]),
];

/// The first change that is refused. `rules` are the paths that the definition of its kind holds fast.
pub fn find(before: &Value, after: &Value, edits: &[Edit], rules: &[String]) -> Option<Refusal> {
    let text = |key: &str| after[key].as_str().unwrap_or_default();
    let (api, kind) = (text("apiVersion"), text("kind"));
    let group = api.split_once('/').map_or("", |(group, _)| group);
    let others = OTHERS.iter().find(|row| (row.0, row.1) == (group, kind)).map(|row| row.2).unwrap_or_default();
    let known = facts::kubernetes(api, kind).map(|facts| facts.immutable.as_slice()).unwrap_or_default();
    let paths: Vec<&str> = known.iter().chain(rules).map(String::as_str).chain(others.iter().copied()).collect();
    let own = |edit: &Edit| match kind {
        "PersistentVolumeClaim" => of_claim(edit),
        "Pod" => of_pod(before, after, edit),
        "Service" => of_service(edit),
        "CustomResourceDefinition" => of_definition(edit),
        _ => None,
    };
    let is_marked = before["immutable"] == true && ["ConfigMap", "Secret"].contains(&kind);
    edits.iter().find_map(|edit| {
        if is_fixed(&paths, edit) && !is_allowed(kind, before, after, edit) {
            return Some(Refusal::Immutable(edit.path.clone()));
        }
        if is_marked && !edit.is_below(&["metadata"]) {
            return Some(Refusal::Marked);
        }
        own(edit)
    })
}

/// Whether an edit touches one of the paths; what lies below one that begins with `!` may change.
fn is_fixed(paths: &[&str], edit: &Edit) -> bool {
    let path = plain(&edit.path);
    let (free, fixed): (Vec<&str>, Vec<&str>) = paths.iter().partition(|path| path.starts_with('!'));
    let is_free = free
        .iter()
        .any(|free| path.strip_prefix(&free[1..]).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
    !is_free && fixed.iter().any(|fixed| touches(fixed, &path, edit))
}

/// What a field that is fixed takes nevertheless.
fn is_allowed(kind: &str, before: &Value, after: &Value, edit: &Edit) -> bool {
    let spec = |object: &'_ Value, key: &str| object["spec"][key].clone();
    let is_like = |steps: &[&str]| edit.is_below(steps);
    match kind {
        // The server fills in what it gave out before.
        "Service" if is_like(&["spec", "clusterIP"]) => {
            let is_external = |object: &Value| object["spec"]["type"] == "ExternalName";
            edit.after.is_none() || is_external(before) || is_external(after)
        }
        "Service" if is_like(&["spec", "loadBalancerClass"]) => spec(before, "type") != spec(after, "type"),
        "PersistentVolume" if is_like(&["spec", "nodeAffinity"]) => before["spec"]["nodeAffinity"].is_null(),
        "PersistentVolumeClaim" if is_like(&["spec", "volumeName"]) => edit.before.is_none(),
        "Job" if is_like(&["spec", "completions"]) => {
            after["spec"]["completionMode"] == "Indexed" && spec(after, "completions") == spec(after, "parallelism")
        }
        "Job" => {
            const SCHEDULING: [&[&str]; 5] = [
                &["spec", "template", "metadata"],
                &["spec", "template", "spec", "affinity", "nodeAffinity"],
                &["spec", "template", "spec", "nodeSelector"],
                &["spec", "template", "spec", "schedulingGates"],
                &["spec", "template", "spec", "tolerations"],
            ];
            before["spec"]["suspend"] == true && SCHEDULING.iter().any(|steps| is_like(steps))
        }
        _ => false,
    }
}

fn of_claim(edit: &Edit) -> Option<Refusal> {
    let amount = |value: &Option<Value>| match value.as_ref()? {
        Value::String(text) => units::quantity(text),
        other => units::quantity(&other.to_string()),
    };
    let is_size = edit.is_below(&["spec", "resources", "requests", "storage"]);
    (is_size && amount(&edit.after) < amount(&edit.before)).then(|| Refusal::Smaller(edit.path.clone()))
}

fn of_pod(before: &Value, after: &Value, edit: &Edit) -> Option<Refusal> {
    let items = |object: &'_ Value, key: &str| object["spec"][key].as_array().cloned().unwrap_or_default();
    let holds_all = |all: &[Value], some: &[Value]| some.iter().all(|item| all.contains(item));
    if edit.is_below(&["spec", "tolerations"]) {
        let is_more = holds_all(&items(after, "tolerations"), &items(before, "tolerations"));
        return (!is_more).then(|| Refusal::Removed("spec.tolerations".to_owned()));
    }
    if edit.is_below(&["spec", "schedulingGates"]) {
        let is_less = holds_all(&items(before, "schedulingGates"), &items(after, "schedulingGates"));
        return (!is_less).then(|| Refusal::Immutable("spec.schedulingGates".to_owned()));
    }
    if edit.is_below(&["spec", "activeDeadlineSeconds"]) {
        let seconds = |value: &Option<Value>| value.as_ref().and_then(Value::as_u64);
        let old = seconds(&edit.before)?;
        let is_less = seconds(&edit.after).is_some_and(|new| new <= old);
        return (!is_less).then(|| Refusal::Larger(edit.path.clone()));
    }
    None
}

/// Addresses and families have a first one, which stays.
fn of_service(edit: &Edit) -> Option<Refusal> {
    let is_first = |key: &str| edit.is_below(&["spec", key]) && edit.trail.get(2) == Some(&Step::At(0));
    let is_kept = is_first("clusterIPs") || is_first("ipFamilies") || edit.is_below(&["spec", "healthCheckNodePort"]);
    (is_kept && edit.before.is_some() && edit.after.is_some()).then(|| Refusal::Immutable(edit.path.clone()))
}

fn of_definition(edit: &Edit) -> Option<Refusal> {
    let version = edit.before.as_ref().filter(|_| edit.after.is_none() && edit.trail.len() == 3)?;
    let is_stored = edit.is_below(&["spec", "versions"]) && version["storage"] == true;
    is_stored.then(|| Refusal::StoredVersion(version["name"].as_str().unwrap_or_default().to_owned()))
}

/// Whether an edit lies in the template of the pods that a kind makes.
pub fn is_in_template(kind: &str, edit: &Edit) -> bool {
    order::pod_template(kind).is_some_and(|steps| edit.is_below(steps))
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Immutable(path) => {
                write!(out, "the API server refuses to change `{path}`: delete and create it")
            }
            Refusal::Smaller(path) => {
                write!(out, "the API server takes no smaller `{path}`: delete and create it")
            }
            Refusal::Larger(path) => {
                write!(out, "the API server takes no larger `{path}`, nor none: delete and create it")
            }
            Refusal::Removed(path) => {
                write!(out, "the API server takes more `{path}`, and never fewer: delete and create it")
            }
            Refusal::Marked => out.write_str("it is marked `immutable`: delete and create it"),
            Refusal::StoredVersion(version) => {
                write!(out, "the API server refuses to drop version `{version}`, in which objects are stored")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::scenes::{diff, scene};
    use crate::{Diff, Verdict};

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
    fn a_pod_changes_its_images_and_little_else() {
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
        check(
            &pod,
            "/spec/containers",
            json!([{ "name": "a", "image": "i:1", "args": ["x"] }, { "name": "b" }]),
            REFUSED,
        );
        check(&pod, "/spec/tolerations", json!([{ "key": "a" }]), REFUSED);
        check(&pod, "/spec/activeDeadlineSeconds", json!(90), REFUSED);
        check(&pod, "/spec/activeDeadlineSeconds", Value::Null, REFUSED);
        check(&pod, "/spec/hostNetwork", json!(true), REFUSED);
        check(&pod, "/spec/hostNetwork", json!(false), None);
    }

    #[test]
    fn a_definition_keeps_its_scope_its_names_and_its_stored_version() {
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
    fn claims_grow_and_never_shrink() {
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
    fn what_the_api_server_refuses_is_never_in_place() {
        let driver = object("storage.k8s.io/v1", "CSIDriver", json!({ "spec": { "podInfoOnMount": false } }));
        check(&driver, "/spec/attachRequired", json!(false), REFUSED);
        check(&driver, "/spec/volumeLifecycleModes", json!(["Ephemeral"]), REFUSED);
        check(&driver, "/spec/podInfoOnMount", json!(true), IN_PLACE);
        let class =
            object("storage.k8s.io/v1", "StorageClass", json!({ "provisioner": "a", "reclaimPolicy": "Delete" }));
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
        check(&claim, "/spec/devices", json!({ "requests": [] }), REFUSED);
    }

    #[test]
    fn transition_rules_of_definitions_hold() {
        let gateway =
            object("gateway.networking.k8s.io/v1", "GatewayClass", json!({ "spec": { "controllerName": "a/b" } }));
        check(&gateway, "/spec/controllerName", json!("a/c"), REFUSED);
        // The same of a definition that comes with the platform.
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
    fn pods_that_wait_are_not_restarted() {
        let template = json!({ "spec": { "containers": [{ "name": "a", "image": "i:1" }] } });
        let image = "/spec/template/spec/containers/0/image";
        let spec = json!({ "spec": { "updateStrategy": { "type": "OnDelete" }, "template": template } });
        check(&object("apps/v1", "DaemonSet", spec), image, json!("i:2"), IN_PLACE);
        let spec = json!({ "spec": { "paused": true, "template": template } });
        check(&object("apps/v1", "Deployment", spec), image, json!("i:2"), IN_PLACE);
        let spec = json!({ "spec": { "template": template } });
        check(&object("apps/v1", "Deployment", spec), image, json!("i:2"), Some(Verdict::RolloutRestart));
    }
}
