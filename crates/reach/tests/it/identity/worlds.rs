//! Small worlds that test each part of a chain of credentials.

use meshsynth_reach::{Engine, Verdict, World, find};
use serde_json::{Value, json};

use crate::support::world;

/// Returns a cluster with pods of the service account `shop/orders`, a role, a bucket with a key, and the additions of
/// a test.
fn shop(add: Value) -> World {
    let mut resources = json!({
        "Cluster": { "Type": "AWS::EKS::Cluster", "Properties": { "Name": "shop" } },
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "orders",
                "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow", "Principal": { "Service": "pods.eks.amazonaws.com" }, "Action": ["sts:AssumeRole", "sts:TagSession"],
                }] },
                "Policies": [{ "PolicyName": "read", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
                    { "Effect": "Allow", "Action": "s3:GetObject", "Resource": { "Fn::Sub": "${Bucket.Arn}/receipts/*" } },
                    { "Effect": "Allow", "Action": "kms:Decrypt", "Resource": { "Fn::GetAtt": ["Key", "Arn"] } },
                    { "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": { "Fn::GetAtt": ["Other", "Arn"] } },
                ] } }],
            },
        },
        "Association": { "Type": "AWS::EKS::PodIdentityAssociation", "Properties": {
            "ClusterName": { "Ref": "Cluster" }, "Namespace": "shop", "ServiceAccount": "orders", "RoleArn": { "Fn::GetAtt": ["Role", "Arn"] },
        } },
        "Other": { "Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": { "AWS": { "Fn::GetAtt": ["Role", "Arn"] } }, "Action": "sts:AssumeRole",
            }] },
            "Policies": [{ "PolicyName": "send", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
                { "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": { "Fn::GetAtt": ["Queue", "Arn"] } },
            ] } }],
        } },
        "Queue": { "Type": "AWS::SQS::Queue", "Properties": {} },
        "Key": { "Type": "AWS::KMS::Key", "Properties": { "KeyPolicy": { "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "AWS": { "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" } }, "Action": "kms:*", "Resource": "*",
        }] } } },
        "Bucket": { "Type": "AWS::S3::Bucket", "Properties": {
            "BucketName": "acme-receipts",
            "BucketEncryption": { "ServerSideEncryptionConfiguration": [{ "ServerSideEncryptionByDefault": {
                "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": { "Fn::GetAtt": ["Key", "Arn"] },
            } }] },
        } },
    });
    for (id, resource) in add.as_object().unwrap() {
        match resource.as_object().unwrap().contains_key("Type") {
            true => resources[id] = resource.clone(),
            false => resource.as_object().unwrap().iter().for_each(|(key, value)| {
                resources[id]["Properties"][key] = value.clone();
            }),
        }
    }
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: orders\n  namespace: shop\nspec:\n  serviceAccountName: orders\n  containers:\n    - name: main\n      image: x\n";
    world(&[("shop.json", &json!({ "Resources": resources }).to_string()), ("pods.yaml", pod)])
}

fn ask(world: &World, to: &str, action: &str) -> (Verdict, Vec<String>) {
    let engine = Engine::new(world);
    let source = find::sources(world, "orders").unwrap().remove(0);
    let target = find::targets(world, to, Some(action)).unwrap().remove(0);
    let answer = engine.ask(&source, &target);
    (
        answer.verdict,
        answer.chain.iter().map(|it| format!("{} {}: {}", it.layer.words(), it.verdict.word(), it.why)).collect(),
    )
}

#[track_caller]
fn check(add: Value, to: &str, action: &str, wanted: Verdict) -> Vec<String> {
    let (verdict, chain) = ask(&shop(add), to, action);
    assert_eq!(verdict, wanted, "{chain:#?}");
    chain
}

#[test]
fn pod_identity_association_grants_role_and_checks_key() {
    let chain = check(json!({}), "Bucket", "s3:GetObject", Verdict::Allowed);
    assert!(
        chain.iter().any(|it| it.starts_with("key allowed")) && chain[0].contains("an association gives"),
        "{chain:#?}"
    );
    assert!(chain.iter().any(|it| it.contains("acme-receipts/receipts/")), "{chain:#?}");
    check(json!({}), "Bucket", "s3:PutObject", Verdict::Denied);
}

#[test]
fn key_policy_without_delegation_denies_readers() {
    let closed = json!({ "Statement": [{ "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" }, "Action": "kms:*", "Resource": "*" }] });
    let chain = check(json!({ "Key": { "KeyPolicy": closed } }), "Bucket", "s3:GetObject", Verdict::Denied);
    assert!(chain.iter().any(|it| it.starts_with("key denied")), "{chain:#?}");
}

#[test]
fn follows_role_chains() {
    let chain = check(json!({}), "Queue", "sqs:SendMessage", Verdict::Allowed);
    assert!(chain.iter().filter(|it| it.starts_with("trust allowed")).count() >= 3, "{chain:#?}");
    let nobody = json!({ "Statement": [{ "Effect": "Allow", "Principal": { "AWS": "444455556666" }, "Action": "sts:AssumeRole" }] });
    let found = ask(&shop(json!({ "Other": { "AssumeRolePolicyDocument": nobody } })), "Queue", "sqs:SendMessage");
    // The files do not specify whether the platform is deployed to that account.
    assert_eq!(found.0, Verdict::Unknown, "{:#?}", found.1);
}

#[test]
fn boundary_limits_identity_policy() {
    let boundary = json!({ "Type": "AWS::IAM::ManagedPolicy", "Properties": { "PolicyDocument": { "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "sqs:*", "Resource": "*" },
    ] } } });
    let add = json!({ "Boundary": boundary, "Role": { "PermissionsBoundary": { "Ref": "Boundary" } } });
    let chain = check(add, "Bucket", "s3:GetObject", Verdict::Denied);
    assert!(chain.iter().any(|it| it.contains("the boundary")), "{chain:#?}");
}

#[test]
fn bucket_policy_can_deny_requests_outside_endpoint() {
    let deny = |endpoint: Value| {
        json!({ "BucketPolicy": { "Type": "AWS::S3::BucketPolicy", "Properties": { "Bucket": { "Ref": "Bucket" }, "PolicyDocument": {
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::acme-receipts/*",
            "Condition": endpoint,
        }],
    } } } })
    };
    let plain = json!({ "Bool": { "aws:SecureTransport": "false" } });
    check(deny(plain), "Bucket", "s3:GetObject", Verdict::Allowed);
    let endpoint = json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-0123456789abcdef0" } });
    check(deny(endpoint), "Bucket", "s3:GetObject", Verdict::Unknown);
    let role = json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/orders" } });
    check(deny(role), "Bucket", "s3:GetObject", Verdict::Denied);
}

#[test]
fn denies_access_without_association() {
    let other = json!({ "Association": { "ServiceAccount": "web" } });
    let chain = check(other, "Bucket", "s3:GetObject", Verdict::Denied);
    assert_eq!(chain, ["trust denied: no role trusts the service account `shop/orders`"]);
}
