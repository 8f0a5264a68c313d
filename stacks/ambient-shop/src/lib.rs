//! A shop in an ambient mesh (without sidecars) in one cluster. Clients connect only through a Gateway API gateway.
//!
//! ztunnel on each node encrypts the traffic of the mesh. A waypoint in the namespace of the services
//! processes their HTTP requests. Partners connect from peered networks, with TLS certificates
//! of a private certificate authority.
//!
//! | stack | contents |
//! |---|---|
//! | `network` | the VPC |
//! | `platform` | EKS with its nodes and controllers, the Gateway API, Istio |
//! | `shop` | the services with their image repositories, the gateway, and the calls between services |

mod platform;
mod shop;

use meshsynth::aws::{Vpc, VpcProps};
use meshsynth::{App, Cidr, Env, Stack};

/// Returns the account and region of all stacks.
fn place() -> Env {
    Env::region("eu-central-1")
}

/// Defines the platform.
pub fn platform(app: &App) {
    let stack = Stack::new(app, "network", place());
    stack.describe("Network in three zones.");
    let vpc = Vpc::new(&stack, "vpc", VpcProps { cidr: Cidr::new("10.70.0.0/16"), zones: 3, ..Default::default() });
    let platform = platform::define(app, &vpc);
    shop::define(app, &platform);
}
