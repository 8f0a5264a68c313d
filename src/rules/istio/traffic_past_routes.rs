//! A load balancer sends requests directly to pods, so routes of the mesh do not apply.
//!
//! # What it reports
//!
//! The rule checks Ingresses with the class `alb`, `TargetGroupBinding` objects, and Services of type `LoadBalancer`.
//! It reports a backend whose service has one of these:
//!
//! - routes that apply to all callers, and that split, select, change or copy requests or inject faults: an error
//! - token checks at a waypoint: an error
//! - token checks only in the sidecar of the pod, in a program: a warning. Tokens are still checked, but callers have
//!   no identity of the mesh.
//!
//! # Why it matters
//!
//! A proxy of the mesh applies routes, weights and faults: in the caller's sidecar, at a gateway or at a waypoint. A
//! load balancer has no such proxy. It sends requests to the pod addresses of a `Service`, so each version gets
//! requests according to its number of pods. A canary of 10 % gets as many requests as it has pods, and the waypoint
//! does not check tokens.
//!
//! # Fix
//!
//! Route the load balancer to a gateway of the mesh, and expose the workload there: `Ingress::to_gateway` or
//! `TargetGroupBinding::to_gateway`. In manifests, use the `Service` of the Istio gateway as the backend, and attach
//! the routes to the gateway.
//!
//! Source: <https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/>

use crate::diag::{Diagnostic, Severity};
use crate::rules::index::pods::called;
use crate::rules::index::{CORE, GATEWAY_API, Host, Item, Mesh, NETWORKING, SECURITY, annotation, items, texts};
use crate::tree::NodeId;
use crate::val::{Bag, Data};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for ingress in mesh.all("networking.k8s.io", "Ingress").iter().filter(|it| is_of_alb(&it.object.body)) {
        let mut backends: Vec<&str> = Vec::new();
        for (_, rule) in items(ingress.object.body.at("spec.rules"), "spec.rules") {
            let paths = rule.at("http.paths").map(Data::items).unwrap_or_default();
            backends.extend(paths.iter().filter_map(|path| path.at("backend.service.name")?.as_str()));
        }
        backends.extend(ingress.object.body.at("spec.defaultBackend.service.name").and_then(Data::as_str));
        backends.sort_unstable();
        backends.dedup();
        for name in backends {
            let service = mesh.find(CORE, "Service", ingress.place, name);
            judge(mesh, ingress, service.into_iter().collect(), out);
        }
    }
    for binding in mesh.all("elbv2.k8s.aws", "TargetGroupBinding") {
        let name = binding.object.body.at("spec.serviceRef.name").and_then(Data::as_str);
        let service = name.and_then(|name| mesh.find(CORE, "Service", binding.place, name));
        judge(mesh, binding, service.into_iter().collect(), out);
    }
    for service in mesh.all(CORE, "Service") {
        if service.object.body.at("spec.type").and_then(Data::as_str) == Some("LoadBalancer") {
            judge(mesh, service, of_the_same_pods(mesh, service), out);
        }
    }
}

/// Reports the first route or policy of these services that the load balancer bypasses.
fn judge<'a>(mesh: &Mesh<'a>, from: &Item<'a>, services: Vec<Item<'a>>, out: &mut Vec<Diagnostic>) {
    let Some((service, passed)) = services.into_iter().find_map(|it| Some((it, passed_by(mesh, &it)?))) else { return };
    let message = format!("{} bypasses the mesh routes of {}: {}", called(from.object), called(service.object), passed.what);
    let diagnostic = match passed.severity {
        Severity::Error => mesh.model.error(from.id, "MS0866", message),
        _ => mesh.model.warning(from.id, "MS0866", message),
    };
    out.push(
        diagnostic
            .note_at("the bypassed object is defined here", mesh.model.node(passed.by).at)
            .help("route to a gateway of the mesh and expose the workload there: use `Ingress::to_gateway`, or the Service of the gateway as the backend"),
    );
}

/// A route or policy that a load balancer bypasses.
struct Passed {
    what: &'static str,
    by: NodeId,
    severity: Severity,
}

fn passed_by(mesh: &Mesh<'_>, service: &Item<'_>) -> Option<Passed> {
    let passed = |what, by| Some(Passed { what, by, severity: Severity::Error });
    let (namespace, name) = (service.place.1, service.object.name.as_str());
    let is_it = |host: &str, of: &Item<'_>| mesh.host(host, of.place.1) == Host::Service { namespace, name };
    let has_subsets = mesh.rules_of(&format!("{name}.{namespace}.svc.cluster.local"), namespace).any(|rule| {
        rule.object.body.at("spec.subsets").is_some_and(|subsets| subsets.items().len() > 1)
    });
    for routes in mesh.all(NETWORKING, "VirtualService").iter().filter(|it| it.place.0 == service.place.0) {
        if !texts(&routes.object.body, "spec.hosts").any(|host| is_it(host, routes)) {
            continue;
        }
        for (_, rule) in items(routes.object.body.at("spec.http"), "spec.http") {
            if let Some(what) = of_rule(rule, has_subsets) {
                return passed(what, routes.id);
            }
        }
    }
    for routes in mesh.all(GATEWAY_API, "HTTPRoute").iter().filter(|it| it.place == service.place) {
        let parents = routes.object.body.at("spec.parentRefs").map(Data::items).unwrap_or_default();
        let is_parent = |parent: &Data| {
            let text = |key: &str| parent.at(key).and_then(Data::as_str);
            text("kind") == Some("Service") && text("name") == Some(name)
        };
        let mut rules = items(routes.object.body.at("spec.rules"), "spec.rules");
        if parents.iter().any(is_parent) && rules.any(|(_, rule)| is_split(rule)) {
            return passed("a route distributes or changes requests", routes.id);
        }
    }
    let tokens = mesh.all(SECURITY, "RequestAuthentication").iter().filter(|it| it.place == service.place);
    let selected = service.object.body.at("spec.selector").and_then(Data::as_map);
    for tokens in tokens {
        let refs = tokens.object.body.at("spec.targetRefs").map(Data::items).unwrap_or_default();
        let is_target = |target: &Data| {
            let text = |key: &str| target.at(key).and_then(Data::as_str);
            text("kind") == Some("Service") && text("name") == Some(name)
        };
        if refs.iter().any(is_target) {
            return passed("a waypoint checks tokens", tokens.id);
        }
        let wanted = tokens.object.body.at("spec.selector.matchLabels").and_then(Data::as_map);
        let pods = selected.and_then(|labels| mesh.pods.selected(service.place, labels)).unwrap_or_default();
        let is_selected = wanted.is_some_and(|wanted| !wanted.is_empty() && pods.iter().any(|it| it.has_labels(wanted)));
        if is_selected && !mesh.model.is_open {
            let what = "only the pod checks tokens, and the caller has no mesh identity";
            return Some(Passed { what, by: tokens.id, severity: Severity::Warning });
        }
    }
    None
}

/// Describes what a route of a `VirtualService` does to requests of all callers, in addition to routing to the service.
fn of_rule(rule: &Data, has_subsets: bool) -> Option<&'static str> {
    let matches = rule.at("match").map(Data::items).unwrap_or_default();
    let of_callers = ["sourceLabels", "sourceNamespace"];
    let is_of_callers = |it: &Data| of_callers.iter().any(|key| it.at(key).is_some());
    if !matches.is_empty() && matches.iter().all(is_of_callers) {
        return None;
    }
    let routes = rule.at("route").map(Data::items).unwrap_or_default();
    let is_changed = ["fault", "redirect", "directResponse", "rewrite", "mirror", "mirrors", "delegate"];
    if rule.at("fault").is_some() {
        return Some("a route injects faults");
    }
    if routes.len() > 1 {
        return Some("a route distributes requests between versions");
    }
    if has_subsets && routes.iter().any(|route| route.at("destination.subset").is_some()) {
        return Some("a route selects one of its versions");
    }
    let conditions = ["authority", "headers", "method", "queryParams", "uri", "withoutHeaders"];
    if matches.iter().any(|it| conditions.iter().any(|key| it.at(key).is_some())) {
        return Some("a route depends on properties of the request");
    }
    is_changed.iter().any(|key| rule.at(key).is_some()).then_some("a route changes or mirrors requests")
}

fn is_split(rule: &Data) -> bool {
    let has = |key: &str| rule.at(key).is_some_and(|it| !it.items().is_empty());
    let is_narrow = rule.at("matches").is_some_and(|it| it.items().iter().any(is_narrow_match));
    rule.at("backendRefs").is_some_and(|it| it.items().len() > 1) || has("filters") || is_narrow
}

/// Whether a match is more specific than every path, which is the default of the Gateway API.
fn is_narrow_match(matched: &Data) -> bool {
    let has = |key: &str| matched.at(key).is_some();
    has("headers") || has("queryParams") || has("method") || matched.at("path.value").and_then(Data::as_str).is_some_and(|it| it != "/")
}

/// Returns the services of the namespace that select the same pods.
fn of_the_same_pods<'a>(mesh: &Mesh<'a>, service: &Item<'a>) -> Vec<Item<'a>> {
    let pods_of = |it: &Item<'a>| {
        let labels = it.object.body.at("spec.selector").and_then(Data::as_map).filter(|labels| !labels.is_empty());
        let pods = labels.and_then(|labels: &'a Bag| mesh.pods.selected(it.place, labels)).unwrap_or_default();
        pods.into_iter().map(|pods| pods.id).collect::<Vec<_>>()
    };
    let own = pods_of(service);
    let is_shared = |other: &&Item<'a>| pods_of(other).iter().any(|pods| own.contains(pods));
    if own.is_empty() { Vec::new() } else { mesh.services_in(service.place).iter().filter(is_shared).copied().collect() }
}

/// Whether an Application Load Balancer of the AWS Load Balancer Controller serves an Ingress.
fn is_of_alb(body: &Bag) -> bool {
    let class = body.at("spec.ingressClassName").and_then(Data::as_str);
    let class = class.or_else(|| annotation(body, "kubernetes.io/ingress.class"));
    class == Some("alb") || annotation(body, "alb.ingress.kubernetes.io/target-type").is_some()
}

#[cfg(test)]
mod tests {
    use crate::mesh::{
        Ingress, LoadBalancerService, TargetGroupBinding, VersionProps, Workload, traffic::Tokens,
    };
    use crate::rules::testing::manifests::{open, with_orders};
    use crate::testing::{codes, mesh_workload, stack};
    use crate::units::Percent;
    use crate::{App, elbv2};

    fn canary(workload: &Workload) {
        let v2 = workload.version("v2", "registry.example/orders:2.0.0", VersionProps::default());
        workload.canary(&v2, Percent(10));
    }

    fn behind(define: impl FnOnce(&Workload), balancer: impl FnOnce(&App, &Workload)) -> Vec<&'static str> {
        let mut found = codes(|app| {
            let orders = mesh_workload(app);
            define(&orders);
            balancer(app, &orders);
        });
        found.retain(|code| *code == "MS0866");
        found
    }

    fn ingress(_: &App, orders: &Workload) {
        Ingress::new(orders.namespace(), "entry", Default::default()).route("shop.example.com", "/", orders);
    }

    fn binding(app: &App, orders: &Workload) {
        let vpc = orders.namespace().cluster().vpc();
        let balancer = elbv2::NetworkLoadBalancer::new(&stack(app, "edge"), "entry", vpc, Default::default());
        let group = balancer.add_tcp(443, "orders", orders.port(), Default::default());
        TargetGroupBinding::new(orders, "entry", &group);
    }

    #[test]
    fn reports_a_canary_behind_a_load_balancer() {
        assert_eq!(behind(canary, ingress), ["MS0866"]);
        assert_eq!(behind(canary, binding), ["MS0866"]);
        let service = |_: &App, orders: &Workload| drop(LoadBalancerService::new(orders, "entry", Default::default()));
        assert_eq!(behind(canary, service), ["MS0866"]);
    }

    #[test]
    fn accepts_a_workload_without_routes() {
        assert_eq!(behind(|_| (), ingress), [""; 0]);
        assert_eq!(behind(|_| (), binding), [""; 0]);
    }

    #[test]
    fn warns_about_tokens() {
        let tokens = |orders: &Workload| {
            orders.require_tokens(Tokens::of("https://login.example.com/", "https://login.example.com/jwks.json"));
        };
        assert_eq!(behind(tokens, ingress), ["MS0866"]);
    }

    const ROUTES: &str = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: orders }\nspec:\n\
        \x20 hosts: [orders]\n  http:\n  - fault: { abort: { httpStatus: 503, percentage: { value: 1 } } }\n    route: [{ destination: { host: orders } }]\n";

    fn manifests(class: &str, routes: &str) -> Vec<&'static str> {
        open(&with_orders(&format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{ name: shop }}\nspec:\n  ingressClassName: {class}\n  rules:\n\
             \x20 - http: {{ paths: [{{ path: /, pathType: Prefix, backend: {{ service: {{ name: orders, port: {{ number: 8080 }} }} }} }}] }}\n{routes}"
        )))
    }

    #[test]
    fn reports_faults_in_manifests_and_ignores_other_controllers() {
        let routes = format!("---\n{ROUTES}");
        assert_eq!(manifests("alb", &routes), ["MS0866"]);
        assert_eq!(manifests("nginx", &routes), [""; 0]);
        assert_eq!(manifests("alb", &routes.replace("- fault: { abort: { httpStatus: 503, percentage: { value: 1 } } }", "- timeout: 2s")), [""; 0]);
    }
}
