//! Ingresses through which controller pods forward to a workload.
//!
//! Source: <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/>

use meshsynth_access::sets::Cidr;

use super::backends::leads;
use super::client::Client;
use super::gateways::Routed;
use super::routes::Routes;
use crate::link::{Layer, Link, Verdict};
use crate::mesh::{entries, services, target_port};
use crate::world::{Object, WorkloadId, World, labels};

/// Returns the Ingresses through which a controller forwards to a workload, with the verdict for a
/// client.
pub fn ingressed(
    world: &World,
    routes: &Routes<'_>,
    controller: WorkloadId,
    to: WorkloadId,
    client: &Client,
) -> Vec<Routed> {
    let objects = &world.clusters[world.workload(to).cluster].objects;
    let mut found = Vec::new();
    for at in routes.ingresses(to) {
        if !routes.controllers(at).contains(&controller) {
            continue;
        }
        let object = &objects[at];
        for service in services(world, to) {
            for entry in entries(service) {
                let Some(field) = leads(&object.document["spec"], service, entry) else { continue };
                let Some(port) = target_port(world, to, entry) else { continue };
                let (verdict, why) = asks(client, object, service);
                let link = Link::new(Layer::Entry, verdict, why).by(object.title(), field, &object.at);
                found.push(Routed { port, link, listeners: Vec::new() });
            }
        }
    }
    found
}

/// Returns the verdict of an Ingress's access annotations for a client.
fn asks(client: &Client, object: &Object, service: &Object) -> (Verdict, String) {
    let notes = labels(&object.document["metadata"]["annotations"]);
    let get = |key: &str| notes.get(&format!("nginx.ingress.kubernetes.io/{key}")).map(String::as_str);
    if ["auth-url", "auth-type", "auth-tls-secret"].iter().any(|it| get(it).is_some()) {
        return (Verdict::Denied, "authenticates the client before it forwards".to_owned());
    }
    if let Some(ranges) = get("whitelist-source-range").or_else(|| get("allowlist-source-range")) {
        let texts = ranges.split(',').map(str::trim);
        let spans: Vec<_> = texts.filter_map(|it| it.parse::<Cidr>().ok()).flat_map(Cidr::spans).collect();
        let verdict = client.within(&spans);
        if verdict != Verdict::Allowed {
            return (verdict, format!("accepts only {ranges}"));
        }
    }
    (Verdict::Allowed, format!("forwards to {}", service.title()))
}
