//! Explains why an API server rejects an object, with the fix.

use std::collections::BTreeSet;

use super::family::family;
use super::{Kube, KubeError, Object, Worker};
use crate::failure::Failure;

/// The groups of the API server itself. CRDs do not change what they accept.
const BUILT_IN: [&str; 17] = [
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// The reason for a rejection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Other managers own fields of the object.
    Conflict,
    /// A webhook or a policy of the cluster denies the object.
    Policy,
    /// The quota of the namespace is exceeded.
    Quota,
    /// The permissions are insufficient.
    Rights,
    /// The object is invalid.
    Value,
    /// A dry run is not conclusive.
    Untold(&'static str),
}

impl Refusal {
    /// Returns the reason of an API server error.
    pub(super) fn of(error: &KubeError) -> Self {
        let says = |text: &str| error.text.contains(text);
        let is_conflict = error.causes.iter().any(|(reason, ..)| reason == "FieldManagerConflict");
        match error.code {
            409 if is_conflict => Refusal::Conflict,
            404 => Refusal::Untold("whose namespace does not exist yet"),
            409 => Refusal::Untold("that another client changes at the same time"),
            400 if says("does not support dry run") => {
                Refusal::Untold("whose admission webhook does not support dry runs")
            }
            500 if says("failed calling webhook") => Refusal::Untold("whose admission webhook does not respond yet"),
            _ if says("admission webhook \"") || says("ValidatingAdmissionPolicy") => Refusal::Policy,
            403 if says("exceeded quota") => Refusal::Quota,
            403 => Refusal::Rights,
            _ => Refusal::Value,
        }
    }

    /// Whether the rejection is certain, regardless of earlier changes. `changes` are the other objects of the
    /// deployment. `has_releases` reports whether releases are deployed first.
    pub(super) fn is_certain(self, object: &Object, changes: &[&Object], has_releases: bool) -> bool {
        let is_any = |kinds: &[&str]| changes.iter().any(|it| kinds.contains(&it.kind()));
        match self {
            Refusal::Conflict => true,
            Refusal::Value => {
                BUILT_IN.contains(&group(object)) || !(has_releases || is_any(&["CustomResourceDefinition"]))
            }
            Refusal::Policy => !has_releases && changes.iter().all(|it| it.wave >= object.wave),
            Refusal::Quota => !is_any(&["ResourceQuota"]),
            Refusal::Rights => changes.iter().all(|it| group(it) != "rbac.authorization.k8s.io"),
            Refusal::Untold(_) => false,
        }
    }
}

fn group(object: &Object) -> &str {
    object.body["apiVersion"].as_str().and_then(|version| version.split_once('/')).map_or("", |(group, _)| group)
}

impl<K: Kube> Worker<'_, K> {
    /// Creates the failure for an object that was not applied.
    pub(super) fn explain(&self, object: &Object, error: &KubeError) -> Failure {
        let called = object.called();
        let refusal = Refusal::of(error);
        if refusal == Refusal::Conflict {
            let owners: BTreeSet<&str> = error.causes.iter().filter_map(owner).collect();
            let owners: Vec<&str> = owners.into_iter().collect();
            let fields: Vec<String> = error.causes.iter().map(|(_, field, _)| format!("`{field}`")).collect();
            let mut failure = Failure::new(
                format!(
                    "cluster `{}`: {called} is not applied: field manager `{}` manages some of its fields",
                    self.cluster,
                    owners.join("`, `")
                ),
                conflict_help(&[error]).unwrap_or_default(),
            );
            failure.cause = format!("conflicting fields: {}", fields.join(", "));
            return failure;
        }
        let mut failure = self.failed(&format!("{called} is not applied"), error);
        if refusal == Refusal::Value
            && (error.text.contains("immutable")
                || error.text.contains("updates to") && error.text.contains("forbidden"))
        {
            failure.help = format!(
                "Kubernetes cannot change this field in place: delete {called}, then run the command again; \
                 `meshsynth diff` reports such changes before a deployment"
            );
        } else if let (Refusal::Policy, Some((_, rest))) = (refusal, error.text.split_once("admission webhook \"")) {
            let webhook = rest.split('"').next().unwrap_or_default();
            failure.help = format!(
                "the admission webhook `{webhook}` rejects the object: satisfy its policy, synthesize, and run the \
                 command again"
            );
        } else if refusal == Refusal::Quota {
            "a resource quota of the namespace is exhausted: increase it or reduce the requests, then run the command \
             again"
                .clone_into(&mut failure.help);
        }
        failure
    }
}

/// Returns the fix for conflicts with other field managers, or `None` if an error is not such a conflict.
pub(super) fn conflict_help(errors: &[&KubeError]) -> Option<String> {
    if errors.iter().any(|error| Refusal::of(error) != Refusal::Conflict) {
        return None;
    }
    // A manager of an unknown tool can be a controller, from which whole objects must not be taken over.
    let tools = |error: &&KubeError| error.causes.iter().map(|it| family(owner(it)?)).collect::<Option<Vec<_>>>();
    let names: BTreeSet<&str> = errors.iter().filter_map(tools).flatten().collect();
    Some(match names.is_empty() {
        true => "remove those fields from the platform, or take them over with `--force-conflicts`".to_owned(),
        false => format!(
            "remove those fields from the platform, take over the fields with `--force-conflicts`, or take over whole \
             objects with `--take-over {}`",
            names.into_iter().collect::<Vec<_>>().join(",")
        ),
    })
}

/// Describes a rejection in a few words.
pub(super) fn reason(error: &KubeError) -> String {
    if Refusal::of(error) != Refusal::Conflict {
        return error.to_string();
    }
    let text = |cause @ (_, field, _): &(String, String, String)| {
        format!("`{}` manages `{field}`", owner(cause).unwrap_or_default())
    };
    error.causes.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// Whether an error is a conflict with only these managers.
pub(super) fn is_conflict_with(error: &KubeError, managers: &BTreeSet<String>) -> bool {
    Refusal::of(error) == Refusal::Conflict
        && error.causes.iter().all(|cause| owner(cause).is_some_and(|owner| managers.contains(owner)))
}

/// Returns the manager in a conflict message.
fn owner((_, _, message): &(String, String, String)) -> Option<&str> {
    message.split('"').nth(1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(wave: &str, version: &str, kind: &str) -> Object {
        let body = json!({ "apiVersion": version, "kind": kind, "metadata": { "name": "a" } });
        Object { wave: wave.to_owned(), body, construct: String::new(), source: String::new() }
    }

    #[test]
    fn earlier_changes_can_resolve_a_rejection() {
        let (thing, workload) = (object("30", "example.com/v1", "Thing"), object("40", "apps/v1", "Deployment"));
        let crd = object("10", "apiextensions.k8s.io/v1", "CustomResourceDefinition");
        assert!(Refusal::Value.is_certain(&workload, &[&crd], true), "a CRD does not change a built-in kind");
        assert!(Refusal::Value.is_certain(&thing, &[&workload], false));
        assert!(!Refusal::Value.is_certain(&thing, &[&crd], false), "its definition changes as well");
        assert!(!Refusal::Value.is_certain(&thing, &[], true), "a release may install a newer definition");
        assert!(Refusal::Policy.is_certain(&thing, &[&workload], false));
        assert!(!Refusal::Policy.is_certain(&workload, &[&thing], false));
        assert!(!Refusal::Quota.is_certain(&workload, &[&object("30", "v1", "ResourceQuota")], false));
        assert!(!Refusal::Rights.is_certain(
            &workload,
            &[&object("30", "rbac.authorization.k8s.io/v1", "Role")],
            false
        ));
    }
}
