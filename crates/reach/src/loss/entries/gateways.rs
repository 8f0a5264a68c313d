//! Load balancers that controllers create: for mesh gateways, Services, Ingresses and Gateways.

use serde_json::Value;

use crate::world::{Object, WorkloadId};

use super::super::known::Known;
use super::super::outcome::{Cause, Finding, Judgement, Kind, Outcome};
use super::super::workloads::lost_cluster;
use super::led;

/// Returns the effects on each load balancer.
pub fn judge(known: &Known<'_>) -> Vec<Finding> {
    let world = known.site.world;
    let mut found = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    for node in world.nodes.iter().filter(|it| it.kind == "entry" || it.kind == "gateway") {
        let end = known.end(&node.path);
        if end.resource.is_some() {
            continue;
        }
        told.push(&node.path);
        let mut to: Vec<WorkloadId> = Vec::new();
        for edge in world.edges.iter().filter(|it| it.kind == "entry" && it.from == node.path) {
            to.extend(known.end(&edge.to).workloads);
        }
        let cluster = end.workloads.iter().chain(&to).next().map(|id| world.workload(*id).cluster);
        let lost = cluster.and_then(|at| lost_cluster(&known.site, at));
        let own = match lost {
            Some(cause) => Judgement::new(Outcome::Lost, cause),
            None if known.is_node_away(&node.path) => Judgement::new(Outcome::Lost, Cause::new("its region is lost")),
            None => balancer(known, cluster, node.kind == "entry"),
        };
        let own = match known.best(&end.workloads) {
            Some(proxies) => own.and(Judgement { steps: Vec::new(), ..proxies.clone() }),
            None => own,
        };
        found.push(Finding::new(Kind::Entry, node.path.clone(), led(known, own, &to)));
    }
    for (at, cluster) in world.clusters.iter().enumerate() {
        let is_told =
            |it: &Object| told.iter().any(|path| !it.at.construct.is_empty() && it.at.construct.starts_with(path));
        for object in cluster.objects.iter().filter(|it| is_entry(it) && !is_told(it)) {
            let to = behind(known, at, object);
            let own = match lost_cluster(&known.site, at) {
                Some(cause) => Judgement::new(Outcome::Lost, cause),
                None => balancer(known, Some(at), is_public(object)),
            };
            found.push(Finding::new(Kind::Entry, object.title(), led(known, own, &to)));
        }
    }
    found
}

fn is_entry(object: &Object) -> bool {
    match object.kind.as_str() {
        "Service" => object.document["spec"]["type"] == "LoadBalancer",
        "Ingress" => true,
        "Gateway" => {
            object.group == "gateway.networking.k8s.io"
                && object.document["spec"]["gatewayClassName"] != "istio-waypoint"
        }
        _ => false,
    }
}

/// Whether the load balancer of an object is public.
fn is_public(object: &Object) -> bool {
    let annotations = &object.document["metadata"]["annotations"];
    let schemes = ["service.beta.kubernetes.io/aws-load-balancer-scheme", "alb.ingress.kubernetes.io/scheme"];
    schemes.iter().any(|it| annotations[it] == "internet-facing")
}

/// Returns the effects on a load balancer that a controller creates in the subnets with its tag,
/// one in each zone.
fn balancer(known: &Known<'_>, cluster: Option<usize>, is_public: bool) -> Judgement {
    let (world, site) = (known.site.world, known.site);
    let Some(at) = cluster else { return Judgement::untouched() };
    let region = &world.clusters[at].region;
    let role = if is_public { "kubernetes.io/role/elb" } else { "kubernetes.io/role/internal-elb" };
    let is_tagged = |tags: &Value| tags.as_array().into_iter().flatten().any(|it| it["Key"] == role);
    let subnets = world.of_type("AWS::EC2::Subnet").iter();
    let mine: Vec<_> = subnets
        .filter(|id| {
            (&world.place(**id).region == region || region.is_empty())
                && is_tagged(world.resource(**id).property("Tags"))
        })
        .collect();
    let hit =
        site.hit(mine.iter().map(|id| world.resource(**id).property("AvailabilityZone").as_str().map(str::to_owned)));
    match mine.first() {
        Some(first) if hit.is_whole() => {
            let cause =
                Cause::field(world.resource(**first), "Tags", "every subnet for its load balancer is in the lost zone");
            Judgement::new(Outcome::Lost, cause)
        }
        Some(first) if hit.lost > 0 => {
            let cause = Cause::field(
                world.resource(**first),
                "Tags",
                "its load balancer continues in its subnets in other zones",
            );
            Judgement::new(Outcome::FailsOver, cause)
        }
        _ => Judgement::untouched(),
    }
}

/// Returns the workloads that an object routes to.
fn behind(known: &Known<'_>, at: usize, object: &Object) -> Vec<WorkloadId> {
    let world = known.site.world;
    let objects = &world.clusters[at].objects;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let spec = &object.document["spec"];
    let mut services: Vec<(String, String)> = Vec::new();
    match object.kind.as_str() {
        "Service" => services.push((object.namespace.clone(), object.name.clone())),
        "Ingress" => {
            let paths = spec["rules"]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(|it| it["http"]["paths"].as_array().into_iter().flatten());
            let backends = paths.map(|it| &it["backend"]).chain([&spec["defaultBackend"]]);
            services.extend(backends.map(|it| (object.namespace.clone(), text(&it["service"]["name"]))));
        }
        _ => {
            let routes =
                objects.iter().filter(|it| it.group == "gateway.networking.k8s.io" && it.kind.ends_with("Route"));
            for route in routes {
                let spec = &route.document["spec"];
                let mut parents = spec["parentRefs"].as_array().into_iter().flatten();
                let is_mine = parents.any(|it| {
                    it["name"] == object.name.as_str()
                        && it["namespace"].as_str().unwrap_or(&route.namespace) == object.namespace
                });
                if is_mine {
                    let rules = spec["rules"].as_array().into_iter().flatten();
                    let backends = rules.flat_map(|it| it["backendRefs"].as_array().into_iter().flatten());
                    services.extend(backends.map(|it| {
                        (it["namespace"].as_str().unwrap_or(&route.namespace).to_owned(), text(&it["name"]))
                    }));
                }
            }
        }
    }
    let leads = |id: &WorkloadId| {
        world.workload(*id).cluster == at
            && world.services_of(*id).iter().any(|it| {
                let service = &objects[*it];
                services.iter().any(|(namespace, name)| *namespace == service.namespace && *name == service.name)
            })
    };
    world.workload_ids().filter(leads).collect()
}
