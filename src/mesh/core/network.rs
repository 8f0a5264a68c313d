//! The network policy of a workload. Relations add rules to it.

use crate::Object;
use crate::kube::networking::PolicyType;
use crate::kube::{meta, networking};
use crate::tree::{Construct, NodeId, Scope};
use crate::units::Cidr;
use crate::val::{Bag, Data};

/// Defines a policy that selects a workload and denies all traffic.
pub(in crate::mesh) fn define(scope: &Scope, key: &'static str, name: &str) -> Object<networking::NetworkPolicy> {
    let spec = networking::NetworkPolicySpec::new()
        .pod_selector(meta::LabelSelector::new().match_labels([(key, name)]))
        .policy_types([PolicyType::Egress, PolicyType::Ingress]);
    networking::NetworkPolicy::new().spec(spec).define(scope, "network", name)
}

/// Defines a policy that selects pods by labels and denies all traffic.
pub(in crate::mesh) fn for_labels(scope: &Scope, name: &str, labels: &[(&'static str, String)]) -> Scope {
    let spec = networking::NetworkPolicySpec::new()
        .pod_selector(meta::LabelSelector::new().match_labels(labels.to_vec()))
        .policy_types([PolicyType::Egress, PolicyType::Ingress]);
    networking::NetworkPolicy::new().spec(spec).define(scope, "network", name).scope().clone()
}

/// The direction of connections, relative to the selected pods.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::mesh) enum Direction {
    Egress,
    Ingress,
}

impl Direction {
    fn rules(self) -> &'static str {
        match self {
            Direction::Egress => "spec.egress",
            Direction::Ingress => "spec.ingress",
        }
    }

    fn policy_type(self) -> &'static str {
        match self {
            Direction::Egress => "Egress",
            Direction::Ingress => "Ingress",
        }
    }

    /// Whether a policy restricts connections in the direction. If `policyTypes` is missing, a policy always restricts
    /// ingress, and restricts egress only if it has egress rules.
    ///
    /// Source: <https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource>
    fn is_closed_by(self, policy: &Bag) -> bool {
        match policy.at("spec.policyTypes").and_then(Data::as_list) {
            Some(types) => types.iter().filter_map(Data::as_str).any(|it| it == self.policy_type()),
            None => self == Direction::Ingress || policy.at(self.rules()).is_some(),
        }
    }
}

/// The policies that the program adds for bare pods, stored at the scope of the pods.
#[derive(Default)]
struct OfBare(Vec<NodeId>);

/// Adds a policy to the known policies of bare pods.
pub(in crate::mesh) fn add_to_bare(pods: &Scope, policy: &Scope) {
    pods.keep(|of_bare: &mut OfBare| of_bare.0.push(policy.node()));
}

/// Adds a rule to a policy that restricts the direction. For bare pods, it selects the first of their policies that
/// restricts the direction. If no policy restricts the direction, no rule is added, because a first egress rule would
/// deny all other egress traffic.
pub(in crate::mesh) fn open(policy: &Scope, direction: Direction, rule: impl Into<Data>) {
    let nodes = policy.keep(|of_bare: &mut OfBare| of_bare.0.clone());
    let closes = |node: &NodeId| {
        policy.read(|tree| tree.nodes[*node].kind.body().is_some_and(|body| direction.is_closed_by(body)))
    };
    if let Some(node) = std::iter::once(policy.node()).chain(nodes).find(closes) {
        policy.at_node(node).add(direction.rules(), rule);
    }
}

/// Allows the selected pods to connect to a port in CIDR blocks. If the list of blocks is empty, no rule is added,
/// because a rule without peers would allow every address.
pub(in crate::mesh) fn allow_to_cidrs(policy: &Scope, cidrs: &[Cidr], port: u16) {
    if cidrs.is_empty() {
        return;
    }
    let peer = |cidr: &Cidr| networking::NetworkPolicyPeer::new().ip_block(networking::IpBlock::new(cidr.to_string()));
    let peers: Vec<_> = cidrs.iter().map(peer).collect();
    open(policy, Direction::Egress, networking::NetworkPolicyEgressRule::new().to(peers).ports([tcp(port)]));
}

/// Allows the selected pods to connect to a port of public addresses, but not of private addresses.
///
/// The addresses of public AWS services change, and a network policy cannot refer to AWS prefix lists.
pub(in crate::mesh) fn allow_to_public(policy: &Scope, network: Cidr, port: u16) {
    let mut private = PRIVATE.to_vec();
    if !private.iter().any(|block| block.contains(network)) {
        private.push(network);
    }
    let except: Vec<_> = private.iter().map(Cidr::to_string).collect();
    let peer = networking::NetworkPolicyPeer::new().ip_block(networking::IpBlock::new("0.0.0.0/0").except(except));
    open(policy, Direction::Egress, networking::NetworkPolicyEgressRule::new().to([peer]).ports([tcp(port)]));
}

/// The CIDR blocks that contain no public services: private, carrier-grade NAT and link-local addresses.
///
/// Source: <https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry.xhtml>
const PRIVATE: [Cidr; 5] = [
    Cidr::new("10.0.0.0/8"),
    Cidr::new("100.64.0.0/10"),
    Cidr::new("169.254.0.0/16"),
    Cidr::new("172.16.0.0/12"),
    Cidr::new("192.168.0.0/16"),
];

/// Allows CIDR blocks to connect to the selected pods. If the list of blocks is empty, no rule is added, as in
/// [`allow_to_cidrs`].
pub(in crate::mesh) fn allow_from_cidrs(policy: &Scope, cidrs: &[Cidr], port: u16) {
    if cidrs.is_empty() {
        return;
    }
    let peer = |cidr: &Cidr| networking::NetworkPolicyPeer::new().ip_block(networking::IpBlock::new(cidr.to_string()));
    let peers: Vec<_> = cidrs.iter().map(peer).collect();
    open(policy, Direction::Ingress, networking::NetworkPolicyIngressRule::new().from_(peers).ports([tcp(port)]));
}

/// Allows the selected pods to connect to ports of any pod of a namespace.
pub(in crate::mesh) fn allow_to_namespace(policy: &Scope, namespace: &str, ports: &[u16]) {
    let peer = networking::NetworkPolicyPeer::new().namespace_selector(in_namespace(namespace));
    let ports: Vec<_> = ports.iter().map(|port| tcp(*port)).collect();
    open(policy, Direction::Egress, networking::NetworkPolicyEgressRule::new().to([peer]).ports(ports));
}

/// Allows the pods of another namespace to connect to the selected pods.
pub(in crate::mesh) fn allow_from_namespace(policy: &Scope, namespace: &str, port: u16) {
    let peer = networking::NetworkPolicyPeer::new().namespace_selector(in_namespace(namespace));
    open(policy, Direction::Ingress, networking::NetworkPolicyIngressRule::new().from_([peer]).ports([tcp(port)]));
}

/// Allows the pods that istiod runs for a Gateway to connect to the selected pods.
pub(in crate::mesh) fn allow_from_gateway(policy: &Scope, port: u16, namespace: &str, gateway: &str) {
    allow_from_pods(policy, port, namespace, &[(GATEWAY_NAME, gateway.to_owned())]);
}

/// Allows the selected pods to connect to the pods that istiod runs for a Gateway.
pub(in crate::mesh) fn allow_to_gateway(policy: &Scope, port: u16, namespace: &str, gateway: &str) {
    let peer = networking::NetworkPolicyPeer::new()
        .namespace_selector(in_namespace(namespace))
        .pod_selector(meta::LabelSelector::new().match_labels([(GATEWAY_NAME, gateway)]));
    open(policy, Direction::Egress, networking::NetworkPolicyEgressRule::new().to([peer]).ports([tcp(port)]));
}

/// Defines a policy for the pods that istiod runs for a Gateway, which denies all traffic.
pub(in crate::mesh) fn for_gateway(scope: &Scope, gateway: &str) -> Scope {
    for_labels(scope, gateway, &[(GATEWAY_NAME, gateway.to_owned())])
}

/// Defines a policy for all pods of a namespace that restricts ingress.
pub(in crate::mesh) fn for_all(scope: &Scope, name: &str) -> Scope {
    let spec = networking::NetworkPolicySpec::new()
        .pod_selector(meta::LabelSelector::new())
        .policy_types([PolicyType::Ingress]);
    networking::NetworkPolicy::new().spec(spec).define(scope, name, name).scope().clone()
}

/// The label of the pods of a Gateway.
///
/// Source: <https://gateway-api.sigs.k8s.io/geps/gep-1762/>
const GATEWAY_NAME: &str = "gateway.networking.k8s.io/gateway-name";

/// Allows pods of a namespace to connect to the selected pods.
pub(in crate::mesh) fn allow_from_pods(policy: &Scope, port: u16, namespace: &str, labels: &[(&'static str, String)]) {
    let peer = networking::NetworkPolicyPeer::new()
        .namespace_selector(in_namespace(namespace))
        .pod_selector(meta::LabelSelector::new().match_labels(labels.to_vec()));
    open(policy, Direction::Ingress, networking::NetworkPolicyIngressRule::new().from_([peer]).ports([tcp(port)]));
}

/// Returns a selector of the namespace with this name.
pub(in crate::mesh) fn in_namespace(name: &str) -> meta::LabelSelector {
    meta::LabelSelector::new().match_labels([("kubernetes.io/metadata.name", name)])
}

/// Returns a TCP port. Policies apply to the pod port, which equals the service port.
pub(in crate::mesh) fn tcp(port: u16) -> networking::NetworkPolicyPort {
    networking::NetworkPolicyPort::new().port(port).protocol(networking::NetworkPolicyPortProtocol::Tcp)
}

/// The address of the EKS Pod Identity agent on each node.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html>
pub(in crate::mesh) const POD_IDENTITY_AGENT: Cidr = Cidr::new("169.254.170.23/32");
