//! Decisions of a mesh in small clusters.

use meshsynth_reach::{Engine, Port, Protocol, Source, Target, Verdict, World};

use crate::support::world;

fn pod(namespace: &str, name: &str, more: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{ name: {name}, namespace: {namespace}, labels: {{ app: {name} }} }}\n\
         spec: {{ serviceAccountName: {name}{more}, containers: [{{ name: c, ports: [{{ containerPort: 80 }}] }}] }}\n---\n\
         apiVersion: v1\nkind: Service\nmetadata: {{ name: {name}, namespace: {namespace} }}\n\
         spec: {{ selector: {{ app: {name} }}, ports: [{{ port: 80 }}] }}\n---\n"
    )
}

const NAMESPACES: &str = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { istio-injection: enabled } }\n---\n\
                          apiVersion: v1\nkind: Namespace\nmetadata: { name: plain }\n---\n";

fn ask(world: &World, from: &str, to: &str, port: Port) -> (Verdict, String) {
    let engine = Engine::new(world);
    let id = |name: &str| world.workloads_called(name)[0];
    let answer = engine.ask(&Source::Workload(id(from)), &Target::Workload(id(to), Some(port)));
    let why = answer.deciding().map(|it| it.why.clone()).collect::<Vec<_>>().join("\n");
    (answer.verdict, why)
}

#[test]
fn registry_only_sidecar_rejects_pods_outside_mesh() {
    let sidecar = "apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: { name: default, namespace: shop }\n\
                   spec: { egress: [{ hosts: [\"./*\"] }], outboundTrafficPolicy: { mode: REGISTRY_ONLY } }\n---\n";
    let text = [NAMESPACES, &pod("shop", "web", ""), &pod("plain", "db", ""), sidecar].concat();
    let (verdict, why) = ask(&world(&[("a.yaml", &text)]), "web", "db", Port::tcp(80));
    assert_eq!(verdict, Verdict::Denied, "{why}");
    assert!(why.contains("does not have this host in its configuration"), "{why}");
}

#[test]
fn proxies_only_handle_tcp() {
    let strict = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: default, namespace: shop }\n\
                  spec: { mtls: { mode: STRICT } }\n---\n";
    let text = [NAMESPACES, &pod("shop", "web", ""), &pod("plain", "job", ""), strict].concat();
    let world = world(&[("a.yaml", &text)]);
    assert_eq!(ask(&world, "job", "web", Port::tcp(80)).0, Verdict::Denied);
    assert_eq!(ask(&world, "job", "web", Port { protocol: Protocol::Udp, number: 53 }).0, Verdict::Allowed);
}

#[test]
fn deployed_gateways_have_certificates() {
    let gateway = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: { name: public, namespace: plain }\n\
                   spec: { selector: { app: gateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [\"*\"] }] }\n---\n";
    let strict = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: default, namespace: shop }\n\
                  spec: { mtls: { mode: STRICT } }\n---\n";
    let text = [NAMESPACES, &pod("shop", "web", ""), &pod("plain", "gateway", ""), gateway, strict].concat();
    let (verdict, why) = ask(&world(&[("a.yaml", &text)]), "gateway", "web", Port::tcp(80));
    assert_eq!(verdict, Verdict::Allowed, "{why}");
}

#[test]
fn pods_without_services_have_mesh_identities() {
    let pods = "apiVersion: v1\nkind: Namespace\nmetadata: { name: default, labels: { istio-injection: enabled } }\n---\n\
                apiVersion: v1\nkind: Pod\nmetadata: { name: a, labels: { app: a } }\nspec: { serviceAccountName: a }\n---\n\
                apiVersion: v1\nkind: Pod\nmetadata: { name: b, labels: { app: b } }\nspec: { serviceAccountName: b }\n---\n\
                apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: b }\n\
                spec: { selector: { matchLabels: { app: b } }, rules: [{ from: [{ source: { principals: [cluster.local/ns/default/sa/a] } }] }] }\n";
    let (verdict, why) = ask(&world(&[("a.yaml", pods)]), "a", "b", Port::tcp(80));
    assert_eq!(verdict, Verdict::Allowed, "{why}");
}
