//! One hole in each layer of a reference platform, with its source location. The tests of `diff` use the same holes.

use meshsynth_reach::Layer;
use meshsynth_reach::world::Files;
use serde_json::{Value, json};

/// A platform before and after a hole, and the query that detects it.
pub struct Case {
    pub layer: Layer,
    pub platform: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    /// The action, for targets with an API.
    pub action: Option<&'static str>,
    /// The change before the hole.
    pub closed: fn(&mut Files),
    pub hole: fn(&mut Files),
    /// The expected text in the user's line of the hole, and its file.
    pub line: (&'static str, &'static str),
}

/// Returns the document whose path ends with `end`.
pub fn document<'a>(files: &'a mut Files, end: &str) -> &'a mut Value {
    let found = files.documents.iter_mut().find(|(name, _)| name.ends_with(end));
    &mut found.unwrap_or_else(|| panic!("no {end}")).1[0].1
}

/// Returns the properties of a template resource with a type and a logical ID prefix.
pub fn resource<'a>(files: &'a mut Files, template: &str, id: &str, type_name: &str) -> &'a mut Value {
    let resources = document(files, template)["Resources"].as_object_mut().expect("a template has resources");
    let found = resources.iter_mut().find(|(key, it)| key.starts_with(id) && it["Type"] == type_name);
    &mut found.unwrap_or_else(|| panic!("no {id}")).1["Properties"]
}

pub fn push(list: &mut Value, item: Value) {
    if list.is_null() {
        *list = json!([]);
    }
    list.as_array_mut().expect("a list").push(item);
}

fn nothing(_: &mut Files) {}

fn open_database(files: &mut Files) {
    let public = ["VpcPublicAF400769E", "VpcPublicB7A2A3AD6"]
        .map(|id| json!({ "Fn::ImportValue": format!("genai-demo-production-network:{id}SubnetId") }));
    resource(files, "data.template.json", "OrderDb", "AWS::RDS::DBSubnetGroup")["SubnetIds"] = json!(public);
    resource(files, "data.template.json", "OrderDb", "AWS::RDS::DBInstance")["PubliclyAccessible"] = json!(true);
}

/// Adds a network access control list to the database subnets that admits the other databases.
pub fn add_list(files: &mut Files) {
    let resources = &mut document(files, "network.template.json")["Resources"];
    let vpc = json!({ "Ref": "VpcADC305F7" });
    resources["Acl"] = json!({ "Type": "AWS::EC2::NetworkAcl", "Properties": { "VpcId": vpc } });
    for (at, subnet) in ["VpcIsolatedAFFE75734", "VpcIsolatedBB4B9E34A", "VpcIsolatedC47ED27BB"].iter().enumerate() {
        resources[format!("Association{at}")] = json!({
            "Type": "AWS::EC2::SubnetNetworkAclAssociation",
            "Properties": { "SubnetId": { "Ref": subnet }, "NetworkAclId": { "Ref": "Acl" } }
        });
    }
    add_entry(files, "Out", 10, "0.0.0.0/0", true);
    add_entry(files, "In", 11, "10.10.192.0/20", false);
}

fn add_entry(files: &mut Files, id: &str, line: u32, block: &str, is_egress: bool) {
    document(files, "network.template.json")["Resources"][id] = json!({
        "Type": "AWS::EC2::NetworkAclEntry",
        "Properties": {
            "NetworkAclId": { "Ref": "Acl" }, "RuleNumber": line, "RuleAction": "allow", "Protocol": 6,
            "CidrBlock": block, "Egress": is_egress, "PortRange": { "From": 0, "To": 65535 }
        }
    });
    let stacks = files.manifest["stacks"].as_array_mut().expect("a manifest has stacks");
    let stack = stacks.iter_mut().find(|it| it["id"] == "network").expect("a stack of that id");
    stack["resources"][id] = json!({ "source": format!("src/acl.rs:{line}:1"), "construct": id });
}

/// Restricts the S3 endpoint to listing buckets.
fn restrict_endpoint(files: &mut Files) {
    endpoint(files)["PolicyDocument"] = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": "*", "Action": "s3:ListAllMyBuckets", "Resource": "*" }
    ] });
    let statement = json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" });
    push(inventory_policy(files), statement);
}

pub fn endpoint(files: &mut Files) -> &mut Value {
    resource(files, "network.template.json", "VpcEndpointS3", "AWS::EC2::VPCEndpoint")
}

pub fn inventory_policy(files: &mut Files) -> &mut Value {
    let id = "GenaiDemoInventoryRolePolicy";
    &mut resource(files, "services.template.json", id, "AWS::IAM::RolePolicy")["PolicyDocument"]["Statement"]
}

/// Replaces a word in the trust policy of a service's role.
pub fn trust(files: &mut Files, service: &str, word: &str, by: &str) {
    let role = resource(files, "services.template.json", &format!("GenaiDemo{service}Role"), "AWS::IAM::Role");
    let document = &mut role["AssumeRolePolicyDocument"]["Fn::Sub"][0];
    *document = document.as_str().expect("a document as text").replace(word, by).into();
}

const SERVICES: (&str, &str) = ("stacks/genai-demo/src/services.rs", "Workload::new(");

pub fn cases() -> Vec<Case> {
    let of = |layer, platform, (from, to): (&'static str, &'static str), hole: fn(&mut Files), line| Case {
        layer,
        platform,
        from,
        to,
        action: None,
        closed: nothing,
        hole,
        line,
    };
    let genai = |layer, ends, hole, line| of(layer, "genai-demo-production", ends, hole, line);
    let mesh = |layer, ends, hole, line| of(layer, "multicluster-mesh", ends, hole, line);
    let in_bucket = |case: Case| Case { action: Some("s3:GetObject"), ..case };
    vec![
        genai(Layer::Route, ("internet", "order-db"), open_database, ("stacks/genai-demo/src/network.rs", "Vpc::new(")),
        Case {
            closed: add_list,
            ..genai(
                Layer::NetworkAcl,
                ("payment", "order-db"),
                |files| add_entry(files, "Hole", 12, "0.0.0.0/0", false),
                ("src/acl.rs", "12:1"),
            )
        },
        genai(
            Layer::SecurityGroup,
            ("internet", "order-db"),
            |files| {
                let group = resource(files, "data.template.json", "OrderDb", "AWS::EC2::SecurityGroup");
                let rule = json!({ "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "0.0.0.0/0" });
                push(&mut group["SecurityGroupIngress"], rule);
            },
            ("stacks/genai-demo/src/data.rs", "rds::Database::new("),
        ),
        in_bucket(Case {
            closed: restrict_endpoint,
            ..genai(
                Layer::Endpoint,
                ("inventory", "delivery/access-logs"),
                |files| endpoint(files)["PolicyDocument"]["Statement"][0]["Action"] = json!("s3:*"),
                ("stacks/genai-demo/src/network.rs", "Vpc::new("),
            )
        }),
        of(
            Layer::Entry,
            "ambient-shop",
            ("internet", "entry-istio"),
            |files| {
                let gateway = document(files, "gateway-entry.yaml");
                let key = "service.beta.kubernetes.io/aws-load-balancer-scheme";
                gateway["spec"]["infrastructure"]["annotations"][key] = json!("internet-facing");
            },
            ("stacks/ambient-shop/src/shop.rs", "GatewayApi::new("),
        ),
        genai(
            Layer::NetworkPolicy,
            ("inventory", "genai-demo/notification"),
            |files| {
                let peers = json!([{ "podSelector": {} }]);
                let open = json!({ "to": peers.clone() });
                push(&mut document(files, "networkpolicy-inventory.yaml")["spec"]["egress"], open);
                push(
                    &mut document(files, "networkpolicy-notification.yaml")["spec"]["ingress"],
                    json!({ "from": peers }),
                );
            },
            SERVICES,
        ),
        mesh(
            Layer::MutualTls,
            ("nodes", "shop/orders"),
            |files| {
                document(files, "shop/peerauthentication-default.yaml")["spec"]["mtls"]["mode"] = json!("PERMISSIVE")
            },
            ("stacks/multicluster-mesh/src/cluster.rs", "Namespace::new("),
        ),
        mesh(
            Layer::Authorization,
            ("shop/mailer", "shop/payments"),
            |files| {
                let policy = document(files, "shop/authorizationpolicy-payments.yaml");
                push(&mut policy["spec"]["rules"], json!({ "to": [{ "operation": { "ports": ["8080"] } }] }));
            },
            ("stacks/multicluster-mesh/src/shop.rs", "Workload::new("),
        ),
        in_bucket(Case {
            closed: |files| trust(files, "Inventory", "genai-demo:inventory", "genai-demo:nobody"),
            ..genai(
                Layer::Trust,
                ("inventory", "delivery/access-logs"),
                |files| {
                    trust(files, "Order", "genai-demo:order", "*");
                    trust(files, "Order", "StringEquals", "StringLike");
                },
                SERVICES,
            )
        }),
        in_bucket(genai(
            Layer::Permission,
            ("inventory", "delivery/access-logs"),
            |files| push(inventory_policy(files), json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" })),
            SERVICES,
        )),
        in_bucket(Case {
            closed: |files| {
                push(inventory_policy(files), json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }))
            },
            ..genai(
                Layer::Key,
                ("inventory", "delivery/artifacts"),
                |files| {
                    let key = resource(files, "delivery.template.json", "ArtifactsKey", "AWS::KMS::Key");
                    let statement = json!({ "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*" });
                    push(&mut key["KeyPolicy"]["Statement"], statement);
                },
                ("stacks/genai-demo/src/delivery.rs", "codepipeline::artifacts("),
            )
        }),
        genai(
            Layer::Login,
            ("inventory", "order-db"),
            |files| {
                let statement = json!({ "Effect": "Allow", "Action": "rds-db:connect", "Resource": "*" });
                push(inventory_policy(files), statement);
            },
            SERVICES,
        ),
    ]
}
