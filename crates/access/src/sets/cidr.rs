//! IPv4 and IPv6 address ranges.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The position of IPv4 addresses among IPv6 addresses. No IPv6 block contains them.
const V4: u128 = 0xffff_0000_0000;
const LAST_V4: u128 = V4 + u32::MAX as u128;

/// A CIDR block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    address: IpAddr,
    length: u8,
}

impl Cidr {
    /// All IPv4 addresses.
    pub const ALL_V4: Self = Self { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), length: 0 };
    /// All IPv6 addresses.
    pub const ALL_V6: Self = Self { address: IpAddr::V6(Ipv6Addr::UNSPECIFIED), length: 0 };

    /// Returns the addresses as inclusive ranges of numbers.
    pub fn spans(self) -> Vec<(u128, u128)> {
        let (start, bits) = match self.address {
            IpAddr::V4(it) => (V4 + u128::from(u32::from(it)), 32),
            IpAddr::V6(it) => (u128::from(it), 128),
        };
        let size = 1_u128.checked_shl(u32::from(bits - self.length)).unwrap_or_default().wrapping_sub(1);
        let (from, to) = (start & !size, start | size);
        match self.address {
            IpAddr::V6(_) if from <= V4 && to >= LAST_V4 => vec![(from, V4 - 1), (LAST_V4 + 1, to)],
            _ => vec![(from, to)],
        }
    }
}

impl FromStr for Cidr {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.parse().map_err(|_| ())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Ok(most), str::parse).map_err(|_| ())?;
        if length > most {
            return Err(());
        }
        // `10.1.2.3/8` and `10.0.0.0/8` are the same block.
        let address = match address {
            IpAddr::V4(it) => IpAddr::V4((u32::from(it) & !u32::MAX.checked_shr(length.into()).unwrap_or(0)).into()),
            IpAddr::V6(it) => IpAddr::V6((u128::from(it) & !u128::MAX.checked_shr(length.into()).unwrap_or(0)).into()),
        };
        Ok(Self { address, length })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// The blocks that are not reachable from the internet.
///
/// Source: <https://www.iana.org/assignments/iana-ipv4-special-registry>, and of version 6.
const PRIVATE: [&str; 10] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
    "fc00::/7",
    "fe80::/10",
];

/// Whether address ranges are large enough to represent the internet rather than a specific network. The threshold is
/// an IPv4 `/8` or an IPv6 `/16`, without private addresses.
pub fn are_the_internet(spans: &[(u128, u128)]) -> bool {
    let mut public = spans.to_vec();
    for private in PRIVATE.iter().filter_map(|it| it.parse::<Cidr>().ok()).flat_map(Cidr::spans) {
        public = public.iter().flat_map(|span| without(*span, private)).collect();
    }
    let is_v4 = |span: &(u128, u128)| span.0 >= V4 && span.1 <= LAST_V4;
    let size = |is_wanted: &dyn Fn(&(u128, u128)) -> bool| {
        public.iter().filter(|span| is_wanted(span)).fold(0_u128, |sum, (from, to)| sum.saturating_add(to - from))
    };
    size(&is_v4) >= (1 << 24) - 256 || size(&|span| !is_v4(span)) >= (1 << 112) - 1
}

fn without(from: (u128, u128), take: (u128, u128)) -> Vec<(u128, u128)> {
    if take.1 < from.0 || take.0 > from.1 {
        return vec![from];
    }
    let before = (take.0 > from.0).then(|| (from.0, take.0 - 1));
    let after = (take.1 < from.1).then(|| (take.1 + 1, from.1));
    before.into_iter().chain(after).collect()
}

#[cfg(test)]
mod tests {
    use super::{Cidr, are_the_internet};

    fn internet(blocks: &[&str]) -> bool {
        are_the_internet(&blocks.iter().flat_map(|it| it.parse::<Cidr>().unwrap().spans()).collect::<Vec<_>>())
    }

    #[test]
    fn internet_ranges_are_large_and_public() {
        assert!(
            internet(&["0.0.0.0/0"]) && internet(&["::/0"]) && internet(&["0.0.0.0/1"]) && internet(&["52.0.0.0/8"])
        );
        assert!(!internet(&["10.0.0.0/8"]) && !internet(&["172.16.0.0/12"]) && !internet(&["203.0.113.0/24"]));
        assert!(!internet(&["fc00::/7"]) && !internet(&["2001:db8::/32"]) && !internet(&["127.0.0.1/32"]));
    }

    #[test]
    fn normalizes_host_bits() {
        assert_eq!("10.1.2.3/8".parse::<Cidr>().unwrap().to_string(), "10.0.0.0/8");
        assert_eq!("10.1.2.3".parse::<Cidr>().unwrap().to_string(), "10.1.2.3/32");
        assert!("10.0.0.0/33".parse::<Cidr>().is_err() && "a".parse::<Cidr>().is_err());
    }
}
