//! Resources that belong to a network.

use super::{MethodRow, Takes};

pub(super) const METHODS: [MethodRow; 13] = [
    MethodRow::of_network("AWS::EC2::Subnet", "aws::Vpc::add_subnet", Takes::Subnet),
    MethodRow::of_network("AWS::EC2::RouteTable", "aws::Vpc::add_route_table", Takes::RouteTable),
    whole("AWS::EC2::SubnetRouteTableAssociation", "aws::Vpc::add_route_table_association"),
    whole("AWS::EC2::Route", "aws::Vpc::add_route"),
    whole("AWS::EC2::InternetGateway", "aws::Vpc::add_internet_gateway"),
    whole("AWS::EC2::VPCGatewayAttachment", "aws::Vpc::add_gateway_attachment"),
    whole("AWS::EC2::EIP", "aws::Vpc::add_eip"),
    whole("AWS::EC2::NatGateway", "aws::Vpc::add_nat_gateway"),
    whole("AWS::EC2::VPCEndpoint", "aws::Vpc::add_endpoint"),
    whole("AWS::EC2::FlowLog", "aws::Vpc::add_flow_log"),
    whole("AWS::EC2::NetworkAcl", "aws::Vpc::add_network_acl"),
    whole("AWS::EC2::NetworkAclEntry", "aws::Vpc::add_network_acl_entry"),
    whole("AWS::EC2::SubnetNetworkAclAssociation", "aws::Vpc::add_network_acl_association"),
];

const fn whole(type_name: &'static str, method: &'static str) -> MethodRow {
    MethodRow::of_network(type_name, method, Takes::Resource(""))
}
