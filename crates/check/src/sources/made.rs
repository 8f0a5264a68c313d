//! Objects that a cluster creates automatically, which `kubectl get` lists beside those of users.

use std::fmt::{self, Display, Formatter};

use crate::yaml::Marked;

/// The creator of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Maker {
    /// An owner of this kind.
    Owner(String),
    /// A component of Kubernetes.
    Kubernetes(&'static str),
    /// Helm, which stores its releases in objects.
    Helm,
    /// Istiod.
    Istio,
}

impl Display for Maker {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner(kind) => write!(out, "its `{kind}` creates it"),
            Self::Kubernetes(part) => write!(out, "{part} creates it"),
            Self::Helm => out.write_str("it contains a Helm release"),
            Self::Istio => out.write_str("istiod creates it"),
        }
    }
}

/// Kinds by group whose objects users never write, with their creators. An empty kind matches the whole group.
const KINDS: [(&str, &str, &str); 14] = [
    ("", "Binding", "the scheduler"),
    ("", "ComponentStatus", "the API server"),
    ("", "Event", "a component of the cluster"),
    ("", "Node", "the kubelet"),
    ("apps", "ControllerRevision", "a controller"),
    ("coordination.k8s.io", "Lease", "a component of the cluster"),
    ("events.k8s.io", "Event", "a component of the cluster"),
    ("metrics.k8s.io", "", "the metrics server"),
    ("networking.k8s.io", "IPAddress", "the API server"),
    ("resource.k8s.io", "ResourceSlice", "the kubelet"),
    ("storage.k8s.io", "CSINode", "the kubelet"),
    ("storage.k8s.io", "CSIStorageCapacity", "the storage driver"),
    ("storage.k8s.io", "VolumeAttachment", "a controller"),
    ("wgpolicyk8s.io", "", "a scanner"),
];

/// Labels and annotations of automatically created objects: key, value, and creator. An empty value matches any value.
const MARKS: [(&str, &str, &str); 8] = [
    ("apf.kubernetes.io/autoupdate-spec", "true", "the API server"),
    ("endpoints.kubernetes.io/last-change-trigger-time", "", "the controller of endpoints"),
    ("endpoints.kubernetes.io/managed-by", "endpoint-controller", "the controller of endpoints"),
    ("endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io", "the controller of endpoints"),
    (
        "endpointslice.kubernetes.io/managed-by",
        "endpointslicemirroring-controller.k8s.io",
        "the controller of endpoints",
    ),
    ("kube-aggregator.kubernetes.io/automanaged", "", "the API server"),
    ("kubernetes.io/bootstrapping", "rbac-defaults", "the API server"),
    ("kubernetes.io/config.mirror", "", "the kubelet"),
];

/// ConfigMaps that exist in every namespace, by name.
const IN_EVERY_NAMESPACE: [(&str, Maker); 2] = [
    ("istio-ca-root-cert", Maker::Istio),
    ("kube-root-ca.crt", Maker::Kubernetes("the controller of root certificates")),
];

/// Namespaces that exist in every cluster.
const NAMESPACES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// Metadata fields that the API server writes.
const OF_THE_SERVER: [&str; 5] = ["creationTimestamp", "managedFields", "resourceVersion", "selfLink", "uid"];

/// Returns the creator of an object, or `None` if it looks as if a user wrote it.
///
/// Source: <https://kubernetes.io/docs/reference/labels-annotations-taints/>
pub fn maker(object: &Marked) -> Option<Maker> {
    let kind = object.text("kind")?;
    let group = object.text("apiVersion")?.rsplit_once('/').map_or("", |(group, _)| group);
    let metadata = object.get("metadata")?;
    let name = metadata.text("name").unwrap_or_default();
    let is_live = is_live(object);
    let owner = || {
        let controls = |it: &&Marked| it.get("controller").is_some_and(|it| it.literal() == true.into());
        let owners = metadata.get("ownerReferences")?.items();
        Some(Maker::Owner(owners.iter().find(controls)?.text("kind")?.to_owned()))
    };
    let of_kind = || {
        let is = |(of, name, _): &&(&str, &str, &str)| *of == group && (name.is_empty() || *name == kind);
        KINDS
            .iter()
            .find(is)
            .filter(|(_, name, _)| is_live || name.is_empty() || kind == "Event")
            .map(|(.., part)| Maker::Kubernetes(part))
    };
    let marked = || {
        let says = |(key, value, _): &&(&str, &str, &str)| {
            ["labels", "annotations"].into_iter().any(|map| {
                let said = metadata.get(map).and_then(|it| it.get(key));
                said.is_some_and(|it| value.is_empty() || it.literal().as_str() == Some(value))
            })
        };
        MARKS.iter().find(says).map(|(.., part)| Maker::Kubernetes(part))
    };
    let named = || match (group, kind, name) {
        ("", "ConfigMap", name) => IN_EVERY_NAMESPACE.iter().find(|(of, _)| *of == name).map(|(_, it)| it.clone()),
        ("", "Secret", _) if object.text("type") == Some("helm.sh/release.v1") => Some(Maker::Helm),
        ("", "ServiceAccount", "default") if is_live && is_plain(object, &["secrets"]) => {
            Some(Maker::Kubernetes("the controller of service accounts"))
        }
        ("", "Namespace", name) if is_live && NAMESPACES.contains(&name) && is_plain(object, &["spec"]) => {
            Some(Maker::Kubernetes("the API server"))
        }
        ("", "Service", "kubernetes") if is_live && metadata.text("namespace") == Some("default") => {
            Some(Maker::Kubernetes("the API server"))
        }
        // Users may add the same annotation to their own volumes, which have other names.
        ("", "PersistentVolume", name) if is_live && name.starts_with("pvc-") => {
            metadata.get("annotations")?.get("pv.kubernetes.io/provisioned-by")?;
            Some(Maker::Kubernetes("the storage driver"))
        }
        ("scheduling.k8s.io", "PriorityClass", name) if name.starts_with("system-") => {
            Some(Maker::Kubernetes("the API server"))
        }
        _ => None,
    };
    owner().or_else(of_kind).or_else(marked).or_else(named)
}

/// Whether an object was read from a cluster.
pub fn is_live(object: &Marked) -> bool {
    let metadata = object.get("metadata");
    ["uid", "resourceVersion", "managedFields"].into_iter().any(|key| metadata.is_some_and(|it| it.get(key).is_some()))
}

/// Whether an object has only a name, a namespace and fields that a cluster writes.
fn is_plain(object: &Marked, but: &[&str]) -> bool {
    let is_known = |key: &str| ["apiVersion", "kind", "metadata", "status"].contains(&key) || but.contains(&key);
    let is_of_the_server =
        |key: &str| ["name", "namespace", "labels", "annotations"].contains(&key) || OF_THE_SERVER.contains(&key);
    let is_own = |key: &str| ["kubernetes.io/metadata.name", LAST_APPLIED].contains(&key);
    let metadata = object.get("metadata");
    let words = ["labels", "annotations"].into_iter().filter_map(|map| metadata?.get(map)).flat_map(Marked::entries);
    object.entries().all(|(key, _)| is_known(key))
        && metadata.into_iter().flat_map(Marked::entries).all(|(key, _)| is_of_the_server(key))
        && words.into_iter().all(|(key, _)| is_own(key))
}

/// The annotation of `kubectl apply`.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

#[cfg(test)]
mod tests {
    use super::{Maker, maker};
    use crate::yaml;

    fn made(text: &str) -> Option<Maker> {
        maker(&yaml::read(text).unwrap()[0])
    }

    #[test]
    fn controlling_owner_is_creator() {
        let pod = |controller: bool| {
            made(&format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{ name: web-1, ownerReferences: [{{ kind: Node, name: n }}, \
                 {{ kind: ReplicaSet, name: web, controller: {controller} }}] }}\n"
            ))
        };
        assert_eq!(pod(true), Some(Maker::Owner("ReplicaSet".to_owned())));
        assert_eq!(pod(false), None, "an owner alone says what goes with it");
    }

    #[test]
    fn detects_automatic_kinds_in_listing() {
        let lease = |metadata: &str| {
            made(&format!("apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {{ name: a{metadata} }}\n"))
        };
        assert!(lease(", uid: '1'").is_some());
        assert_eq!(lease(""), None, "somebody wrote it");
        assert!(made("apiVersion: v1\nkind: Event\nmetadata: { name: a.1 }\n").is_some());
    }

    #[test]
    fn detects_unchanged_default_objects() {
        let account = |more: &str| {
            made(&format!(
                "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{ name: default, namespace: shop, uid: a }}\n{more}"
            ))
        };
        assert!(account("").is_some());
        assert_eq!(account("imagePullSecrets: [{ name: registry }]\n"), None);
        assert!(made("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: kube-root-ca.crt }\n").is_some());
        assert_eq!(made("apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, uid: a }\n"), None);
        assert!(made("apiVersion: v1\nkind: Namespace\nmetadata: { name: default, uid: a }\n").is_some());
    }

    #[test]
    fn detects_provisioned_volumes() {
        let volume = |name: &str, uid: &str| {
            made(&format!(
                "apiVersion: v1\nkind: PersistentVolume\nmetadata: {{ name: {name}{uid}, annotations: \
                 {{ pv.kubernetes.io/provisioned-by: ebs.csi.aws.com }} }}\n"
            ))
        };
        assert!(volume("pvc-7d9f", ", uid: a").is_some());
        assert_eq!(volume("pvc-7d9f", ""), None, "somebody wrote it");
        assert_eq!(volume("archive", ", uid: a"), None, "somebody named it");
    }

    #[test]
    fn distinguishes_automatic_from_manual_endpoints() {
        let slice = |by: &str| {
            made(&format!(
                "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {{ name: a, labels: \
                 {{ endpointslice.kubernetes.io/managed-by: {by} }} }}\n"
            ))
        };
        assert!(slice("endpointslice-controller.k8s.io").is_some());
        assert_eq!(slice("staff"), None);
    }
}
