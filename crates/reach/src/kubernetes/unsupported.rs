//! Policies that the engine does not evaluate. They can open or close connections of the pods that they select.

use meshsynth_access::kubernetes::Selector;
use serde_json::Value;

use super::peer::Pod;
use crate::world::{At, Object};

/// A policy that the engine does not evaluate.
#[derive(Clone, Debug)]
pub struct Unsupported {
    /// The kind and the name.
    pub title: String,
    /// The source location.
    pub at: At,
    /// The namespace of the selected pods, or `None` for all namespaces.
    namespace: Option<String>,
    /// The selected pods, or `None` if the engine cannot read the selector.
    pods: Option<Selector>,
}

/// The groups and kinds, and whether a policy only applies to its own namespace.
///
/// Source: <https://docs.cilium.io/en/stable/network/kubernetes/policy/>,
/// <https://docs.tigera.io/calico/latest/reference/resources/>, <https://antrea.io/docs/main/docs/antrea-network-policy/>,
/// <https://network-policy-api.sigs.k8s.io/> and <https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html>.
const KINDS: [(&str, &str, bool); 20] = [
    ("cilium.io", "CiliumNetworkPolicy", true),
    ("cilium.io", "CiliumClusterwideNetworkPolicy", false),
    ("cilium.io", "CiliumLocalRedirectPolicy", true),
    ("cilium.io", "CiliumEgressGatewayPolicy", false),
    ("crd.projectcalico.org", "NetworkPolicy", true),
    ("crd.projectcalico.org", "GlobalNetworkPolicy", false),
    ("projectcalico.org", "NetworkPolicy", true),
    ("projectcalico.org", "GlobalNetworkPolicy", false),
    ("crd.antrea.io", "NetworkPolicy", true),
    ("crd.antrea.io", "ClusterNetworkPolicy", false),
    ("policy.networking.k8s.io", "ClusterNetworkPolicy", false),
    ("networking.k8s.aws", "ClusterNetworkPolicy", false),
    ("networking.k8s.aws", "ApplicationNetworkPolicy", true),
    ("k8s.ovn.org", "EgressFirewall", true),
    ("k8s.ovn.org", "AdminPolicyBasedExternalRoute", false),
    ("network.openshift.io", "EgressNetworkPolicy", true),
    ("networking.gke.io", "FQDNNetworkPolicy", true),
    ("networking.gke.io", "ClusterNetworkPolicy", false),
    ("k8s.cni.cncf.io", "MultiNetworkPolicy", true),
    ("kubeovn.io", "SecurityGroup", false),
];

/// Returns the policies of a cluster that the engine does not evaluate.
pub(super) fn all(objects: &[Object]) -> Vec<Unsupported> {
    let one = |it: &Object| {
        let (.., is_local) = KINDS.iter().find(|(group, kind, _)| it.group == *group && it.kind == *kind)?;
        Some(Unsupported {
            title: it.title(),
            at: it.at.clone(),
            namespace: is_local.then(|| it.namespace.clone()),
            pods: selector(it),
        })
    };
    objects.iter().filter_map(one).collect()
}

/// Returns the selected pods, if the policy has a label selector with plain labels.
fn selector(object: &Object) -> Option<Selector> {
    let spec = &object.document["spec"];
    let key = if object.group == "cilium.io" { "endpointSelector" } else { "podSelector" };
    let selector = spec.get(key).filter(|it| it.is_object())?;
    // Cilium selectors can also contain namespaces and other properties, as keys with a prefix.
    let labels = selector["matchLabels"].as_object().into_iter().flatten().map(|(key, _)| key.as_str());
    let expressions = selector["matchExpressions"].as_array().into_iter().flatten();
    let keys = expressions.map(|it| it["key"].as_str().unwrap_or_default());
    let is_plain = |key: &str| !key.contains(':') && !key.starts_with("io.");
    let is_known = object.document.get("specs").is_none_or(Value::is_null);
    (is_known && labels.chain(keys).all(is_plain)).then(|| Selector::parse(selector))
}

impl Unsupported {
    /// Whether it may select a pod.
    pub(super) fn may_select(&self, pod: &Pod) -> bool {
        self.namespace.as_ref().is_none_or(|it| it == pod.namespace)
            && self.pods.as_ref().is_none_or(|it| it.selects(pod.labels))
    }
}
