//! Tests the access paths in an approval: opened and closed paths.

use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::kube::{self, Object, Worker};
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::stop::Stop;
use meshsynth_deploy::watch::Answer;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::fake::Fake;
use crate::kubernetes::{deploy as deploy_objects, deploy_as, named};
use crate::platform::{Notes, TOKYO, deploy_with, platform, settings};

/// Returns a database with a public address. Its security group allows one CIDR block.
fn database(cidr: &str) -> Value {
    let rule = json!({ "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": cidr });
    json!({ "Resources": {
        "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "GroupDescription": "g", "VpcId": "vpc-1",
            "SecurityGroupIngress": [rule] } },
        "Db": { "Type": "AWS::RDS::DBInstance", "DeletionPolicy": "Retain", "Properties": { "Engine": "postgres",
            "PubliclyAccessible": true, "VPCSecurityGroups": [{ "Fn::GetAtt": ["Group", "GroupId"] }] } },
        "Other": { "Type": "AWS::SNS::Topic", "Properties": {} },
    } })
}

#[tokio::test(start_paused = true)]
async fn shows_stack_access_paths_with_deciding_rules() {
    let with = |cidr: &str| {
        let mut assembly = platform(&[("data", TOKYO, &[], &[])]);
        assembly.files.insert("data.template.json".to_owned(), database(cidr).to_string());
        assembly
    };
    let fake = Fake::new(1);
    assert!(deploy_with(&fake, &with("10.0.0.0/8"), &settings("run1"), &Notes::default()).await.is_fine());
    let notes = Notes::default();
    notes.answer.set(Answer::Yes);
    let asking = Settings { approval: Approval::Access, ..settings("run2") };
    assert!(deploy_with(&fake, &with("0.0.0.0/0"), &asking, &notes).await.is_fine());
    let asked = notes.asked.borrow().clone();
    assert_eq!(asked[0].why.to_string(), "opens 1 new connection (1 public)");
    let lines: Vec<String> = asked[0].judgement.ways.iter().flat_map(|it| it.lines()).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    + opened           cannot be decided from the files: the internet may now reach `data/Db:5432` [PUBLIC]
                       route unknown: the subnets are not in the files (data.template.json)
                       security group allowed: EC2::SecurityGroup data/Group SecurityGroupIngress[0] (data.template.json)
                       before: security group denied: EC2::SecurityGroup data/Group SecurityGroupIngress (data.template.json)
                       policy: port 5432 of `Group` opens to `0.0.0.0/0`
    ");
    assert!(asked[0].judgement.access.is_empty(), "told twice: {:#?}", asked[0].judgement.access);
    // A closed path is reported, but needs no approval.
    let notes = Notes::default();
    let asking = Settings { approval: Approval::Access, ..settings("run3") };
    assert!(deploy_with(&fake, &with("10.0.0.0/8"), &asking, &notes).await.is_fine());
    assert!(notes.asked.borrow().is_empty());
}

fn with_spec(wave: &str, version: &str, kind: &str, name: &str, spec: Value) -> Object {
    let mut object = named(wave, version, kind, name);
    object.body["spec"] = spec;
    object
}

/// Returns two services, and a NetworkPolicy of the second that allows pods with a label.
fn services(admitted: &str) -> Vec<Object> {
    let service = |name: &str| {
        let containers = json!([{ "name": "c", "image": "i:1", "ports": [{ "containerPort": 80 }] }]);
        let spec = json!({ "replicas": 1, "selector": { "matchLabels": { "app": name } },
            "template": { "metadata": { "labels": { "app": name } }, "spec": { "containers": containers } } });
        with_spec("40-workloads", "apps/v1", "Deployment", name, spec)
    };
    let from = json!([{ "from": [{ "podSelector": { "matchLabels": { "app": admitted } } }] }]);
    let spec =
        json!({ "podSelector": { "matchLabels": { "app": "db" } }, "policyTypes": ["Ingress"], "ingress": from });
    vec![
        named("00-namespaces", "v1", "Namespace", "shop"),
        with_spec("30-configuration", "networking.k8s.io/v1", "NetworkPolicy", "db", spec),
        service("db"),
        service("web"),
    ]
}

#[tokio::test(start_paused = true)]
async fn requires_approval_for_new_path_between_pods() {
    let cluster = Cluster::default();
    deploy_objects(&cluster, &services("nobody")).await.unwrap();
    let notes = Notes::default();
    notes.answer.set(Answer::Yes);
    deploy_as(&cluster, &services("web"), &kube::Settings::default(), Approval::Access, &notes).await.unwrap();
    let asked = notes.asked.borrow();
    assert!(asked[0].why.to_string().starts_with("opens 1 new connection"), "{}", asked[0].why);
    let lines: Vec<String> = asked[0].judgement.ways.iter().flat_map(|it| it.lines()).collect();
    assert!(lines[0].contains("`shop/web`") && lines[0].contains("`shop/db:80`"), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("NetworkPolicy shop/db spec.ingress[0]")), "{lines:#?}");
}

#[tokio::test(start_paused = true)]
async fn maps_physical_role_to_the_role_of_the_platform() {
    let mut assembly = platform(&[("data", TOKYO, &[], &[])]);
    let role = json!({ "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": { "Statement": [] } } });
    let template =
        json!({ "Resources": { "Role": role }, "Outputs": { "Arn": { "Value": { "Fn::GetAtt": ["Role", "Arn"] } } } });
    assembly.files.insert("data.template.json".to_owned(), template.to_string());
    let binding = json!({ "${data/Role.Arn}": { "stack": "data", "output": "Arn" } });
    assembly.bindings = serde_json::from_value(binding).unwrap();
    let cluster =
        json!({ "id": "run", "name": "shop-run", "region": TOKYO, "needs": ["data"], "objects": [], "releases": [] });
    assembly.manifest.clusters.push(serde_json::from_value(cluster).unwrap());
    let physical = "arn:aws:iam::111122223333:role/shop-data-Role-1A2B3C";
    let values = [("${data/Role.Arn}".to_owned(), physical.to_owned())].into();
    let objects = |arn: Option<&str>| {
        let mut account = named("30-configuration", "v1", "ServiceAccount", "orders");
        if let Some(arn) = arn {
            account.body["metadata"]["annotations"] = json!({ "eks.amazonaws.com/role-arn": arn });
        }
        vec![named("00-namespaces", "v1", "Namespace", "shop"), account]
    };
    // A user removed the annotation, and the deployment repairs it.
    for (is_known, n_asked) in [(false, 1), (true, 0)] {
        let (cluster, notes, stop, settings) =
            (Cluster::default(), Notes::default(), Stop::default(), kube::Settings::default());
        deploy_objects(&cluster, &objects(None)).await.unwrap();
        let worker =
            Worker::new(&cluster, "run", "shop", &settings, &notes, &stop).asking(Approval::Access).within(&assembly);
        let worker = if is_known { worker.knowing(&values) } else { worker };
        worker.deploy(&objects(Some(physical)), async || Ok(())).await.unwrap();
        assert_eq!(notes.asked.borrow().len(), n_asked, "{:?}", notes.asked.borrow());
    }
}
