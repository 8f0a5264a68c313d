//! Ingresses of controllers whose pods are in the files.

use meshsynth_reach::{Engine, Verdict, find};

use crate::support::world;

const SHOP: &str = r#"
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop, namespace: shop, annotations: {} }
spec: { ingressClassName: web, rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] } }] }
---
apiVersion: v1
kind: Service
metadata: { name: shop, namespace: shop }
spec: { selector: { app: shop }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, namespace: shop }
spec: { selector: { matchLabels: { app: shop } }, template: { metadata: { labels: { app: shop } }, spec: { containers: [{ name: shop, image: shop, ports: [{ containerPort: 8080 }] }] } } }
"#;

const CONTROLLER: &str = r#"
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: web }
spec: { controller: k8s.io/ingress-nginx }
---
apiVersion: v1
kind: Service
metadata: { name: controller, namespace: ingress }
spec: { type: LoadBalancer, selector: { app.kubernetes.io/name: ingress-nginx }, ports: [{ port: 80, targetPort: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: controller, namespace: ingress }
spec: { selector: { matchLabels: { app.kubernetes.io/name: ingress-nginx } }, template: { metadata: { labels: { app.kubernetes.io/name: ingress-nginx } }, spec: { containers: [{ name: nginx, image: nginx, ports: [{ containerPort: 80 }] }] } } }
"#;

const CLOSED: &str = r#"
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: closed, namespace: shop }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: [{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: NAMESPACE } } }] }] }
"#;

fn internet(files: &[(&str, &str)]) -> Verdict {
    let world = world(files);
    let target = find::targets(&world, "shop", None).unwrap().remove(0);
    Engine::new(&world).ask(&meshsynth_reach::Source::Internet, &target).verdict
}

#[test]
fn follows_ingress_through_controller_pods() {
    assert_eq!(internet(&[("shop.yaml", SHOP)]), Verdict::Unknown);
    assert_eq!(internet(&[("shop.yaml", SHOP), ("nginx.yaml", CONTROLLER)]), Verdict::Allowed);
    let private = CONTROLLER.replace("type: LoadBalancer", "type: ClusterIP");
    assert_eq!(internet(&[("shop.yaml", SHOP), ("nginx.yaml", &private)]), Verdict::Denied);
}

#[test]
fn network_policies_between_controller_and_backend_apply() {
    let open = CLOSED.replace("NAMESPACE", "ingress");
    let closed = CLOSED.replace("NAMESPACE", "elsewhere");
    assert_eq!(internet(&[("s.yaml", SHOP), ("n.yaml", CONTROLLER), ("p.yaml", &open)]), Verdict::Allowed);
    assert_eq!(internet(&[("s.yaml", SHOP), ("n.yaml", CONTROLLER), ("p.yaml", &closed)]), Verdict::Denied);
}

#[test]
fn access_annotations_deny_clients() {
    let with =
        |note: &str| SHOP.replace("annotations: {}", &format!("annotations: {{ nginx.ingress.kubernetes.io/{note} }}"));
    for note in ["auth-url: https://login.example.com", "auth-type: basic", "whitelist-source-range: 10.0.0.0/8"] {
        assert_eq!(internet(&[("s.yaml", &with(note)), ("n.yaml", CONTROLLER)]), Verdict::Denied, "{note}");
    }
}
