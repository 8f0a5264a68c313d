//! The waypoint of a workload, according to the labels of namespaces, Services and pods, and to the type of waypoint.

use meshsynth_reach::{Engine, Port, Source, Target, Verdict};

use crate::support::world;

/// A client that reaches the workload only through the waypoint. `NS`, `SVC` and `POD` are placeholders for labels.
const SHOP: &str = r#"
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio.io/dataplane-mode: ambient NS } }
---
apiVersion: v1
kind: Namespace
metadata: { name: infra, labels: {} }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec: { serviceAccountName: web }
---
apiVersion: v1
kind: Pod
metadata: { name: api, namespace: shop, labels: { app: api POD } }
spec: { serviceAccountName: api, containers: [{ name: c, ports: [{ containerPort: 80 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: shop, labels: { a: b SVC } }
spec: { selector: { app: api }, ports: [{ port: 80 }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: api, namespace: shop }
spec: { selector: { matchLabels: { app: api } }, rules: [{ from: [{ source: { principals: ["*/sa/way", "*/sa/other"] } }] }] }
"#;

fn gateway(namespace: &str, name: &str, calls: &str, from: &str) -> String {
    format!(
        "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\n\
         metadata: {{ name: {name}, namespace: {namespace}, labels: {{ {calls} }} }}\n\
         spec: {{ gatewayClassName: istio-waypoint, listeners: [{{ name: mesh, port: 15008, protocol: HBONE, \
         allowedRoutes: {{ namespaces: {{ from: {from} }} }} }}] }}\n"
    )
}

fn ask(labels: [&str; 3], more: &str) -> Verdict {
    let text = ["NS", "SVC", "POD"].iter().zip(labels).fold(SHOP.to_owned(), |text, (key, it)| {
        let it = it.replace("use=", "istio.io/use-waypoint: ").replace("in=", "istio.io/use-waypoint-namespace: ");
        let it = if it.is_empty() { it } else { format!(", {it}") };
        text.replace(&format!(" {key} }}"), &format!("{it} }}"))
    });
    let world = world(&[("a.yaml", &(text + more))]);
    let id = |name: &str| world.workloads_called(name)[0];
    let target = Target::Workload(id("api"), Some(Port::tcp(80)));
    Engine::new(&world).ask(&Source::Workload(id("web")), &target).verdict
}

#[test]
fn labels_select_the_waypoint() {
    let (open, shut) = (Verdict::Allowed, Verdict::Denied);
    for (namespace, service, pod, calls, expected) in [
        ("", "", "", "", shut),
        ("use=way", "", "", "", open),
        ("", "use=way", "", "", open),
        ("use=way", "use=none", "", "", shut),
        ("use=none", "use=way", "", "", open),
        ("use=absent", "", "", "", shut),
        // The waypoint in the label of a pod handles calls to the pod address, if its type includes workload traffic.
        ("", "", "use=way", "", shut),
        ("", "", "use=way", "workload", open),
        ("", "", "use=way", "all", open),
        ("use=way", "use=none", "", "all", open),
        ("use=way", "use=none", "use=none", "all", shut),
        ("use=way", "", "", "service", open),
        ("", "use=way", "", "workload", shut),
        ("use=way", "", "", "workload", open),
        ("use=way", "", "", "none", shut),
        ("", "use=way", "use=way", "none", shut),
        // The waypoint is in another namespace, which a second label specifies.
        ("use=other", "", "", "", shut),
        ("use=other, in=infra", "", "", "", open),
        ("", "use=other, in=infra", "", "", open),
        ("in=infra", "use=other", "", "", shut),
        ("use=other, in=infra", "use=way", "", "", open),
        ("use=closed, in=infra", "", "", "", shut),
    ] {
        let calls = if calls.is_empty() { String::new() } else { format!("istio.io/waypoint-for: {calls}") };
        let gateways = [
            gateway("shop", "way", &calls, "Same"),
            gateway("infra", "other", "", "All"),
            gateway("infra", "closed", "", "Same"),
        ];
        let found = ask([namespace, service, pod], &gateways.concat());
        assert_eq!(found, expected, "namespace `{namespace}`, service `{service}`, pod `{pod}`, for `{calls}`");
    }
}

#[test]
fn considers_the_waypoint_of_every_matching_service() {
    let second = "---\napiVersion: v1\nkind: Service\n\
                  metadata: { name: zz, namespace: shop, labels: { istio.io/use-waypoint: way } }\n\
                  spec: { selector: { app: api }, ports: [{ port: 80 }] }\n";
    let way = gateway("shop", "way", "", "Same");
    assert_eq!(ask(["", "use=none", ""], &[&way, second].concat()), Verdict::Allowed);
    let other_port = second.replace("port: 80", "port: 81");
    assert_eq!(ask(["", "use=none", ""], &[&way, &*other_port].concat()), Verdict::Denied);
}

#[test]
fn services_of_a_waypoint_have_separate_policies() {
    let way = gateway("shop", "way", "", "Same");
    let refused = "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: requests, namespace: shop }\n\
                   spec: { targetRefs: [{ group: '', kind: Service, name: api }], rules: [{ from: [{ source: { principals: [nobody] } }] }] }\n";
    let second = "---\napiVersion: v1\nkind: Service\nmetadata: { name: api-v2, namespace: shop }\n\
                  spec: { selector: { app: api }, ports: [{ port: 80 }] }\n";
    assert_eq!(ask(["use=way", "", ""], &[&way, refused].concat()), Verdict::Denied);
    assert_eq!(
        ask(["use=way", "", ""], &[&way, refused, second].concat()),
        Verdict::Allowed,
        "nothing names the second"
    );
    let named = refused.replace("name: requests", "name: second").replace("name: api }", "name: api-v2 }");
    assert_eq!(ask(["use=way", "", ""], &[&way, refused, second, &named].concat()), Verdict::Denied);
}
