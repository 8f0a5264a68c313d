//! Tests approvals: one type of change at a time, with each value of `--require-approval`, with and without a terminal.
//! The table in `docs/deploy.md` is generated from it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use meshsynth_deploy::approval::{Approval, Why};
use meshsynth_deploy::assembly::Assembly;
use meshsynth_deploy::kube::{self, Object};
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::watch::Answer;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::fake::Fake;
use crate::kubernetes::{deploy as deploy_objects, deploy_as, named};
use crate::platform::{Notes, TOKYO, deploy_with, failure, platform, settings};

/// A change of the resources in a stack.
struct Case {
    what: &'static str,
    before: Value,
    after: Value,
}

fn case(what: &'static str, before: Value, after: Value) -> Case {
    Case { what, before, after }
}

/// Changes the properties of one resource.
fn one(what: &'static str, kind: &str, before: Value, after: Value) -> Case {
    let of = |properties: Value| json!({ "It": { "Type": kind, "Properties": properties } });
    case(what, of(before), of(after))
}

/// Removes one resource from the program.
fn gone(what: &'static str, kind: &str, policy: Option<&str>) -> Case {
    let mut resource = json!({ "Type": kind, "Properties": {} });
    if let Some(policy) = policy {
        resource["DeletionPolicy"] = policy.into();
    }
    case(what, json!({ "It": resource }), json!({}))
}

fn statement(effect: &str, who: Value, action: &str) -> Value {
    json!({ "Statement": [{ "Effect": effect, "Principal": who, "Action": action, "Resource": "*" }] })
}

fn cases() -> Vec<Case> {
    let own = || json!({ "AWS": "arn:aws:iam::111122223333:root" });
    let role = |action: &str| {
        json!({ "RoleName": "r", "PolicyName": "p", "PolicyDocument":
            { "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }] } })
    };
    let blocked = json!({ "BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true });
    let group = |cidr: &str| {
        json!({ "GroupDescription": "g", "SecurityGroupIngress":
            [{ "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": cidr }] })
    };
    vec![
        gone("a database leaves the program", "AWS::RDS::DBInstance", Some("Delete")),
        gone("a database leaves the program, by its policy with a snapshot", "AWS::RDS::DBInstance", Some("Snapshot")),
        gone("a database leaves the program, and is retained", "AWS::RDS::DBInstance", Some("Retain")),
        gone("a bucket leaves the program", "AWS::S3::Bucket", None),
        gone("a table leaves the program", "AWS::DynamoDB::Table", None),
        one("a database is replaced", "AWS::RDS::DBInstance", json!({ "DBName": "a" }), json!({ "DBName": "b" })),
        one(
            "log events expire earlier",
            "AWS::Logs::LogGroup",
            json!({ "RetentionInDays": 30 }),
            json!({ "RetentionInDays": 1 }),
        ),
        case(
            "a bucket is no longer retained",
            json!({ "It": { "Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain" } }),
            json!({ "It": { "Type": "AWS::S3::Bucket", "DeletionPolicy": "Delete", "Properties": { "Tags": [] } } }),
        ),
        one("a role gets every permission", "AWS::IAM::RolePolicy", role("s3:GetObject"), role("*")),
        one(
            "a role can be assumed from another account",
            "AWS::IAM::Role",
            json!({ "AssumeRolePolicyDocument": statement("Allow", own(), "sts:AssumeRole") }),
            json!({ "AssumeRolePolicyDocument":
                statement("Allow", json!({ "AWS": "arn:aws:iam::444455556666:root" }), "sts:AssumeRole") }),
        ),
        one(
            "a role gets a managed policy",
            "AWS::IAM::Role",
            json!({ "AssumeRolePolicyDocument": statement("Allow", own(), "sts:AssumeRole") }),
            json!({ "AssumeRolePolicyDocument": statement("Allow", own(), "sts:AssumeRole"),
                "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"] }),
        ),
        one(
            "a key is opened to everybody",
            "AWS::KMS::Key",
            json!({ "KeyPolicy": statement("Allow", own(), "kms:*") }),
            json!({ "KeyPolicy": statement("Allow", json!("*"), "kms:*") }),
        ),
        one(
            "a repository is opened to everybody",
            "AWS::ECR::Repository",
            json!({ "RepositoryPolicyText": statement("Allow", own(), "ecr:BatchGetImage") }),
            json!({ "RepositoryPolicyText": statement("Allow", json!("*"), "ecr:BatchGetImage") }),
        ),
        one(
            "a bucket no longer blocks public access",
            "AWS::S3::Bucket",
            json!({ "PublicAccessBlockConfiguration": blocked }),
            json!({ "PublicAccessBlockConfiguration":
                { "BlockPublicAcls": false, "BlockPublicPolicy": false, "IgnorePublicAcls": false, "RestrictPublicBuckets": false } }),
        ),
        one(
            "a database gets a public address",
            "AWS::RDS::DBInstance",
            json!({ "PubliclyAccessible": false }),
            json!({ "PubliclyAccessible": true }),
        ),
        one(
            "an endpoint is opened to every request",
            "AWS::EC2::VPCEndpoint",
            json!({ "ServiceName": "s3", "VpcId": "vpc-1", "PolicyDocument": statement("Allow", own(), "s3:GetObject") }),
            json!({ "ServiceName": "s3", "VpcId": "vpc-1", "PolicyDocument": statement("Allow", json!("*"), "*") }),
        ),
        one(
            "the address of a function is opened to everybody",
            "AWS::Lambda::Url",
            json!({ "TargetFunctionArn": "f", "AuthType": "AWS_IAM" }),
            json!({ "TargetFunctionArn": "f", "AuthType": "NONE" }),
        ),
        one(
            "a security group is opened to everybody",
            "AWS::EC2::SecurityGroup",
            group("10.0.0.0/8"),
            group("0.0.0.0/0"),
        ),
        one("a security group is narrowed", "AWS::EC2::SecurityGroup", group("10.0.0.0/8"), group("10.1.0.0/16")),
        one("a role loses permissions", "AWS::IAM::RolePolicy", role("s3:*"), role("s3:GetObject")),
        one("a queue waits longer", "AWS::SQS::Queue", json!({ "DelaySeconds": 1 }), json!({ "DelaySeconds": 2 })),
    ]
}

/// Returns a platform of one stack with these resources. The manifest does not contain removed resources.
fn of(resources: &Value) -> Assembly {
    let mut assembly = platform(&[("data", TOKYO, &[], &[])]);
    let mut all = resources.clone();
    all["Other"] = json!({ "Type": "AWS::SNS::Topic", "Properties": {} });
    assembly.files.insert("data.template.json".to_owned(), json!({ "Resources": all }).to_string());
    assembly
}

async fn asked(case: &Case, approval: Approval, answer: Answer) -> Option<String> {
    let fake = Fake::new(1);
    let notes = Notes::default();
    assert!(deploy_with(&fake, &of(&case.before), &settings("run1"), &notes).await.is_fine(), "{}", case.what);
    let before = fake.world.borrow().stacks.values().next().unwrap().template.clone();
    let notes = Notes::default();
    notes.answer.set(answer);
    let asking = Settings { approval, ..settings("run2") };
    let report = deploy_with(&fake, &of(&case.after), &asking, &notes).await;
    let is_as_before = fake.world.borrow().stacks.values().next().unwrap().template == before;
    let asked = notes.asked.borrow().first().map(|question| short(&question.why));
    match (&asked, answer) {
        (Some(_), Answer::No | Answer::Nobody) => {
            assert!(is_as_before && !report.is_fine(), "{}: {report:#?}", case.what);
            let words = if answer == Answer::No { "were not approved" } else { "stdin or stderr is not a terminal" };
            assert!(failure(&report).contains(words), "{}", failure(&report));
        }
        _ => assert!(report.is_fine() && !is_as_before, "{}: {report:#?}", case.what),
    }
    asked
}

const LEVELS: [Approval; 4] = [Approval::Never, Approval::DataLoss, Approval::Access, Approval::Always];

/// Returns changes of a cluster: the old and the new object, or `None` if the object does not exist.
fn object_cases() -> Vec<(&'static str, Option<Object>, Option<Object>)> {
    let of = |kind: &str, version: &str, fields: Value| {
        let mut it = named("30-configuration", version, kind, "it");
        it.body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        Some(it)
    };
    let policy =
        |callers: Value| of("AuthorizationPolicy", "security.istio.io/v1", json!({ "spec": { "rules": callers } }));
    let from = |who: &str| json!([{ "from": [{ "source": { "principals": [who] } }] }]);
    let network = |cidr: &str| {
        of(
            "NetworkPolicy",
            "networking.k8s.io/v1",
            json!({ "spec": { "podSelector": {}, "policyTypes": ["Ingress"],
            "ingress": [{ "from": [{ "ipBlock": { "cidr": cidr } }] }] } }),
        )
    };
    let bound = |group: &str| {
        of(
            "RoleBinding",
            "rbac.authorization.k8s.io/v1",
            json!({
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit" },
            "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group }] }),
        )
    };
    vec![
        ("a volume claim leaves the program", of("PersistentVolumeClaim", "v1", json!({})), None),
        (
            "an authorization policy is opened to every caller",
            policy(from("cluster.local/ns/shop/sa/a")),
            policy(json!([{}])),
        ),
        (
            "an authorization policy leaves out a caller",
            policy(json!([{}])),
            policy(from("cluster.local/ns/shop/sa/a")),
        ),
        ("a network policy is opened to everybody", network("10.0.0.0/8"), network("0.0.0.0/0")),
        ("a role is bound to every user", bound("ops"), bound("system:authenticated")),
        (
            "a configuration changes",
            of("ConfigMap", "v1", json!({ "data": { "A": "1" } })),
            of("ConfigMap", "v1", json!({ "data": { "A": "2" } })),
        ),
    ]
}

/// Returns the reasons without the names of the resources.
fn short(why: &Why) -> String {
    Why { at_risk: Vec::new(), deleted: Vec::new(), ..why.clone() }.to_string()
}

async fn asked_of_objects(
    (what, before, after): &(&'static str, Option<Object>, Option<Object>),
    approval: Approval,
    answer: Answer,
) -> Option<String> {
    let cluster = Cluster::default();
    let with = |object: &Option<Object>| {
        let base =
            [named("00-namespaces", "v1", "Namespace", "shop"), named("30-configuration", "v1", "ConfigMap", "other")];
        base.into_iter().chain(object.clone()).collect::<Vec<_>>()
    };
    deploy_objects(&cluster, &with(before)).await.unwrap();
    let is_same =
        |one: &Value, other: &Value| one["metadata"]["resourceVersion"] == other["metadata"]["resourceVersion"];
    let old = cluster.objects.borrow().clone();
    let notes = Notes::default();
    notes.answer.set(answer);
    let result = deploy_as(&cluster, &with(after), &kube::Settings::default(), approval, &notes).await;
    let asked = notes.asked.borrow().first().map(|question| short(&question.why));
    let is_as_before = old.len() == cluster.objects.borrow().len()
        && cluster.objects.borrow().iter().all(|(path, it)| old.get(path).is_some_and(|old| is_same(old, it)));
    match (&asked, answer) {
        (Some(_), Answer::No | Answer::Nobody) => {
            let text = result.unwrap_err().to_string();
            let words = if answer == Answer::No { "were not approved" } else { "stdin or stderr is not a terminal" };
            assert!(is_as_before && text.contains(words), "{what}: {text}");
        }
        _ => assert!(result.is_ok() && !is_as_before, "{what}: {result:?}"),
    }
    asked
}

#[tokio::test(start_paused = true)]
async fn deployed_state_decides_required_approvals() {
    let mut table =
        "| change | `never` | `data-loss` | `access` (default) | `always` |\n|---|---|---|---|---|\n".to_owned();
    for case in cases() {
        let mut cells = Vec::new();
        for level in LEVELS {
            let mut answers = Vec::new();
            for answer in [Answer::Yes, Answer::No, Answer::Nobody] {
                answers.push(asked(&case, level, answer).await);
            }
            assert!(answers.iter().all(|other| *other == answers[0]), "{}: {answers:?}", case.what);
            cells.push(answers[0].clone().unwrap_or_else(|| "–".to_owned()));
        }
        let _ = writeln!(table, "| {} | {} |", case.what, cells.join(" | "));
    }
    for case in object_cases() {
        let mut cells = Vec::new();
        for level in LEVELS {
            let mut answers = Vec::new();
            for answer in [Answer::Yes, Answer::No, Answer::Nobody] {
                answers.push(asked_of_objects(&case, level, answer).await);
            }
            assert!(answers.iter().all(|other| *other == answers[0]), "{}: {answers:?}", case.0);
            cells.push(answers[0].clone().unwrap_or_else(|| "–".to_owned()));
        }
        let _ = writeln!(table, "| {} | {} |", case.0, cells.join(" | "));
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/deploy.md");
    let text = fs::read_to_string(&page).unwrap();
    let (begin, end) = ("<!-- table: approval -->\n", "<!-- /table -->");
    let (head, rest) = text.split_once(begin).expect("the page has a place for the table");
    let (shown, tail) = rest.split_once(end).expect("the place has an end");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&page, format!("{head}{begin}{table}{end}{tail}")).unwrap();
    } else {
        assert_eq!(shown, table, "UPDATE_DOCS=1 cargo test writes it");
    }
}
