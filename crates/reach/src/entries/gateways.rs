//! Gateway routes, from a proxy to the workloads of its routes.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/gateway/> and
//! <https://gateway-api.sigs.k8s.io/reference/spec/>.

use meshsynth_access::kubernetes::Selector;
use serde_json::Value;

use super::routes::Routes;
use crate::ends::Port;
use crate::link::{Layer, Link, Verdict};
use crate::mesh::{entries, services, target_port};
use crate::network::number;
use crate::world::{Object, WorkloadId, World};

/// A route from a gateway to a workload.
#[derive(Clone, Debug)]
pub struct Routed {
    /// The port of the workload.
    pub port: Port,
    /// The route that leads there.
    pub link: Link,
    /// The ports on which the gateway serves the route; empty for all of them.
    pub listeners: Vec<u16>,
}

/// Returns the gateway routes to a workload in the same cluster.
pub fn routed(world: &World, routes: &Routes<'_>, gateway: WorkloadId, to: WorkloadId) -> Vec<Routed> {
    let objects = &world.clusters[world.workload(gateway).cluster].objects;
    let mut found = Vec::new();
    for service in services(world, to) {
        let leading = routes.to_service(service);
        for entry in entries(service) {
            let Some(port) = target_port(world, to, entry) else { continue };
            let all = leading.iter().map(|at| &objects[*at]).filter_map(|object| match object.kind.as_str() {
                "VirtualService" => virtual_service(world, routes, gateway, object, service, entry),
                _ => route(world, gateway, object, service, entry),
            });
            found.extend(all.map(|(link, listeners)| Routed { port, link, listeners }));
        }
    }
    found
}

/// Returns the ports on which a gateway serves a route, without redirects to TLS, or `None` if it does not serve it.
fn served(world: &World, routes: &Routes<'_>, gateway: WorkloadId, name: &str, own: &str) -> Option<Vec<u16>> {
    let (namespace, name) = name.split_once('/').unwrap_or((own, name));
    let workload = world.workload(gateway);
    // A gateway without a selector applies to every proxy.
    let selects = |it: &&Object| Selector::labels(&it.document["spec"]["selector"]).selects(&workload.labels);
    let own = routes.gateways(namespace, name).into_iter().find(selects)?;
    let servers = own.document["spec"]["servers"].as_array().into_iter().flatten();
    let direct = servers.filter(|it| it["tls"]["httpsRedirect"] != true);
    Some(direct.filter_map(|it| number(&it["port"]["number"])).collect())
}

fn virtual_service(
    world: &World,
    routes: &Routes<'_>,
    gateway: WorkloadId,
    object: &Object,
    service: &Object,
    entry: &Value,
) -> Option<(Link, Vec<u16>)> {
    let spec = &object.document["spec"];
    let gateways = spec["gateways"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut gateways = gateways.filter(|it| *it != "mesh");
    let listeners = gateways.find_map(|it| served(world, routes, gateway, it, &object.namespace))?;
    for kind in ["http", "tls", "tcp"] {
        for (at, rule) in spec[kind].as_array().into_iter().flatten().enumerate() {
            let leads = rule["route"].as_array().into_iter().flatten().any(|it| {
                let destination = &it["destination"];
                let port = &destination["port"]["number"];
                let host = destination["host"].as_str().unwrap_or_default();
                is_host(host, &object.namespace, service) && (port.is_null() || *port == entry["port"])
            });
            if leads {
                let why = format!("routes to {}", service.title());
                let field = format!("spec.{kind}[{at}].route");
                let link = Link::new(Layer::Entry, Verdict::Allowed, why).by(object.title(), field, &object.at);
                return Some((link, listeners));
            }
        }
    }
    None
}

/// Whether a host refers to a Service, by its short or a longer name.
fn is_host(host: &str, own: &str, service: &Object) -> bool {
    let (name, namespace) = (&service.name, &service.namespace);
    (host == name && own == namespace)
        || ["", ".svc", ".svc.cluster.local"].iter().any(|end| host == format!("{name}.{namespace}{end}"))
}

fn route(
    world: &World,
    gateway: WorkloadId,
    object: &Object,
    service: &Object,
    entry: &Value,
) -> Option<(Link, Vec<u16>)> {
    let workload = world.workload(gateway);
    if workload.kind != "Gateway" {
        return None;
    }
    let name = &world.object_of(gateway).name;
    let spec = &object.document["spec"];
    let is_parent = |it: &Value| {
        it["name"] == name.as_str()
            && it["kind"].as_str().is_none_or(|kind| kind == "Gateway")
            && it["namespace"].as_str().unwrap_or(&object.namespace) == workload.namespace
    };
    let parent = spec["parentRefs"].as_array().into_iter().flatten().find(|it| is_parent(it))?;
    let listeners = world.object_of(gateway).document["spec"]["listeners"].as_array().into_iter().flatten();
    let section = &parent["sectionName"];
    let named = listeners.filter(|it| section.is_null() || it["name"] == *section);
    let listeners: Vec<u16> = named.filter_map(|it| number(&it["port"])).collect();
    for (at, rule) in spec["rules"].as_array().into_iter().flatten().enumerate() {
        let leads = rule["backendRefs"].as_array().into_iter().flatten().any(|it| {
            it["name"] == service.name.as_str()
                && it["kind"].as_str().is_none_or(|kind| kind == "Service")
                && it["namespace"].as_str().unwrap_or(&object.namespace) == service.namespace
                && (it["port"].is_null() || it["port"] == entry["port"])
        });
        if leads {
            let why = format!("routes to {}", service.title());
            let field = format!("spec.rules[{at}].backendRefs");
            let link = Link::new(Layer::Entry, Verdict::Allowed, why).by(object.title(), field, &object.at);
            return Some((link, listeners));
        }
    }
    None
}
