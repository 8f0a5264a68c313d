//! The network, and the hosted zone of the domain.

use meshsynth::aws::{Vpc, VpcProps};
use meshsynth::route53::{HostedZone, ZoneProps};
use meshsynth::{App, Cidr, Stack};

/// The constructs of the stack `network`.
pub struct Network {
    pub vpc: Vpc,
    pub zone: HostedZone,
}

pub fn define(app: &App) -> Network {
    let stack = Stack::new(app, "network", crate::place());
    stack.describe("Network in three zones, and the zone of the domain.");
    let vpc = Vpc::new(&stack, "vpc", VpcProps { cidr: Cidr::new("10.60.0.0/16"), zones: 3, ..Default::default() });
    let zone = HostedZone::public(&stack, "zone", "c4ang.com", ZoneProps::default());
    stack.output("NameServers", zone.name_servers());
    Network { vpc, zone }
}
