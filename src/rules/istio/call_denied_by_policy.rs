//! An `AuthorizationPolicy` denies a call that the program declares.
//!
//! `orders.calls(&payments)` says that the call belongs to the platform. A policy
//! that denies it, or an `ALLOW` policy that lists others only, turns it into
//! 403 `RBAC: access denied`. As soon as one `ALLOW` policy selects a workload,
//! whatever no such policy allows is refused.
//!
//! Add the caller to the policy, leave the policy to `calls`, which writes it, or
//! take the call back. What depends on paths, methods or headers is not judged.
//!
//! Source: <https://istio.io/latest/docs/reference/config/security/authorization-policy/>

use std::collections::HashMap;

use crate::diag::Diagnostic;
use crate::node::{Edge, EdgeKind};
use crate::tree::NodeId;
use crate::val::Data;
use crate::rules::index::{CORE, GATEWAY_API, Item, Mesh, SECURITY, label};
use crate::rules::index::exports::ROOT;
use crate::rules::index::pods::{self, Pods, called};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let mut policies: HashMap<(Option<NodeId>, &str), Vec<Item<'_>>> = HashMap::new();
    for policy in mesh.all(SECURITY, "AuthorizationPolicy") {
        policies.entry(policy.place).or_default().push(*policy);
    }
    if policies.is_empty() {
        return;
    }
    let workloads = mesh.workloads();
    let domains = trust_domains(mesh);
    for edge in mesh.model.edges().filter(|edge| edge.kind == EdgeKind::Call) {
        let (Some(from), Some(to)) = (workloads.get(&edge.from), workloads.get(&edge.to)) else { continue };
        let place = pods::place(mesh.model, to.id, to.object);
        // Behind a waypoint, a workload sees the waypoint call and not the caller.
        if has_waypoint(mesh, place) {
            continue;
        }
        let near = [place, (place.0, ROOT)];
        let mut of_callee: Vec<Item<'_>> =
            near.iter().filter_map(|place| policies.get(place)).flatten().copied().filter(|it| selects(mesh, it, to)).collect();
        of_callee.dedup_by_key(|policy| policy.id);
        let domain = domains.get(&mesh.model.target_of(from.id)).copied().unwrap_or(LOCAL);
        out.extend(cut(mesh, edge, Caller::of(mesh, from, domain), (from, to), &of_callee));
    }
}

/// The trust domain of each cluster whose istiod is told one.
fn trust_domains<'a>(mesh: &Mesh<'a>) -> HashMap<Option<NodeId>, &'a str> {
    let of_istiod = mesh.model.releases().filter(|(_, release)| release.chart == "istiod");
    of_istiod
        .filter_map(|(id, release)| Some((mesh.model.target_of(id), release.values.at("meshConfig.trustDomain")?.as_str()?)))
        .collect()
}

fn cut<'a>(
    mesh: &Mesh<'a>,
    edge: &Edge,
    caller: Caller<'a>,
    (from, to): (&Pods<'a>, &Pods<'a>),
    policies: &[Item<'a>],
) -> Option<Diagnostic> {
    let call = Call { from: caller, port: edge.port };
    let action = |policy: &Item<'_>| policy.object.body.at("spec.action").map_or("ALLOW".to_owned(), Data::to_text);
    let rules = |policy: &Item<'a>| policy.object.body.at("spec.rules").map(Data::items).unwrap_or_default();
    let denies = policies.iter().find(|policy| {
        action(policy) == "DENY" && rules(policy).iter().any(|rule| call.matches(rule) == Match::Surely)
    });
    let allowing: Vec<_> = policies.iter().filter(|policy| action(policy) == "ALLOW").collect();
    let is_allowed = allowing.iter().any(|policy| rules(policy).iter().any(|rule| call.matches(rule) != Match::Never));
    let (policy, why) = match denies {
        Some(policy) => (policy, "denies"),
        None if !allowing.is_empty() && !is_allowed => (*allowing.first()?, "does not allow"),
        None => return None,
    };
    let message = format!("{} {why} the call of {} to {}", called(policy.object), called(from.object), called(to.object));
    Some(
        mesh.model
            .error(policy.id, "MS0817", message)
            .field("spec.rules")
            .note_at("the call is declared here", edge.at)
            .help(format!("add a rule that allows the principal `{}`, or remove the call", call.from.principal())),
    )
}

/// Whether calls to a namespace go through a waypoint.
fn has_waypoint<'a>(mesh: &Mesh<'a>, place: pods::Place<'a>) -> bool {
    let is_waypoint = |gateway: &Item<'_>| {
        let class = gateway.object.body.at("spec.gatewayClassName").and_then(Data::as_str);
        gateway.place == place && class == Some("istio-waypoint")
    };
    let label = mesh.namespace(place).and_then(|it| label(&it.object.body, "istio.io/use-waypoint"));
    label.is_some_and(|name| name != "none") || mesh.all(GATEWAY_API, "Gateway").iter().any(is_waypoint)
}

/// Whether a policy holds for pods: those that it selects, all of its namespace, or all of the mesh.
fn selects<'a>(mesh: &Mesh<'a>, policy: &Item<'a>, pods: &Pods<'a>) -> bool {
    let body = &policy.object.body;
    // A policy of a waypoint or a gateway is about what passes there: of a service, its pods.
    if let Some(target) = body.at("spec.targetRefs.0").or(body.at("spec.targetRef")) {
        let text = |key: &str| target.at(key).and_then(Data::as_str);
        let (Some("Service"), Some(name)) = (text("kind"), text("name")) else { return false };
        let service = mesh.find(CORE, "Service", policy.place, name);
        let labels = service.and_then(|service| service.object.body.at("spec.selector")?.as_map());
        return labels.is_some_and(|labels| pods.has_labels(labels));
    }
    let labels = body.at("spec.selector.matchLabels").and_then(Data::as_map);
    labels.is_none_or(|labels| pods.has_labels(labels))
}

/// The trust domain of an installation that is told none; in a policy it stands for that of the mesh.
const LOCAL: &str = "cluster.local";

struct Caller<'a> {
    domain: &'a str,
    namespace: &'a str,
    account: &'a str,
}

impl<'a> Caller<'a> {
    fn of(mesh: &Mesh<'a>, pods: &Pods<'a>, domain: &'a str) -> Self {
        let (_, namespace) = pods::place(mesh.model, pods.id, pods.object);
        Self { domain, namespace, account: pods.spec.get("serviceAccountName").and_then(Data::as_str).unwrap_or("default") }
    }

    fn principal(&self) -> String {
        format!("{}/ns/{}/sa/{}", self.domain, self.namespace, self.account)
    }
}

/// Whether a rule is about a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    Surely,
    Never,
    /// It depends on the request.
    Perhaps,
}

struct Call<'a> {
    from: Caller<'a>,
    port: Option<u16>,
}

impl Call<'_> {
    fn matches(&self, rule: &Data) -> Match {
        let any = |key: &str, of: &dyn Fn(&Data) -> Match| match rule.at(key).map(Data::items) {
            None | Some([]) => Match::Surely,
            Some(items) => either(items.iter().map(of)),
        };
        let from = any("from", &|from| self.source(from.at("source")));
        let to = any("to", &|to| self.operation(to.at("operation")));
        let when = if rule.at("when").is_some_and(|when| !when.items().is_empty()) { Match::Perhaps } else { Match::Surely };
        all([from, to, when])
    }

    fn source(&self, source: Option<&Data>) -> Match {
        let Some(source) = source.and_then(Data::as_map) else { return Match::Perhaps };
        let principal = self.from.principal();
        all(source.iter().map(|(key, values)| {
            let has = |text: &str| listed(values, text);
            let is_one = || either(values.items().iter().map(|value| is_principal(value, &principal)));
            match key {
                "principals" => is_one(),
                "notPrincipals" => not(is_one()),
                "namespaces" => has(self.from.namespace),
                "notNamespaces" => not(has(self.from.namespace)),
                "serviceAccounts" => either([has(self.from.account), has(&format!("{}/{}", self.from.namespace, self.from.account))]),
                _ => Match::Perhaps,
            }
        }))
    }

    fn operation(&self, operation: Option<&Data>) -> Match {
        let Some(operation) = operation.and_then(Data::as_map) else { return Match::Perhaps };
        all(operation.iter().map(|(key, values)| match (key, self.port) {
            ("ports", Some(port)) => listed(values, &port.to_string()),
            ("notPorts", Some(port)) => not(listed(values, &port.to_string())),
            _ => Match::Perhaps,
        }))
    }
}

/// Whether a list has a text; `*` stands for any beginning or end.
fn listed(values: &Data, text: &str) -> Match {
    either(values.items().iter().map(|value| value.as_str().map_or(Match::Perhaps, |value| stands_for(value, text))))
}

/// Whether an entry is an identity. Other trust domains may be aliases of that of the mesh, which a policy does not tell.
fn is_principal(value: &Data, principal: &str) -> Match {
    let Some(value) = value.as_str() else { return Match::Perhaps };
    let tail = |text: &str| text.split_once("/ns/").map(|(_, tail)| tail.to_owned());
    match (tail(value), tail(principal), value.strip_prefix(LOCAL)) {
        (Some(value), Some(principal), _) => stands_for(&value, &principal),
        (_, _, Some(rest)) if rest.starts_with('/') => stands_for(rest, &principal[principal.find('/').unwrap_or(0)..]),
        _ => stands_for(value, principal),
    }
}

fn stands_for(value: &str, text: &str) -> Match {
    let is = value == text
        || value.strip_suffix('*').is_some_and(|start| text.starts_with(start))
        || value.strip_prefix('*').is_some_and(|end| text.ends_with(end));
    if is { Match::Surely } else { Match::Never }
}

fn either(matches: impl IntoIterator<Item = Match>) -> Match {
    matches.into_iter().fold(Match::Never, |so_far, next| match (so_far, next) {
        (Match::Surely, _) | (_, Match::Surely) => Match::Surely,
        (Match::Perhaps, _) | (_, Match::Perhaps) => Match::Perhaps,
        _ => Match::Never,
    })
}

fn all(matches: impl IntoIterator<Item = Match>) -> Match {
    matches.into_iter().fold(Match::Surely, |so_far, next| match (so_far, next) {
        (Match::Never, _) | (_, Match::Never) => Match::Never,
        (Match::Perhaps, _) | (_, Match::Perhaps) => Match::Perhaps,
        _ => Match::Surely,
    })
}

fn not(matched: Match) -> Match {
    match matched {
        Match::Surely => Match::Never,
        Match::Never => Match::Surely,
        Match::Perhaps => Match::Perhaps,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::mesh::{Istio, IstioProps, Namespace, NamespaceProps, Workload, WorkloadProps};
    use crate::testing::{cluster, codes, diagnostics, namespace};
    use crate::tree::{At, Construct};
    use crate::Manifest;
    use crate::rules::testing::manifests::data;

    fn with(spec: Value) -> Vec<&'static str> {
        let found = codes(|app| {
            let shop = namespace(app);
            let orders = Workload::new(&shop, "orders", "registry.example/orders:1.4.0", WorkloadProps::default());
            let payments = Workload::new(&shop, "payments", "registry.example/payments:1.4.0", WorkloadProps::default());
            orders.calls(&payments);
            let policy = json!({
                "apiVersion": "security.istio.io/v1",
                "kind": "AuthorizationPolicy",
                "metadata": { "name": "by-hand" },
                "spec": spec,
            });
            Manifest::new(data(&policy), At::caller()).expect("it is one").define(payments.scope(), "by-hand");
        });
        found.into_iter().filter(|code| *code == "MS0817").collect()
    }

    #[test]
    fn a_policy_that_allows_others_cuts_the_call() {
        let others = json!({ "rules": [{ "from": [{ "source": { "principals": ["cluster.local/ns/shop/sa/web"] } }] }] });
        assert_eq!(with(others), ["MS0817"]);
        assert_eq!(with(json!({})), ["MS0817"]);
    }

    #[test]
    fn a_policy_that_denies_the_namespace_cuts_the_call() {
        let denies = json!({ "action": "DENY", "rules": [{ "from": [{ "source": { "namespaces": ["shop"] } }] }] });
        assert_eq!(with(denies), ["MS0817"]);
    }

    /// What is said of a principal, in a mesh with a trust domain of its own.
    fn in_domain(principal: &str) -> Vec<(&'static str, String)> {
        let found = diagnostics("shop", |app| {
            let cluster = cluster(app);
            let props = IstioProps { trust_domain: "shop.example".to_owned(), ..Default::default() };
            let istio = Istio::new(&cluster, "istio", &cluster, props);
            let props = NamespaceProps { mesh: Some(istio.membership()), deny_by_default: false, ..Default::default() };
            let shop = Namespace::new(&cluster, "shop", &cluster, props);
            let workload = |name: &str| Workload::new(&shop, name, "registry.example/it:1.4.0", Default::default());
            let (orders, payments) = (workload("orders"), workload("payments"));
            orders.calls(&payments);
            let rules = json!([{ "from": [{ "source": { "principals": [principal] } }] }]);
            let policy = json!({
                "apiVersion": "security.istio.io/v1",
                "kind": "AuthorizationPolicy",
                "metadata": { "name": "by-hand" },
                "spec": { "action": "DENY", "rules": rules },
            });
            Manifest::new(data(&policy), At::caller()).expect("it is one").define(payments.scope(), "by-hand");
        });
        let found = found.into_iter().filter(|it| it.code == "MS0817");
        found.map(|it| (it.code, it.help.unwrap_or_default())).collect()
    }

    #[test]
    fn the_trust_domain_is_that_of_the_mesh_however_the_policy_writes_it() {
        for principal in ["shop.example/ns/shop/sa/orders", "cluster.local/ns/shop/sa/*", "shop.example/*", "cluster.local/*"] {
            let found = in_domain(principal);
            assert!(found.len() == 1 && found[0].1.contains("`shop.example/ns/shop/sa/orders`"), "{principal}: {found:?}");
        }
        assert_eq!(in_domain("shop.example/ns/other/sa/orders"), []);
        assert_eq!(in_domain("*/sa/web"), []);
    }

    #[test]
    fn a_policy_that_allows_the_caller_or_asks_for_a_request_is_fine() {
        let orders = json!({ "rules": [{ "from": [{ "source": { "principals": ["cluster.local/ns/shop/sa/orders"] } }] }] });
        assert_eq!(with(orders), [""; 0]);
        let get = json!({ "rules": [{ "to": [{ "operation": { "methods": ["GET"] } }] }] });
        assert_eq!(with(get), [""; 0]);
        let denies_post = json!({ "action": "DENY", "rules": [{ "to": [{ "operation": { "methods": ["POST"] } }] }] });
        assert_eq!(with(denies_post), [""; 0]);
    }
}
