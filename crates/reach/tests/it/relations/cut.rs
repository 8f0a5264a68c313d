//! One change for each layer that blocks a declared relation of a reference platform.

use meshsynth_reach::Layer;
use meshsynth_reach::world::Files;
use serde_json::{Value, json};

use crate::hole::{add_list, document, push, resource, trust};

/// A change and the relation that it blocks.
pub struct Cut {
    /// The name of the change.
    pub name: &'static str,
    pub platform: &'static str,
    pub change: fn(&mut Files),
    /// The ends of the blocked relation.
    pub edge: (&'static str, &'static str),
    /// The layer that blocks it.
    pub layer: Layer,
    /// The deciding object, and the start of its source line.
    pub by: (&'static str, &'static str),
}

const ECOMMERCE: &str = "stacks/ecommerce/src/services.rs:";
const SERVICES: &str = "stacks/genai-demo/src/services.rs:";

/// Adds an object that the user wrote in addition to those of constructs.
pub fn add_object(files: &mut Files, path: &str, line: u32, object: Value) {
    let kind = object["kind"].clone();
    let row =
        json!({ "construct": "by-hand", "kind": kind, "path": path, "source": format!("src/by_hand.rs:{line}:1") });
    files.documents.insert(path.to_owned(), vec![(1, object)]);
    push(&mut files.manifest["clusters"][0]["objects"], row);
}

fn policy(action: &str, rules: Value, selected: &str) -> Value {
    json!({
        "apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
        "metadata": { "name": "by-hand", "namespace": "ecommerce" },
        "spec": { "action": action, "selector": { "matchLabels": { "app": selected } }, "rules": rules }
    })
}

/// Moves the subnets of the database to a network without connections to the rest.
fn move_database(files: &mut Files) {
    let resources = &mut document(files, "network.template.json")["Resources"];
    let vpc = json!({ "CidrBlock": "10.99.0.0/16" });
    resources["Elsewhere"] = json!({ "Type": "AWS::EC2::VPC", "Properties": vpc });
    for at in ["A", "B"] {
        let block = if at == "A" { "10.99.1.0/24" } else { "10.99.2.0/24" };
        let subnet = json!({ "VpcId": { "Ref": "Elsewhere" }, "CidrBlock": block });
        resources[format!("Elsewhere{at}")] = json!({ "Type": "AWS::EC2::Subnet", "Properties": subnet });
    }
    let outputs = &mut document(files, "network.template.json")["Outputs"];
    let mut imported = Vec::new();
    for at in ["A", "B"] {
        let name = format!("genai-demo-production-network:Elsewhere{at}");
        outputs[format!("Elsewhere{at}Out")] =
            json!({ "Value": { "Ref": format!("Elsewhere{at}") }, "Export": { "Name": name } });
        imported.push(json!({ "Fn::ImportValue": name }));
    }
    resource(files, "data.template.json", "OrderDb", "AWS::RDS::DBSubnetGroup")["SubnetIds"] = json!(imported);
}

fn bound(files: &mut Files) {
    resource(files, "services.template.json", "GenaiDemoOrderRole", "AWS::IAM::Role")["PermissionsBoundary"] =
        json!({ "Ref": "Boundary" });
    let statement = json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }]);
    document(files, "services.template.json")["Resources"]["Boundary"] = json!({
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": { "PolicyDocument": { "Version": "2012-10-17", "Statement": statement } }
    });
}

const ORDERS: (&str, &str) = ("services/ecommerce/orders", "services/ecommerce/products");
const DATABASE: (&str, &str) = ("services/genai-demo/order", "data/order-db");

#[rustfmt::skip]
pub fn cuts() -> Vec<Cut> {
    let of = |name, platform, edge, layer, by, change: fn(&mut Files)| Cut { name, platform, change, edge, layer, by };
    let mesh = |name, edge, layer, by, change| of(name, "ecommerce", edge, layer, by, change);
    let genai = |name, edge, layer, by, change| of(name, "genai-demo-production", edge, layer, by, change);
    vec![
        mesh("a network policy", ORDERS, Layer::NetworkPolicy, ("NetworkPolicy ecommerce/products", ECOMMERCE), |files| {
            document(files, "networkpolicy-products.yaml")["spec"]["ingress"].as_array_mut().expect("rules").remove(0);
        }),
        mesh("an admin network policy", ORDERS, Layer::NetworkPolicy, ("AdminNetworkPolicy", "src/by_hand.rs:7:"), |files| {
            let namespace = json!({ "namespaces": { "matchLabels": { "kubernetes.io/metadata.name": "ecommerce" } } });
            add_object(files, "k8s/by-hand.yaml", 7, json!({
                "apiVersion": "policy.networking.k8s.io/v1alpha1", "kind": "AdminNetworkPolicy", "metadata": { "name": "by-hand" },
                "spec": { "priority": 1, "subject": namespace, "ingress": [{ "action": "Deny", "from": [namespace] }] }
            }));
        }),
        mesh("a policy that denies", ORDERS, Layer::Authorization, ("AuthorizationPolicy ecommerce/by-hand", "src/by_hand.rs:3:"), |files| {
            let rules = json!([{ "from": [{ "source": { "namespaces": ["ecommerce"] } }] }]);
            add_object(files, "k8s/by-hand.yaml", 3, policy("DENY", rules, "products"));
        }),
        mesh("a policy that allows others only", ORDERS, Layer::Authorization, ("AuthorizationPolicy ecommerce/products", ECOMMERCE), |files| {
            let web = json!([{ "from": [{ "source": { "principals": ["cluster.local/ns/ecommerce/sa/web"] } }] }]);
            document(files, "authorizationpolicy-products.yaml")["spec"]["rules"] = web;
        }),
        mesh("a caller without a proxy", ORDERS, Layer::MutualTls, ("PeerAuthentication ecommerce/default", ECOMMERCE), |files| {
            let deployment = document(files, "deployment-orders.yaml");
            deployment["spec"]["template"]["metadata"]["labels"]["sidecar.istio.io/inject"] = json!("false");
        }),
        mesh("a sidecar that does not list the name", ORDERS, Layer::MutualTls, ("Sidecar ecommerce/orders", ECOMMERCE), |files| {
            let spec = &mut document(files, "sidecar-orders.yaml")["spec"];
            spec["egress"][0]["hosts"] = json!(["istio-system/*"]);
            spec["outboundTrafficPolicy"] = json!({ "mode": "REGISTRY_ONLY" });
        }),
        genai("a route", DATABASE, Layer::Route, ("", ""), move_database),
        genai("a network ACL", DATABASE, Layer::NetworkAcl, ("", ""), add_list),
        genai("a security group", DATABASE, Layer::SecurityGroup, ("EC2::SecurityGroup data/order-db", "stacks/genai-demo/src/data.rs:"), |files| {
            let resources = document(files, "services.template.json")["Resources"].as_object_mut().expect("resources");
            resources.retain(|id, _| !id.starts_with("PlatformClusterToDataOrderDb"));
        }),
        genai("a VPC endpoint", ("services/genai-demo/order", "services/genai-demo/order/parameters"), Layer::Endpoint, ("EC2::VPCEndpoint network/vpc", "stacks/genai-demo/src/network.rs:"), |files| {
            let endpoint = resource(files, "network.template.json", "VpcEndpointSsm", "AWS::EC2::VPCEndpoint");
            endpoint["PolicyDocument"] = json!({ "Statement": [
                { "Effect": "Allow", "Principal": "*", "Action": "ssm:DescribeParameters", "Resource": "*" }
            ] });
        }),
        genai("a trust policy", ("services/genai-demo/inventory", "data/inventory-db"), Layer::Trust, ("ServiceAccount genai-demo/inventory", SERVICES), |files| {
            trust(files, "Inventory", "genai-demo:inventory", "genai-demo:nobody");
        }),
        genai("a statement that denies", ("services/genai-demo/inventory", "data/inventory-db"), Layer::Permission, ("IAM::RolePolicy services/genai-demo/inventory/role", SERVICES), |files| {
            let deny = json!({ "Effect": "Deny", "Action": "rds-db:connect", "Resource": "*" });
            push(crate::hole::inventory_policy(files), deny);
        }),
        genai("a boundary", DATABASE, Layer::Permission, ("IAM::ManagedPolicy services/Boundary", ""), bound),
        of("a key policy", "multicluster-mesh", ("cluster1/shop/mailer", "cluster1/mails"), Layer::Key, ("KMS::Key cluster1/mails/key", "stacks/multicluster-mesh/src/"), |files| {
            let key = resource(files, "cluster1.template.json", "MailsKey", "AWS::KMS::Key");
            key["KeyPolicy"]["Statement"][0]["Action"] = json!(["kms:Describe*", "kms:Put*"]);
        }),
    ]
}
