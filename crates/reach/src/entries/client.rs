//! The client of an entry.

use crate::link::Verdict;
use crate::network::{Cover, End, cover, is_internet, is_private, spans};
use crate::world::World;

/// A client from outside a cluster: the internet, a set of addresses, or a network interface.
#[derive(Clone, Debug)]
pub struct Client<'a> {
    end: End<'a>,
    /// The addresses of the client; empty if unknown.
    addresses: Vec<(u128, u128)>,
}

impl<'a> Client<'a> {
    /// Creates a client from one end of a connection.
    pub fn new(world: &World, end: End<'a>) -> Self {
        let addresses = match &end {
            End::Addresses(spans, _) => spans.clone(),
            End::Interface(it) if !it.addresses.is_empty() => it.addresses.clone(),
            End::Interface(it) => {
                let blocks = it.subnets.iter().map(|id| world.resource(*id).property("CidrBlock").as_str());
                blocks.map(|it| it.and_then(spans)).collect::<Option<Vec<_>>>().unwrap_or_default().concat()
            }
            End::Internet | End::Internet6 | End::CloudFront => Vec::new(),
        };
        Self { end, addresses }
    }

    /// Returns the client's end of the connection.
    pub fn end(&self) -> &End<'a> {
        &self.end
    }

    /// Returns the addresses; empty for the internet.
    pub fn addresses(&self) -> &[(u128, u128)] {
        &self.addresses
    }

    /// Whether it is in a private network, in which internal load balancers are reachable.
    pub fn is_private(&self) -> bool {
        match &self.end {
            End::Interface(_) => true,
            End::Addresses(spans, _) => is_private(spans),
            End::Internet | End::Internet6 | End::CloudFront => false,
        }
    }

    /// Returns whether ranges contain the client.
    pub fn within(&self, ranges: &[(u128, u128)]) -> Verdict {
        match (&self.end, is_internet(ranges)) {
            (_, true) => Verdict::Allowed,
            (End::Internet | End::Internet6 | End::CloudFront, false) => Verdict::Denied,
            _ if self.addresses.is_empty() => Verdict::Unknown,
            _ => match cover(ranges, &self.addresses) {
                Cover::All => Verdict::Allowed,
                Cover::Part => Verdict::Unknown,
                Cover::None => Verdict::Denied,
            },
        }
    }
}
