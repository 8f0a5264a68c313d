//! Ingress controllers whose pods are in the files.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/>

use crate::world::{Object, WorkloadId, World, labels};

/// A controller: the class of its chart, its name in that class, and the app label of its pods.
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

/// Returns the workloads of a cluster that run a controller, with the app label of each.
pub(super) fn controllers<'a>(world: &'a World, members: &[WorkloadId]) -> Vec<(WorkloadId, &'a str)> {
    let app = |id: &WorkloadId| {
        let app = world.workload(*id).labels.get("app.kubernetes.io/name")?;
        CONTROLLERS.iter().any(|it| it.app == app).then_some((*id, app.as_str()))
    };
    members.iter().filter_map(app).collect()
}

/// Returns the controllers that serve an Ingress.
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
