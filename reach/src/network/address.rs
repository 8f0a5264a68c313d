//! Ranges of addresses.

use std::net::Ipv4Addr;

use meshsynth_access::sets::{Cidr, are_the_internet};

/// Where addresses of version 4 lie among those of version 6, from and to.
pub const INTERNET_V4: (u128, u128) = (0xffff_0000_0000, 0xffff_ffff_ffff);

/// The ranges of a block as it is written; none where it is not a block.
pub fn spans(text: &str) -> Option<Vec<(u128, u128)>> {
    text.parse::<Cidr>().ok().map(Cidr::spans)
}

/// Whether ranges are so wide that anybody can have such an address.
pub fn is_internet(spans: &[(u128, u128)]) -> bool {
    are_the_internet(spans)
}

/// How two sets of ranges lie to each other: whether the first holds all of the second, a part, or nothing.
pub fn cover(outer: &[(u128, u128)], inner: &[(u128, u128)]) -> Cover {
    let holds = |span: &(u128, u128)| outer.iter().any(|it| it.0 <= span.0 && span.1 <= it.1);
    let meets = |span: &(u128, u128)| outer.iter().any(|it| it.0 <= span.1 && span.0 <= it.1);
    match (inner.iter().all(holds), inner.iter().any(meets)) {
        (true, _) if !inner.is_empty() => Cover::All,
        (_, true) => Cover::Part,
        _ => Cover::None,
    }
}

/// How much of something lies in something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// All of it.
    All,
    /// Some of it.
    Part,
    /// Nothing.
    None,
}

/// Ranges in words.
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
