//! The table of fields that known controllers write into applied objects. Such fields are not drift.
//!
//! A row contains the field manager of the controller, the kinds, the field and the reason. All other changes to an
//! applied object are drift.

use std::fmt::Write as _;

use wildmatch::WildMatchPattern;

use super::fields::{Step, Writer, shown};

/// A field that a controller writes.
pub struct Written {
    /// The field managers. A trailing `*` matches any suffix.
    pub managers: &'static [&'static str],
    /// The kinds. Empty for all kinds.
    pub kinds: &'static [&'static str],
    /// The field, including all fields below it. `[]` matches any item, and a trailing `*` matches any suffix.
    pub path: &'static str,
    /// The reason why the field is not drift.
    pub reason: &'static str,
}

const fn row(
    managers: &'static [&'static str],
    kinds: &'static [&'static str],
    path: &'static str,
    reason: &'static str,
) -> Written {
    Written { managers, kinds, path, reason }
}

const KCM: &[&str] = &["kube-controller-manager"];
const SCALERS: &[&str] = &["kube-controller-manager", "keda", "keda-operator"];
const CLOUD: &[&str] = &["aws-cloud-controller-manager", "cloud-controller-manager", "kube-controller-manager"];
const LBC: &[&str] = &["aws-load-balancer-controller", "controller", "elbv2.k8s.aws"];
const ROLLOUTS: &[&str] = &["rollouts-controller", "argo-rollouts"];
const KEDA: &[&str] = &["keda", "keda-operator"];
const SECRETS: &[&str] = &["external-secrets*"];
const CERTS: &[&str] = &["cert-manager*"];
const CA: &[&str] =
    &["cert-manager-cainjector", "cainjector", "external-secrets*", "keda", "keda-operator", "pilot-discovery"];
const WEBHOOKS: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
const VOLUMES: &[&str] = &["kube-controller-manager", "kube-scheduler"];
const CLAIMS: &[&str] = &["PersistentVolumeClaim"];

/// The table, sorted by controller.
pub const WRITTEN: &[Written] = &[
    row(SCALERS, &["Deployment", "ReplicaSet", "Rollout", "StatefulSet"], "spec.replicas", "the autoscaler sets it"),
    row(KCM, &["Deployment"], "metadata.annotations[deployment.kubernetes.io/revision]", "the revision number"),
    row(KCM, &["DaemonSet"], "metadata.annotations[deprecated.daemonset.template.generation]", "the revision number"),
    row(
        KCM,
        &["Endpoints"],
        "metadata.annotations[endpoints.kubernetes.io/last-change-trigger-time]",
        "the last change of its pods",
    ),
    row(KCM, &["Endpoints"], "subsets", "the ready pods"),
    row(KCM, &["EndpointSlice"], "endpoints", "the ready pods"),
    row(KCM, &["ServiceAccount"], "secrets", "the tokens of the service account"),
    row(KCM, &["Secret"], "data[ca.crt]", "the token of a service account, with its certificate authority"),
    row(KCM, &["Secret"], "data.namespace", "the token of a service account, with its namespace"),
    row(KCM, &["Secret"], "data.token", "the token of a service account"),
    row(
        KCM,
        &["Secret"],
        "metadata.annotations[kubernetes.io/service-account.uid]",
        "the service account of the token",
    ),
    row(KCM, &["Secret"], "metadata.labels[kubernetes.io/legacy-token-invalid-since]", "an unused token is disabled"),
    row(
        &["kube-apiserver"],
        &["Secret"],
        "metadata.labels[kubernetes.io/legacy-token-last-used]",
        "when the token was last used",
    ),
    row(KCM, &[], "metadata.finalizers[foregroundDeletion]", "garbage collection"),
    row(KCM, &[], "metadata.finalizers[orphan]", "garbage collection"),
    row(
        KCM,
        CLAIMS,
        "metadata.finalizers[kubernetes.io/pvc-protection]",
        "prevents deletion while a pod uses the claim",
    ),
    row(
        KCM,
        &["PersistentVolume"],
        "metadata.finalizers[kubernetes.io/pv-protection]",
        "prevents deletion while the volume is bound",
    ),
    // `helm upgrade --create-namespace` applies the namespace even if it exists.
    row(&["helm"], &["Namespace"], "metadata.labels.name", "Helm labels the namespace of a release"),
    row(&["helm"], &["Namespace"], "spec", "Helm applies the namespace of a release, with only its name"),
    row(VOLUMES, &["PersistentVolume"], "spec.claimRef", "the claim that is bound to it"),
    row(VOLUMES, &["PersistentVolume"], "metadata.annotations[pv.kubernetes.io/*]", "how it was bound"),
    row(VOLUMES, CLAIMS, "spec.volumeName", "the volume that is bound to it"),
    row(VOLUMES, CLAIMS, "metadata.annotations[pv.kubernetes.io/*]", "how it was bound"),
    row(VOLUMES, CLAIMS, "metadata.annotations[volume.kubernetes.io/*]", "the provisioner and the node"),
    row(VOLUMES, CLAIMS, "metadata.annotations[volume.beta.kubernetes.io/storage-provisioner]", "the provisioner"),
    row(
        &["clusterrole-aggregation-controller"],
        &["ClusterRole"],
        "rules",
        "the rules of the roles that its `aggregationRule` selects",
    ),
    row(
        &["kube-apiserver"],
        &["CustomResourceDefinition"],
        "metadata.finalizers[customresourcecleanup.apiextensions.k8s.io]",
        "prevents deletion until its objects are deleted",
    ),
    row(
        CLOUD,
        &["Service"],
        "metadata.finalizers[service.kubernetes.io/load-balancer-cleanup]",
        "prevents deletion until its load balancer is deleted",
    ),
    row(
        LBC,
        &["Service"],
        "metadata.finalizers[service.k8s.aws/*]",
        "prevents deletion until its load balancer is deleted",
    ),
    row(
        LBC,
        &["Ingress"],
        "metadata.finalizers[ingress.k8s.aws/*]",
        "prevents deletion until its load balancer is deleted",
    ),
    row(
        LBC,
        &["Ingress"],
        "metadata.finalizers[group.ingress.k8s.aws/*]",
        "prevents deletion until its load balancer is deleted",
    ),
    row(
        LBC,
        &["Gateway"],
        "metadata.finalizers[gateway.k8s.aws/*]",
        "prevents deletion until its load balancer is deleted",
    ),
    row(
        LBC,
        &["TargetGroupBinding"],
        "metadata.finalizers[elbv2.k8s.aws/resources]",
        "prevents deletion until its targets are deregistered",
    ),
    row(LBC, &["TargetGroupBinding"], "metadata.annotations[elbv2.k8s.aws/*]", "which targets were registered"),
    row(ROLLOUTS, &["Rollout"], "metadata.annotations[rollout.argoproj.io/*]", "the revision number"),
    row(ROLLOUTS, &["Deployment"], "spec.replicas", "the Rollout replaces the pods of its `workloadRef`"),
    row(ROLLOUTS, &["Deployment"], "metadata.annotations[rollout.argoproj.io/*]", "which Rollout runs its pods"),
    row(ROLLOUTS, &["Service"], "metadata.annotations[argo-rollouts.argoproj.io/*]", "which Rollout switches it"),
    row(
        ROLLOUTS,
        &["Service"],
        "spec.selector[rollouts-pod-template-hash]",
        "the pod version that receives its traffic",
    ),
    row(ROLLOUTS, &["DestinationRule"], "spec.subsets[].labels[rollouts-pod-template-hash]", "the version of a subset"),
    row(
        ROLLOUTS,
        &["DestinationRule"],
        "metadata.annotations[argo-rollouts.argoproj.io/*]",
        "which Rollout switches it",
    ),
    row(ROLLOUTS, &["VirtualService"], "spec.http[].route[].weight", "the share of a canary"),
    row(ROLLOUTS, &["HTTPRoute", "GRPCRoute"], "spec.rules[].backendRefs[].weight", "the share of a canary"),
    row(
        KEDA,
        &["ScaledJob", "ScaledObject", "ClusterTriggerAuthentication", "TriggerAuthentication"],
        "metadata.finalizers[finalizer.keda.sh]",
        "prevents deletion until its scaler is deleted",
    ),
    row(KEDA, &["ScaledObject"], "metadata.labels[scaledobject.keda.sh/name]", "the label that identifies its scaler"),
    row(KEDA, &["ScaledJob"], "metadata.labels[scaledjob.keda.sh/name]", "the label that identifies its jobs"),
    row(
        SECRETS,
        &["ClusterExternalSecret", "ClusterPushSecret", "ExternalSecret", "PushSecret"],
        "metadata.finalizers[*externalsecret*]",
        "prevents deletion until its secret is deleted",
    ),
    row(
        SECRETS,
        &["ClusterSecretStore", "SecretStore"],
        "metadata.finalizers[*externalsecret*]",
        "prevents deletion while a secret is pushed to it",
    ),
    row(
        CERTS,
        &["Challenge", "Order"],
        "metadata.finalizers[*cert-manager.io*]",
        "prevents deletion until the challenge is ended",
    ),
    row(CERTS, &["Ingress"], "spec.rules", "the path of the response to a challenge"),
    row(CERTS, &["HTTPRoute"], "spec.rules", "the path of the response to a challenge"),
    row(CA, WEBHOOKS, "webhooks[].clientConfig.caBundle", "the certificate authority for calls of the API server"),
    row(&["pilot-discovery"], WEBHOOKS, "webhooks[].failurePolicy", "istiod is ready to be called"),
    row(
        CA,
        &["CustomResourceDefinition"],
        "spec.conversion.webhook.clientConfig.caBundle",
        "the certificate authority for calls of the API server",
    ),
    row(CA, &["APIService"], "spec.caBundle", "the certificate authority for calls of the API server"),
    row(
        &["karpenter"],
        &["NodePool", "NodeClaim"],
        "metadata.annotations[karpenter.sh/*]",
        "the hash that identifies outdated nodes",
    ),
    row(
        &["karpenter"],
        &["NodePool"],
        "metadata.finalizers[karpenter.sh/*]",
        "prevents deletion until its nodes are terminated",
    ),
    row(
        &["karpenter"],
        &["EC2NodeClass"],
        "metadata.annotations[karpenter.k8s.aws/*]",
        "the hash that identifies outdated nodes",
    ),
    row(
        &["karpenter"],
        &["EC2NodeClass"],
        "metadata.finalizers[karpenter.k8s.aws/*]",
        "prevents deletion until its nodes are terminated",
    ),
    row(
        &["eks"],
        &["NodePool", "NodeClass"],
        "metadata.finalizers[eks.amazonaws.com/*]",
        "prevents deletion until its nodes are terminated",
    ),
    row(
        &["kubectl*"],
        &[],
        "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]",
        "the record of `kubectl apply`; its changes are listed separately",
    ),
];

/// Formats the table for the documentation.
pub fn table() -> String {
    let mut out = "| controller | kinds | field | why |\n|---|---|---|---|\n".to_owned();
    for row in WRITTEN {
        let list = |items: &[&str]| items.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
        let kinds = if row.kinds.is_empty() { "all".to_owned() } else { row.kinds.join(", ") };
        let _ = writeln!(out, "| {} | {kinds} | `{}` | {} |", list(row.managers), row.path, row.reason);
    }
    out
}

/// Whether a known controller writes this field.
pub(super) fn is_known(writer: &Writer, kind: &str, path: &[Step]) -> bool {
    WRITTEN.iter().any(|row| {
        row.managers.iter().any(|it| matches(it, &writer.manager))
            && (row.kinds.is_empty() || row.kinds.contains(&kind))
            && is_below(path, row.path)
    })
}

/// Whether a path matches a row, or is below it.
fn is_below(path: &[Step], pattern: &str) -> bool {
    let mut rest = path.iter();
    segments(pattern).into_iter().all(|segment| match (segment, rest.next()) {
        (_, None) => false,
        ("", Some(Step::Keys(_) | Step::Item(_) | Step::Index(_))) => true,
        ("", Some(Step::Key(_))) => false,
        (text, Some(Step::Key(key))) => matches(text, key),
        (text, Some(Step::Item(item))) => item.as_str().is_some_and(|item| matches(text, item)),
        (_, Some(step)) => shown(std::slice::from_ref(step)) == segment,
    })
}

/// Splits a pattern at dots and brackets. An empty segment matches any item.
fn segments(pattern: &str) -> Vec<&str> {
    let (mut out, mut rest) = (Vec::new(), pattern);
    while !rest.is_empty() {
        if let Some((inside, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            out.push(inside);
            rest = after;
        } else {
            let (key, after) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
            out.push(key);
            rest = after;
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    out
}

/// Whether a text matches a pattern, in which `*` matches any text.
fn matches(pattern: &str, text: &str) -> bool {
    WildMatchPattern::<'*', '\0'>::new(pattern).matches(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn writer(manager: &str) -> Writer {
        let text = str::to_owned;
        Writer { manager: text(manager), operation: text("Update"), subresource: String::new(), time: String::new() }
    }

    fn key(text: &str) -> Step {
        Step::Key(text.to_owned())
    }

    #[test]
    fn field_is_known_only_for_its_manager_and_kind() {
        let finalizer = [key("metadata"), key("finalizers"), Step::Item(json!("service.k8s.aws/resources"))];
        assert!(is_known(&writer("controller"), "Service", &finalizer));
        assert!(!is_known(&writer("kubectl-edit"), "Service", &finalizer));
        assert!(!is_known(&writer("controller"), "Deployment", &finalizer));
        let bundle = |last: &str| {
            let item = json!({ "name": "a.b.c" }).as_object().unwrap().clone();
            [key("webhooks"), Step::Keys(item), key("clientConfig"), key(last)]
        };
        assert!(is_known(&writer("cert-manager-cainjector"), WEBHOOKS[0], &bundle("caBundle")));
        assert!(!is_known(&writer("cert-manager-cainjector"), WEBHOOKS[0], &bundle("url")));
        assert!(!is_known(&writer("kube-controller-manager"), "Deployment", &[key("spec"), key("paused")]));
    }

    #[test]
    fn splits_paths_at_dots_and_brackets() {
        assert_eq!(segments("spec.http[].route[].weight"), ["spec", "http", "", "route", "", "weight"]);
        assert_eq!(segments("metadata.annotations[a.b/c*]"), ["metadata", "annotations", "a.b/c*"]);
        let (held, other) = ("pushsecret.externalsecrets.io/finalizer", "kubernetes.io/pvc-protection");
        assert!(matches("*externalsecret*", held) && !matches("*externalsecret*", other));
        assert!(matches("a*", "a") && matches("*", "") && !matches("a*b", "acd"));
    }

    #[test]
    fn controller_rows_have_a_manager_a_field_and_a_reason() {
        for row in WRITTEN {
            assert!(!row.managers.is_empty() && !row.reason.is_empty(), "{}", row.path);
            assert!(segments(row.path).iter().any(|it| !it.is_empty()), "{}", row.path);
            // The specification of a namespace contains only finalizers.
            let is_narrow = !["metadata", "spec"].contains(&row.path) || row.kinds == ["Namespace"];
            assert!(is_narrow, "{} takes in everything", row.path);
        }
    }
}
