//! Paths without a declared relation.

use meshsynth_reach::relations::{open, undeclared};
use meshsynth_reach::world::Files;
use meshsynth_reach::{Engine, World};
use serde_json::{Value, json};

use super::cut::add_object;
use crate::hole::{document, push, resource};
use crate::platforms::PLATFORMS;
use crate::support::{platform, read, world};

/// Returns the undeclared paths to stores and workloads, as pairs of source and target.
fn ways(world: &World) -> Vec<(String, String)> {
    let engine = Engine::new(world);
    let stores = undeclared(&engine).into_iter().flat_map(|it| it.answers).map(|it| (it.from, it.to));
    let workloads = open(&engine).into_iter().flat_map(|it| {
        let to: Vec<String> = it.to.iter().map(|id| world.workload(*id).title()).collect();
        let from = if it.from.is_empty() { vec!["everybody".to_owned()] } else { it.from };
        from.into_iter().flat_map(move |from| to.clone().into_iter().map(move |to| (from.clone(), to)))
    });
    stores.chain(workloads).collect()
}

#[test]
fn reference_platforms_have_no_undeclared_paths() {
    for name in PLATFORMS {
        assert_eq!(ways(&read(name)), [], "{name}");
    }
}

/// A store, and a change that opens a path to it.
struct Hole {
    platform: &'static str,
    template: &'static str,
    /// The role of the source.
    role: &'static str,
    action: &'static str,
    /// The network policy that is opened, for targets that are reached over the network.
    policy: &'static str,
    way: (&'static str, &'static str),
}

fn statements<'a>(files: &'a mut Files, hole: &Hole) -> &'a mut Value {
    &mut resource(files, hole.template, hole.role, "AWS::IAM::RolePolicy")["PolicyDocument"]["Statement"]
}

#[test]
fn reports_undeclared_path_to_each_kind_of_store() {
    let genai = |role, action, policy, way| Hole {
        platform: "genai-demo-production",
        template: "services.template.json",
        role,
        action,
        policy,
        way,
    };
    let retail = |action, way| Hole {
        platform: "retail-production",
        template: "shop.template.json",
        role: "ShopCartsRole",
        action,
        policy: "",
        way,
    };
    let pricing = "GenaiDemoPricingRole";
    let holes = [
        genai(pricing, "rds-db:connect", "networkpolicy-pricing.yaml", ("genai-demo/pricing", "data/order-db")),
        genai(pricing, "kafka-cluster:*", "networkpolicy-pricing.yaml", ("genai-demo/pricing", "data/kafka")),
        genai(
            "GenaiDemoPaymentRole",
            "elasticache:Connect",
            "networkpolicy-payment.yaml",
            ("genai-demo/payment", "data/cache"),
        ),
        genai(pricing, "s3:*", "", ("genai-demo/pricing", "delivery/access-logs")),
        genai(pricing, "kms:*", "", ("genai-demo/pricing", "data/key")),
        genai(pricing, "secretsmanager:*", "", ("genai-demo/pricing", "edge/origin-header/generation-0")),
        genai(pricing, "ssm:*", "", ("genai-demo/pricing", "services/genai-demo/order/parameters/database-url")),
        retail("sqs:*", ("shop/carts", "events/packing")),
        retail("sns:*", ("shop/carts", "observability/on-call")),
        retail("dynamodb:*", ("shop/carts", "data/reviews")),
    ];
    let mut missing = Vec::new();
    for hole in holes {
        let mut files = Files::read(&platform(hole.platform)).expect("a platform");
        push(
            statements(&mut files, &hole),
            json!({ "Effect": "Allow", "Action": [hole.action, "kms:*"], "Resource": "*" }),
        );
        if !hole.policy.is_empty() {
            push(&mut document(&mut files, hole.policy)["spec"]["egress"], json!({}));
        }
        let found = ways(&World::of(&files));
        if !found.iter().any(|(from, to)| (from.as_str(), to.as_str()) == hole.way) {
            missing.push(format!("{:?} {}: {found:?}", hole.way, hole.action));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn reports_public_buckets() {
    let mut files = Files::read(&platform("retail-production")).expect("a platform");
    resource(&mut files, "events.template.json", "Uploads", "AWS::S3::Bucket")["PublicAccessBlockConfiguration"] =
        Value::Null;
    let policy = resource(&mut files, "events.template.json", "Uploads", "AWS::S3::BucketPolicy");
    push(
        &mut policy["PolicyDocument"]["Statement"],
        json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "*" }),
    );
    let found = ways(&World::of(&files));
    assert!(found.contains(&("internet".to_owned(), "events/uploads".to_owned())), "{found:?}");
}

#[test]
fn reports_undeclared_access_between_workloads() {
    let mut files = Files::read(&platform("ecommerce")).expect("a platform");
    let peer = json!({ "from": [{ "podSelector": {} }] });
    push(&mut document(&mut files, "networkpolicy-payments.yaml")["spec"]["ingress"], peer);
    push(&mut document(&mut files, "networkpolicy-orders.yaml")["spec"]["egress"], json!({}));
    let host = json!("ecommerce/payments.ecommerce.svc.cluster.local");
    push(&mut document(&mut files, "sidecar-orders.yaml")["spec"]["egress"][0]["hosts"], host);
    let rules = json!([{ "from": [{ "source": { "namespaces": ["ecommerce"] } }] }]);
    add_object(
        &mut files,
        "k8s/by-hand.yaml",
        3,
        json!({
            "apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
            "metadata": { "name": "by-hand", "namespace": "ecommerce" },
            "spec": { "selector": { "matchLabels": { "app": "payments" } }, "rules": rules }
        }),
    );
    let found = ways(&World::of(&files));
    assert_eq!(found, [("ecommerce/orders".to_owned(), "ecommerce/payments".to_owned())]);
}

/// A thousand pairs are one finding.
#[test]
fn reports_cluster_without_policies_once() {
    let pod = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{ name: {name}, namespace: shop, labels: {{ app: {name} }} }}\n\
             spec: {{ containers: [{{ name: main, image: x, ports: [{{ containerPort: 80 }}] }}] }}\n---\n"
        )
    };
    let pods: String = ["orders", "web", "payments", "mailer"].map(pod).concat();
    let world = world(&[("k8s/shop.yaml", &pods)]);
    let engine = Engine::new(&world);
    let found = open(&engine);
    assert_eq!(found.len(), 1);
    assert!(found[0].from.is_empty() && found[0].to.len() == 4, "{found:?}");
}
