//! The address blocks that `Fn::Cidr` returns.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html>

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The maximum number of blocks that `Fn::Cidr` returns.
const MOST: u32 = 256;

/// Returns the first blocks of an address block, each with `bits` bits for hosts. Returns `None` for invalid arguments.
pub fn subnets(block: &str, count: u32, bits: u32) -> Option<Vec<String>> {
    let (address, length) = block.split_once('/')?;
    let (address, length): (IpAddr, u32) = (address.parse().ok()?, length.parse().ok()?);
    let width = if address.is_ipv4() { 32 } else { 128 };
    let prefix = width_without(width, bits)?;
    let is_fitting = count.checked_sub(1)?.checked_ilog2().map_or(0, |bit| bit + 1) <= prefix.checked_sub(length)?;
    if count > MOST || length > width || !is_fitting {
        return None;
    }
    let first = match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    };
    let hosts = width - length;
    let first = if hosts == 128 { 0 } else { first >> hosts << hosts };
    let block = |number: u32| {
        let start = first | u128::from(number).checked_shl(bits).unwrap_or(0);
        match address {
            IpAddr::V4(_) => Some(format!("{}/{prefix}", Ipv4Addr::from(u32::try_from(start).ok()?))),
            IpAddr::V6(_) => Some(format!("{}/{prefix}", Ipv6Addr::from(start))),
        }
    };
    (0..count).map(block).collect()
}

fn width_without(width: u32, bits: u32) -> Option<u32> {
    width.checked_sub(bits).filter(|_| bits > 0)
}

#[cfg(test)]
mod tests {
    use super::subnets;

    #[test]
    fn divides_blocks_of_both_families() {
        assert_eq!(subnets("10.0.0.0/16", 2, 8).unwrap(), ["10.0.0.0/24", "10.0.1.0/24"]);
        assert_eq!(subnets("10.0.0.0/24", 4, 6).unwrap()[3], "10.0.0.192/26");
        assert_eq!(subnets("2600:1f13::/56", 2, 64).unwrap()[1], "2600:1f13:0:1::/64");
        assert_eq!(subnets("10.0.0.0/24", 2, 8), None);
        assert_eq!(subnets("10.0.0.0/24", 0, 4), None);
    }
}
