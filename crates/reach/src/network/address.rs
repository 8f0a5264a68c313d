//! Address ranges.

use std::net::Ipv4Addr;

use meshsynth_access::sets::{Cidr, are_the_internet};

/// The range of IPv4 addresses among the IPv6 addresses.
pub const INTERNET_V4: (u128, u128) = (0xffff_0000_0000, 0xffff_ffff_ffff);

/// The ranges of all IPv6 addresses.
pub const INTERNET_V6: [(u128, u128); 2] = [(0, INTERNET_V4.0 - 1), (INTERNET_V4.1 + 1, u128::MAX)];

/// Returns the IPv4 or the IPv6 part of ranges.
pub fn of_family(spans: &[(u128, u128)], is_v6: bool) -> Vec<(u128, u128)> {
    let is_v4 = |span: &&(u128, u128)| span.0 >= INTERNET_V4.0 && span.1 <= INTERNET_V4.1;
    spans.iter().filter(|it| is_v4(it) != is_v6).copied().collect()
}

/// Returns the ranges of a block, or `None` if the text is not a block.
pub fn spans(text: &str) -> Option<Vec<(u128, u128)>> {
    text.parse::<Cidr>().ok().map(Cidr::spans)
}

/// Whether ranges are large enough to represent the internet.
pub fn is_internet(spans: &[(u128, u128)]) -> bool {
    are_the_internet(spans)
}

/// Returns whether the first set of ranges contains all of the second, a part of it, or none of it.
pub fn cover(outer: &[(u128, u128)], inner: &[(u128, u128)]) -> Cover {
    let holds = |span: &(u128, u128)| outer.iter().any(|it| it.0 <= span.0 && span.1 <= it.1);
    let meets = |span: &(u128, u128)| outer.iter().any(|it| it.0 <= span.1 && span.0 <= it.1);
    match (inner.iter().all(holds), inner.iter().any(meets)) {
        (true, _) if !inner.is_empty() => Cover::All,
        (_, true) => Cover::Part,
        _ => Cover::None,
    }
}

/// The covered part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// All of it is covered.
    All,
    /// Some of it is covered.
    Part,
    /// It is not covered.
    None,
}

/// Describes ranges.
pub fn say_spans(spans: &[(u128, u128)]) -> String {
    let address = |it: u128| match it.checked_sub(INTERNET_V4.0).and_then(|it| u32::try_from(it).ok()) {
        Some(it) => Ipv4Addr::from(it).to_string(),
        None => std::net::Ipv6Addr::from(it).to_string(),
    };
    let range = |(from, to): &(u128, u128)| {
        let size = (to - from).wrapping_add(1);
        let bits = if *from >= INTERNET_V4.0 && *to <= INTERNET_V4.1 { 32 } else { 128 };
        match size.is_power_of_two() && from % size == 0 {
            true => format!("{}/{}", address(*from), bits - size.trailing_zeros()),
            false => format!("{}-{}", address(*from), address(*to)),
        }
    };
    spans.iter().map(range).collect::<Vec<_>>().join(", ")
}
