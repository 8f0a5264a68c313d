//! The address blocks of VPCs and subnets.

use super::address::{Cover, INTERNET_V4, INTERNET_V6, cover, spans};
use crate::world::{ResourceId, World};

/// Blocks that are not routed on the internet.
///
/// Source: <https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry.xhtml>.
const PRIVATE: [&str; 7] =
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10"];

/// Whether some of the addresses are private.
pub fn are_private(block: &[(u128, u128)]) -> bool {
    let is_all = cover(block, &[INTERNET_V4]) == Cover::All || cover(block, &INTERNET_V6) == Cover::All;
    !is_all && PRIVATE.iter().filter_map(|it| spans(it)).any(|it| cover(&it, block) != Cover::None)
}

/// Whether the addresses are all IPv4 or all IPv6 addresses.
pub(super) fn are_the_internet(block: &[(u128, u128)]) -> bool {
    block == [INTERNET_V4] || block == INTERNET_V6
}

/// Whether the addresses are IPv6 addresses.
pub(super) fn are_v6(block: &[(u128, u128)]) -> bool {
    !block.is_empty() && cover(&[INTERNET_V4], block) == Cover::None
}

/// Returns every known block of a VPC: the primary one, and the associated ones.
pub(super) fn of_vpc(world: &World, vpc: ResourceId) -> Vec<Vec<(u128, u128)>> {
    let own = world.resource(vpc).property("CidrBlock").as_str().and_then(spans);
    let more = world.of_type("AWS::EC2::VPCCidrBlock").iter().map(|id| world.resource(*id));
    let more = more.filter(|it| world.named_by(&it.properties["VpcId"]) == Some(vpc));
    let more = more.flat_map(|it| ["CidrBlock", "Ipv6CidrBlock"].map(|key| it.property(key).as_str().and_then(spans)));
    [own].into_iter().chain(more).flatten().collect()
}

/// Whether the interfaces of a subnet may have IPv6 addresses by default.
pub(super) fn has_v6(world: &World, subnet: ResourceId) -> bool {
    super::ipv6::of_subnet(world, subnet) != Some(false)
}
