//! A network in each region, and the VPC peering between them.

use meshsynth::App;
use meshsynth::aws::vpc::Peering;
use meshsynth::aws::{Vpc, VpcProps};

use crate::REGIONS;

pub fn define(app: &App) -> [Vpc; 2] {
    let networks = REGIONS.map(|region| {
        let stack = region.stack(app, "network");
        stack.describe("Network in three zones.");
        Vpc::new(&stack, "vpc", VpcProps { cidr: region.cidr, ..Default::default() })
    });
    let [here, there] = REGIONS.map(|region| {
        let stack = region.stack(app, "link");
        stack.describe("VPC peering with the network of the other region.");
        stack
    });
    Peering::new(&here, "osaka", &networks[0], &networks[1], Default::default()).accept(&there, "tokyo");
    networks
}
