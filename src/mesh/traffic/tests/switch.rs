//! Tests of a program that differs only in the mesh membership of a namespace.

use std::collections::BTreeSet;

use super::has;
use crate::elbv2::Scheme;
use crate::mesh::{Ingress, IngressProps, Istio, IstioProps, Namespace, NamespaceProps, Workload, WorkloadProps};
use crate::testing::{Platform, cluster, codes};
use crate::{App, Construct, rds, secrets};

/// Defines services with a load balancer, a database and a secret, as in a program without a mesh.
fn shop(app: &App, with_mesh: bool) {
    let cluster = cluster(app);
    let stack = cluster.scope().stack();
    let mesh = with_mesh.then(|| Istio::new(&stack, "istio", &cluster, IstioProps::default()).membership());
    let shop = Namespace::new(&stack, "genai-demo", &cluster, NamespaceProps { mesh, ..Default::default() });
    let [order, payment, inventory] = ["order", "payment", "inventory"]
        .map(|name| Workload::new(&shop, name, format!("registry.example/{name}:1.0.0"), WorkloadProps::default()));
    order.calls(&payment).calls(&inventory);
    order.env("PAYMENT_URL", payment.url());
    let login = secrets::Secret::new(&stack, "gateway", Default::default());
    payment.env_secret("PASSWORD", &login.secret().field("password"));
    let db = rds::Database::new(&stack, "orders-db", cluster.vpc(), rds::DatabaseProps::default());
    db.allow_from(&order);
    let props = IngressProps { scheme: Scheme::InternetFacing, ..Default::default() };
    Ingress::new(&shop, "entry", props).route("shop.example.com", "/api/orders", &order);
}

#[test]
fn program_joins_mesh_by_changing_only_the_membership() {
    let (without, with) = (Platform::synth("a", |app| shop(app, false)), Platform::synth("a", |app| shop(app, true)));
    let paths = |platform: &Platform| platform.assembly.files.keys().cloned().collect::<BTreeSet<_>>();
    assert!(paths(&without).is_subset(&paths(&with)), "{:?}", paths(&without).difference(&paths(&with)));
    for text in without.assembly.files.values() {
        assert!(!text.contains("istio"), "{text}");
    }
    for object in ["peerauthentication-default", "authorizationpolicy-payment", "sidecar-order"] {
        with.manifest(object);
    }
    // The load balancer has no mesh identity, so the policy allows only its subnets at that port.
    has(with.manifest("peerauthentication-order"), &["mode: PERMISSIVE", "mode: STRICT"]);
    has(with.manifest("authorizationpolicy-order"), &["ipBlocks"]);
    assert!(!with.manifest("authorizationpolicy-payment").contains("ipBlocks"));
    assert_eq!(codes(|app| shop(app, true)), [""; 0]);
}
