//! Two routes of a load balancer have the same host and path, or two load balancers serve the same host.
//!
//! # What it reports
//!
//! The rule checks Ingresses with the class `alb` in one cluster. It reports two routes of one load balancer with equal
//! host, path and path type. It also reports a host in two Ingresses that do not share a group. Routes without a host
//! are not checked.
//!
//! # Why it matters
//!
//! The first of two equal routes has precedence, and the second never receives a request. Ingresses without a common
//! group create separate load balancers, but the DNS record of the host can lead to only one of them.
//!
//! # Fix
//!
//! Route each path once. Put Ingresses that share a host into one group (`IngressProps::group`).
//!
//! Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#ingressgroup>

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::node::Object;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let mut routes: BTreeMap<(Option<NodeId>, String, String, String), NodeId> = BTreeMap::new();
    let mut hosts: BTreeMap<(Option<NodeId>, String), (NodeId, String)> = BTreeMap::new();
    for (id, ingress) in model.of_kind("Ingress").filter(|(_, it)| is_alb(it)) {
        let (target, balancer) = (model.target_of(id), balancer(ingress));
        let mut ours = Vec::new();
        for (host, path) in wanted(ingress) {
            if let Some(first) = routes.insert((target, balancer.clone(), host.clone(), path.clone()), id) {
                let message = format!("two routes of one load balancer match `{host}{path}`");
                let diagnostic = model.error(id, "MS0417", message).help("define one route for each host and path");
                let note = format!("`{}` has the other route", model.path(first));
                out.push(if first == id { diagnostic } else { diagnostic.note_at(note, model.node(first).at) });
            }
            ours.push(host);
        }
        ours.dedup();
        for host in ours {
            match hosts.get(&(target, host.clone())) {
                Some((first, other)) if *other != balancer => out.push(
                    model
                        .error(id, "MS0417", format!("two load balancers serve the host `{host}`"))
                        .note_at(format!("`{}` defines the other load balancer", model.path(*first)), model.node(*first).at)
                        .help("put both Ingresses into one group, or define all routes of the host in one Ingress"),
                ),
                Some(_) => {}
                None => {
                    hosts.insert((target, host), (id, balancer.clone()));
                }
            }
        }
    }
}

fn is_alb(ingress: &Object) -> bool {
    ingress.body.at("spec.ingressClassName").and_then(Data::as_str) == Some("alb")
}

/// Returns the identity of the load balancer of an Ingress: its group, or the Ingress.
fn balancer(ingress: &Object) -> String {
    let annotations = ingress.body.at("metadata.annotations").and_then(Data::as_map);
    match annotations.and_then(|it| it.get("alb.ingress.kubernetes.io/group.name")).and_then(Data::as_str) {
        Some(group) => format!("group {group}"),
        None => format!("{}/{}", ingress.namespace.as_deref().unwrap_or_default(), ingress.name),
    }
}

/// Returns the host and path of each route that has a host. A prefix path ends with `*`.
fn wanted(ingress: &Object) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for rule in ingress.body.at("spec.rules").map_or(&[][..], Data::items) {
        let text = |data: &Data, path: &str| data.at(path).and_then(Data::as_str).map(str::to_owned);
        let Some(host) = text(rule, "host") else { continue };
        for path in rule.at("http.paths").map_or(&[][..], Data::items) {
            let end = if text(path, "pathType").as_deref() == Some("Exact") { "" } else { "*" };
            let path = text(path, "path").unwrap_or_else(|| "/".to_owned());
            found.push((host.clone(), format!("{}{end}", path.trim_end_matches('/'))));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::mesh::{Ingress, IngressProps, Workload, WorkloadProps};
    use crate::testing::{codes, namespace};

    fn routed(group: Option<&str>, routes: [(&'static str, &'static str, &'static str); 2]) -> Vec<&'static str> {
        codes(|app| {
            let shop = namespace(app);
            for (name, host, path) in routes {
                let workload = Workload::new(&shop, name, "registry.example/a:1.0.0", WorkloadProps::default());
                let props = IngressProps { group: group.map(str::to_owned), ..Default::default() };
                Ingress::new(&shop, &format!("{name}-entry"), props).route(host, path, &workload);
            }
        })
    }

    #[test]
    fn reports_the_same_path_for_two_workloads() {
        let (a, b) = (("orders", "shop.example.com", "/api"), ("payments", "shop.example.com", "/api/"));
        assert_eq!(routed(Some("shop"), [a, b]), ["MS0417"]);
    }

    #[test]
    fn reports_the_same_host_on_two_load_balancers() {
        let (a, b) = (("orders", "shop.example.com", "/orders"), ("payments", "shop.example.com", "/payments"));
        assert_eq!(routed(None, [a, b]), ["MS0417"]);
        assert_eq!(routed(Some("shop"), [a, b]), [""; 0]);
    }

    #[test]
    fn accepts_different_hosts_on_two_load_balancers() {
        let (a, b) = (("orders", "orders.example.com", "/"), ("payments", "payments.example.com", "/"));
        assert_eq!(routed(None, [a, b]), [""; 0]);
    }
}
