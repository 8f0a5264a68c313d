//! Verdicts without explanations equal the verdicts of complete answers.

use meshsynth_reach::world::{Files, ResourceId};
use meshsynth_reach::{Answer, Engine, Source, Target, Verdict, World, survey};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use crate::platforms::PLATFORMS;
use crate::support::read;

/// Actions that are evaluated on each resource, in addition to the actions of its own service.
const ACTIONS: [&str; 3] = ["s3:GetObject", "kms:Decrypt", "rds-db:connect"];

fn sources(world: &World) -> Vec<Source> {
    let outside = [
        Source::Addresses("10.0.0.0/24".to_owned()),
        Source::Account("000000000000".to_owned()),
        Source::Principal("arn:aws:iam::111122223333:role/ops".to_owned()),
    ];
    let nodes = world.of_type("AWS::EKS::Nodegroup").iter().map(|id| Source::Resource(*id));
    survey::sources(world).into_iter().chain(outside).chain(nodes).collect()
}

fn targets(engine: &Engine<'_>) -> Vec<Target> {
    let ids = (0..engine.world().resources.len()).map(ResourceId);
    let calls = ids.flat_map(|id| {
        let uses = engine.identities().uses(id);
        let other = if uses.is_empty() { &[][..] } else { &ACTIONS };
        let actions = uses.iter().map(|it| it.action).chain(other.iter().copied());
        actions.map(move |action| Target::Action(action.to_owned(), id)).collect::<Vec<_>>()
    });
    let workloads = engine.world().workload_ids();
    let ports = workloads.flat_map(|id| engine.ports(id).into_iter().map(move |it| Target::Workload(id, Some(it))));
    survey::targets(engine).into_iter().chain(calls).chain(ports).collect()
}

/// Compares each `step`th question, and returns how many have each verdict.
fn compare(world: &World, step: usize) -> Result<[usize; 3], String> {
    let engine = Engine::new(world);
    let targets = targets(&engine);
    let sources = sources(world);
    let all = sources.iter().flat_map(|source| targets.iter().map(move |target| (source, target)));
    let mut counts = [0; 3];
    for (source, target) in all.step_by(step) {
        let answer = engine.ask(source, target);
        let verdict = engine.verdict(source, target);
        if verdict != answer.verdict {
            return Err(format!("{source:?} {target:?}: {verdict:?} instead of {answer:#?}"));
        }
        if engine.explain(source, target) != (Answer { fixes: Vec::new(), ..answer }) {
            return Err(format!("{source:?} {target:?}: another explanation"));
        }
        counts[verdict as usize] += 1;
    }
    Ok(counts)
}

#[test]
fn a_verdict_equals_that_of_the_complete_answer_on_each_platform() {
    let mut counts = [0; 3];
    for platform in PLATFORMS {
        let found = compare(&read(platform), 7).unwrap_or_else(|error| panic!("{platform}: {error}"));
        counts.iter_mut().zip(found).for_each(|(all, one)| *all += one);
    }
    assert!(counts.iter().all(|it| *it > 100), "{counts:?}");
}

fn world(documents: Vec<Value>) -> World {
    let mut files = Files::default();
    for (at, document) in documents.into_iter().enumerate() {
        files.documents.insert(format!("{at}.json"), vec![(1, document)]);
    }
    World::of(&files)
}

/// A statement of an identity, or with `Principal` one of a resource.
fn statement(is_of_resource: bool) -> impl Strategy<Value = Value> {
    let actions = [
        "*",
        "s3:*",
        "S3:get*",
        "s3:GetObject",
        "s3:?etObject",
        "sqs:SendMessage",
        "sqs:*Message",
        "kms:Decrypt",
        "kms:*",
        "sts:AssumeRole",
        "lambda:InvokeFunction",
    ];
    let resources = [
        json!("*"),
        json!({ "Fn::Sub": "${Bucket.Arn}/*" }),
        json!({ "Fn::Sub": "${Bucket.Arn}/a/?.txt" }),
        json!({ "Fn::GetAtt": ["Queue", "Arn"] }),
        json!("arn:aws:sqs:*:*:orders"),
        json!("arn:aws:sqs:*:*:*s"),
        json!("arn:aws:sqs:eu-west-1:111122223333:returns"),
        json!("arn:aws:s3:::files/*/${aws:PrincipalTag/team}"),
        json!("arn:aws:s3:::${aws:PrincipalTag/team}/*"),
        json!({ "Fn::GetAtt": ["Key", "Arn"] }),
        json!({ "Fn::GetAtt": ["Admin", "Arn"] }),
        json!({ "Ref": "Parameter" }),
    ];
    let principals = [
        json!("*"),
        json!({ "AWS": { "Fn::GetAtt": ["Role", "Arn"] } }),
        json!({ "AWS": "111122223333" }),
        json!({ "AWS": "arn:aws:iam::444455556666:role/ops" }),
    ];
    let condition = prop_oneof![
        4 => Just(None),
        1 => Just(Some(json!({ "StringEquals": { "aws:PrincipalTag/team": "red" } }))),
        1 => Just(Some(json!({ "Bool": { "aws:SecureTransport": "true" } }))),
    ];
    let keys =
        (select(vec!["Action", "Action", "Action", "NotAction"]), select(vec!["Resource", "Resource", "NotResource"]));
    let lists = (subsequence(actions.to_vec(), 1..3), subsequence(resources.to_vec(), 1..3));
    let effect = select(vec!["Allow", "Allow", "Allow", "Deny"]);
    (effect, keys, lists, condition, select(principals.to_vec())).prop_map(
        move |(effect, (action, resource), (actions, resources), condition, principal)| {
            let mut it = json!({ "Effect": effect, action: actions, resource: resources });
            if let Some(condition) = condition {
                it["Condition"] = condition;
            }
            if is_of_resource {
                it["Principal"] = principal;
            }
            it
        },
    )
}

/// The policies of the role, the bucket and the queue.
fn policies() -> impl Strategy<Value = [Vec<Value>; 3]> {
    let of = |is_of_resource, most| proptest::collection::vec(statement(is_of_resource), 0..most);
    (of(false, 4), of(true, 2), of(true, 2)).prop_map(|(role, bucket, queue)| [role, bucket, queue])
}

fn template([role, bucket, queue]: [Vec<Value>; 3], managed: &[&str], bounds: &[Value], is_tagged: bool) -> Value {
    let document = |statements: &[Value]| json!({ "Version": "2012-10-17", "Statement": statements });
    let trust = |principal: Value| {
        document(&[json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" })])
    };
    let mut template = json!({
        "Parameters": { "Parameter": { "Type": "String" } },
        "Resources": {
            "Bucket": { "Type": "AWS::S3::Bucket", "Properties": { "BucketName": "files" } },
            "Queue": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": "orders", "KmsMasterKeyId": { "Ref": "Key" } } },
            "Key": { "Type": "AWS::KMS::Key", "Properties": { "KeyPolicy": document(&[
                json!({ "Effect": "Allow", "Principal": { "AWS": { "Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root" } }, "Action": "kms:*", "Resource": "*" }),
            ]) } },
            "Role": { "Type": "AWS::IAM::Role", "Properties": {
                "AssumeRolePolicyDocument": trust(json!({ "Service": ["lambda.amazonaws.com", "pods.eks.amazonaws.com", "ec2.amazonaws.com"] })),
                "ManagedPolicyArns": managed, "Policies": [{ "PolicyName": "p", "PolicyDocument": document(&role) }] } },
            "Admin": { "Type": "AWS::IAM::Role", "Properties": {
                "AssumeRolePolicyDocument": trust(json!({ "AWS": { "Fn::GetAtt": ["Role", "Arn"] } })),
                "Policies": [{ "PolicyName": "p", "PolicyDocument": document(&[json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" })]) }] } },
            "Function": { "Type": "AWS::Lambda::Function", "Properties": { "Role": { "Fn::GetAtt": ["Role", "Arn"] } } },
            "Cluster": { "Type": "AWS::EKS::Cluster", "Properties": { "Name": "c" } },
            "Nodes": { "Type": "AWS::EKS::Nodegroup", "Properties": { "ClusterName": { "Ref": "Cluster" }, "NodeRole": { "Fn::GetAtt": ["Role", "Arn"] } } },
            "Association": { "Type": "AWS::EKS::PodIdentityAssociation", "Properties": {
                "ClusterName": { "Ref": "Cluster" }, "Namespace": "shop", "ServiceAccount": "a", "RoleArn": { "Fn::GetAtt": ["Admin", "Arn"] } } },
        }
    });
    let resources = &mut template["Resources"];
    if is_tagged {
        resources["Role"]["Properties"]["Tags"] = json!([{ "Key": "team", "Value": "red" }]);
    }
    if !bounds.is_empty() {
        let policy = json!({ "Type": "AWS::IAM::ManagedPolicy", "Properties": { "PolicyDocument": document(bounds) } });
        resources["Boundary"] = policy;
        resources["Role"]["Properties"]["PermissionsBoundary"] = json!({ "Ref": "Boundary" });
    }
    if !bucket.is_empty() {
        resources["BucketPolicy"] = json!({ "Type": "AWS::S3::BucketPolicy", "Properties": { "Bucket": { "Ref": "Bucket" }, "PolicyDocument": document(&bucket) } });
    }
    if !queue.is_empty() {
        resources["QueuePolicy"] = json!({ "Type": "AWS::SQS::QueuePolicy", "Properties": { "Queues": [{ "Ref": "Queue" }], "PolicyDocument": document(&queue) } });
    }
    template
}

fn pod(name: &str, namespace: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": namespace, "labels": { "app": name } },
        "spec": { "serviceAccountName": name, "containers": [{ "name": "c", "ports": [{ "containerPort": 80 }, { "containerPort": 90 }] }] } })
}

/// An object that changes which pods call which.
fn object() -> impl Strategy<Value = Value> {
    let label = select(vec![json!({}), json!({ "app": "a" }), json!({ "app": "b" }), json!({ "app": "c" })]);
    let namespace = select(vec!["shop", "shop", "data", "istio-system"]);
    (0_usize..8, namespace, label.clone(), label, any::<bool>()).prop_map(|(kind, namespace, own, other, is_open)| {
        let of = |version: &str, kind: &str, spec: Value| {
            json!({ "apiVersion": version, "kind": kind, "metadata": { "name": "x", "namespace": namespace }, "spec": spec })
        };
        let istio = |kind: &str, spec: Value| {
            let mut spec = spec;
            if own != json!({}) {
                spec["selector"] = json!({ "matchLabels": own });
            }
            of("security.istio.io/v1", kind, spec)
        };
        match kind {
            0 | 1 => of("networking.k8s.io/v1", "NetworkPolicy", json!({ "podSelector": { "matchLabels": own },
                "policyTypes": [if is_open { "Ingress" } else { "Egress" }],
                "ingress": [{ "from": [{ "podSelector": { "matchLabels": other } }], "ports": [{ "port": 80 }] }],
                "egress": [{ "to": [{ "namespaceSelector": {} }], "ports": [{ "port": 90 }] }] })),
            2 => istio("AuthorizationPolicy", json!({ "rules": [{ "from": [{ "source": { "principals": ["cluster.local/ns/shop/sa/a"] } }] }] })),
            3 => istio("AuthorizationPolicy", json!({ "action": if is_open { "ALLOW" } else { "DENY" }, "rules": [{ "to": [{ "operation": { "ports": ["80"] } }] }] })),
            4 => istio("PeerAuthentication", json!({ "mtls": { "mode": if is_open { "PERMISSIVE" } else { "STRICT" } } })),
            5 => of("networking.istio.io/v1", "Sidecar", json!({ "workloadSelector": { "labels": own }, "egress": [{ "hosts": ["./*"] }],
                "outboundTrafficPolicy": { "mode": if is_open { "ALLOW_ANY" } else { "REGISTRY_ONLY" } } })),
            6 => of("vpcresources.k8s.aws/v1beta1", "SecurityGroupPolicy", json!({ "podSelector": { "matchLabels": own },
                "securityGroups": { "groupIds": ["sg-0a1b2c3d"] } })),
            _ => of("v1", "Service", json!({ "selector": own, "ports": [{ "port": 80 }] })),
        }
    })
}

/// Objects with distinct names, in namespaces of which each is in the mesh in another way or not at all.
fn cluster(objects: Vec<Value>, modes: [usize; 2]) -> Vec<Value> {
    let namespace = |name: &str, mode: usize| {
        let labels =
            [json!({}), json!({ "istio-injection": "enabled" }), json!({ "istio.io/dataplane-mode": "ambient" })];
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": labels[mode] } })
    };
    let mut all = vec![namespace("shop", modes[0]), namespace("data", modes[1])];
    all.extend([
        pod("a", "shop"),
        pod("b", "shop"),
        pod("c", "shop"),
        pod("a", "data"),
        pod("b", "data"),
        pod("d", "data"),
    ]);
    for (at, mut object) in objects.into_iter().enumerate() {
        object["metadata"]["name"] = format!("x{at}").into();
        all.push(object);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_verdict_equals_that_of_the_complete_answer_under_any_policies(
        policies in policies(),
        managed in subsequence(vec!["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "arn:aws:iam::aws:policy/AmazonSQSFullAccess",
            "arn:aws:iam::111122223333:policy/other"], 0..2),
        bounds in proptest::collection::vec(statement(false), 0..2),
        is_tagged in any::<bool>(),
    ) {
        let world = world(vec![template(policies, &managed, &bounds, is_tagged), pod("a", "shop"), pod("b", "shop")]);
        let counts = compare(&world, 1);
        prop_assert!(counts.is_ok(), "{}", counts.unwrap_err());
    }

    #[test]
    fn all_pairs_at_once_equal_single_answers_in_any_cluster(
        objects in proptest::collection::vec(object(), 0..6),
        modes in [0_usize..3, 0_usize..3],
        has_nodes in any::<bool>(),
    ) {
        let mut documents = cluster(objects, modes);
        if has_nodes {
            documents.push(template(Default::default(), &[], &[], false));
        }
        let world = world(documents);
        let engine = Engine::new(&world);
        let members = engine.policies(0).members().to_vec();
        let mut single = Vec::new();
        for to in &members {
            for from in members.iter().filter(|from| *from != to) {
                for port in engine.ports(*to) {
                    let (source, target) = (Source::Workload(*from), Target::Workload(*to, Some(port)));
                    let verdict = engine.ask(&source, &target).verdict;
                    prop_assert_eq!(engine.verdict(&source, &target), verdict);
                    if verdict != Verdict::Denied {
                        single.push((*from, *to, port, verdict));
                    }
                }
            }
        }
        let pairs: Vec<_> = engine.pairs(0).into_iter().map(|it| (it.from, it.to, it.port, it.verdict)).collect();
        prop_assert_eq!(pairs, single);
    }
}
