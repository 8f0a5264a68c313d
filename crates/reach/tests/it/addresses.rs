//! Addresses as sources and targets, node ports, and pods selected by labels.

use meshsynth_reach::find::sources;
use meshsynth_reach::{Answer, Engine, Port, Protocol, Source, Target, Verdict, World};
use serde_json::{Value, json};

use crate::support::world;

/// Returns a template with a VPC and a public and a private subnet, and the resources in `more`.
fn network(more: Value) -> String {
    let mut template = json!({ "Resources": {
        "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } },
        "Gateway": { "Type": "AWS::EC2::InternetGateway", "Properties": {} },
        "Nat": { "Type": "AWS::EC2::NatGateway", "Properties": {} },
        "Public": { "Type": "AWS::EC2::Subnet", "Properties": {
            "VpcId": { "Ref": "Vpc" }, "CidrBlock": "10.0.0.0/24", "MapPublicIpOnLaunch": true, "AssignIpv6AddressOnCreation": true } },
        "Private": { "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": { "Ref": "Vpc" }, "CidrBlock": "10.0.1.0/24" } },
        "PublicTable": { "Type": "AWS::EC2::RouteTable", "Properties": { "VpcId": { "Ref": "Vpc" } } },
        "PrivateTable": { "Type": "AWS::EC2::RouteTable", "Properties": { "VpcId": { "Ref": "Vpc" } } },
        "PublicOf": { "Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {
            "SubnetId": { "Ref": "Public" }, "RouteTableId": { "Ref": "PublicTable" } } },
        "PrivateOf": { "Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {
            "SubnetId": { "Ref": "Private" }, "RouteTableId": { "Ref": "PrivateTable" } } },
        "Out": { "Type": "AWS::EC2::Route", "Properties": {
            "RouteTableId": { "Ref": "PublicTable" }, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": { "Ref": "Gateway" } } },
        "OutV6": { "Type": "AWS::EC2::Route", "Properties": {
            "RouteTableId": { "Ref": "PublicTable" }, "DestinationIpv6CidrBlock": "::/0", "GatewayId": { "Ref": "Gateway" } } },
        "Through": { "Type": "AWS::EC2::Route", "Properties": {
            "RouteTableId": { "Ref": "PrivateTable" }, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": { "Ref": "Nat" } } },
        "Web": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "GroupDescription": "web", "SecurityGroupIngress": [
            { "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "203.0.113.0/24" },
            { "IpProtocol": "tcp", "FromPort": 444, "ToPort": 444, "CidrIpv6": "2001:db8::/32" },
            { "IpProtocol": "tcp", "FromPort": 30080, "ToPort": 30080, "CidrIp": "10.0.1.7/32" } ] } },
        "Server": { "Type": "AWS::EC2::Instance", "Properties": {
            "SubnetId": { "Ref": "Public" }, "SecurityGroupIds": [{ "Ref": "Web" }], "PrivateIpAddress": "10.0.0.9" } },
        "Job": { "Type": "AWS::EC2::Instance", "Properties": {
            "SubnetId": { "Ref": "Private" }, "SecurityGroupIds": [{ "Ref": "Web" }], "PrivateIpAddress": "10.0.1.7" } }
    } });
    for (name, resource) in more.as_object().into_iter().flatten() {
        template["Resources"][name] = resource.clone();
    }
    template.to_string()
}

fn resource(world: &World, name: &str) -> meshsynth_reach::world::ResourceId {
    world.resources_called(name)[0]
}

fn why(answer: &Answer) -> String {
    answer.chain.iter().map(|it| format!("{:?} {} {}\n", it.layer, it.verdict.word(), it.why)).collect()
}

#[test]
fn addresses_reach_targets_that_admit_their_block() {
    let world = world(&[("net.json", &network(json!({})))]);
    let engine = Engine::new(&world);
    let ask = |block: &str, port: u16| {
        let target = Target::Resource(resource(&world, "Server"), Some(Port::tcp(port)));
        engine.ask(&Source::Addresses(block.to_owned()), &target)
    };
    for (block, port, verdict) in [
        ("203.0.113.7/32", 443, Verdict::Allowed),
        ("203.0.113.0/24", 443, Verdict::Allowed),
        ("203.0.0.0/16", 443, Verdict::Unknown),
        ("198.51.100.1/32", 443, Verdict::Denied),
        ("2001:db8:1::/48", 444, Verdict::Allowed),
        ("2001:db9::/48", 444, Verdict::Denied),
        ("192.168.3.0/24", 443, Verdict::Denied),
        ("not a block", 443, Verdict::Unknown),
    ] {
        let answer = ask(block, port);
        assert_eq!(answer.verdict, verdict, "{block}\n{}", why(&answer));
    }
}

#[test]
fn egress_requires_route_and_known_target() {
    let world = world(&[("net.json", &network(json!({})))]);
    let engine = Engine::new(&world);
    for (from, to, verdict) in [
        ("Server", "198.51.100.1", Verdict::Allowed),
        ("Job", "198.51.100.1", Verdict::Allowed),
        ("Job", "2001:db8::1", Verdict::Denied),
        ("Server", "2001:db8::1", Verdict::Allowed),
        ("Job", "192.168.0.1", Verdict::Denied),
        ("Job", "10.0.0.200", Verdict::Unknown),
    ] {
        let target = Target::Address(to.parse().unwrap(), Port::tcp(443));
        let answer = engine.ask(&Source::Resource(resource(&world, from)), &target);
        assert_eq!(answer.verdict, verdict, "{from} {to}\n{}", why(&answer));
    }
}

/// Returns a cluster with nodes in the public subnet, and a Service of type NodePort.
fn cluster() -> World {
    let template = network(json!({
        "Cluster": { "Type": "AWS::EKS::Cluster", "Properties": {
            "Name": "c", "ResourcesVpcConfig": { "SubnetIds": [{ "Ref": "Public" }] } } },
        "Template": { "Type": "AWS::EC2::LaunchTemplate", "Properties": { "LaunchTemplateData": { "SecurityGroupIds": [{ "Ref": "Web" }] } } },
        "Nodes": { "Type": "AWS::EKS::Nodegroup", "Properties": {
            "ClusterName": { "Ref": "Cluster" }, "Subnets": [{ "Ref": "Public" }], "LaunchTemplate": { "Id": { "Ref": "Template" } } } }
    }));
    world(&[("net.json", &template), ("pods.yaml", OBJECTS)])
}

const OBJECTS: &str = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n---\n\
        apiVersion: v1\nkind: Pod\nmetadata: { name: web, namespace: shop, labels: { app: web } }\n\
        spec: { containers: [{ name: c, ports: [{ containerPort: 80 }, { containerPort: 443, hostPort: 443 }] }] }\n---\n\
        apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: shop }\n\
        spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80, nodePort: 30080 }] }\n---\n\
        apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: web, namespace: shop }\n\
        spec: { podSelector: { matchLabels: { app: web } }, ingress: [{ from: [{ podSelector: { matchLabels: { tier: front } } }] }, \
        { from: [{ ipBlock: { cidr: 10.0.0.0/16 } }, { ipBlock: { cidr: 203.0.113.0/25 } }] }] }\n";

#[test]
fn node_ports_and_host_ports_are_entries() {
    let world = cluster();
    let engine = Engine::new(&world);
    let web = world.workloads_called("web")[0];
    let ask = |source: &Source, port: u16| engine.ask(source, &Target::Workload(web, Some(Port::tcp(port))));
    let by_node = ask(&Source::Resource(resource(&world, "Job")), 80);
    assert_eq!(by_node.verdict, Verdict::Allowed, "{}", why(&by_node));
    assert!(why(&by_node).contains("opens port 30080 on every node"), "{}", why(&by_node));
    // A host port keeps the client addresses, so policies can match them.
    for (block, verdict) in [("203.0.113.9/32", Verdict::Allowed), ("203.0.113.200/32", Verdict::Denied)] {
        let by_host = ask(&Source::Addresses(block.to_owned()), 443);
        assert_eq!(by_host.verdict, verdict, "{}", why(&by_host));
    }
    assert_eq!(ask(&Source::Internet, 443).verdict, Verdict::Denied);
}

#[test]
fn queries_pods_by_labels() {
    let world = world(&[("pods.yaml", OBJECTS)]);
    let engine = Engine::new(&world);
    let web = Target::Workload(world.workloads_called("web")[0], Some(Port::tcp(80)));
    let ask = |pods: &str| engine.ask(&sources(&world, pods).unwrap()[0], &web);
    assert_eq!(ask("pods:shop/tier=front").verdict, Verdict::Allowed);
    let other = ask("pods:shop/tier=back");
    // The second rule has a private block, which may contain the address of the pod.
    assert_eq!((other.verdict, other.from.as_str()), (Verdict::Unknown, "pods shop(tier=back)"), "{}", why(&other));
    let udp = Target::Workload(world.workloads_called("web")[0], Some(Port { protocol: Protocol::Udp, number: 80 }));
    assert_eq!(engine.ask(&sources(&world, "pods:shop/tier=back").unwrap()[0], &udp).verdict, Verdict::Unknown);
}

#[test]
fn proxy_rejects_addresses_outside_the_registry() {
    let namespace =
        "apiVersion: v1\nkind: Namespace\nmetadata: { name: default, labels: { istio-injection: enabled } }\n---\n";
    let mesh = "apiVersion: v1\nkind: Pod\nmetadata: { name: web, labels: { app: web } }\nspec: {}\n---\n\
        apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: { name: default }\n\
        spec: { egress: [{ hosts: [\"./*\"] }], outboundTrafficPolicy: { mode: REGISTRY_ONLY } }\n---\n\
        apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: { name: bank }\n\
        spec: { hosts: [bank.example], addresses: [198.51.100.0/24], ports: [{ number: 443, name: tls, protocol: TLS }] }\n";
    let ask = |text: &str, address: &str, port| {
        let world = world(&[("mesh.yaml", text)]);
        let web = Source::Workload(world.workloads_called("web")[0]);
        Engine::new(&world).ask(&web, &Target::Address(address.parse().unwrap(), Port::tcp(port))).verdict
    };
    let injected = format!("{namespace}{mesh}");
    assert_eq!(ask(&injected, "198.51.100.7", 443), Verdict::Allowed);
    assert_eq!(ask(&injected, "198.51.100.7", 80), Verdict::Denied);
    assert_eq!(ask(&injected, "203.0.113.7", 443), Verdict::Denied);
    // Without the namespace, the files do not specify whether the pod has a sidecar.
    assert_eq!(ask(mesh, "203.0.113.7", 443), Verdict::Unknown);
}

#[test]
fn acl_entries_with_the_same_action_together_cover_a_range() {
    let entry = |number: u16, block: &str, action: &str, egress: bool| {
        json!({ "Type": "AWS::EC2::NetworkAclEntry", "Properties": {
            "NetworkAclId": { "Ref": "List" }, "RuleNumber": number, "Protocol": "-1", "RuleAction": action,
            "CidrBlock": block, "Egress": egress } })
    };
    let template = network(json!({
        "List": { "Type": "AWS::EC2::NetworkAcl", "Properties": { "VpcId": { "Ref": "Vpc" } } },
        "ListOf": { "Type": "AWS::EC2::SubnetNetworkAclAssociation", "Properties": {
            "SubnetId": { "Ref": "Public" }, "NetworkAclId": { "Ref": "List" } } },
        "A": entry(1, "203.0.113.0/25", "allow", false),
        "B": entry(2, "203.0.113.0/24", "allow", false),
        "C": entry(3, "0.0.0.0/0", "allow", true)
    }));
    let world = world(&[("net.json", &template)]);
    let target = Target::Resource(resource(&world, "Server"), Some(Port::tcp(443)));
    let answer = Engine::new(&world).ask(&Source::Addresses("203.0.113.0/24".to_owned()), &target);
    assert_eq!(answer.verdict, Verdict::Allowed, "{}", why(&answer));
}

#[test]
fn pods_obtain_node_role_from_reachable_metadata() {
    let of = |options: Value, policy: &str| {
        let template = json!({ "Resources": {
            "Subnet": { "Type": "AWS::EC2::Subnet", "Properties": { "CidrBlock": "10.0.0.0/24" } },
            "Cluster": { "Type": "AWS::EKS::Cluster", "Properties": { "Name": "c", "ResourcesVpcConfig": { "SubnetIds": [{ "Ref": "Subnet" }] } } },
            "Template": { "Type": "AWS::EC2::LaunchTemplate", "Properties": { "LaunchTemplateData": { "MetadataOptions": options } } },
            "Nodes": { "Type": "AWS::EKS::Nodegroup", "Properties": { "ClusterName": { "Ref": "Cluster" }, "Subnets": [{ "Ref": "Subnet" }],
                "NodeRole": { "Fn::GetAtt": ["Role", "Arn"] }, "LaunchTemplate": { "Id": { "Ref": "Template" } } } },
            "Bucket": { "Type": "AWS::S3::Bucket", "Properties": {} },
            "Role": { "Type": "AWS::IAM::Role", "Properties": {
                "AssumeRolePolicyDocument": { "Statement": [{ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }] },
                "Policies": [{ "PolicyName": "p", "PolicyDocument": { "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] } }] } }
        } });
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: web, labels: { app: web } }\nspec: {}\n---\n";
        let world = world(&[("net.json", &template.to_string()), ("pods.yaml", &format!("{pod}{policy}"))]);
        let target = Target::Action("s3:GetObject".to_owned(), resource(&world, "Bucket"));
        let answer = Engine::new(&world).ask(&Source::Workload(world.workloads_called("web")[0]), &target);
        answer.verdict
    };
    let egress = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: web }\n\
                  spec: { podSelector: {}, policyTypes: [Egress], egress: [{ to: [{ ipBlock: { cidr: 0.0.0.0/0, except: [169.254.169.254/32] } }] }] }\n";
    assert_eq!(of(json!({ "HttpTokens": "required", "HttpPutResponseHopLimit": 2 }), ""), Verdict::Allowed);
    assert_eq!(of(json!({ "HttpTokens": "optional", "HttpPutResponseHopLimit": 1 }), ""), Verdict::Allowed);
    assert_eq!(of(json!({ "HttpTokens": "required", "HttpPutResponseHopLimit": 1 }), ""), Verdict::Denied);
    assert_eq!(of(json!({}), ""), Verdict::Unknown);
    assert_eq!(of(json!({ "HttpTokens": "optional" }), egress), Verdict::Denied);
}

#[test]
fn udp_ports_are_queried_by_number() {
    let world = world(&[("pods.yaml", OBJECTS)]);
    let found = meshsynth_reach::find::targets(&world, "web:53/udp", None).unwrap();
    let port = Port { protocol: Protocol::Udp, number: 53 };
    assert_eq!(found, [Target::Workload(world.workloads_called("web")[0], Some(port))]);
}
