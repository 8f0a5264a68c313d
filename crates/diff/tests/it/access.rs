//! Access changes: before, after, and the report. `+` is wider access, `!` is wider access for strangers, and `-` is
//! narrower access.

use serde_json::{Value, json};

use crate::scene::{diff, scene};

pub const SAME: [&str; 0] = [];

fn sign(row: &meshsynth_diff::Access) -> &'static str {
    match (row.stranger, row.widened) {
        (true, _) => "!",
        (false, true) => "+",
        (false, false) => "-",
    }
}

/// Returns the access report for a change of one resource, `It`.
#[track_caller]
pub fn of(type_name: &str, before: Value, after: Value) -> Vec<String> {
    let template =
        |properties: Value| json!({ "Resources": { "It": { "Type": type_name, "Properties": properties } } });
    templates(template(before), template(after))
}

#[track_caller]
pub fn templates(before: Value, after: Value) -> Vec<String> {
    let found = diff(&scene(vec![("a", before)], vec![]), &scene(vec![("a", after)], vec![]));
    found.access.iter().map(|row| format!("{} {}", sign(row), row.text)).collect()
}

/// Returns the access report for changed objects of a cluster.
#[track_caller]
pub fn objects(before: &[Value], after: &[Value]) -> Vec<String> {
    let side = |objects: &[Value]| scene(vec![], objects.iter().map(|it| ("40-workloads", it.clone())).collect());
    let found = diff(&side(before), &side(after));
    found.access.iter().map(|row| format!("{} {}", sign(row), row.text)).collect()
}

pub fn object(kind: &str, spec: Value) -> Value {
    json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": "it", "namespace": "shop" }, "spec": spec })
}

fn role(statement: Value) -> Value {
    json!({ "Policies": [{ "PolicyName": "p", "PolicyDocument": { "Statement": statement } }] })
}

#[test]
fn smaller_not_action_widens_access() {
    let of = |before: Value, after: Value, effect: &str| {
        let statement = |names: Value| role(json!([{ "Effect": effect, "NotAction": names, "Resource": "*" }]));
        of("AWS::IAM::Role", statement(before), statement(after))
    };
    let (large, small) = (json!(["iam:*", "s3:*"]), json!("iam:*"));
    assert_eq!(of(large.clone(), small.clone(), "Allow"), ["+ `It` may now `s3:*` on every resource"]);
    assert_eq!(of(small.clone(), large.clone(), "Allow"), ["- `It` may no longer `s3:*` on every resource"]);
    assert_eq!(of(small, large, "Deny"), ["+ `It` is no longer denied `s3:*` on every resource"]);
}

#[test]
fn smaller_not_resource_widens_access() {
    let statement =
        |names: Value| role(json!([{ "Effect": "Allow", "Action": "s3:ListBucket", "NotResource": names }]));
    let (large, small) = (json!(["arn:aws:s3:::a", "arn:aws:s3:::b"]), json!(["arn:aws:s3:::a"]));
    let found = of("AWS::IAM::Role", statement(large), statement(small));
    assert_eq!(found, ["+ `It` may now `s3:ListBucket` on `s3 b`"]);
}

#[test]
fn lists_aws_managed_policies_that_were_replaced() {
    let role = |third: &str| {
        let arn = |name: &str| json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:iam::aws:policy/{name}") });
        json!({ "ManagedPolicyArns": [arn("AmazonEKSWorkerNodePolicy"), arn("AmazonEKS_CNI_Policy"), arn(third)] })
    };
    let found =
        of("AWS::IAM::Role", role("AmazonEC2ContainerRegistryReadOnly"), role("AmazonEC2ContainerRegistryPullOnly"));
    assert_eq!(
        found,
        [
            "+ `It` now has policy `AmazonEC2ContainerRegistryPullOnly`",
            "- `It` no longer has policy `AmazonEC2ContainerRegistryReadOnly`"
        ]
    );
}

#[test]
fn describes_an_account_that_a_dynamic_reference_provides() {
    let role = |arn: Value| {
        let statement = json!([{ "Effect": "Allow", "Principal": { "AWS": arn }, "Action": "sts:AssumeRole" }]);
        json!({ "AssumeRolePolicyDocument": { "Statement": statement } })
    };
    let arn = "arn:aws:iam::{{resolve:ssm:/landing/account_id}}:root";
    let found = of("AWS::IAM::Role", role(json!("arn:aws:iam::111122223333:root")), role(json!(arn)));
    assert_eq!(found[0], "+ account `{{resolve:ssm:/landing/account_id}}` may now assume `It`", "{found:?}");
}

#[test]
fn document_without_principal_is_an_identity_policy() {
    let document = |action: &str| json!({ "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }] });
    let before = |key: &str, value: Value| json!({ "ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:register", key: value });
    let found = of("Custom::RegisterType", before("Other", json!("a")), before("IamPolicy", document("ec2:*")));
    assert_eq!(found, ["+ `It` may now `ec2:*` on every resource"]);
    let function = |action: &str| json!({ "Handler": "a.b", "Policies": [document(action)] });
    let found = of("AWS::Serverless::Function", function("sqs:SendMessage"), function("sqs:*"));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("+ `It` may now "), "{found:?}");
    let policy = |action: &str| json!({ "PolicyDocument": document(action) });
    assert_eq!(of("AWS::IoT::Policy", policy("iot:*"), policy("iot:Connect")).len(), 1);
}

#[test]
fn removing_a_permissions_boundary_widens_access() {
    let with = |boundary: Value| {
        let mut role = role(json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }]));
        role["PermissionsBoundary"] = boundary;
        role
    };
    let boundary = json!("arn:aws:iam::111122223333:policy/limit");
    let found = of("AWS::IAM::Role", with(boundary.clone()), with(json!({ "Ref": "AWS::NoValue" })));
    assert_eq!(found, ["+ `It` may now `s3:*` on every resource when `iam policy/limit` does not allow it"]);
    let found = of("AWS::IAM::Role", with(json!({ "Ref": "AWS::NoValue" })), with(boundary));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with('-'), "{found:?}");
}

#[test]
fn removing_a_condition_widens_access() {
    let statement = |condition: Value| {
        role(json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*", "Condition": condition }))
    };
    let narrow = json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } });
    let found = of("AWS::IAM::Role", statement(narrow), statement(json!({})));
    assert_eq!(found, ["+ `It` may now assume every resource when `aws:MultiFactorAuthPresent` is not `true`"]);
}

#[test]
fn equivalent_policies_are_no_change() {
    let before =
        role(json!([{ "Sid": "A", "Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": ["b", "a"] }]));
    let after = json!({ "Resources": {
        "It": { "Type": "AWS::IAM::Role", "Properties": {} },
        "Policy": { "Type": "AWS::IAM::Policy", "Properties": { "Roles": [{ "Ref": "It" }], "PolicyDocument": {
            "Statement": { "Effect": "Allow", "Action": "s3:get*", "Resource": ["a", "b"] } } } },
    } });
    let before = json!({ "Resources": { "It": { "Type": "AWS::IAM::Role", "Properties": before } } });
    assert_eq!(templates(before, after), SAME);
}

#[test]
fn removing_a_bucket_denial_widens_access() {
    let policy = |deny: bool| {
        let mut statements = vec![
            json!({ "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action": "s3:GetObject", "Resource": "*" }),
        ];
        if deny {
            statements.push(json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
                "Condition": { "Bool": { "aws:SecureTransport": false } } }));
        }
        json!({ "Bucket": "x", "PolicyDocument": { "Statement": statements } })
    };
    let found = of("AWS::S3::BucketPolicy", policy(true), policy(false));
    assert!(found.iter().any(|it| it.starts_with("+ anyone is no longer denied `s3:*` on `x`")), "{found:?}");
    assert!(found.iter().all(|it| it.starts_with('+')), "{found:?}");
}

#[test]
fn endpoint_without_policy_allows_everything() {
    let policy = json!({ "PolicyDocument": { "Statement": { "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*" } } });
    let found = of("AWS::EC2::VPCEndpoint", policy, json!({}));
    assert_eq!(found, ["! through `It`, anyone may now do everything on every resource"]);
}

#[test]
fn removing_the_last_egress_rule_widens_access() {
    let rule = json!({ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8" });
    let found = of("AWS::EC2::SecurityGroup", json!({ "SecurityGroupEgress": [rule] }), json!({}));
    assert!(!found.is_empty() && found.iter().all(|it| it.starts_with("+ `It` may now reach")), "{found:?}");
}

#[test]
fn removing_a_public_access_block_is_reported_as_public() {
    let block = json!({ "PublicAccessBlockConfiguration": { "BlockPublicAcls": true, "BlockPublicPolicy": true,
        "IgnorePublicAcls": true, "RestrictPublicBuckets": true } });
    let found = of("AWS::S3::Bucket", block.clone(), json!({}));
    assert!(matches!(found.as_slice(), [it] if it.starts_with("! `It` no longer blocks public access: ")), "{found:?}");
    let mut flag = block.clone();
    flag["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] = json!(false);
    assert_eq!(of("AWS::S3::Bucket", block, flag), ["! `It` no longer blocks public access: `BlockPublicPolicy`"]);
}

#[test]
fn public_address_of_a_database_is_an_access_change() {
    let database = |public: Value| of("AWS::RDS::DBInstance", json!({ "PubliclyAccessible": false }), public);
    assert_eq!(database(json!({ "PubliclyAccessible": "true" })), ["! `It` has a public address"]);
    assert_eq!(database(json!({})), ["+ `It` may get a public address, depending on its subnets"]);
}

#[test]
fn groups_of_an_access_entry_are_an_access_change() {
    let entry = |groups: Value| json!({ "ClusterName": "main", "PrincipalArn": "arn:aws:iam::111122223333:role/dev", "KubernetesGroups": groups });
    let found = of("AWS::EKS::AccessEntry", entry(json!([])), entry(json!(["admins"])));
    assert_eq!(found, ["+ `iam role/dev` now has group `admins` of `main`"]);
}

#[test]
fn pod_identity_association_is_an_access_change() {
    let association = |account: &str| json!({ "ClusterName": "main", "Namespace": "shop", "ServiceAccount": account, "RoleArn": "arn:aws:iam::111122223333:role/data" });
    let found = of("AWS::EKS::PodIdentityAssociation", association("a"), association("b"));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("+ pods of `shop/b` may now assume"), "{found:?}");
}

#[test]
fn ip_block_exception_narrows_access() {
    let policy = |except: Value| {
        let block = json!({ "cidr": "0.0.0.0/0", "except": except });
        object(
            "NetworkPolicy",
            json!({ "podSelector": { "matchLabels": { "app": "a" } }, "ingress": [{ "from": [{ "ipBlock": block }] }] }),
        )
    };
    let found = objects(&[policy(json!([]))], &[policy(json!(["10.0.0.0/8"]))]);
    assert_eq!(found, ["- all traffic of `shop/a` closes to `10.0.0.0/8`"]);
}

#[test]
fn merging_two_peers_narrows_access() {
    let (namespace, pod) = (json!({ "matchLabels": { "team": "x" } }), json!({ "matchLabels": { "app": "b" } }));
    let policy = |from: Value| object("NetworkPolicy", json!({ "podSelector": {}, "ingress": [{ "from": from }] }));
    let two = policy(json!([{ "namespaceSelector": namespace }, { "podSelector": pod }]));
    let one = policy(json!([{ "namespaceSelector": namespace, "podSelector": pod }]));
    let found = objects(&[two], &[one]);
    assert!(!found.is_empty() && found.iter().all(|it| it.starts_with('-')), "{found:?}");
}

#[test]
fn default_policy_types_are_no_change() {
    let policy = |types: Value| {
        let mut spec = json!({ "podSelector": {}, "ingress": [{ "from": [{ "podSelector": {} }] }] });
        if !types.is_null() {
            spec["policyTypes"] = types;
        }
        object("NetworkPolicy", spec)
    };
    assert_eq!(objects(&[policy(Value::Null)], &[policy(json!(["Ingress"]))]), SAME);
    let found = objects(&[policy(Value::Null)], &[policy(json!(["Ingress", "Egress"]))]);
    assert_eq!(found, ["- `shop (all pods)` can now connect only to destinations that a network policy allows"]);
}

#[test]
fn removing_a_network_policy_opens_remaining_pods() {
    let policy = object("NetworkPolicy", json!({ "podSelector": { "matchLabels": { "app": "a" } }, "ingress": [] }));
    assert_eq!(
        objects(std::slice::from_ref(&policy), &[]),
        ["! `shop/a` now accepts connections from any source, because no network policy restricts ingress"]
    );
    let mut workload = object(
        "Deployment",
        json!({ "template": { "metadata": { "labels": { "app": "a" } }, "spec": { "containers": [] } } }),
    );
    workload["apiVersion"] = json!("apps/v1");
    assert_eq!(objects(&[policy, workload], &[]), SAME);
}

#[test]
fn denying_everything_narrows_access() {
    let deny = |rules: Value| object("AuthorizationPolicy", json!({ "action": "DENY", "rules": rules }));
    assert_eq!(objects(&[], &[deny(json!([{}]))]), ["- anyone may no longer call `shop (all pods)`"]);
    let narrow = deny(json!([{ "to": [{ "operation": { "paths": ["/admin"] } }] }]));
    let wide = deny(json!([{ "to": [{ "operation": { "paths": ["/admin", "/debug"] } }] }]));
    assert_eq!(objects(&[wide], &[narrow]), ["! anyone may now call `shop (all pods)` (/debug)"]);
}

#[test]
fn removing_conditions_and_complements_widens_access() {
    let allow = |rule: Value| {
        object("AuthorizationPolicy", json!({ "selector": { "matchLabels": { "app": "a" } }, "rules": [rule] }))
    };
    let when = allow(json!({ "when": [{ "key": "request.headers[x]", "values": ["1"] }] }));
    let found = objects(&[when], &[allow(json!({}))]);
    assert_eq!(found, ["! anyone may now call `shop/a` when `request.headers[x]` is not `1`"]);
    let not = |list: Value| allow(json!({ "from": [{ "source": { "notNamespaces": list } }] }));
    let found = objects(&[not(json!(["x", "y"]))], &[not(json!(["x"]))]);
    assert!(found == ["+ `y` (all pods) may now call `shop/a`"], "{found:?}");
}

#[test]
fn permissive_mutual_tls_widens_access() {
    let mode = |mode: &str| object("PeerAuthentication", json!({ "mtls": { "mode": mode } }));
    let widened = ["+ `shop (all pods)` now accepts clients without mutual TLS"];
    assert_eq!(objects(&[mode("STRICT")], &[mode("PERMISSIVE")]), widened);
    assert_eq!(objects(&[mode("STRICT")], &[mode("DISABLE")]), widened);
    assert_eq!(objects(&[mode("STRICT")], &[]), widened);
    let mut mesh = mode("STRICT");
    mesh["metadata"]["namespace"] = json!("istio-system");
    assert_eq!(objects(&[mesh.clone(), mode("STRICT")], &[mesh]), SAME, "the mesh is as strict");
}

#[test]
fn resource_names_and_paths_of_a_role_are_an_access_change() {
    let role = |rule: Value| json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": { "name": "r" }, "rules": [rule] });
    let secrets = |names: Value| {
        role(json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": names }))
    };
    let found = objects(&[secrets(json!(["a"]))], &[secrets(json!(["a", "b"]))]);
    assert_eq!(found, ["+ principals with `ClusterRole r` may now `get` on `secrets` named `b`"]);
    let found = objects(&[secrets(json!(["a"]))], &[secrets(json!([]))]);
    assert_eq!(found, ["+ principals with `ClusterRole r` may now `get` on `secrets` named anything except `a`"]);
    let paths = |paths: Value| role(json!({ "verbs": ["get"], "nonResourceURLs": paths }));
    let found = objects(&[paths(json!(["/healthz"]))], &[paths(json!(["/healthz", "/metrics"]))]);
    assert_eq!(found, ["+ principals with `ClusterRole r` may now `get` on `/metrics`"]);
    let binding = json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": { "name": "b" },
        "roleRef": { "kind": "ClusterRole", "name": "r" }, "subjects": [{ "kind": "Group", "name": "system:unauthenticated" }] });
    let found = objects(&[paths(json!(["/healthz"]))], &[paths(json!(["/healthz"])), binding]);
    assert!(
        matches!(found.as_slice(), [it] if it.starts_with("! unauthenticated users may now `get` on `/healthz`")),
        "{found:?}"
    );
}

#[test]
fn internet_facing_load_balancer_is_public() {
    let key = "service.beta.kubernetes.io/aws-load-balancer-scheme";
    let service = |scheme: &str, ranges: Value| {
        let mut service = object(
            "Service",
            json!({ "type": "LoadBalancer", "loadBalancerSourceRanges": ranges, "ports": [{ "port": 443 }] }),
        );
        service["metadata"]["annotations"] = json!({ key: scheme });
        service
    };
    let found = objects(&[service("internal", json!([]))], &[service("internet-facing", json!([]))]);
    assert_eq!(found, ["! port 443 of load balancer `shop/it` opens to the internet"]);
    let found =
        objects(&[service("internet-facing", json!(["192.0.2.0/24"]))], &[service("internet-facing", json!([]))]);
    assert_eq!(found, ["! port 443 of load balancer `shop/it` opens to the internet"]);
    let gateway = |scheme: &str| {
        json!({ "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": { "name": "it", "namespace": "shop" },
        "spec": { "gatewayClassName": "istio", "infrastructure": { "annotations": { key: scheme } }, "listeners": [{ "port": 80, "protocol": "HTTP" }] } })
    };
    let found = objects(&[gateway("internal")], &[gateway("internet-facing")]);
    assert_eq!(found, ["! port 80 of load balancer `shop/it` opens to the internet"]);
}

#[test]
fn retained_policy_still_denies() {
    let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*" });
    let policy = json!({ "Type": "AWS::S3::BucketPolicy", "DeletionPolicy": "Retain",
        "Properties": { "Bucket": "shop", "PolicyDocument": { "Statement": [deny] } } });
    let mut gone = policy.clone();
    assert_eq!(templates(json!({ "Resources": { "It": policy } }), json!({ "Resources": {} })), SAME);
    gone["DeletionPolicy"] = json!("Delete");
    let found = templates(json!({ "Resources": { "It": gone } }), json!({ "Resources": {} }));
    assert_eq!(found, ["+ anyone is no longer denied `s3:*` on `shop`"]);
}

#[test]
fn statements_about_other_resources_in_a_resource_policy_are_ignored() {
    let bucket = |statements: Value| {
        json!({ "Resources": {
            "Bucket": { "Type": "AWS::S3::Bucket" },
            "It": { "Type": "AWS::S3::BucketPolicy",
                "Properties": { "Bucket": { "Ref": "Bucket" }, "PolicyDocument": { "Statement": statements } } },
        } })
    };
    let own = json!([{ "Fn::GetAtt": ["Bucket", "Arn"] }, { "Fn::Sub": "${Bucket.Arn}/*" }]);
    let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": own });
    let allow = json!({ "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::999988887777:root" },
        "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*" });
    let found = templates(bucket(json!([deny])), bucket(json!([deny, allow])));
    assert_eq!(found, ["+ account `999988887777` may now read objects of `Bucket`"]);
}
