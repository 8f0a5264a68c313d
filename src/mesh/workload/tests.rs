//! Tests of the objects that a workload defines.

use crate::mesh::{Namespace, NamespaceProps, Scale, Workload, WorkloadProps};
use crate::testing::{Platform, stack};
use crate::{App, aws, eks, secrets, ssm};

fn shop(app: &App, identity: eks::Identity) -> Namespace {
    let run = stack(app, "run");
    let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
    let props = eks::ClusterProps { identity, ..Default::default() };
    let cluster = eks::Cluster::new(&run, "cluster", &vpc, props);
    Namespace::new(&stack(app, "services"), "shop", &cluster, NamespaceProps::default())
}

fn platform(define: impl FnOnce(&Namespace)) -> Platform {
    Platform::synth("shop", |app| {
        // Defines a resource, because a stack must not be empty.
        let shop = shop(app, eks::Identity::Irsa);
        ssm::Parameter::new(&shop, "parameter", "a", "b", Default::default());
        define(&shop);
    })
}

fn workload(namespace: &Namespace, name: &str) -> Workload {
    Workload::new(namespace, name, format!("registry.example/{name}:1.0.0"), WorkloadProps::default())
}

#[test]
fn omits_replicas_of_autoscaled_workload() {
    let platform = platform(|shop| {
        workload(shop, "orders");
    });
    assert!(!platform.manifest("deployment-orders").contains("replicas"));
    assert!(platform.manifest("horizontalpodautoscaler-orders").contains("minReplicas: 2"));
}

#[test]
fn omits_autoscaler_of_fixed_workload() {
    let platform = platform(|shop| {
        let props = WorkloadProps { scale: Scale::Fixed(3), ..Default::default() };
        Workload::new(shop, "orders", "orders:1.0.0", props);
    });
    assert!(platform.manifest("deployment-orders").contains("replicas: 3"));
    assert!(!platform.assembly.files.keys().any(|path| path.contains("autoscaler")));
}

#[test]
fn opens_egress_and_ingress_for_call() {
    let platform = platform(|shop| {
        workload(shop, "orders").calls(&workload(shop, "payments"));
    });
    let (caller, callee) = (platform.manifest("networkpolicy-orders"), platform.manifest("networkpolicy-payments"));
    assert!(caller.contains("egress:") && caller.contains("app.kubernetes.io/name: payments"), "{caller}");
    assert!(callee.contains("ingress:") && callee.contains("app.kubernetes.io/name: orders"), "{callee}");
    assert!(platform.assembly.files["graph.json"].contains("\"kind\": \"call\""));
}

#[test]
fn restarts_pods_when_configuration_changes() {
    let annotation = |value: &'static str| {
        let platform = platform(|shop| {
            workload(shop, "orders").env("LEVEL", value);
        });
        let text = platform.manifest("deployment-orders").to_owned();
        text.lines().find(|line| line.contains("meshsynth/config")).map(str::to_owned)
    };
    assert!(annotation("info").is_some());
    assert_ne!(annotation("info"), annotation("debug"));
}

#[test]
fn secret_is_readable_only_in_its_namespace() {
    let platform = platform(|shop| {
        let login = secrets::Secret::new(shop, "login", Default::default());
        workload(shop, "orders").env_secret("PASSWORD", &login.secret().field("password"));
    });
    assert!(platform.manifest("externalsecret-orders-secrets").contains("property: password"));
    assert!(!platform.manifest("serviceaccount-orders").contains("role-arn"));
    let policies = platform.resources("AWS::IAM::RolePolicy");
    let reads = |it: &&crate::testing::Found<'_>| it.props.to_string().contains("secretsmanager:GetSecretValue");
    assert_eq!(policies.iter().filter(reads).count(), 1);
}

#[test]
fn defines_role_for_first_grant() {
    let granted = |identity| {
        Platform::synth("shop", |app| {
            let shop = shop(app, identity);
            let parameter = ssm::Parameter::new(&shop, "parameter", "a", "b", Default::default());
            parameter.grant_read(&workload(&shop, "orders"));
        })
    };
    let irsa = granted(eks::Identity::Irsa);
    assert!(irsa.manifest("serviceaccount-orders").contains("${services/shop/orders/role.Arn}"));
    let trust = irsa.template("services").to_string();
    assert!(trust.contains("system:serviceaccount:shop:orders"), "{trust}");
    let pods = granted(eks::Identity::PodIdentity);
    assert!(!pods.manifest("serviceaccount-orders").contains("role-arn"));
    assert!(pods.manifest("networkpolicy-orders").contains("169.254.170.23/32"));
}
