//! Properties for arbitrary files: queries never panic, opening changes never close a path, and closing changes never
//! open one.

use std::fs;

use meshsynth_reach::world::Files;
use meshsynth_reach::{Engine, Port, Source, Target, Verdict, World, survey};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Returns a template and objects that contain most of the supported features.
fn documents() -> Vec<Value> {
    let group = |rules: Value| json!({ "Type": "AWS::EC2::SecurityGroup", "Properties": { "GroupDescription": "x", "SecurityGroupIngress": rules } });
    let template = json!({
        "Parameters": { "Block": { "Type": "String", "Default": "10.0.0.0/16" } },
        "Conditions": { "Yes": { "Fn::Equals": ["a", "a"] } },
        "Resources": {
            "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": { "Ref": "Block" } } },
            "Subnet": { "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": { "Ref": "Vpc" }, "CidrBlock": "10.0.0.0/24" } },
            "Table": { "Type": "AWS::EC2::RouteTable", "Properties": { "VpcId": { "Ref": "Vpc" } } },
            "Of": { "Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": { "SubnetId": { "Ref": "Subnet" }, "RouteTableId": { "Ref": "Table" } } },
            "Route": { "Type": "AWS::EC2::Route", "Properties": { "RouteTableId": { "Ref": "Table" }, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": { "Ref": "Gateway" } } },
            "Gateway": { "Type": "AWS::EC2::InternetGateway", "Properties": {} },
            "Acl": { "Type": "AWS::EC2::NetworkAcl", "Properties": { "VpcId": { "Ref": "Vpc" } } },
            "In": { "Type": "AWS::EC2::NetworkAclEntry", "Properties": { "NetworkAclId": { "Ref": "Acl" }, "RuleNumber": 1, "Protocol": 6, "RuleAction": "allow", "CidrBlock": "0.0.0.0/0", "PortRange": { "From": 0, "To": 65535 } } },
            "Web": group(json!([{ "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "10.0.0.0/16" }])),
            "Cluster": { "Type": "AWS::EKS::Cluster", "Properties": { "Name": "c", "ResourcesVpcConfig": { "SubnetIds": [{ "Ref": "Subnet" }] } } },
            "Nodes": { "Type": "AWS::EKS::Nodegroup", "Properties": { "ClusterName": { "Ref": "Cluster" }, "Subnets": [{ "Ref": "Subnet" }], "NodeRole": { "Fn::GetAtt": ["Role", "Arn"] } } },
            "Subnets": { "Type": "AWS::RDS::DBSubnetGroup", "Properties": { "SubnetIds": [{ "Ref": "Subnet" }] } },
            "Db": { "Type": "AWS::RDS::DBInstance", "Condition": "Yes", "Properties": { "Engine": "postgres", "DBSubnetGroupName": { "Ref": "Subnets" },
                "VPCSecurityGroups": [{ "Fn::If": ["Yes", { "Fn::GetAtt": ["Web", "GroupId"] }, { "Ref": "AWS::NoValue" }] }], "EnableIAMDatabaseAuthentication": true } },
            "Bucket": { "Type": "AWS::S3::Bucket", "Properties": {} },
            "Role": { "Type": "AWS::IAM::Role", "Properties": {
                "AssumeRolePolicyDocument": { "Statement": [{ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }] },
                "Policies": [{ "PolicyName": "p", "PolicyDocument": { "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": { "Fn::Sub": "${Bucket.Arn}/*" } }] } }] } }
        }
    });
    let pod = |name: &str| {
        json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": "shop", "labels": { "app": name } },
        "spec": { "serviceAccountName": name, "containers": [{ "name": "c", "ports": [{ "containerPort": 80, "hostPort": 8080 }] }] } })
    };
    let service = |name: &str, kind: &str| {
        json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": name, "namespace": "shop" },
        "spec": { "type": kind, "selector": { "app": name }, "ports": [{ "port": 80, "nodePort": 30080, "name": "http" }] } })
    };
    let istio = |kind: &str, spec: Value| json!({ "apiVersion": "security.istio.io/v1", "kind": kind, "metadata": { "name": "x", "namespace": "shop" }, "spec": spec });
    vec![
        template,
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop", "labels": { "istio-injection": "enabled" } } }),
        pod("a"),
        pod("b"),
        service("a", "LoadBalancer"),
        service("b", "NodePort"),
        json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "name": "b", "namespace": "shop" }, "spec": {
            "podSelector": { "matchLabels": { "app": "b" } }, "policyTypes": ["Ingress", "Egress"],
            "ingress": [{ "from": [{ "podSelector": { "matchLabels": { "app": "a" } } }, { "ipBlock": { "cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"] } }],
                "ports": [{ "port": "http" }, { "port": 80, "endPort": 90 }] }], "egress": [{}] } }),
        istio("PeerAuthentication", json!({ "mtls": { "mode": "STRICT" } })),
        istio(
            "AuthorizationPolicy",
            json!({ "selector": { "matchLabels": { "app": "b" } }, "rules": [
            { "from": [{ "source": { "principals": ["cluster.local/ns/shop/sa/a"] } }], "to": [{ "operation": { "ports": ["80"] } }] }] }),
        ),
        json!({ "apiVersion": "networking.istio.io/v1", "kind": "Sidecar", "metadata": { "name": "x", "namespace": "shop" }, "spec": { "egress": [{ "hosts": ["./*"] }] } }),
        json!({ "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": { "name": "b", "namespace": "shop", "annotations": {
            "alb.ingress.kubernetes.io/scheme": "internet-facing" } }, "spec": { "ingressClassName": "alb",
            "rules": [{ "http": { "paths": [{ "backend": { "service": { "name": "b", "port": { "number": 80 } } } }] } }] } }),
    ]
}

fn files(documents: Vec<Value>) -> Files {
    let mut files = Files::default();
    for (at, document) in documents.into_iter().enumerate() {
        files.documents.insert(format!("{at}.json"), vec![(1, document)]);
    }
    files
}

/// Returns the verdicts of all pairs of sources and targets.
fn answers(documents: Vec<Value>) -> Vec<(String, String, Verdict)> {
    let world = World::of(&files(documents));
    let engine = Engine::new(&world);
    let mut sources = survey::sources(&world);
    sources.push(Source::Addresses("10.0.0.0/24".to_owned()));
    sources.extend(world.of_type("AWS::EKS::Nodegroup").iter().map(|id| Source::Resource(*id)));
    let mut targets = survey::targets(&engine);
    targets.push(Target::Address([198, 51, 100, 7].into(), Port::tcp(443)));
    let mut found = Vec::new();
    for source in &sources {
        for target in &targets {
            let answer = engine.ask(source, target);
            found.push((answer.from, answer.to, answer.verdict));
        }
    }
    found
}

/// Generates a replacement value.
fn leaf() -> impl Strategy<Value = Value> {
    let words =
        ["", "*", "0.0.0.0/0", "::/0", "10.0.0.0/33", "999999", "-1", "tcp", "${", "${?x}", "${a/B}", "a.b", "shop"];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(json!(1e300)),
        proptest::sample::select(words.to_vec()).prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[], {}, null])),
        Just(json!({ "Ref": "Vpc" })),
        Just(json!({ "Fn::GetAtt": "Vpc" })),
        Just(json!({ "Fn::Select": [7, []] })),
        Just(json!({ "Fn::Split": [] })),
        Just(json!({ "Fn::Sub": ["${A}${!B}${", { "A": { "Fn::Sub": "${A}" } }] })),
        Just(json!({ "Fn::ForEach::Loop": ["X", ["a"], { "R${X}": { "Type": "AWS::EC2::VPC" } }] })),
    ]
}

/// Replaces one part of a value, selected by a path of numbers.
fn replace(value: &mut Value, path: &[usize], by: Value) {
    let Some((at, rest)) = path.split_first() else {
        *value = by;
        return;
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            let len = items.len();
            replace(&mut items[at % len], rest, by);
        }
        Value::Object(map) if !map.is_empty() => {
            let len = map.len();
            if let Some((_, inner)) = map.iter_mut().nth(at % len) {
                replace(inner, rest, by);
            }
        }
        other => *other = by,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn queries_never_panic(changes in proptest::collection::vec((any::<usize>(), proptest::collection::vec(any::<usize>(), 1..9), leaf()), 1..5)) {
        let mut documents = documents();
        for (at, path, by) in changes {
            let len = documents.len();
            replace(&mut documents[at % len], &path, by);
        }
        answers(documents);
    }

    #[test]
    fn opening_changes_never_close_paths(port in 1_u16..9000, kind in 0_usize..4) {
        let mut documents = documents();
        let before = answers(documents.clone());
        let list = match kind {
            0 => &mut documents[6]["spec"]["ingress"],
            1 => &mut documents[8]["spec"]["rules"],
            2 => &mut documents[0]["Resources"]["Web"]["Properties"]["SecurityGroupIngress"],
            _ => &mut documents[0]["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"],
        };
        let item = match kind {
            0 => json!({ "ports": [{ "port": port }] }),
            1 => json!({ "to": [{ "operation": { "ports": [port.to_string()] } }] }),
            2 => json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": 9000, "CidrIp": "0.0.0.0/0" }),
            _ => json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }),
        };
        if let Some(items) = list.as_array_mut() {
            items.push(item);
        }
        for (a, b) in before.iter().zip(answers(documents)) {
            prop_assert!(b.2 <= a.2, "{a:?} {b:?}");
        }
    }

    #[test]
    fn closing_changes_never_open_paths(port in 1_u16..9000, kind in 0_usize..4) {
        let mut documents = documents();
        let before = answers(documents.clone());
        let istio = |spec: Value| json!({ "apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
            "metadata": { "name": "deny", "namespace": "shop" }, "spec": spec });
        match kind {
            0 => documents.push(istio(json!({ "action": "DENY", "rules": [{ "to": [{ "operation": { "ports": [port.to_string()] } }] }] }))),
            1 => documents.push(istio(json!({}))),
            2 => {
                let statement = json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "*" });
                let list = &mut documents[0]["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
                list.as_array_mut().into_iter().for_each(|it| it.push(statement.clone()));
            }
            _ => documents[0]["Resources"]["Entry"] = json!({ "Type": "AWS::EC2::SubnetNetworkAclAssociation", "Properties": {
                "SubnetId": { "Ref": "Subnet" }, "NetworkAclId": { "Ref": "Acl" } } }),
        }
        for (a, b) in before.iter().zip(answers(documents)) {
            prop_assert!(b.2 >= a.2, "{a:?} {b:?}");
        }
    }
}

#[test]
fn reads_arbitrary_folders_and_reports_unreadable_parts() {
    let folder = std::env::temp_dir().join(format!("meshsynth-reach-{}", std::process::id()));
    fs::create_dir_all(folder.join("deep")).expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file");
    write("broken.yaml", "a: [\n");
    write("tabs.yaml", "kind: Pod\n\tmetadata: x\n");
    write("many.yaml", "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n---\n:::\n---\n- 1\n- two\n");
    write("deep/empty.yaml", "");
    write("binary.json", "\u{0}\u{1}");
    write("short.yaml", "Resources:\n  A:\n    Type: AWS::EC2::VPC\n    Properties:\n      CidrBlock: !Sub '${B}'\n");
    let each = json!({ "Resources": { "Fn::ForEach::Loop": ["X", ["a"], { "R${X}": { "Type": "AWS::EC2::VPC" } }],
        "Vpc": { "Type": "AWS::EC2::VPC" } } });
    write("each.json", &each.to_string());
    // Conditions and exports that refer to each other twice expand exponentially if each reference is followed.
    let both = |other: &str| json!({ "Fn::And": [{ "Condition": other }, { "Condition": other }] });
    let import =
        |other: &str| json!({ "Fn::Join": ["", [{ "Fn::ImportValue": other }, { "Fn::ImportValue": other }]] });
    let circle = json!({ "Conditions": { "A": both("B"), "B": both("A") },
        "Resources": { "Vpc": { "Type": "AWS::EC2::VPC", "Condition": "A", "Properties": { "CidrBlock": import("a") } } },
        "Outputs": { "A": { "Value": import("b"), "Export": { "Name": "a" } }, "B": { "Value": import("a"), "Export": { "Name": "b" } } } });
    write("circle.json", &circle.to_string());
    #[cfg(unix)]
    std::os::unix::fs::symlink(&folder, folder.join("deep/again")).expect("a link");
    let world = World::read(&folder);
    fs::remove_dir_all(&folder).expect("the folder");
    let world = world.expect("a world");
    let says = |text: &str| world.unread.iter().any(|it| it.contains(text));
    for file in ["broken.yaml", "tabs.yaml", "binary.json", "Fn::ForEach::Loop"] {
        assert!(says(file), "{file} is not among {:?}", world.unread);
    }
    assert_eq!(world.workloads.len(), 1);
    assert_eq!(world.of_type("AWS::EC2::VPC").len(), 3, "{:?}", world.unread);
}
