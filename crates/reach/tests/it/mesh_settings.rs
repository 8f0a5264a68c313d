//! Settings of Istio that change which requests arrive with a certificate, and which of them are rejected.

use meshsynth_reach::{Engine, Port, Source, Target, Verdict, World};
use serde_json::{Value, json};

use crate::support::world;

fn pod(namespace: &str, name: &str, annotations: Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": name, "namespace": namespace, "labels": { "app": name }, "annotations": annotations },
        "spec": { "serviceAccountName": name, "containers": [{ "name": "main", "image": "x", "ports": [{ "containerPort": 80 }] }] },
    })
}

fn service() -> Value {
    json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "orders", "namespace": "shop" }, "spec": { "selector": { "app": "orders" }, "ports": [{ "name": "http", "port": 8080, "targetPort": 80 }] } })
}

fn namespace(name: &str, labels: Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": labels } })
}

fn mesh(api: &str, kind: &str, namespace: &str, spec: Value) -> Value {
    json!({ "apiVersion": api, "kind": kind, "metadata": { "name": "own", "namespace": namespace }, "spec": spec })
}

fn strict() -> Value {
    mesh("security.istio.io/v1", "PeerAuthentication", "shop", json!({ "mtls": { "mode": "STRICT" } }))
}

fn policy(spec: Value) -> Value {
    let mut policy = mesh("security.istio.io/v1", "AuthorizationPolicy", "shop", spec);
    policy["spec"]["selector"] = json!({ "matchLabels": { "app": "orders" } });
    policy
}

fn platform(web: Value, orders: Value, add: &[Value]) -> World {
    let mut objects = vec![
        namespace("shop", json!({ "istio-injection": "enabled" })),
        namespace("plain", json!({})),
        pod("shop", "web", web),
        pod("plain", "job", json!({})),
        pod("shop", "orders", orders),
        service(),
    ];
    objects.extend(add.iter().cloned());
    files(&objects)
}

fn files(objects: &[Value]) -> World {
    world(&[("all.json", &json!({ "apiVersion": "v1", "kind": "List", "items": objects }).to_string())])
}

fn ask(world: &World, from: &str) -> Verdict {
    let id = |name: &str| world.workload_ids().find(|id| world.workload(*id).name == name).unwrap();
    let target = Target::Workload(id("orders"), Some(Port::tcp(80)));
    Engine::new(world).ask(&Source::Workload(id(from)), &target).verdict
}

fn with(add: &[Value], from: &str) -> Verdict {
    ask(&platform(json!({}), json!({}), add), from)
}

#[test]
fn excluded_inbound_ports_bypass_the_proxy() {
    let orders = |key: &str, value: &str| ask(&platform(json!({}), json!({ key: value }), &[strict()]), "job");
    assert_eq!(with(&[strict()], "job"), Verdict::Denied);
    assert_eq!(orders("traffic.sidecar.istio.io/excludeInboundPorts", "80"), Verdict::Allowed);
    assert_eq!(orders("traffic.sidecar.istio.io/excludeInboundPorts", "81, 90-99"), Verdict::Denied);
    assert_eq!(orders("traffic.sidecar.istio.io/includeInboundPorts", "8081"), Verdict::Allowed);
    assert_eq!(orders("traffic.sidecar.istio.io/includeInboundPorts", ""), Verdict::Allowed);
    assert_eq!(orders("traffic.sidecar.istio.io/includeInboundPorts", "*"), Verdict::Denied);
    assert_eq!(orders("sidecar.istio.io/interceptionMode", "NONE"), Verdict::Unknown);
}

#[test]
fn calls_to_excluded_outbound_ports_have_no_certificate() {
    let web = |key: &str, value: &str| ask(&platform(json!({ key: value }), json!({}), &[strict()]), "web");
    assert_eq!(with(&[strict()], "web"), Verdict::Allowed);
    assert_eq!(web("traffic.sidecar.istio.io/excludeOutboundPorts", "8080"), Verdict::Denied);
    assert_eq!(web("traffic.sidecar.istio.io/excludeOutboundPorts", "9090"), Verdict::Allowed);
    assert_eq!(web("traffic.sidecar.istio.io/excludeOutboundIPRanges", "10.0.0.0/8"), Verdict::Unknown);
}

#[test]
fn dry_run_policies_are_not_enforced() {
    let mut deny = policy(json!({ "action": "DENY", "rules": [{}] }));
    assert_eq!(with(&[deny.clone()], "web"), Verdict::Denied);
    deny["metadata"]["annotations"] = json!({ "istio.io/dry-run": "true" });
    assert_eq!(with(&[deny], "web"), Verdict::Allowed);
}

fn allow(principal: &str) -> Value {
    policy(json!({ "rules": [{ "from": [{ "source": { "principals": [principal] } }] }] }))
}

fn config(mesh: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "istio", "namespace": "istio-system" }, "data": { "mesh": mesh } })
}

#[test]
fn trust_domain_aliases_match_principals() {
    let own = "old.example/ns/shop/sa/web";
    assert_eq!(with(&[allow(own)], "web"), Verdict::Denied);
    let aliases = "trustDomain: new.example\ntrustDomainAliases: [old.example]\n";
    assert_eq!(with(&[allow(own), config(aliases)], "web"), Verdict::Allowed);
    assert_eq!(with(&[allow("cluster.local/ns/shop/sa/web"), config(aliases)], "web"), Verdict::Allowed);
    assert_eq!(with(&[allow("other.example/ns/shop/sa/web"), config(aliases)], "web"), Verdict::Denied);
}

#[test]
fn trust_domains_of_certificates_are_compared() {
    let source = |field: &str, domain: &str| {
        with(&[policy(json!({ "rules": [{ "from": [{ "source": { field: [domain] } }] }] }))], "web")
    };
    assert_eq!(source("trustDomains", "cluster.local"), Verdict::Allowed);
    assert_eq!(source("trustDomains", "other.example"), Verdict::Denied);
    assert_eq!(source("notTrustDomains", "cluster.local"), Verdict::Denied);
    assert_eq!(source("notTrustDomains", "other.example"), Verdict::Allowed);
}

#[test]
fn mesh_configuration_is_read_from_the_config_map() {
    let root = mesh("security.istio.io/v1", "PeerAuthentication", "mesh-root", json!({ "mtls": { "mode": "STRICT" } }));
    assert_eq!(with(std::slice::from_ref(&root), "job"), Verdict::Allowed);
    assert_eq!(with(&[root.clone(), config("rootNamespace: mesh-root\n")], "job"), Verdict::Denied);
    let operator = json!({ "apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator", "metadata": { "name": "x", "namespace": "istio-system" }, "spec": { "meshConfig": { "rootNamespace": "mesh-root" } } });
    assert_eq!(with(&[root, operator], "job"), Verdict::Denied);
    assert_eq!(with(&[strict(), config("enableAutoMtls: false\n")], "web"), Verdict::Denied);
}

#[test]
fn destination_rules_replace_mutual_tls() {
    let rule = |spec: Value| {
        let mut rule = mesh("networking.istio.io/v1", "DestinationRule", "shop", spec);
        rule["spec"]["host"] = "orders".into();
        with(&[strict(), rule], "web")
    };
    assert_eq!(rule(json!({ "trafficPolicy": { "tls": { "mode": "DISABLE" } } })), Verdict::Denied);
    assert_eq!(rule(json!({ "trafficPolicy": { "tls": { "mode": "ISTIO_MUTUAL" } } })), Verdict::Allowed);
    assert_eq!(rule(json!({ "trafficPolicy": { "tls": { "mode": "SIMPLE" } } })), Verdict::Unknown);
    assert_eq!(rule(json!({ "trafficPolicy": { "loadBalancer": {} } })), Verdict::Allowed);
    let level = |port: u16| json!({ "trafficPolicy": { "portLevelSettings": [{ "port": { "number": port }, "tls": { "mode": "DISABLE" } }] } });
    assert_eq!(rule(level(8080)), Verdict::Denied);
    assert_eq!(rule(level(9090)), Verdict::Allowed);
    assert_eq!(
        rule(json!({ "subsets": [{ "name": "a", "trafficPolicy": { "tls": { "mode": "DISABLE" } } }] })),
        Verdict::Unknown
    );
}

#[test]
fn issuers_of_tokens_are_compared() {
    let authentication = |issuer: &str| {
        mesh("security.istio.io/v1", "RequestAuthentication", "shop", json!({ "jwtRules": [{ "issuer": issuer }] }))
    };
    let wanted =
        |pattern: &str| policy(json!({ "rules": [{ "from": [{ "source": { "requestPrincipals": [pattern] } }] }] }));
    let ask = |issuer: &str, pattern: &str| with(&[authentication(issuer), wanted(pattern)], "web");
    assert_eq!(ask("https://a", "https://a/*"), Verdict::Allowed);
    assert_eq!(ask("https://a", "*"), Verdict::Allowed);
    assert_eq!(ask("https://a", "https://b/*"), Verdict::Denied);
    assert_eq!(ask("https://a", "https://b/ann"), Verdict::Denied);
}

#[test]
fn only_deny_rules_for_all_requests_deny() {
    let deny = |operation: Value| {
        with(&[policy(json!({ "action": "DENY", "rules": [{ "to": [{ "operation": operation }] }] }))], "web")
    };
    assert_eq!(deny(json!({ "methods": ["*"] })), Verdict::Denied);
    assert_eq!(deny(json!({ "paths": ["/*"] })), Verdict::Denied);
    assert_eq!(deny(json!({ "hosts": ["*"] })), Verdict::Denied);
    assert_eq!(deny(json!({ "notHosts": ["*"] })), Verdict::Allowed);
    assert_eq!(deny(json!({ "methods": ["GET"] })), Verdict::Allowed);
    assert_eq!(deny(json!({ "methods": ["*"], "paths": ["/admin*"] })), Verdict::Allowed);
    let both = [json!({ "methods": ["GET"] }), json!({ "notMethods": ["GET"] })]
        .map(|it| json!({ "to": [{ "operation": it }] }));
    assert_eq!(with(&[policy(json!({ "action": "DENY", "rules": both }))], "web"), Verdict::Denied);
    let allow = |operation: Value| with(&[policy(json!({ "rules": [{ "to": [{ "operation": operation }] }] }))], "web");
    assert_eq!(allow(json!({ "notHosts": ["*"] })), Verdict::Denied);
    assert_eq!(allow(json!({ "notPaths": ["/*"] })), Verdict::Denied);
    assert_eq!(allow(json!({ "methods": ["GET"] })), Verdict::Allowed);
}

#[test]
fn pods_without_a_mesh_label_may_have_a_sidecar_or_not() {
    let pods =
        [pod("shop", "web", json!({})), pod("shop", "orders", json!({})), service(), namespace("shop", json!({}))];
    let ask_with = |add: Value| ask(&files(&[&pods[..], &[add]].concat()), "web");
    assert_eq!(ask_with(strict()), Verdict::Unknown);
    assert_eq!(ask_with(allow("cluster.local/ns/shop/sa/web")), Verdict::Unknown);
    let permissive =
        mesh("security.istio.io/v1", "PeerAuthentication", "shop", json!({ "mtls": { "mode": "PERMISSIVE" } }));
    assert_eq!(ask_with(permissive), Verdict::Allowed);
}

#[test]
fn filters_of_proxies_make_allowed_requests_unknown() {
    let filter = |kind: &str, context: &str| {
        mesh(
            "networking.istio.io/v1alpha3",
            "EnvoyFilter",
            "shop",
            json!({ "configPatches": [{ "applyTo": kind, "match": { "context": context } }] }),
        )
    };
    assert_eq!(with(&[filter("HTTP_FILTER", "SIDECAR_INBOUND")], "web"), Verdict::Unknown);
    assert_eq!(with(&[filter("HTTP_FILTER", "SIDECAR_OUTBOUND")], "web"), Verdict::Allowed);
    assert_eq!(with(&[filter("CLUSTER", "ANY")], "web"), Verdict::Allowed);
    let plugin = mesh("extensions.istio.io/v1alpha1", "WasmPlugin", "shop", json!({ "phase": "AUTHZ" }));
    assert_eq!(with(&[plugin], "web"), Verdict::Unknown);
}

#[test]
fn policies_for_a_gateway_class_apply_to_its_waypoints() {
    let waypoint = json!({ "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": { "name": "waypoint", "namespace": "shop" }, "spec": { "gatewayClassName": "istio-waypoint", "listeners": [{ "name": "mesh", "port": 15008, "protocol": "HBONE" }] } });
    let objects = |add: &[Value]| {
        let ambient = json!({ "istio.io/dataplane-mode": "ambient", "istio.io/use-waypoint": "waypoint" });
        let base = [
            namespace("shop", ambient),
            pod("shop", "web", json!({})),
            pod("shop", "orders", json!({})),
            service(),
            waypoint.clone(),
        ];
        files(&[&base[..], add].concat())
    };
    // Only the waypoint may call the workload directly.
    let only = allow("cluster.local/ns/shop/sa/waypoint");
    assert_eq!(ask(&objects(std::slice::from_ref(&only)), "web"), Verdict::Allowed);
    let deny = mesh(
        "security.istio.io/v1",
        "AuthorizationPolicy",
        "istio-system",
        json!({
            "targetRefs": [{ "group": "gateway.networking.k8s.io", "kind": "GatewayClass", "name": "istio-waypoint" }], "action": "DENY", "rules": [{}],
        }),
    );
    assert_eq!(ask(&objects(&[only, deny]), "web"), Verdict::Denied);
}
