//! The network.

use meshsynth::aws::{Vpc, VpcProps};
use meshsynth::{App, Stack};

use crate::Environment;

pub fn define(app: &App, env: &Environment) -> Vpc {
    let stack = Stack::new(app, "network", env.place());
    stack.describe("Network in three zones, with endpoints for the AWS services that pods call.");
    Vpc::new(&stack, "vpc", VpcProps { cidr: env.cidr, zones: 3, nat: env.nat, ..Default::default() })
}
