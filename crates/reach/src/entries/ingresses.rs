//! Ingresses of the AWS Load Balancer Controller, and of controllers that are not in the files.
//!
//! Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/>.

use meshsynth_access::sets::Cidr;

use super::backends::leads;
use super::client::Client;
use super::gateways::Routed;
use super::routes::Routes;
use crate::edit::Edit;
use crate::link::{Layer, Link, Verdict};
use crate::mesh::{entries, services, target_port};
use crate::world::{Object, WorkloadId, World, labels};

/// Returns the Ingresses to a workload, with their requirements for a client.
pub fn ingresses(world: &World, routes: &Routes<'_>, to: WorkloadId, client: &Client) -> Vec<Routed> {
    let workload = world.workload(to);
    let objects = &world.clusters[workload.cluster].objects;
    let mut found = Vec::new();
    for at in routes.ingresses(to) {
        // The pods of its controller are queried separately.
        if !routes.controllers(at).is_empty() {
            continue;
        }
        let object = &objects[at];
        for service in services(world, to) {
            for entry in entries(service) {
                let Some(field) = leads(&object.document["spec"], service, entry) else { continue };
                let Some(port) = target_port(world, to, entry) else { continue };
                let (verdict, why) = scheme(client, object);
                let edit = facing(client, object, verdict);
                let link = Link::new(Layer::Entry, verdict, why).by(object.title(), field, &object.at);
                let link = link.edited(edit.into_iter().collect());
                found.push(Routed { port, link, listeners: Vec::new() });
            }
        }
    }
    found
}

/// Changes the load balancer of an Ingress to internet-facing or to internal.
fn facing(client: &Client, object: &Object, verdict: Verdict) -> Option<Edit> {
    const KEY: &str = "alb.ingress.kubernetes.io/scheme";
    let annotations = &object.document["metadata"]["annotations"];
    let scheme = match verdict {
        _ if client.is_private() => return None,
        Verdict::Denied if annotations[KEY] != "internet-facing" => "internet-facing",
        Verdict::Allowed => "internal",
        _ => return None,
    };
    Some(Edit::set(object.title(), format!("metadata.annotations[\"{KEY}\"]"), &object.at, scheme.into()))
}

fn scheme(client: &Client, object: &Object) -> (Verdict, String) {
    let annotations = labels(&object.document["metadata"]["annotations"]);
    let old = annotations.get("kubernetes.io/ingress.class").map(String::as_str);
    let class = object.document["spec"]["ingressClassName"].as_str().or(old);
    if class != Some("alb") {
        let name = class.unwrap_or("the default class");
        return (Verdict::Unknown, format!("the controller of `{name}` is not in the files"));
    }
    let get = |key: &str| annotations.get(&format!("alb.ingress.kubernetes.io/{key}")).map(String::as_str);
    let is_public = get("scheme") == Some("internet-facing");
    if !is_public && !client.is_private() {
        return (Verdict::Denied, "its load balancer is internal".to_owned());
    }
    if let Some(ranges) = get("inbound-cidrs") {
        let spans: Vec<_> =
            ranges.split(',').filter_map(|it| it.trim().parse::<Cidr>().ok()).flat_map(Cidr::spans).collect();
        let verdict = client.within(&spans);
        if verdict != Verdict::Allowed {
            return (verdict, format!("its load balancer accepts only {ranges}"));
        }
    }
    match get("auth-type") {
        Some(kind) if kind != "none" => (Verdict::Denied, "authenticates the client before it forwards".to_owned()),
        _ if !is_public => (Verdict::Allowed, "its load balancer is internal".to_owned()),
        _ => (Verdict::Allowed, "its load balancer faces the internet".to_owned()),
    }
}
