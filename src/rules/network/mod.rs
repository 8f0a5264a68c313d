//! Rules for networks: address blocks, zones, routes and security groups.

use super::Rule;

rules! {
    "MS0107" overlapping_cidr => model;
    "MS0119" invalid_cidr_block in "units::cidr";
    "MS0205" too_few_zones => platform in "aws::vpc";
    "MS0207" invalid_vpc_size in "aws::vpc";
    "MS0222" subnet_named_twice in "aws::vpc::existing";
    "MS0604" peering_without_route => model;
    "MS0609" route_before_peering_acceptance => model;
    "MS0610" security_group_in_another_region => model;
    "MS0611" missing_endpoint in "aws::vpc::way";
    "MS0612" no_way_out in "aws::vpc::way";
    "MS0614" imported_subnets_in_one_zone in "aws::vpc::existing";
    "MS0615" imported_subnet_in_another_region in "aws::vpc::existing";
    "MS0616" no_route_in_existing_network in "aws::vpc::peering";
    "MS0617" empty_subnet_list => model;
    "MS1002" missing_return_route => model;
    "MS0869" address_without_relation => mesh;
}
