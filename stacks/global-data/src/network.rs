//! The two networks, with peered transit gateways.

use meshsynth::aws::vpc::{TransitGateway, TransitGatewayPeering, TransitGatewayProps};
use meshsynth::aws::{Vpc, VpcProps};
use meshsynth::{App, Cidr, Construct, Env, Stack};

use crate::{OSAKA, TOKYO};

/// The networks of both regions.
pub struct Networks {
    /// The network of the primary region.
    pub tokyo: Vpc,
    /// The network of the secondary region.
    pub osaka: Vpc,
}

pub fn define(app: &App) -> Networks {
    let (here, there) = (Cidr::new("10.30.0.0/16"), Cidr::new("10.31.0.0/16"));
    let (tokyo, tokyo_hub) = network(app, "network-tokyo", TOKYO, 64_512, here, there);
    let (osaka, osaka_hub) = network(app, "network-osaka", OSAKA, 64_513, there, here);

    let link = Stack::new(app, "link-tokyo", Env::region(TOKYO));
    link.describe("Request for a transit gateway peering, which the owner of the other gateway accepts once.");
    let peering = TransitGatewayPeering::new(&link, "osaka", &tokyo_hub, &osaka_hub);
    link.output("Acceptance", peering.acceptance());
    for (id, from, block) in [("routes-tokyo", &tokyo_hub, there), ("routes-osaka", &osaka_hub, here)] {
        let routes = Stack::new(app, id, Env::region(&from.scope().region()));
        routes.describe("Routes of this region over the accepted peering.");
        peering.route(&routes, "peer", from, &[block]);
    }
    Networks { tokyo, osaka }
}

fn network(app: &App, id: &str, region: &str, asn: u16, ours: Cidr, theirs: Cidr) -> (Vpc, TransitGateway) {
    let stack = Stack::new(app, id, Env::region(region));
    stack.describe("Network in three zones, and the transit gateway to the other region.");
    let vpc = Vpc::new(&stack, "vpc", VpcProps { cidr: ours, zones: 3, ..Default::default() });
    let hub = TransitGateway::new(&stack, "hub", TransitGatewayProps { asn });
    hub.attach(&stack, "attachment", &vpc).route(theirs);
    (vpc, hub)
}
