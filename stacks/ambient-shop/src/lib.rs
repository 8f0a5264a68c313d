//! A shop without sidecars: an ambient mesh in one cluster, with the Gateway API as the only way in.
//!
//! Nodes carry the tunnels of the mesh, and requests to the services go through the waypoint
//! of their namespace. Partners reach the shop from connected networks alone, with TLS of a
//! private authority.
//!
//! | stack | holds |
//! |---|---|
//! | `network` | the VPC |
//! | `platform` | EKS with its nodes and controllers, the Gateway API, Istio |
//! | `shop` | the services with their images, the gateway, and who calls whom |

mod platform;
mod shop;

use meshsynth::aws::{Vpc, VpcProps};
use meshsynth::{App, Cidr, Env, Stack};

/// Where the platform is deployed.
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
