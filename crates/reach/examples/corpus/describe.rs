//! Converts the output of `aws ec2 describe-*` for a VPC to a template.

use serde_json::{Map, Value, json};

/// Converts a dump to a template. With `of_subnets`, each subnet contains a single instance with unrestricted access
/// instead of its real instances.
pub fn template(dump: &Value, of_subnets: bool) -> Value {
    let mut resources = Map::new();
    let list = |key: &str| dump[key].as_array().into_iter().flatten();
    for vpc in list("vpcs") {
        let mut blocks = vpc["CidrBlockAssociationSet"].as_array().into_iter().flatten();
        let more = blocks.clone().filter(|it| it["CidrBlock"] != vpc["CidrBlock"]);
        for (at, it) in more.enumerate() {
            let name = format!("{}Block{at}", id(&vpc["VpcId"]));
            add(
                &mut resources,
                &name,
                "VPCCidrBlock",
                json!({ "VpcId": to(&vpc["VpcId"]), "CidrBlock": it["CidrBlock"] }),
            );
        }
        let first = blocks.next().map_or(&vpc["CidrBlock"], |it| &it["CidrBlock"]);
        add(&mut resources, &id(&vpc["VpcId"]), "VPC", json!({ "CidrBlock": first }));
    }
    for gateway in list("internet_gateways") {
        let vpc = &gateway["Attachments"][0]["VpcId"];
        let table = format!("{}Public", id(vpc));
        let own = id(&gateway["InternetGatewayId"]);
        add(&mut resources, &own, "InternetGateway", json!({}));
        add(&mut resources, &table, "RouteTable", json!({ "VpcId": to(vpc) }));
        let route = json!({ "RouteTableId": { "Ref": table }, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": { "Ref": own } });
        add(&mut resources, &format!("{table}Route"), "Route", route);
    }
    for subnet in list("subnets") {
        let own = id(&subnet["SubnetId"]);
        let vpc = id(&subnet["VpcId"]);
        let is_public = subnet["MapPublicIpOnLaunch"] == true;
        let properties =
            json!({ "VpcId": { "Ref": vpc }, "CidrBlock": subnet["CidrBlock"], "MapPublicIpOnLaunch": is_public });
        add(&mut resources, &own, "Subnet", properties);
        // A dump has no route tables. The tool that wrote it treats a subnet that assigns public addresses as public.
        let table = format!("{vpc}{}", if is_public { "Public" } else { "Private" });
        if !is_public {
            add(&mut resources, &table, "RouteTable", json!({ "VpcId": { "Ref": vpc } }));
        }
        let association = json!({ "SubnetId": { "Ref": own }, "RouteTableId": { "Ref": table } });
        add(&mut resources, &format!("{own}Table"), "SubnetRouteTableAssociation", association);
        if of_subnets {
            let properties = json!({ "SubnetId": { "Ref": own }, "SecurityGroupIds": [{ "Ref": "Everybody" }] });
            add(&mut resources, &label(subnet, "SubnetId"), "Instance", properties);
        }
    }
    acls(&mut resources, dump);
    groups(&mut resources, dump);
    if of_subnets {
        let rule = json!([{ "IpProtocol": "-1", "CidrIp": "0.0.0.0/0" }]);
        let group = json!({ "GroupDescription": "all", "SecurityGroupIngress": rule, "SecurityGroupEgress": rule });
        add(&mut resources, "Everybody", "SecurityGroup", group);
        return json!({ "Resources": resources });
    }
    // A terminated instance has no interface.
    for instance in list("instances").filter(|it| !it["SubnetId"].is_null()) {
        let interface = &instance["NetworkInterfaces"][0];
        let groups = interface["Groups"].as_array().into_iter().flatten().map(|it| to(&it["GroupId"]));
        let properties = json!({
            "SubnetId": to(&instance["SubnetId"]),
            "PrivateIpAddress": instance["PrivateIpAddress"],
            "SecurityGroupIds": groups.collect::<Vec<_>>(),
        });
        add(&mut resources, &label(instance, "InstanceId"), "Instance", properties);
    }
    json!({ "Resources": resources })
}

fn acls(resources: &mut Map<String, Value>, dump: &Value) {
    for acl in dump["network_acls"].as_array().into_iter().flatten() {
        let own = id(&acl["NetworkAclId"]);
        add(resources, &own, "NetworkAcl", json!({ "VpcId": to(&acl["VpcId"]) }));
        for (at, entry) in acl["Entries"].as_array().into_iter().flatten().enumerate() {
            let mut properties = json!({ "NetworkAclId": { "Ref": own } });
            for key in ["CidrBlock", "Ipv6CidrBlock", "Egress", "Protocol", "PortRange", "RuleAction", "RuleNumber"] {
                if !entry[key].is_null() {
                    properties[key] = entry[key].clone();
                }
            }
            add(resources, &format!("{own}Entry{at}"), "NetworkAclEntry", properties);
        }
        for (at, it) in acl["Associations"].as_array().into_iter().flatten().enumerate() {
            let properties = json!({ "SubnetId": to(&it["SubnetId"]), "NetworkAclId": { "Ref": own } });
            add(resources, &format!("{own}Association{at}"), "SubnetNetworkAclAssociation", properties);
        }
    }
}

fn groups(resources: &mut Map<String, Value>, dump: &Value) {
    for group in dump["security_groups"].as_array().into_iter().flatten() {
        let rules = |key: &str, peer: &str| {
            let all = group[key].as_array().into_iter().flatten();
            let mut found: Vec<Value> = all.flat_map(|it| rules(it, peer)).collect();
            // In a template, a group without egress rules is open. In a dump, it has no egress.
            if found.is_empty() {
                found.push(json!({ "IpProtocol": "icmp", "CidrIp": "255.255.255.255/32" }));
            }
            found
        };
        let properties = json!({
            "GroupDescription": group["Description"],
            "SecurityGroupIngress": rules("IpPermissions", "SourceSecurityGroupId"),
            "SecurityGroupEgress": rules("IpPermissionsEgress", "DestinationSecurityGroupId"),
        });
        add(resources, &id(&group["GroupId"]), "SecurityGroup", properties);
    }
}

fn rules(permission: &Value, peer: &str) -> Vec<Value> {
    let rule = |key: &str, value: Value| {
        let mut rule = json!({ "IpProtocol": permission["IpProtocol"], key: value });
        for port in ["FromPort", "ToPort"] {
            if !permission[port].is_null() {
                rule[port] = permission[port].clone();
            }
        }
        rule
    };
    let list = |key: &str| permission[key].as_array().into_iter().flatten();
    let v4 = list("IpRanges").map(|it| rule("CidrIp", it["CidrIp"].clone()));
    let v6 = list("Ipv6Ranges").map(|it| rule("CidrIpv6", it["CidrIpv6"].clone()));
    let groups = list("UserIdGroupPairs").map(|it| rule(peer, to(&it["GroupId"])));
    v4.chain(v6).chain(groups).collect()
}

fn add(resources: &mut Map<String, Value>, name: &str, kind: &str, properties: Value) {
    resources.insert(name.to_owned(), json!({ "Type": format!("AWS::EC2::{kind}"), "Properties": properties }));
}

/// Returns a logical ID: `VpcId4` for `VpcId:4`.
fn id(value: &Value) -> String {
    value.as_str().unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect()
}

fn to(value: &Value) -> Value {
    json!({ "Ref": id(value) })
}

/// Returns the name in the expected output: the tag `Name`, or the id.
fn label(it: &Value, key: &str) -> String {
    let mut tags = it["Tags"].as_array().into_iter().flatten();
    let name = tags.find(|it| it["Key"] == "Name").and_then(|it| it["Value"].as_str());
    format!("it-{}", name.or(it[key].as_str()).unwrap_or_default())
}
