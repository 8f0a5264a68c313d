//! Lists without order. All other lists are ordered, even if their items have names.

use meshsynth_facts::{self as facts, TypeFacts};
use serde_json::{Map, Value};

use crate::fact_path;

/// Lists of Kubernetes objects whose order has no effect although their schema preserves it: kinds and fields.
///
/// RBAC and policies: all rules apply, in any order (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/>,
/// <https://kubernetes.io/docs/concepts/services-networking/network-policies/>,
/// <https://istio.io/latest/docs/reference/config/security/authorization-policy/>).
/// Istio routing: hosts, weighted destinations and export targets
/// (<https://istio.io/latest/docs/reference/config/networking/virtual-service/>).
/// Scaling: the largest result applies (<https://keda.sh/docs/latest/concepts/scaling-deployments/>,
/// <https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/>).
const UNORDERED: [(&[&str], &[&str]); 8] = [
    (&["Role", "ClusterRole"], &["rules", "verbs", "resources", "resourceNames", "apiGroups", "nonResourceURLs"]),
    (&["RoleBinding", "ClusterRoleBinding"], &["subjects"]),
    (&["NetworkPolicy"], &["policyTypes", "ingress", "egress", "from", "to", "ports", "except", "values"]),
    (
        &["AuthorizationPolicy"],
        &[
            "rules",
            "from",
            "to",
            "when",
            "principals",
            "requestPrincipals",
            "namespaces",
            "ipBlocks",
            "remoteIpBlocks",
            "serviceAccounts",
            "hosts",
            "ports",
            "methods",
            "paths",
            "values",
            "notPrincipals",
            "notRequestPrincipals",
            "notNamespaces",
            "notIpBlocks",
            "notRemoteIpBlocks",
            "notServiceAccounts",
            "notHosts",
            "notPorts",
            "notMethods",
            "notPaths",
            "notValues",
        ],
    ),
    (
        &["VirtualService", "DestinationRule", "Gateway", "ServiceEntry", "Sidecar"],
        &["hosts", "gateways", "exportTo", "route", "subsets", "endpoints", "ports", "subjectAltNames"],
    ),
    (&["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"], &["hostnames", "backendRefs"]),
    (&["ScaledObject", "ScaledJob", "HorizontalPodAutoscaler"], &["triggers", "metrics", "policies"]),
    (
        &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy"],
        &["operations", "resources", "apiGroups", "apiVersions"],
    ),
];

/// Lists that are unordered in a schema, although their order has an effect.
///
/// - Files of comma-separated values contain no column names
///   (<https://docs.aws.amazon.com/athena/latest/ug/handling-schema-updates-chapter.html>).
/// - On-Demand nodes have the first available instance type
///   (<https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html>).
const POSITIONS: [(&str, &str); 3] = [
    ("AWS::EKS::Nodegroup", "InstanceTypes"),
    ("AWS::Glue::Table", "TableInput.PartitionKeys"),
    ("AWS::Glue::Table", "TableInput.StorageDescriptor.Columns"),
];

/// Returns the path of the pod template in an object.
///
/// The order of lists in a pod template matters. Another order raises `metadata.generation`, and a controller that
/// compares templates replaces the pods.
pub fn pod_template(kind: &str) -> Option<&'static [&'static str]> {
    facts::kind(kind).template.as_deref()
}

/// Whether the order of a list in an object has no effect. The path is in display notation.
pub fn of_object(api: &str, kind: &str, key: &str, path: &str) -> bool {
    let path = fact_path::plain(path);
    if path == "metadata.finalizers" || path == "metadata.ownerReferences" {
        return true;
    }
    if pod_template(kind).is_some_and(|steps| path.split('.').zip(steps).all(|(a, b)| a == *b)) {
        return false;
    }
    let is_listed = |(kinds, fields): &(&[&str], &[&str])| kinds.contains(&kind) && fields.contains(&key);
    UNORDERED.iter().any(is_listed) || facts::kubernetes(api, kind).is_some_and(|facts| facts.shape.is_unordered(&path))
}

/// Whether the order of a list in a resource has no effect, according to the schema of the type.
///
/// There are three exceptions to the schemas: the dependencies of a resource, tags
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html>), and
/// policy content (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>).
pub fn of_resource(facts: Option<&TypeFacts>, key: &str, path: &str, is_policy: bool, items: &[&[Value]]) -> bool {
    let is_tag = |item: &Value| {
        item.as_object().is_some_and(|item| item.len() == 2 && item.contains_key("Key") && item.contains_key("Value"))
    };
    let are_tags = || key == "Tags" && items.iter().copied().flatten().all(is_tag);
    let declares = |facts: &TypeFacts| {
        let path = fact_path::plain(path);
        facts.shape.is_unordered(&path) && !POSITIONS.contains(&(facts.name.as_str(), path.as_str()))
    };
    is_policy || path == "DependsOn" || are_tags() || facts.is_some_and(declares)
}

/// Whether a map is an IAM policy.
pub fn is_policy(map: &Map<String, Value>) -> bool {
    let has_effect = |statement: &Value| statement["Effect"].is_string();
    match map.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().any(has_effect),
        Some(statement) => has_effect(statement),
        None => false,
    }
}
