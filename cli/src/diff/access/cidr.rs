//! Ranges of addresses, of version 4 and 6.

use std::net::IpAddr;

/// Whether one range, in backticks and whatever words stand before it, holds another.
pub fn holds(outer: &str, inner: &str) -> bool {
    let (Some((a_words, a)), Some((b_words, b))) = (range(outer), range(inner)) else { return false };
    a_words == b_words && a.is_v6 == b.is_v6 && a.length <= b.length && a.start(a.length) == b.start(a.length)
}

struct Range {
    is_v6: bool,
    bits: u128,
    length: u32,
}

impl Range {
    /// The first bits of its addresses.
    fn start(&self, length: u32) -> u128 {
        let width = if self.is_v6 { 128 } else { 32 };
        self.bits.checked_shr(width - length).unwrap_or_default()
    }
}

fn range(text: &str) -> Option<(&str, Range)> {
    let (words, rest) = text.split_once('`')?;
    let (address, length) = rest.strip_suffix('`')?.split_once('/')?;
    let (is_v6, bits) = match address.parse().ok()? {
        IpAddr::V4(address) => (false, u128::from(u32::from(address))),
        IpAddr::V6(address) => (true, u128::from(address)),
    };
    let length: u32 = length.parse().ok().filter(|length| *length <= if is_v6 { 128 } else { 32 })?;
    Some((words, Range { is_v6, bits, length }))
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn a_range_holds_what_lies_within() {
        assert!(holds("`10.0.0.0/8`", "`10.1.0.0/16`"));
        assert!(holds("`0.0.0.0/0`", "`10.1.0.0/16`"));
        assert!(holds("`::/0`", "`2001:db8::/32`"));
        assert!(holds("`10.1.2.3/32`", "`10.1.2.3/32`"));
        assert!(!holds("`10.1.0.0/16`", "`10.0.0.0/8`"));
        assert!(!holds("`10.1.0.0/16`", "`10.2.0.0/24`"));
        assert!(!holds("`0.0.0.0/0`", "`::/0`"));
        assert!(!holds("`a`", "`10.0.0.0/8`") && !holds("`10.0.0.0/33`", "`10.0.0.0/33`"));
        assert!(!holds("`10.0.0.0/8`", "outgoing traffic to `10.0.0.0/8`"));
    }
}
