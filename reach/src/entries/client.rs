//! Who comes to an entry.

use crate::link::Verdict;
use crate::network::{Cover, End, cover, is_internet, is_private, spans};
use crate::world::World;

/// Who comes from outside of a cluster: anybody, whoever has some addresses, or something with an interface.
#[derive(Clone, Debug)]
pub struct Client<'a> {
    end: End<'a>,
    /// The addresses that it has; empty where they are not known.
    addresses: Vec<(u128, u128)>,
}

impl<'a> Client<'a> {
    /// One end of a connection, as who comes.
    pub fn new(world: &World, end: End<'a>) -> Self {
        let addresses = match &end {
            End::Addresses(spans, _) => spans.clone(),
            End::Interface(it) if !it.addresses.is_empty() => it.addresses.clone(),
            End::Interface(it) => {
                let blocks = it.subnets.iter().map(|id| world.resource(*id).property("CidrBlock").as_str());
                blocks.map(|it| it.and_then(spans)).collect::<Option<Vec<_>>>().unwrap_or_default().concat()
            }
            End::Internet | End::CloudFront => Vec::new(),
        };
        Self { end, addresses }
    }

    /// Its end of the connection.
    pub fn end(&self) -> &End<'a> {
        &self.end
    }

    /// Its addresses; empty for anybody.
    pub fn addresses(&self) -> &[(u128, u128)] {
        &self.addresses
    }

    /// Whether it is within networks that are not public, where internal load balancers are.
    pub fn is_private(&self) -> bool {
        match &self.end {
            End::Interface(_) => true,
            End::Addresses(spans, _) => is_private(spans),
            End::Internet | End::CloudFront => false,
        }
    }

    /// Whether ranges that somebody takes hold it.
    pub fn within(&self, ranges: &[(u128, u128)]) -> Verdict {
        match (&self.end, is_internet(ranges)) {
            (_, true) => Verdict::Allowed,
            (End::Internet | End::CloudFront, false) => Verdict::Denied,
            _ if self.addresses.is_empty() => Verdict::Unknown,
            _ => match cover(ranges, &self.addresses) {
                Cover::All => Verdict::Allowed,
                Cover::Part => Verdict::Unknown,
                Cover::None => Verdict::Denied,
            },
        }
    }
}
