//! Two networks that a transit gateway connects.

use meshsynth::aws::vpc::TransitGateway;
use meshsynth::aws::{Vpc, VpcProps};
use meshsynth::{App, Cidr, Env, Stack};

use crate::REGION;

pub fn define(app: &App) -> [Vpc; 2] {
    let stack = Stack::new(app, "network", Env::region(REGION));
    stack.describe("Two networks in three zones each, joined by a transit gateway.");
    let network = |id: &str, cidr| Vpc::new(&stack, id, VpcProps { cidr, ..Default::default() });
    let networks = [network("network1", Cidr::new("10.40.0.0/16")), network("network2", Cidr::new("10.41.0.0/16"))];
    let hub = TransitGateway::new(&stack, "hub", Default::default());
    for (id, here, there) in [("network1", 0, 1), ("network2", 1, 0)] {
        hub.attach(&stack, &format!("hub-{id}"), &networks[here]).route(networks[there].cidr());
    }
    networks
}
