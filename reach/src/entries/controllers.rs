//! Controllers of Ingresses whose pods are among the files: what comes to them goes on to the backends.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/> and
//! <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/>.

use meshsynth_access::sets::Cidr;

use super::backends::leads;
use super::client::Client;
use super::gateways::Routed;
use super::routes::Routes;
use crate::link::{Layer, Link, Verdict};
use crate::mesh::{entries, services, target_port};
use crate::world::{Object, WorkloadId, World, labels};

/// A controller: the class that its chart makes, the name in that class, and the name that its pods have.
struct Controller {
    class: &'static str,
    name: &'static str,
    app: &'static str,
}

const CONTROLLERS: [Controller; 5] = [
    Controller { class: "nginx", name: "k8s.io/ingress-nginx", app: "ingress-nginx" },
    Controller { class: "nginx", name: "nginx.org/ingress-controller", app: "nginx-ingress" },
    Controller { class: "traefik", name: "traefik.io/ingress-controller", app: "traefik" },
    Controller { class: "kong", name: "ingress-controllers.konghq.com/kong", app: "kong" },
    Controller { class: "haproxy", name: "haproxy-ingress.github.io/controller", app: "haproxy-ingress" },
];

/// The Ingresses by which a controller sends to a workload, with the verdict for a client.
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

/// The workloads of a cluster that have the pods of a controller, with the app label of each.
pub(super) fn controllers<'a>(world: &'a World, members: &[WorkloadId]) -> Vec<(WorkloadId, &'a str)> {
    let app = |id: &WorkloadId| {
        let app = world.workload(*id).labels.get("app.kubernetes.io/name")?;
        CONTROLLERS.iter().any(|it| it.app == app).then_some((*id, app.as_str()))
    };
    members.iter().filter_map(app).collect()
}

/// The controllers that serve an Ingress.
pub(super) fn serving(
    world: &World,
    cluster: usize,
    ingress: &Object,
    controllers: &[(WorkloadId, &str)],
) -> Vec<WorkloadId> {
    let classes = || world.objects(cluster, "IngressClass");
    let notes = labels(&ingress.document["metadata"]["annotations"]);
    let old = notes.get("kubernetes.io/ingress.class").map(String::as_str);
    let is_default =
        |it: &&Object| it.document["metadata"]["annotations"]["ingressclass.kubernetes.io/is-default-class"] == "true";
    let default = || classes().find(is_default).map(|it| it.name.as_str());
    let Some(class) = ingress.document["spec"]["ingressClassName"].as_str().or(old).or_else(default) else {
        return Vec::new();
    };
    let named = classes().find(|it| it.name == class).and_then(|it| it.document["spec"]["controller"].as_str());
    let is_of_class = |it: &Controller| named.map_or(it.class == class, |name| name == it.name);
    let serves = |app: &str| CONTROLLERS.iter().any(|it| it.app == app && is_of_class(it));
    controllers.iter().filter(|(_, app)| serves(app)).map(|(id, _)| *id).collect()
}

/// What annotations of an Ingress ask of a client.
fn asks(client: &Client, object: &Object, service: &Object) -> (Verdict, String) {
    let notes = labels(&object.document["metadata"]["annotations"]);
    let get = |key: &str| notes.get(&format!("nginx.ingress.kubernetes.io/{key}")).map(String::as_str);
    if ["auth-url", "auth-type", "auth-tls-secret"].iter().any(|it| get(it).is_some()) {
        return (Verdict::Denied, "asks who somebody is before it forwards".to_owned());
    }
    if let Some(ranges) = get("whitelist-source-range").or_else(|| get("allowlist-source-range")) {
        let texts = ranges.split(',').map(str::trim);
        let spans: Vec<_> = texts.filter_map(|it| it.parse::<Cidr>().ok()).flat_map(Cidr::spans).collect();
        let verdict = client.within(&spans);
        if verdict != Verdict::Allowed {
            return (verdict, format!("takes {ranges} alone"));
        }
    }
    (Verdict::Allowed, format!("forwards to {}", service.title()))
}
