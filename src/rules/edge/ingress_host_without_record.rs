//! No DNS record leads to the host of an Ingress, and no controller creates one.
//!
//! # What it reports
//!
//! An Ingress has a public host name that no Route 53 record of the program matches, and ExternalDNS is not installed
//! in its cluster. The finding is a warning. A record whose name is known only at deployment counts as a match.
//!
//! Manifests without a program are not checked. Host names that are wildcards, end with `.local` or `.localhost`, or
//! have no dot are not checked either.
//!
//! # Why it matters
//!
//! Clients cannot find the load balancer. Its DNS name is known only after the AWS Load Balancer Controller has created
//! it, so a stack cannot contain the record.
//!
//! # Fix
//!
//! Install `mesh::addons::ExternalDns` with the hosted zone of the host, or define the record if a stack defines the
//! load balancer. If another tool creates records, declare it: `cluster.comes_with(eks::Controller::ExternalDns)`.
//!
//! Source: <https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/aws-load-balancer-controller/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{Mesh, items};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let model = mesh.model;
    // For manifests without a program, other tools define the records.
    if model.is_open || model.resources().next().is_none() {
        return;
    }
    let records = model.of_type("AWS::Route53::RecordSet").filter_map(|(_, it)| it.props.get("Name"));
    let records: Vec<Option<&str>> = records.map(Data::as_str).collect();
    for ingress in mesh.all("networking.k8s.io", "Ingress") {
        let Some(target) = ingress.place.0 else { continue };
        let mut releases = model.releases().filter(|(id, _)| model.target_of(*id) == Some(target));
        let provided = model.targets().find(|(id, _)| *id == target).is_some_and(|(_, it)| it.provided.contains(&"external-dns"));
        if provided || releases.any(|(_, it)| it.chart == "external-dns") {
            continue;
        }
        let mut hosts: Vec<(String, &str)> = Vec::new();
        for (path, rule) in items(ingress.object.body.at("spec.rules"), "spec.rules") {
            hosts.extend(rule.at("host").and_then(Data::as_str).map(|host| (format!("{path}.host"), host)));
        }
        // A record whose name is known only at deployment may match.
        let is_led = |host: &str| records.iter().any(|record| record.is_none_or(|record| covers(record, host)));
        let Some((path, host)) = hosts.into_iter().find(|(_, host)| is_public(host) && !is_led(host)) else { continue };
        let message = format!("the host `{host}` of {} has no DNS record, and the cluster has no ExternalDNS to create it", called(ingress.object));
        let help = "install `mesh::addons::ExternalDns`, or declare that it is installed: `cluster.comes_with(eks::Controller::ExternalDns)`";
        out.push(model.warning(ingress.id, "MS0868", message).field(path).help(help));
    }
}

/// Whether a record matches a host, by name or by a wildcard for one label.
fn covers(record: &str, host: &str) -> bool {
    let record = record.trim_end_matches('.');
    record == host || record.strip_prefix("*.").is_some_and(|zone| host.split_once('.').is_some_and(|(_, rest)| rest == zone))
}

/// Whether clients resolve a host with public DNS.
fn is_public(host: &str) -> bool {
    host.contains('.') && !host.ends_with(".local") && !host.ends_with(".localhost") && !host.starts_with('*')
}

#[cfg(test)]
mod tests {
    use crate::mesh::{Ingress, addons::ExternalDns};
    use crate::testing::{codes, stack};
    use crate::{App, aws, eks, mesh, route53};

    fn behind(more: impl FnOnce(&App, &mesh::Workload)) -> Vec<&'static str> {
        let mut found = codes(|app| {
            let run = stack(app, "run");
            let vpc = aws::Vpc::new(&run, "vpc", Default::default());
            let cluster = eks::Cluster::new(&run, "cluster", &vpc, Default::default());
            let shop = mesh::Namespace::new(&run, "shop", &cluster, Default::default());
            let orders = mesh::Workload::new(&shop, "orders", "registry.example/orders:1.0.0", Default::default());
            Ingress::new(orders.namespace(), "entry", Default::default()).route("shop.example.com", "/", &orders);
            more(app, &orders);
        });
        found.retain(|code| *code == "MS0868");
        found
    }

    #[test]
    fn warns_about_a_host_without_a_record() {
        assert_eq!(behind(|_, _| ()), ["MS0868"]);
    }

    #[test]
    fn accepts_a_host_with_a_dns_controller() {
        let said = |_: &App, orders: &mesh::Workload| {
            orders.namespace().cluster().comes_with(eks::Controller::ExternalDns);
        };
        assert_eq!(behind(said), [""; 0]);
        let installed = |app: &App, orders: &mesh::Workload| {
            let zone = route53::HostedZone::public(&stack(app, "dns"), "zone", "example.com", Default::default());
            ExternalDns::new(&stack(app, "addons"), "external-dns", orders.namespace().cluster(), &zone);
        };
        assert_eq!(behind(installed), [""; 0]);
    }
}
