//! Defaults of Services, namespaces, and kinds without a status.

use crate::expressions::Tree;

pub fn service(tree: &mut Tree) {
    let spec = tree.map_mut("spec");
    spec.or_set("sessionAffinity", "None");
    spec.or_set("type", "ClusterIP");
    if spec.text("sessionAffinity") == Some("ClientIP") {
        spec.map_mut("sessionAffinityConfig").map_mut("clientIP").or_set("timeoutSeconds", 10_800);
    }
    let kind = spec.text("type").unwrap_or_default().to_owned();
    let is_open = matches!(kind.as_str(), "NodePort" | "LoadBalancer");
    if is_open {
        spec.or_set("externalTrafficPolicy", "Cluster");
    }
    if kind == "LoadBalancer" {
        spec.or_set("allocateLoadBalancerNodePorts", true);
    }
    if kind != "ExternalName" {
        spec.or_set("internalTrafficPolicy", "Cluster");
        let given = |field: &str| Tree::unknown(&format!("`spec.{field}`, which the API server allocates"));
        let ip = spec.get("clusterIP").cloned().unwrap_or_else(|| given("clusterIP"));
        spec.or_set("clusterIP", ip.clone());
        spec.or_set("clusterIPs", Tree::List(vec![ip]));
        spec.or_set("ipFamilies", given("ipFamilies"));
        spec.or_set("ipFamilyPolicy", "SingleStack");
    }
    for port in spec.items_mut("ports") {
        port.or_set("protocol", "TCP");
        if let Some(number) = port.get("port").cloned() {
            port.or_set("targetPort", number);
        }
        if is_open {
            port.or_set("nodePort", Tree::unknown("`nodePort`, which the API server allocates"));
        }
    }
}

pub fn namespace(tree: &mut Tree) {
    let metadata = tree.map_mut("metadata");
    if let Some(name) = metadata.get("name").cloned() {
        metadata.map_mut("labels").or_set("kubernetes.io/metadata.name", name);
    }
    tree.map_mut("spec").or_set("finalizers", Tree::List(vec![Tree::from("kubernetes")]));
}

/// Sets the defaults of kinds without a status.
pub fn without_status(tree: &mut Tree, api_version: &str, kind: &str) {
    match (api_version, kind) {
        ("v1", "Secret") => {
            tree.or_set("type", "Opaque");
            if let Some(Tree::Map(texts)) = tree.remove("stringData") {
                let data = tree.map_mut("data");
                for key in texts.keys() {
                    data.set(key, Tree::unknown("a secret, which is kept as base64"));
                }
            }
        }
        ("networking.k8s.io/v1", "NetworkPolicy") => network_policy(tree.map_mut("spec")),
        ("rbac.authorization.k8s.io/v1", "RoleBinding" | "ClusterRoleBinding") => {
            tree.map_mut("roleRef").or_set("apiGroup", "rbac.authorization.k8s.io");
            for subject in tree.items_mut("subjects") {
                if matches!(subject.text("kind"), Some("User" | "Group")) {
                    subject.or_set("apiGroup", "rbac.authorization.k8s.io");
                }
            }
        }
        ("storage.k8s.io/v1", "StorageClass") => {
            tree.or_set("reclaimPolicy", "Delete");
            tree.or_set("volumeBindingMode", "Immediate");
        }
        _ => {}
    }
}

fn network_policy(spec: &mut Tree) {
    let mut types = vec![Tree::from("Ingress")];
    if spec.get("egress").is_some() {
        types.push(Tree::from("Egress"));
    }
    spec.or_set("policyTypes", Tree::List(types));
    for key in ["ingress", "egress"] {
        for rule in spec.items_mut(key) {
            rule.items_mut("ports").iter_mut().for_each(|port| port.or_set("protocol", "TCP"));
        }
    }
}
