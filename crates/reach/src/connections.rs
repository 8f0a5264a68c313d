//! Sets of ports that a layer admits between two ends.

use std::fmt;

/// A protocol with ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// All protocols, in the order in which sets are written.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// Parses a name, case-insensitively.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name().eq_ignore_ascii_case(name))
    }

    /// Returns the Kubernetes name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }
}

/// The admitted connections: disjoint, sorted port ranges of each protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Connections([Vec<(u16, u16)>; 3]);

impl Connections {
    /// Returns the empty set.
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns all ports of all protocols.
    pub fn all() -> Self {
        Self(std::array::from_fn(|_| vec![(1, u16::MAX)]))
    }

    /// Returns an inclusive range of ports of one protocol.
    pub fn ports(protocol: Protocol, from: u16, to: u16) -> Self {
        let mut set = Self::none();
        if from.max(1) <= to {
            set.0[protocol as usize] = vec![(from.max(1), to)];
        }
        set
    }

    /// Returns all ports of one protocol.
    pub fn every(protocol: Protocol) -> Self {
        Self::ports(protocol, 1, u16::MAX)
    }

    /// Whether the set is empty.
    pub fn is_none(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }

    /// Whether the set contains all connections.
    pub fn is_all(&self) -> bool {
        self.0.iter().all(|ranges| ranges.as_slice() == [(1, u16::MAX)])
    }

    /// Whether a port is admitted.
    pub fn has(&self, protocol: Protocol, port: u16) -> bool {
        self.0[protocol as usize].iter().any(|(from, to)| (*from..=*to).contains(&port))
    }

    /// Returns the ranges of a protocol.
    pub fn of(&self, protocol: Protocol) -> &[(u16, u16)] {
        &self.0[protocol as usize]
    }

    /// Returns the union of both sets.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|at| joined(self.0[at].iter().chain(&other.0[at]).copied().collect())))
    }

    /// Returns the intersection of both sets.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let meet = |a: &[(u16, u16)], b: &[(u16, u16)]| {
            let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))));
            joined(pairs.filter(|(from, to)| from <= to).collect())
        };
        Self(std::array::from_fn(|at| meet(&self.0[at], &other.0[at])))
    }

    /// Returns the difference: this set without the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.and(&other.complement())
    }

    fn complement(&self) -> Self {
        Self(std::array::from_fn(|at| {
            let mut next = 1_u32;
            let mut gaps = Vec::new();
            for (from, to) in &self.0[at] {
                if u32::from(*from) > next {
                    gaps.push((next as u16, from - 1));
                }
                next = u32::from(*to) + 1;
            }
            if next <= u32::from(u16::MAX) {
                gaps.push((next as u16, u16::MAX));
            }
            gaps
        }))
    }
}

fn joined(mut ranges: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    ranges.sort_unstable();
    let mut out: Vec<(u16, u16)> = Vec::new();
    for (from, to) in ranges {
        match out.last_mut() {
            Some(last) if u32::from(from) <= u32::from(last.1) + 1 => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}

impl fmt::Display for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            return f.write_str("all connections");
        }
        if self.is_none() {
            return f.write_str("no connections");
        }
        let of = |protocol: Protocol| {
            let range = |(from, to): &(u16, u16)| if from == to { from.to_string() } else { format!("{from}-{to}") };
            let ranges: Vec<String> = self.of(protocol).iter().map(range).collect();
            (!ranges.is_empty()).then(|| format!("{} {}", protocol.name(), ranges.join(",")))
        };
        let parts: Vec<String> = [Protocol::Sctp, Protocol::Tcp, Protocol::Udp].into_iter().filter_map(of).collect();
        f.write_str(&parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::{Connections, Protocol};

    #[test]
    fn port_sets_support_union_and_difference() {
        let web = Connections::ports(Protocol::Tcp, 80, 89).or(&Connections::ports(Protocol::Tcp, 90, 90));
        assert_eq!(web.to_string(), "TCP 80-90");
        assert_eq!(web.without(&Connections::ports(Protocol::Tcp, 85, 86)).to_string(), "TCP 80-84,87-90");
        assert!(Connections::all().without(&Connections::all()).is_none());
        assert!(web.and(&Connections::every(Protocol::Udp)).is_none());
        assert!(web.and(&Connections::all()).has(Protocol::Tcp, 90));
    }
}
