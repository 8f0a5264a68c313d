//! Networks: address blocks, zones, routes and security groups.

use super::Rule;

rules! {
    "MS0107" overlapping_cidr => model;
    "MS0119" invalid_cidr_block in "units::cidr";
    "MS0205" too_few_zones => platform in "aws::vpc";
    "MS0207" invalid_vpc_size in "aws::vpc";
    "MS0604" peering_without_route => model;
    "MS0609" route_before_peering_acceptance => model;
    "MS0610" security_group_in_another_region => model;
    "MS1002" missing_return_route => model;
}
