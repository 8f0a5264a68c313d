//! Networks in a template: CIDR blocks, and the tiers of subnets.

use meshsynth_model::val::{Bag, Data};

use crate::code::{attribute, function};

/// Returns the CIDR block of a value, if it is known.
pub(super) fn block(template: &Data, value: &Data) -> Option<String> {
    known_text(template, value).filter(|text| is_block(text))
}

/// Returns the text of a value: a literal, a parameter default, or a mapping entry with known keys.
pub(super) fn known_text(template: &Data, value: &Data) -> Option<String> {
    match function(value) {
        None => text(value),
        Some(("Ref", Data::Text(id))) => text(template.at("Parameters")?.as_map()?.get(id)?.at("Default")?),
        Some(("Fn::FindInMap", Data::List(path))) => {
            let [map, first, second] = path.as_slice() else { return None };
            let rows = template.at("Mappings")?.as_map()?.get(map.as_str()?)?;
            text(rows.as_map()?.get(first.as_str()?)?.as_map()?.get(second.as_str()?)?)
        }
        Some(_) => None,
    }
}

fn text(value: &Data) -> Option<String> {
    match value {
        Data::Text(text) => Some(text.to_string()),
        Data::Int(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a text is an IPv4 CIDR block without address bits after the prefix.
fn is_block(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else { return false };
    let (Ok(address), Ok(prefix)) = (address.parse::<std::net::Ipv4Addr>(), prefix.parse::<u32>()) else {
        return false;
    };
    prefix <= 32 && u32::from(address).checked_shl(prefix).unwrap_or(0) == 0
}

/// Returns the tier of a subnet, according to the routes of its table.
pub(super) fn tier_of_subnet(template: &Data, id: &str, props: &Bag) -> &'static str {
    let associations = of_type(template, "AWS::EC2::SubnetRouteTableAssociation");
    let table = associations
        .into_iter()
        .find_map(|(_, it)| (reference(it, "SubnetId") == Some(id)).then(|| reference(it, "RouteTableId")).flatten());
    match table {
        Some(table) => tier_of_table(template, table),
        None if props.get("MapPublicIpOnLaunch") == Some(&Data::Bool(true)) => PUBLIC,
        None => ISOLATED,
    }
}

/// Returns the tier of a route table: public with a route to an internet gateway, private with another outbound route,
/// otherwise isolated.
pub(super) fn tier_of_table(template: &Data, id: &str) -> &'static str {
    let routes: Vec<&Bag> = of_type(template, "AWS::EC2::Route")
        .into_iter()
        .filter_map(|(_, it)| (reference(it, "RouteTableId") == Some(id)).then_some(it))
        .collect();
    if routes.iter().any(|it| it.get("GatewayId").is_some_and(|gateway| is_internet_gateway(template, gateway))) {
        return PUBLIC;
    }
    let leads_out = |it: &&Bag| {
        let is_default = ["DestinationCidrBlock", "DestinationIpv6CidrBlock"]
            .iter()
            .any(|key| it.get(key).and_then(Data::as_str).is_some_and(|block| matches!(block, "0.0.0.0/0" | "::/0")));
        let has = |key: &&str| it.get(key).is_some();
        ["NatGatewayId", "InstanceId"].iter().any(has) || is_default && ELSEWHERE.iter().any(has)
    };
    if routes.iter().any(leads_out) { PRIVATE } else { ISOLATED }
}

/// Targets of a default route other than the internet gateway, such as a VPN, another network or an appliance.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-route.html>
const ELSEWHERE: [&str; 7] = [
    "CoreNetworkArn",
    "EgressOnlyInternetGatewayId",
    "GatewayId",
    "NetworkInterfaceId",
    "TransitGatewayId",
    "VpcEndpointId",
    "VpcPeeringConnectionId",
];

/// Whether the gateway of a route is an internet gateway, not a VPN gateway. Gateways outside of the template count as
/// internet gateways.
fn is_internet_gateway(template: &Data, gateway: &Data) -> bool {
    if let Some(id) = gateway.as_str() {
        return id.starts_with("igw-");
    }
    let made_by = function(gateway).and_then(|it| match it {
        ("Ref", Data::Text(id)) => template.at("Resources")?.as_map()?.get(id)?.at("Type")?.as_str(),
        ("Fn::GetAtt", argument) => {
            let (id, _) = attribute(argument)?;
            template.at("Resources")?.as_map()?.get(id)?.at("Type")?.as_str()
        }
        _ => None,
    });
    made_by.is_none_or(|type_name| type_name == "AWS::EC2::InternetGateway")
}

const PUBLIC: &str = "aws::vpc::Tier::Public";
const PRIVATE: &str = "aws::vpc::Tier::Private";
const ISOLATED: &str = "aws::vpc::Tier::Isolated";

/// Returns the logical ID of the network or load balancer that a resource belongs to, by following references in either
/// direction.
pub(super) fn owner_of<'a>(template: &'a Data, id: &'a str) -> Option<&'a str> {
    // References can be indirect, such as from the address of a NAT gateway to its subnet and its network.
    let mut id = id;
    for _ in 0..5 {
        let resource = template.at("Resources")?.as_map()?.get(id)?;
        let named = |key: &str| reference(resource.at("Properties")?.as_map()?, key);
        let naming = |type_name: &str, key: &str| {
            of_type(template, type_name).into_iter().find(|(_, it)| reference(it, key) == Some(id)).map(|(id, _)| id)
        };
        id = match resource.at("Type")?.as_str()? {
            "AWS::EC2::VPC" | "AWS::ElasticLoadBalancingV2::LoadBalancer" => return Some(id),
            "AWS::EC2::EIP" => naming("AWS::EC2::NatGateway", "AllocationId")?,
            "AWS::EC2::FlowLog" => named("ResourceId")?,
            "AWS::EC2::InternetGateway" => naming("AWS::EC2::VPCGatewayAttachment", "InternetGatewayId")?,
            "AWS::EC2::NatGateway" => named("SubnetId")?,
            "AWS::EC2::NetworkAclEntry" | "AWS::EC2::SubnetNetworkAclAssociation" => named("NetworkAclId")?,
            "AWS::EC2::Route" | "AWS::EC2::SubnetRouteTableAssociation" => named("RouteTableId")?,
            "AWS::EC2::NetworkAcl"
            | "AWS::EC2::RouteTable"
            | "AWS::EC2::Subnet"
            | "AWS::EC2::VPCEndpoint"
            | "AWS::EC2::VPCGatewayAttachment" => named("VpcId")?,
            "AWS::ElasticLoadBalancingV2::Listener" => named("LoadBalancerArn")?,
            "AWS::ElasticLoadBalancingV2::ListenerRule" => named("ListenerArn")?,
            _ => return None,
        };
    }
    None
}

/// Returns the properties of all resources of a type, with their logical IDs.
pub(super) fn of_type<'a>(template: &'a Data, type_name: &str) -> Vec<(&'a str, &'a Bag)> {
    let all = template.at("Resources").and_then(Data::as_map).into_iter().flat_map(Bag::iter);
    let of_type = all.filter(|(_, it)| it.at("Type").and_then(Data::as_str) == Some(type_name));
    of_type.filter_map(|(id, it)| Some((id, it.at("Properties")?.as_map()?))).collect()
}

/// Returns the logical ID of the only resource of a type with this name.
pub(super) fn named_so<'a>(template: &'a Data, type_name: &str, key: &str, name: &Data) -> Option<&'a str> {
    let mut found = of_type(template, type_name).into_iter().filter(|(_, it)| it.get(key) == Some(name));
    let (id, _) = found.next()?;
    found.next().is_none().then_some(id)
}

/// Returns the resource that a property refers to, directly or by an attribute.
pub(super) fn reference<'a>(props: &'a Bag, key: &str) -> Option<&'a str> {
    target(props.get(key)?)
}

/// Returns the resource that a value refers to, directly or by an attribute.
pub(super) fn target(value: &Data) -> Option<&str> {
    match function(value)? {
        ("Ref", Data::Text(id)) => Some(id),
        ("Fn::GetAtt", argument) => attribute(argument).map(|(id, _)| id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_blocks_with_bits_after_the_prefix() {
        let found = ["10.0.0.0/16", "10.0.1.0/16", "0.0.0.0/0", "10.0.0.1/32", "10.0.0.0", "fd00::/8"].map(is_block);
        assert_eq!(found, [true, false, true, true, false, false]);
    }

    /// Returns the tier of a table with one route.
    fn tier(destination: &str, key: &str, target: impl Into<Data>) -> &'static str {
        let of_type = |type_name: &str| Bag::default().with("Type", type_name);
        let route = Bag::default()
            .with("RouteTableId", reference_to("Table"))
            .with("DestinationCidrBlock", destination)
            .with(key, target.into());
        let resources = Bag::default()
            .with("Internet", of_type("AWS::EC2::InternetGateway"))
            .with("Vpn", of_type("AWS::EC2::VPNGateway"))
            .with("Table", of_type("AWS::EC2::RouteTable"))
            .with("Route", of_type("AWS::EC2::Route").with("Properties", route));
        tier_of_table(&Bag::default().with("Resources", resources).into(), "Table")
    }

    fn reference_to(id: &str) -> Bag {
        Bag::default().with("Ref", id)
    }

    #[test]
    fn internet_gateway_route_makes_a_table_public() {
        assert_eq!(tier("0.0.0.0/0", "GatewayId", reference_to("Internet")), PUBLIC);
        assert_eq!(tier("0.0.0.0/0", "GatewayId", "igw-0a1b2c3d"), PUBLIC);
        assert_eq!(tier("0.0.0.0/0", "GatewayId", reference_to("Parameter")), PUBLIC);
    }

    #[test]
    fn other_routes_do_not_make_a_table_public() {
        assert_eq!(tier("0.0.0.0/0", "GatewayId", reference_to("Vpn")), PRIVATE);
        assert_eq!(tier("192.168.0.0/16", "GatewayId", reference_to("Vpn")), ISOLATED);
        assert_eq!(tier("10.0.0.0/16", "GatewayId", "local"), ISOLATED);
        assert_eq!(tier("0.0.0.0/0", "TransitGatewayId", "tgw-0a1b"), PRIVATE);
        assert_eq!(tier("0.0.0.0/0", "NatGatewayId", "nat-0a1b"), PRIVATE);
    }
}
