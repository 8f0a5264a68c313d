//! Update validation of the API server.
//!
//! Source: <https://github.com/kubernetes/kubernetes/tree/v1.36.2/pkg/apis> (`*/validation/validation.go`).

use std::fmt;

use meshsynth_facts as facts;
use serde_json::Value;

use crate::change::{Edit, PathSegment};
use crate::fact_path::plain;
use crate::touch::touches;
use crate::tree::{order, units};

/// A reason why the API server refuses a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A field that cannot change.
    Immutable(String),
    /// A field that can only increase.
    Smaller(String),
    /// A field that can only decrease once it is set.
    Larger(String),
    /// A list that allows new items, but no removals.
    Removed(String),
    /// The object is marked `immutable`.
    Marked,
    /// A definition that removes the storage version of its objects.
    StoredVersion(String),
}

/// Immutable fields of kinds that the facts do not contain, by group.
const OTHERS: [(&str, &str, &[&str]); 2] = [
    ("apps", "ControllerRevision", &["data"]),
    ("storage.k8s.io", "CSIStorageCapacity", &["nodeTopology", "storageClassName"]),
];

/// Returns the first refused change. `rules` contains the paths that the definition of its kind makes immutable.
pub fn find(before: &Value, after: &Value, edits: &[Edit], rules: &[String]) -> Option<Refusal> {
    let text = |key: &str| after[key].as_str().unwrap_or_default();
    let (api, kind) = (text("apiVersion"), text("kind"));
    let group = api.split_once('/').map_or("", |(group, _)| group);
    let others = OTHERS.iter().find(|row| (row.0, row.1) == (group, kind)).map(|row| row.2).unwrap_or_default();
    let known = facts::kubernetes(api, kind).or_else(|| facts::other_version(api, kind));
    let known = known.map(|facts| facts.immutable.as_slice()).unwrap_or_default();
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

/// Whether an edit touches one of the paths. Paths below one that begins with `!` may change.
fn is_fixed(paths: &[&str], edit: &Edit) -> bool {
    let path = plain(&edit.path);
    let (free, fixed): (Vec<&str>, Vec<&str>) = paths.iter().partition(|path| path.starts_with('!'));
    let is_free = free
        .iter()
        .any(|free| path.strip_prefix(&free[1..]).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
    !is_free && fixed.iter().any(|fixed| touches(fixed, &path, edit))
}

/// Whether an otherwise immutable field allows this change.
fn is_allowed(kind: &str, before: &Value, after: &Value, edit: &Edit) -> bool {
    let spec = |object: &'_ Value, key: &str| object["spec"][key].clone();
    let is_like = |steps: &[&str]| edit.is_below(steps);
    match kind {
        // The API server fills in the values that it assigned before.
        "Service" if is_like(&["spec", "clusterIP"]) => {
            let is_external = |object: &Value| object["spec"]["type"] == "ExternalName";
            edit.after.is_none() || is_external(before) || is_external(after)
        }
        "Service" if is_like(&["spec", "loadBalancerClass"]) => spec(before, "type") != spec(after, "type"),
        "PersistentVolume" if is_like(&["spec", "nodeAffinity"]) => before["spec"]["nodeAffinity"].is_null(),
        // A second CIDR block makes the cluster dual-stack.
        "ServiceCIDR" => match (spec(before, "cidrs").as_array(), spec(after, "cidrs").as_array()) {
            (Some(old), Some(new)) => old.len() == 1 && new.len() == 2 && old[0] == new[0],
            _ => false,
        },
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

/// The first address and the first IP family cannot change.
fn of_service(edit: &Edit) -> Option<Refusal> {
    let is_first = |key: &str| edit.is_below(&["spec", key]) && edit.trail.get(2) == Some(&PathSegment::At(0));
    let is_kept = is_first("clusterIPs") || is_first("ipFamilies") || edit.is_below(&["spec", "healthCheckNodePort"]);
    (is_kept && edit.before.is_some() && edit.after.is_some()).then(|| Refusal::Immutable(edit.path.clone()))
}

fn of_definition(edit: &Edit) -> Option<Refusal> {
    let version = edit.before.as_ref().filter(|_| edit.after.is_none() && edit.trail.len() == 3)?;
    let is_stored = edit.is_below(&["spec", "versions"]) && version["storage"] == true;
    is_stored.then(|| Refusal::StoredVersion(version["name"].as_str().unwrap_or_default().to_owned()))
}

/// Whether an edit is in the pod template of a kind.
pub fn is_in_template(kind: &str, edit: &Edit) -> bool {
    order::pod_template(kind).is_some_and(|steps| edit.is_below(steps))
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Immutable(path) => {
                write!(out, "the API server rejects a change of `{path}`: delete and create the object")
            }
            Refusal::Smaller(path) => {
                write!(out, "the API server rejects a smaller `{path}`: delete and create the object")
            }
            Refusal::Larger(path) => {
                write!(out, "the API server rejects a larger or removed `{path}`: delete and create the object")
            }
            Refusal::Removed(path) => {
                write!(out, "the API server rejects the removal of items from `{path}`: delete and create the object")
            }
            Refusal::Marked => out.write_str("it is marked `immutable`: delete and create the object"),
            Refusal::StoredVersion(version) => {
                write!(
                    out,
                    "the API server rejects the removal of version `{version}`, because objects are stored in \
                     it"
                )
            }
        }
    }
}
