//! No DNS record leads to the host of an Ingress, and no controller makes one.
//!
//! The load balancer is there and nobody finds it: its own name is known only
//! once the AWS Load Balancer Controller has made it, so a stack cannot hold the record.
//!
//! Install `mesh::addons::ExternalDns` with the zone of the host, define the record
//! where the load balancer is one of a stack, or say that somebody else does:
//! `cluster.comes_with(eks::Controller::ExternalDns)`. Plain manifests are not judged.
//!
//! Source: <https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/aws-load-balancer-controller/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{Mesh, items};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let model = mesh.model;
    // Records of plain manifests are made elsewhere, by what is not here.
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
        // A record whose name is known later may be any.
        let is_led = |host: &str| records.iter().any(|record| record.is_none_or(|record| covers(record, host)));
        let Some((path, host)) = hosts.into_iter().find(|(_, host)| is_public(host) && !is_led(host)) else { continue };
        let message = format!("no record leads to the host `{host}` of {}, and nothing in the cluster makes one", called(ingress.object));
        let help = "install `mesh::addons::ExternalDns`, or say that somebody else does: `cluster.comes_with(eks::Controller::ExternalDns)`";
        out.push(model.warning(ingress.id, "MS0868", message).field(path).help(help));
    }
}

/// Whether a record is for a host: by name, or by a pattern of one label.
fn covers(record: &str, host: &str) -> bool {
    let record = record.trim_end_matches('.');
    record == host || record.strip_prefix("*.").is_some_and(|zone| host.split_once('.').is_some_and(|(_, rest)| rest == zone))
}

/// Whether a host is one that is looked up in DNS.
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
    fn a_host_that_nobody_leads_to_is_a_warning() {
        assert_eq!(behind(|_, _| ()), ["MS0868"]);
    }

    #[test]
    fn a_controller_that_makes_the_record_is_fine() {
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
