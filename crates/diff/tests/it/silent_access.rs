//! Access changes without a network path: roles outside of the files, web ACLs, and statements that admit everyone; and
//! changes that look like access changes, but are not.

use meshsynth_diff::Diff;
use serde_json::{Value, json};

use crate::access::{SAME, objects, of as rows, templates};
use crate::gates::denied;
use crate::scene::{diff, scene};

fn of(before: Value, after: Value) -> Diff {
    let side = |resources: Value| scene(vec![("a", json!({ "Resources": resources }))], vec![]);
    diff(&side(before), &side(after))
}

#[test]
fn role_for_everyone_is_public_with_one_row_of_consequences() {
    let bucket = || json!({ "Type": "AWS::S3::Bucket" });
    let role = |principal: Value, action: &str, on: &str| {
        let allow = |value: Value| json!({ "Statement": [value] });
        json!({ "Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": allow(json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" })),
            "Policies": [{ "PolicyName": "p", "PolicyDocument": allow(json!({ "Effect": "Allow", "Action": action, "Resource": on })) }] } })
    };
    let with = |principal: Value| {
        let lambda = json!({ "Service": "lambda.amazonaws.com" });
        let mut resources = json!({ "It": role(principal, "s3:*", "*"), "Queue": { "Type": "AWS::SQS::Queue" } });
        for idx in 0..6 {
            resources[format!("Bucket{idx}")] = bucket();
            resources[format!("Role{idx}")] = role(lambda.clone(), "sts:AssumeRole", "*");
        }
        resources
    };
    for principal in [json!("*"), json!({ "AWS": "*" })] {
        let found = of(with(json!({ "Service": "ec2.amazonaws.com" })), with(principal));
        assert!(
            found.access.iter().any(|row| row.public && row.text == "anyone may now assume `It`"),
            "{:#?}",
            found.access
        );
        assert!(found.ways[0].public && found.ways[0].to_string().contains("the internet"), "{}", found.ways[0]);
        assert_eq!(found.ways.len(), 2, "{:#?}", found.ways.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert!(found.ways[1].to_string().ends_with("because anyone may now assume `It`"), "{}", found.ways[1]);
        assert!(!denied(&found, "public").is_empty() && !denied(&found, "access").is_empty());
    }
}

#[test]
fn removed_web_acl_is_public() {
    let distribution = |acl: Value| json!({ "DistributionConfig": { "Enabled": true, "WebACLId": acl, "DefaultCacheBehavior": { "TargetOriginId": "x" } } });
    let found =
        rows("AWS::CloudFront::Distribution", distribution(json!("arn:aws:wafv2:x")), distribution(json!(null)));
    assert_eq!(found, ["! `It` accepts requests without web ACL inspection"]);
    let found =
        rows("AWS::CloudFront::Distribution", distribution(json!(null)), distribution(json!("arn:aws:wafv2:x")));
    assert_eq!(found, ["- `It` accepts only requests that a web ACL inspects"]);
    let associated = |on: &Value, with: bool| {
        let rows = json!({ "Type": "AWS::WAFRegional::WebACLAssociation", "Properties": { "ResourceArn": on, "WebACLId": "acl" } });
        let mut resources =
            json!({ "Api": { "Type": "AWS::ApiGateway::RestApi" }, "Pool": { "Type": "AWS::Cognito::UserPool" } });
        if with {
            resources["It"] = rows;
        }
        json!({ "Resources": resources })
    };
    for on in [json!({ "Fn::GetAtt": ["Pool", "Arn"] }), json!("arn:aws:apigateway:eu-west-1::/restapis/x/stages/y")] {
        let found = templates(associated(&on, true), associated(&on, false));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with('!'), "{found:?}");
    }
}

#[test]
fn role_outside_of_the_files_is_access() {
    let arn = |name: &str| json!(format!("arn:aws:iam::111122223333:role/{name}"));
    for (type_name, path) in [
        ("AWS::Lambda::Function", vec!["Role"]),
        ("AWS::ECS::TaskDefinition", vec!["TaskRoleArn"]),
        ("AWS::StepFunctions::StateMachine", vec!["RoleArn"]),
        ("AWS::CodeBuild::Project", vec!["ServiceRole"]),
        ("AWS::EKS::Addon", vec!["ServiceAccountRoleArn"]),
        ("AWS::Scheduler::Schedule", vec!["Target", "RoleArn"]),
    ] {
        let with = |name: &str| path.iter().rev().fold(arn(name), |value, key| json!({ *key: value }));
        let found = rows(type_name, with("reader"), with("admin"));
        assert_eq!(
            found[0], "+ `It` now runs with role `iam role/admin`, whose permissions are not in the files",
            "{type_name}"
        );
        assert_eq!(found.len(), 2, "{found:?}");
    }
    let profile = |name: &str| json!({ "ImageId": "ami-1", "IamInstanceProfile": format!("arn:aws:iam::111122223333:instance-profile/{name}") });
    assert_eq!(rows("AWS::EC2::Instance", profile("a"), profile("b")).len(), 2);
    let association =
        |name: &str| json!({ "ClusterName": "c", "Namespace": "shop", "ServiceAccount": "app", "RoleArn": arn(name) });
    let found = rows("AWS::EKS::PodIdentityAssociation", association("reader"), association("admin"));
    assert!(found.iter().any(|row| row.starts_with('+') && row.contains("admin")), "{found:?}");
    let account = |name: &str| {
        json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "app", "namespace": "shop",
            "annotations": { "eks.amazonaws.com/role-arn": arn(name) } } })
    };
    let found = objects(&[account("reader")], &[account("admin")]);
    assert!(found[0].starts_with("+ `ServiceAccount shop/app` now runs with role `iam role/admin`"), "{found:?}");
}

#[test]
fn role_of_the_platform_is_no_external_role() {
    let with = |name: &str| {
        let role =
            json!({ "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": { "Statement": [] } } });
        json!({ "Resources": { "A": role, "B": role, "It": { "Type": "AWS::Lambda::Function", "Properties": {
            "Role": { "Fn::GetAtt": [name, "Arn"] } } } } })
    };
    assert_eq!(templates(with("A"), with("B")), SAME);
}

#[test]
fn key_for_everyone_through_a_service_is_public() {
    let key = |statement: Value| json!({ "It": { "Type": "AWS::KMS::Key", "Properties": { "KeyPolicy": { "Statement": [statement] } } } });
    let own = json!({ "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:root" }, "Action": "kms:*", "Resource": "*" });
    let with = |condition: Value| {
        key(
            json!({ "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": condition }),
        )
    };
    let service = json!({ "StringEquals": { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } });
    let found = of(key(own.clone()), with(service));
    assert!(denied(&found, "public").contains("It"), "{:#?}", found.access);
    let account = json!({ "StringEquals": { "kms:ViaService": "s3.eu-west-1.amazonaws.com", "kms:CallerAccount": "111122223333" } });
    assert_eq!(denied(&of(key(own), with(account)), "public"), "");
}

#[test]
fn gateway_with_an_internet_facing_load_balancer_is_public() {
    let key = "service.beta.kubernetes.io/aws-load-balancer-scheme";
    let gateway = |scheme: &str, class: &str| {
        json!({ "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": { "name": "gw", "namespace": "shop" },
            "spec": { "gatewayClassName": class, "infrastructure": { "annotations": { key: scheme } },
                "listeners": [{ "name": "http", "port": 80, "protocol": "HTTP" }] } })
    };
    let service = |scheme: &str| {
        json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "gw", "namespace": "shop", "annotations": { key: scheme } },
            "spec": { "type": "LoadBalancer", "selector": { "app": "x" }, "ports": [{ "port": 80 }] } })
    };
    let configuration = |scheme: &str| {
        json!({ "apiVersion": "gateway.k8s.aws/v1beta1", "kind": "LoadBalancerConfiguration",
            "metadata": { "name": "gw", "namespace": "shop" }, "spec": { "scheme": scheme } })
    };
    let side = |object: Value| scene(vec![], vec![("40-workloads", object)]);
    let (open, closed) = ("internet-facing", "internal");
    for (before, after) in [
        (gateway(closed, "istio"), gateway(open, "istio")),
        (gateway(closed, "other"), gateway(open, "other")),
        (service(closed), service(open)),
        (configuration(closed), configuration(open)),
    ] {
        let found = diff(&side(before), &side(after.clone()));
        assert!(!denied(&found, "public").is_empty(), "{after}: {:#?}", found.access);
    }
}

#[test]
fn blocked_bucket_policy_is_not_public() {
    let with = |principal: Value, restricts: bool| {
        let block = json!({ "BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": restricts });
        let statement = json!([{ "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": { "Fn::Sub": "${B.Arn}/*" } }]);
        json!({ "B": { "Type": "AWS::S3::Bucket", "Properties": { "PublicAccessBlockConfiguration": block } },
            "P": { "Type": "AWS::S3::BucketPolicy", "Properties": { "Bucket": { "Ref": "B" }, "PolicyDocument": { "Statement": statement } } } })
    };
    let own = json!({ "AWS": "arn:aws:iam::111122223333:role/a" });
    let found = of(with(own.clone(), true), with(json!("*"), true));
    assert_eq!(denied(&found, "public"), "");
    assert!(found.access.iter().any(|row| row.text.starts_with("anyone in the account of the bucket may now read")));
    assert!(!denied(&of(with(own, false), with(json!("*"), false)), "public").is_empty());
}

#[test]
fn service_account_without_rights_gives_no_access() {
    let workload = |account: &str| {
        json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "d", "namespace": "shop" },
            "spec": { "template": { "metadata": { "labels": { "app": "d" } }, "spec": { "serviceAccountName": account,
                "containers": [{ "name": "c", "image": "i" }] } } } })
    };
    let account =
        json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "new", "namespace": "shop" } });
    assert_eq!(objects(&[workload("default")], &[workload("new"), account.clone()]), SAME);
    // An account outside of the files, or with a binding, may have rights.
    assert_eq!(objects(&[workload("default")], &[workload("other")]).len(), 2);
    let binding = json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": { "name": "b", "namespace": "shop" },
        "roleRef": { "kind": "ClusterRole", "name": "admin" }, "subjects": [{ "kind": "ServiceAccount", "name": "new", "namespace": "shop" }] });
    let found = objects(&[workload("default"), binding.clone()], &[workload("new"), account, binding]);
    assert!(found.iter().any(|row| row.contains("serviceAccountName")), "{found:?}");
}

#[test]
fn removed_namespace_opens_no_path() {
    let workload = |name: &str, namespace: &str| {
        json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name, "namespace": namespace },
            "spec": { "template": { "metadata": { "labels": { "app": name } }, "spec": { "containers": [{ "name": "c", "image": "i",
                "ports": [{ "containerPort": 8080 }] }] } } } })
    };
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop", "labels": { "istio-injection": "enabled", "team": "a" } } });
    let strict = json!({ "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "metadata": { "name": "strict", "namespace": "shop" },
        "spec": { "mtls": { "mode": "STRICT" } } });
    let policy = json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "name": "p", "namespace": "other" },
        "spec": { "podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{ "from": [{ "namespaceSelector": { "matchLabels": { "team": "a" } } }] }] } });
    let rest = vec![workload("a", "shop"), workload("b", "other"), strict, policy];
    let side = |objects: Vec<Value>| scene(vec![], objects.into_iter().map(|it| ("40-workloads", it)).collect());
    let found = diff(&side([vec![namespace], rest.clone()].concat()), &side(rest));
    assert!(found.ways.is_empty(), "{:#?}", found.ways.iter().map(ToString::to_string).collect::<Vec<_>>());
}

#[test]
fn replaced_aurora_cluster_has_its_data_only_once() {
    let with = |name: &str| {
        json!({ "C": { "Type": "AWS::RDS::DBCluster", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
                "Properties": { "Engine": "aurora-postgresql", "DatabaseName": name } },
            "I": { "Type": "AWS::RDS::DBInstance", "Properties": { "DBClusterIdentifier": { "Ref": "C" }, "Engine": "aurora-postgresql" } } })
    };
    let found = of(with("a"), with("b"));
    let at_risk: Vec<&str> = found.changes.iter().filter(|it| !it.data.is_empty()).map(|it| it.id.as_str()).collect();
    assert_eq!(at_risk, ["C"]);
}
