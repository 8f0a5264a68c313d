//! Clusters, roles and stores with the same name in different accounts, regions or stacks.

use meshsynth_reach::{Engine, Source, Target, Verdict, World, find};
use serde_json::{Value, json};

use crate::support::{assembly, world};

const ACCOUNT: &str = "111122223333";

fn pod() -> Value {
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "orders", "namespace": "shop" }, "spec": { "serviceAccountName": "orders", "containers": [{ "name": "main", "image": "x" }] } })
}

/// Returns a stack with a cluster named `shop`, and a role that trusts tokens of this cluster.
fn region(name: &str) -> Value {
    let provider = json!({ "Fn::Sub": ["arn:aws:iam::${AWS::AccountId}:oidc-provider/${Host}", { "Host": host() }] });
    json!({ "Resources": {
        "Cluster": { "Type": "AWS::EKS::Cluster", "Properties": { "Name": "shop" } },
        "Bucket": { "Type": "AWS::S3::Bucket", "Properties": { "BucketName": format!("orders-{name}") } },
        "Role": { "Type": "AWS::IAM::Role", "Properties": {
            "RoleName": format!("orders-{name}"),
            "AssumeRolePolicyDocument": { "Statement": [{
                "Effect": "Allow", "Principal": { "Federated": provider }, "Action": "sts:AssumeRoleWithWebIdentity",
            }] },
            "Policies": [{ "PolicyName": "read", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
                { "Effect": "Allow", "Action": "s3:GetObject", "Resource": { "Fn::Sub": "${Bucket.Arn}/*" } },
            ] } }],
        } },
    } })
}

fn host() -> Value {
    let url = json!({ "Fn::GetAtt": ["Cluster", "OpenIdConnectIssuerUrl"] });
    json!({ "Fn::Select": [1, { "Fn::Split": ["//", url] }] })
}

fn ask(world: &World, cluster: &str, bucket: &str) -> Verdict {
    let engine = Engine::new(world);
    let is_of =
        |it: &Source| matches!(it, Source::Workload(id) if world.clusters[world.workload(*id).cluster].id == cluster);
    let source = find::sources(world, "orders").unwrap().into_iter().find(is_of).unwrap();
    let target = find::targets(world, bucket, Some("s3:GetObject")).unwrap().remove(0);
    engine.ask(&source, &target).verdict
}

#[test]
fn clusters_with_the_same_name_are_identified_by_region() {
    let world = assembly(
        vec![
            ("ireland", ACCOUNT, "eu-west-1", region("ireland")),
            ("tokyo", ACCOUNT, "ap-northeast-1", region("tokyo")),
        ],
        vec![("a", "shop", ACCOUNT, "eu-west-1", vec![pod()]), ("b", "shop", ACCOUNT, "ap-northeast-1", vec![pod()])],
    );
    assert_eq!(ask(&world, "a", "ireland/Bucket"), Verdict::Allowed);
    assert_eq!(ask(&world, "a", "tokyo/Bucket"), Verdict::Denied);
    assert_eq!(ask(&world, "b", "tokyo/Bucket"), Verdict::Allowed);
    assert_eq!(ask(&world, "b", "ireland/Bucket"), Verdict::Denied);
}

#[test]
fn clusters_with_the_same_name_are_identified_by_account() {
    let world = assembly(
        vec![("one", ACCOUNT, "eu-west-1", region("one")), ("two", "444455556666", "eu-west-1", region("two"))],
        vec![("a", "shop", ACCOUNT, "eu-west-1", vec![pod()]), ("b", "shop", "444455556666", "eu-west-1", vec![pod()])],
    );
    assert_eq!(ask(&world, "b", "two/Bucket"), Verdict::Allowed);
    assert_eq!(ask(&world, "b", "one/Bucket"), Verdict::Denied);
    assert_eq!(ask(&world, "a", "two/Bucket"), Verdict::Denied);
}

#[test]
fn nodes_and_associations_belong_to_the_cluster_of_their_region() {
    let region = |name: &str| {
        let mut template = region(name);
        template["Resources"]["Vpc"] = json!({ "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } });
        template["Resources"]["Subnet"] = json!({ "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": { "Ref": "Vpc" }, "CidrBlock": "10.0.0.0/24" } });
        let nodes = json!({ "ClusterName": "shop", "NodeRole": "x", "Subnets": [{ "Ref": "Subnet" }] });
        template["Resources"]["Nodes"] = json!({ "Type": "AWS::EKS::Nodegroup", "Properties": nodes });
        let associated = json!({
            "ClusterName": "shop", "Namespace": "shop", "ServiceAccount": "orders", "RoleArn": { "Fn::GetAtt": ["Role", "Arn"] },
        });
        template["Resources"]["Association"] =
            json!({ "Type": "AWS::EKS::PodIdentityAssociation", "Properties": associated });
        template["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0] = json!({
            "Effect": "Allow", "Principal": { "Service": "pods.eks.amazonaws.com" }, "Action": ["sts:AssumeRole", "sts:TagSession"],
        });
        template
    };
    let world = assembly(
        vec![
            ("ireland", ACCOUNT, "eu-west-1", region("ireland")),
            ("tokyo", ACCOUNT, "ap-northeast-1", region("tokyo")),
        ],
        vec![("a", "shop", ACCOUNT, "eu-west-1", vec![pod()]), ("b", "shop", ACCOUNT, "ap-northeast-1", vec![pod()])],
    );
    let engine = Engine::new(&world);
    for (workload, stack) in world.workload_ids().zip(["ireland", "tokyo"]) {
        let groups = engine.node_groups(workload).iter().map(|it| world.resource(*it).stack_id.as_str());
        assert_eq!(groups.collect::<Vec<_>>(), [stack]);
    }
    assert_eq!(ask(&world, "b", "tokyo/Bucket"), Verdict::Allowed);
    assert_eq!(ask(&world, "b", "ireland/Bucket"), Verdict::Denied);
}

#[test]
fn roles_with_the_same_name_are_identified_by_stack() {
    let stack = |actions: &str| {
        json!({ "Resources": {
            "Role": { "Type": "AWS::IAM::Role", "Properties": {
                "RoleName": "job",
                "AssumeRolePolicyDocument": { "Statement": [{
                    "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole",
                }] },
                "Policies": [{ "PolicyName": "own", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
                    { "Effect": "Allow", "Action": actions, "Resource": "*" },
                ] } }],
            } },
            "Function": { "Type": "AWS::Lambda::Function", "Properties": { "Role": { "Fn::GetAtt": ["Role", "Arn"] } } },
            "Queue": { "Type": "AWS::SQS::Queue", "Properties": {} },
        } })
        .to_string()
    };
    let world = world(&[("dev.json", &stack("sqs:*")), ("prod.json", &stack("s3:*"))]);
    let engine = Engine::new(&world);
    let ask = |stack: &str| {
        let source = Source::Resource(world.resources_called(&format!("{stack}/Function"))[0]);
        let queue = world.resources_called(&format!("{stack}/Queue"))[0];
        engine.ask(&source, &Target::Action("sqs:SendMessage".to_owned(), queue)).verdict
    };
    assert_eq!((ask("dev"), ask("prod")), (Verdict::Allowed, Verdict::Denied));
}
