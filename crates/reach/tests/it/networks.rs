//! The AWS network: open ports, IPv6, gateways by id, transit gateways, and interfaces without groups.

use meshsynth_reach::{Answer, Engine, Verdict, World, find};
use serde_json::{Value, json};

use crate::support::world;

/// Returns a world with an instance in a subnet with a route table. Null removes a property or a resource.
fn network(add: Value) -> World {
    let mut template = json!({ "Resources": {
        "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } },
        "Subnet": { "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": { "Ref": "Vpc" }, "CidrBlock": "10.0.0.0/24" } },
        "Gateway": { "Type": "AWS::EC2::InternetGateway" },
        "Table": { "Type": "AWS::EC2::RouteTable", "Properties": { "VpcId": { "Ref": "Vpc" } } },
        "Association": { "Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": { "SubnetId": { "Ref": "Subnet" }, "RouteTableId": { "Ref": "Table" } } },
        "Route": { "Type": "AWS::EC2::Route", "Properties": { "RouteTableId": { "Ref": "Table" }, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": { "Ref": "Gateway" } } },
        "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "VpcId": { "Ref": "Vpc" }, "GroupDescription": "x", "SecurityGroupIngress": [
            { "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0" },
        ] } },
        "Instance": { "Type": "AWS::EC2::Instance", "Properties": {
            "NetworkInterfaces": [{ "DeviceIndex": "0", "SubnetId": { "Ref": "Subnet" }, "AssociatePublicIpAddress": true, "GroupSet": [{ "Ref": "Group" }] }],
        } },
    } });
    merge(&mut template, add);
    world(&[("net.json", &template.to_string())])
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                if value.is_null() {
                    into.remove(&key);
                } else {
                    merge(into.entry(key).or_insert(Value::Null), value);
                }
            }
        }
        (into, from) => *into = from,
    }
}

fn ask(world: &World, from: &str, to: &str) -> Answer {
    let (source, target) = (find::sources(world, from).unwrap(), find::targets(world, to, None).unwrap());
    Engine::new(world).ask(&source[0], &target[0])
}

fn verdict(add: Value) -> Verdict {
    ask(&network(add), "internet", "Instance:22").verdict
}

fn rule(rule: Value) -> Value {
    json!({
        "Parameters": { "Port": { "Type": "Number" }, "Protocol": { "Type": "String" }, "Block": { "Type": "String" } },
        "Resources": { "Group": { "Properties": { "SecurityGroupIngress": [rule] } } },
    })
}

#[test]
fn rules_with_undetermined_protocol_or_ports_are_unknown() {
    let block = "0.0.0.0/0";
    let port = json!({ "Ref": "Port" });
    let cases = [
        (
            json!({ "IpProtocol": { "Ref": "Protocol" }, "FromPort": 22, "ToPort": 22, "CidrIp": block }),
            Verdict::Unknown,
        ),
        (
            json!({ "IpProtocol": { "Ref": "Protocol" }, "FromPort": 80, "ToPort": 80, "CidrIp": block }),
            Verdict::Denied,
        ),
        (json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": block }), Verdict::Unknown),
        (json!({ "IpProtocol": "tcp", "FromPort": 20, "ToPort": port, "CidrIp": block }), Verdict::Unknown),
        (json!({ "IpProtocol": "tcp", "FromPort": 23, "ToPort": port, "CidrIp": block }), Verdict::Denied),
        (json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": 21, "CidrIp": block }), Verdict::Denied),
        (json!({ "IpProtocol": "udp", "FromPort": port, "ToPort": port, "CidrIp": block }), Verdict::Denied),
        (json!({ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": { "Ref": "Block" } }), Verdict::Unknown),
        (json!({ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": block }), Verdict::Allowed),
    ];
    for (value, wanted) in cases {
        assert_eq!(verdict(rule(value.clone())), wanted, "{value}");
    }
}

#[test]
fn network_acl_entries_with_undetermined_values_are_unknown() {
    let entry = |add: Value| {
        let entry = |egress: bool| {
            json!({ "Type": "AWS::EC2::NetworkAclEntry", "Properties": {
                "NetworkAclId": { "Ref": "List" }, "RuleNumber": 100, "Egress": egress, "Protocol": -1, "RuleAction": "allow", "CidrBlock": "0.0.0.0/0",
            } })
        };
        let mut all = json!({ "Parameters": { "Open": { "Type": "String" } }, "Resources": {
            "List": { "Type": "AWS::EC2::NetworkAcl", "Properties": { "VpcId": { "Ref": "Vpc" } } },
            "Listed": { "Type": "AWS::EC2::SubnetNetworkAclAssociation", "Properties": { "SubnetId": { "Ref": "Subnet" }, "NetworkAclId": { "Ref": "List" } } },
            "In": entry(false),
            "Out": entry(true),
        } });
        merge(&mut all["Resources"]["In"]["Properties"], add);
        verdict(all)
    };
    let open = json!({ "Ref": "Open" });
    assert_eq!(entry(json!({})), Verdict::Allowed);
    assert_eq!(entry(json!({ "RuleAction": open })), Verdict::Unknown);
    assert_eq!(entry(json!({ "Protocol": open })), Verdict::Unknown);
    assert_eq!(entry(json!({ "Protocol": 6, "PortRange": { "From": open, "To": open } })), Verdict::Unknown);
    assert_eq!(entry(json!({ "CidrBlock": open })), Verdict::Unknown);
    assert_eq!(entry(json!({ "Egress": open })), Verdict::Unknown);
}

/// Returns an instance with a rule and a route for IPv6 only.
fn v6() -> Value {
    json!({ "Resources": {
        "Subnet": { "Properties": { "AssignIpv6AddressOnCreation": true, "Ipv6CidrBlock": "2001:db8:0:1::/64" } },
        "Route": { "Properties": { "DestinationCidrBlock": null, "DestinationIpv6CidrBlock": "::/0" } },
        "Group": { "Properties": { "SecurityGroupIngress": [{ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv6": "::/0" }] } },
        "Instance": { "Properties": { "NetworkInterfaces": [{ "DeviceIndex": "0", "SubnetId": { "Ref": "Subnet" }, "GroupSet": [{ "Ref": "Group" }] }] } },
    } })
}

fn changed(add: Value) -> Verdict {
    let mut all = v6();
    merge(&mut all, add);
    // A null in the base removes a property; it must remain in the merged value.
    all["Resources"]["Route"]["Properties"]["DestinationCidrBlock"] = Value::Null;
    verdict(all)
}

#[test]
fn internet_includes_ipv6() {
    assert_eq!(verdict(v6()), Verdict::Allowed);
    assert_eq!(
        changed(json!({ "Resources": { "Group": { "Properties": { "SecurityGroupIngress": [
        { "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0" },
    ] } } } })),
        Verdict::Denied
    );
    assert_eq!(
        changed(json!({ "Resources": { "Subnet": { "Properties": { "AssignIpv6AddressOnCreation": false } } } })),
        Verdict::Denied
    );
    let native = json!({ "Resources": { "Subnet": { "Properties": { "AssignIpv6AddressOnCreation": false, "Ipv6Native": true } } } });
    assert_eq!(changed(native), Verdict::Allowed);
    let counted = json!({ "Resources": {
        "Subnet": { "Properties": { "AssignIpv6AddressOnCreation": false } },
        "Instance": { "Properties": { "NetworkInterfaces": [{ "DeviceIndex": "0", "SubnetId": { "Ref": "Subnet" }, "GroupSet": [{ "Ref": "Group" }], "Ipv6AddressCount": 1 }] } },
    } });
    assert_eq!(changed(counted), Verdict::Allowed);
}

#[test]
fn egress_only_gateways_allow_no_inbound_connection() {
    let egress_only = json!({ "Resources": {
        "Out": { "Type": "AWS::EC2::EgressOnlyInternetGateway", "Properties": { "VpcId": { "Ref": "Vpc" } } },
        "Route": { "Properties": { "GatewayId": null, "EgressOnlyInternetGatewayId": { "Ref": "Out" } } },
    } });
    let mut all = v6();
    merge(&mut all, egress_only);
    let route = json!({ "RouteTableId": { "Ref": "Table" }, "DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": { "Ref": "Out" } });
    all["Resources"]["Route"] = Value::Null;
    all["Resources"]["Route6"] = json!({ "Type": "AWS::EC2::Route", "Properties": route });
    assert_eq!(verdict(all.clone()), Verdict::Denied);
    assert_eq!(ask(&network(all), "Instance", "[2606:4700::1111]:443").verdict, Verdict::Allowed);
}

#[test]
fn rules_and_entries_of_one_family_do_not_open_the_other() {
    let v4_only = json!({ "Resources": { "Group": { "Properties": { "SecurityGroupIngress": [
        { "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv6": "::/0" },
    ] } } } });
    assert_eq!(verdict(v4_only), Verdict::Denied);
}

#[test]
fn dual_stack_load_balancers_without_public_ipv4_are_reached_by_ipv6_only() {
    let balancer = |family: &str, key: &str| {
        let add = json!({ "Resources": {
            "Route6": { "Type": "AWS::EC2::Route", "Properties": { "RouteTableId": { "Ref": "Table" }, "DestinationIpv6CidrBlock": "::/0", "GatewayId": { "Ref": "Gateway" } } },
            "Group": { "Properties": { "SecurityGroupIngress": [{ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, key: if key == "CidrIp" { "0.0.0.0/0" } else { "::/0" } }] } },
            "Balancer": { "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": { "Scheme": "internet-facing", "IpAddressType": family, "Subnets": [{ "Ref": "Subnet" }], "SecurityGroups": [{ "Ref": "Group" }] } },
        } });
        ask(&network(add), "internet", "Balancer:443").verdict
    };
    assert_eq!(balancer("ipv4", "CidrIp"), Verdict::Allowed);
    assert_eq!(balancer("ipv4", "CidrIpv6"), Verdict::Denied);
    assert_eq!(balancer("dualstack", "CidrIpv6"), Verdict::Allowed);
    assert_eq!(balancer("dualstack-without-public-ipv4", "CidrIp"), Verdict::Denied);
    assert_eq!(balancer("dualstack-without-public-ipv4", "CidrIpv6"), Verdict::Allowed);
}

#[test]
fn gateways_by_id_are_recognized() {
    let by_id = |id: &str| verdict(json!({ "Resources": { "Route": { "Properties": { "GatewayId": id } } } }));
    assert_eq!(by_id("igw-0123456789abcdef0"), Verdict::Allowed);
    assert_eq!(by_id("vgw-0123456789abcdef0"), Verdict::Denied);
    let private = |id: &str| {
        let route = json!({ "Resources": { "Route": { "Properties": { "GatewayId": id } } } });
        ask(&network(route), "Instance", "192.168.7.7:443").verdict
    };
    assert_eq!(private("vgw-0123456789abcdef0"), Verdict::Unknown);
    assert_eq!(private("igw-0123456789abcdef0"), Verdict::Denied);
}

#[test]
fn propagated_routes_of_a_private_gateway_are_unknown() {
    let add = json!({ "Resources": {
        "Vpn": { "Type": "AWS::EC2::VPNGateway", "Properties": { "Type": "ipsec.1" } },
        "Propagation": { "Type": "AWS::EC2::VPNGatewayRoutePropagation", "Properties": { "RouteTableIds": [{ "Ref": "Table" }], "VpnGatewayId": { "Ref": "Vpn" } } },
        "Route": null,
    } });
    assert_eq!(ask(&network(add), "Instance", "192.168.7.7:443").verdict, Verdict::Unknown);
    assert_eq!(
        ask(&network(json!({ "Resources": { "Route": null } })), "Instance", "192.168.7.7:443").verdict,
        Verdict::Denied
    );
}

/// Returns two VPCs with instances, connected by a transit gateway.
fn transit(add: Value) -> Verdict {
    let mut all = json!({ "Resources": {
        "Transit": { "Type": "AWS::EC2::TransitGateway", "Properties": {} },
        "Vpc2": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.1.0.0/16" } },
        "Subnet2": { "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": { "Ref": "Vpc2" }, "CidrBlock": "10.1.0.0/24" } },
        "Table2": { "Type": "AWS::EC2::RouteTable", "Properties": { "VpcId": { "Ref": "Vpc2" } } },
        "Association2": { "Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": { "SubnetId": { "Ref": "Subnet2" }, "RouteTableId": { "Ref": "Table2" } } },
        "Group2": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "VpcId": { "Ref": "Vpc2" }, "GroupDescription": "x", "SecurityGroupIngress": [{ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "10.0.0.0/8" }] } },
        "Instance2": { "Type": "AWS::EC2::Instance", "Properties": { "SubnetId": { "Ref": "Subnet2" }, "SecurityGroupIds": [{ "Ref": "Group2" }] } },
        "Attachment": { "Type": "AWS::EC2::TransitGatewayAttachment", "Properties": { "TransitGatewayId": { "Ref": "Transit" }, "VpcId": { "Ref": "Vpc" }, "SubnetIds": [{ "Ref": "Subnet" }] } },
        "Attachment2": { "Type": "AWS::EC2::TransitGatewayAttachment", "Properties": { "TransitGatewayId": { "Ref": "Transit" }, "VpcId": { "Ref": "Vpc2" }, "SubnetIds": [{ "Ref": "Subnet2" }] } },
        "Route": { "Properties": { "DestinationCidrBlock": "10.0.0.0/8", "GatewayId": null, "TransitGatewayId": { "Ref": "Transit" } } },
        "Route2": { "Type": "AWS::EC2::Route", "Properties": { "RouteTableId": { "Ref": "Table2" }, "DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": { "Ref": "Transit" } } },
    } });
    merge(&mut all, add);
    all["Resources"]["Route"]["Properties"]["GatewayId"] = Value::Null;
    ask(&network(all), "Instance", "Instance2:22").verdict
}

#[test]
fn transit_gateways_with_default_tables_connect_their_attachments() {
    assert_eq!(transit(json!({})), Verdict::Allowed);
    let disabled =
        json!({ "Resources": { "Transit": { "Properties": { "DefaultRouteTableAssociation": "disable" } } } });
    assert_eq!(transit(disabled), Verdict::Unknown);
}

#[test]
fn narrow_blackhole_routes_override_wide_routes() {
    let table = |block: &str| {
        let of = |attachment: &str, name: &str| json!({ "Type": format!("AWS::EC2::TransitGatewayRouteTable{name}"), "Properties": { "TransitGatewayAttachmentId": { "Ref": attachment }, "TransitGatewayRouteTableId": { "Ref": "Routes" } } });
        transit(json!({ "Resources": {
            "Routes": { "Type": "AWS::EC2::TransitGatewayRouteTable", "Properties": { "TransitGatewayId": { "Ref": "Transit" } } },
            "A1": of("Attachment", "Association"), "A2": of("Attachment2", "Association"),
            "P1": of("Attachment", "Propagation"), "P2": of("Attachment2", "Propagation"),
            "Hole": { "Type": "AWS::EC2::TransitGatewayRoute", "Properties": { "DestinationCidrBlock": block, "Blackhole": true, "TransitGatewayRouteTableId": { "Ref": "Routes" } } },
        } }))
    };
    assert_eq!(table("10.1.0.0/24"), Verdict::Denied);
    assert_eq!(table("10.1.0.0/16"), Verdict::Denied);
    assert_eq!(table("10.0.0.0/8"), Verdict::Allowed);
    assert_eq!(table("10.1.0.128/25"), Verdict::Unknown);
}

#[test]
fn network_load_balancers_without_groups_accept_all_connections() {
    let balancer = |kind: &str| {
        let add = json!({ "Resources": {
            "Balancer": { "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": { "Type": kind, "Scheme": "internet-facing", "Subnets": [{ "Ref": "Subnet" }] } },
        } });
        ask(&network(add), "internet", "Balancer:443").verdict
    };
    assert_eq!(balancer("network"), Verdict::Allowed);
    assert_eq!(balancer("application"), Verdict::Unknown);
}

#[test]
fn instances_have_the_network_of_their_separate_interface() {
    let add = json!({ "Resources": {
        "Interface": { "Type": "AWS::EC2::NetworkInterface", "Properties": { "SubnetId": { "Ref": "Subnet" }, "GroupSet": [{ "Ref": "Group" }] } },
        "Address": { "Type": "AWS::EC2::EIP", "Properties": {} },
        "Associated": { "Type": "AWS::EC2::EIPAssociation", "Properties": { "NetworkInterfaceId": { "Ref": "Interface" }, "AllocationId": { "Fn::GetAtt": ["Address", "AllocationId"] } } },
        "Instance": { "Properties": { "NetworkInterfaces": [{ "DeviceIndex": "0", "NetworkInterfaceId": { "Ref": "Interface" } }] } },
    } });
    assert_eq!(verdict(add.clone()), Verdict::Allowed);
    let mut private = add;
    private["Resources"]["Associated"] = Value::Null;
    assert_eq!(verdict(private), Verdict::Denied);
}

#[test]
fn undetermined_public_address_settings_are_unknown() {
    let open = json!({ "Ref": "Open" });
    let of = |instance: Value| {
        verdict(
            json!({ "Parameters": { "Open": { "Type": "String" } }, "Resources": { "Instance": { "Properties": { "NetworkInterfaces": [instance] } } } }),
        )
    };
    assert_eq!(
        of(
            json!({ "SubnetId": { "Ref": "Subnet" }, "AssociatePublicIpAddress": open, "GroupSet": [{ "Ref": "Group" }] })
        ),
        Verdict::Unknown
    );
    let balancer = json!({ "Parameters": { "Open": { "Type": "String" } }, "Resources": {
        "Group": { "Properties": { "SecurityGroupIngress": [{ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0" }] } },
        "Balancer": { "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": { "Scheme": open, "Subnets": [{ "Ref": "Subnet" }], "SecurityGroups": [{ "Ref": "Group" }] } },
    } });
    assert_eq!(ask(&network(balancer), "internet", "Balancer:443").verdict, Verdict::Unknown);
}

#[test]
fn partly_known_subnets_are_never_denied_by_routes() {
    let add = json!({ "Parameters": { "Other": { "Type": "AWS::EC2::Subnet::Id" } }, "Resources": {
        "Route": null,
        "Group": { "Properties": { "SecurityGroupIngress": [{ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0" }] } },
        "Balancer": { "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": { "Scheme": "internet-facing", "Subnets": [{ "Ref": "Subnet" }, { "Ref": "Other" }], "SecurityGroups": [{ "Ref": "Group" }] } },
    } });
    assert_eq!(ask(&network(add), "internet", "Balancer:443").verdict, Verdict::Unknown);
}

#[test]
fn database_proxies_are_targets_in_their_subnets() {
    let proxy = |block: &str| {
        let add = json!({ "Resources": {
            "Group": { "Properties": { "SecurityGroupIngress": [{ "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": block }] } },
            "Proxy": { "Type": "AWS::RDS::DBProxy", "Properties": { "EngineFamily": "POSTGRESQL", "VpcSubnetIds": [{ "Ref": "Subnet" }], "VpcSecurityGroupIds": [{ "Ref": "Group" }] } },
        } });
        ask(&network(add), "Instance", "Proxy:5432").verdict
    };
    assert_eq!(proxy("10.0.0.0/16"), Verdict::Allowed);
    assert_eq!(proxy("192.168.0.0/16"), Verdict::Denied);
}

#[test]
fn routes_through_firewall_endpoints_are_unknown() {
    let by = |key: &str, add: Value| {
        let mut all = json!({ "Resources": { "Route": { "Properties": { "GatewayId": null, key: "id-1" } } } });
        merge(&mut all, add);
        all["Resources"]["Route"]["Properties"]["GatewayId"] = Value::Null;
        verdict(all)
    };
    let edge = json!({ "Resources": { "Edge": { "Type": "AWS::EC2::GatewayRouteTableAssociation", "Properties": { "GatewayId": { "Ref": "Gateway" }, "RouteTableId": { "Ref": "Table" } } } } });
    assert_eq!(by("VpcEndpointId", json!({})), Verdict::Unknown);
    assert_eq!(by("NetworkInterfaceId", edge), Verdict::Unknown);
    assert_eq!(by("NetworkInterfaceId", json!({})), Verdict::Denied);
    assert_eq!(by("NatGatewayId", json!({})), Verdict::Denied);
}

#[test]
fn blocked_internet_gateways_of_an_account_are_unknown() {
    let mode = |mode: &str| {
        verdict(
            json!({ "Resources": { "Block": { "Type": "AWS::EC2::VPCBlockPublicAccessOptions", "Properties": { "InternetGatewayBlockMode": mode } } } }),
        )
    };
    assert_eq!(mode("block-ingress"), Verdict::Unknown);
    assert_eq!(mode("off"), Verdict::Allowed);
}
