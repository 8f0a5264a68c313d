//! Compares addresses with blocks.

use std::net::IpAddr;

use super::truth::Truth;

/// Returns whether a block contains an address or a block. The result is unknown if the blocks only
/// overlap.
pub fn is_within(value: &str, block: &str) -> Truth {
    let (Some(value), Some(block)) = (span(value), span(block)) else { return Truth::No };
    if value.2 != block.2 || value.1 < block.0 || value.0 > block.1 {
        return Truth::No;
    }
    if value.0 >= block.0 && value.1 <= block.1 { Truth::Yes } else { Truth::Unknown }
}

/// Returns the first and the last address of a block, and whether it is an IPv4 block.
fn span(text: &str) -> Option<(u128, u128, bool)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let address: IpAddr = address.trim().parse().ok()?;
    let (start, bits) = match address {
        IpAddr::V4(it) => (u128::from(u32::from(it)), 32),
        IpAddr::V6(it) => (u128::from(it), 128),
    };
    let length: u32 = length.map_or(Ok(bits), str::parse).ok().filter(|it| *it <= bits)?;
    let rest = 1_u128.checked_shl(bits - length).unwrap_or_default().wrapping_sub(1);
    Some((start & !rest, start | rest, address.is_ipv4()))
}
