//! A service differs from the service with the same name in another cluster of the mesh.
//!
//! # What it reports
//!
//! In manifests of several clusters, two Services with the same namespace and name have different ports, a different
//! `clusterIP: None`, or different types. The finding is a warning. Services of `istio-system` and `kube-system` are
//! not compared. In programs, `MS1004` checks shared services.
//!
//! # Why it matters
//!
//! Istio merges services with the same name and namespace over all clusters. If they differ, callers in one cluster use
//! the settings of another cluster, and some requests go to ports that do not respond.
//!
//! # Fix
//!
//! Define the service in the same way in every cluster, or rename it if it is another service.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0170/>

use std::collections::BTreeSet;

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{CORE, Item, Mesh};
use crate::rules::index::pods::called;
use crate::rules::index::routes;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    // In a program, the construct for shared services checks them.
    if mesh.is_program() || mesh.model.targets().count() < 2 {
        return;
    }
    let mut first: FastMap<_, &Item<'_>> = FastMap::default();
    for service in mesh.all(CORE, "Service") {
        let key = (service.place.1, service.object.name.as_str());
        let other = *first.entry(key).or_insert(service);
        // Gateways of the clusters are independent.
        let is_own = other.place.0 == service.place.0 || matches!(service.place.1, "istio-system" | "kube-system");
        let Some((what, field)) = (!is_own).then(|| difference(other, service)).flatten() else { continue };
        let message = format!("{} of namespace `{}` has {what} than the same Service in another cluster", called(service.object), service.place.1);
        out.push(
            mesh.model
                .warning(service.id, "MS1062", message)
                .field(field)
                .note_at("the other istiod is defined here", mesh.model.node(other.id).at)
                .help("define the Service identically in every cluster of the mesh"),
        );
    }
}

fn difference(one: &Item<'_>, other: &Item<'_>) -> Option<(&'static str, &'static str)> {
    let ports = |item: &Item<'_>| -> BTreeSet<(String, String)> {
        let text = |port: &Data, key: &str| port.at(key).map(Data::to_text).unwrap_or_default();
        routes::ports(item.object).iter().map(|port| (text(port, "port"), text(port, "name"))).collect()
    };
    let text = |item: &Item<'_>, path: &str| item.object.body.at(path).map(Data::to_text).unwrap_or_default();
    let is_headless = |item: &Item<'_>| text(item, "spec.clusterIP") == "None";
    match () {
        () if ports(one) != ports(other) => Some(("different ports", "spec.ports")),
        () if is_headless(one) != is_headless(other) => Some(("a different `clusterIP`", "spec.clusterIP")),
        () if text(one, "spec.type") != text(other, "spec.type") => Some(("a different type", "spec.type")),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::World;
    use crate::rules::testing::manifests::{codes, contents};

    fn both(port: u16) -> Vec<&'static str> {
        let cluster = |name: &str, port: u16| {
            let text = format!("apiVersion: v1\nkind: Service\nmetadata: {{ name: orders }}\nspec: {{ ports: [{{ name: http, port: {port} }}] }}\n");
            let mut contents = contents(&text);
            contents.cluster = name.to_owned();
            contents
        };
        codes(World::Open, vec![cluster("west", 8080), cluster("east", port)])
    }

    #[test]
    fn warns_about_different_ports_in_two_clusters() {
        assert_eq!(both(9090), ["MS1062"]);
        assert_eq!(both(8080), [""; 0]);
    }
}
