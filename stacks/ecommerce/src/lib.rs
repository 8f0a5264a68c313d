//! Six services in one mesh, each at a path of `api.c4ang.com`.
//!
//! A network load balancer passes TLS connections to the Istio ingress
//! gateway, which routes by path. All calls between services
//! use the identities of the mesh.
//!
//! | stack | contents |
//! |---|---|
//! | `network` | the VPC and the hosted zone of the domain |
//! | `platform` | EKS with its nodes and controllers, Istio, certificates |
//! | `services` | the services with their images, their calls, and their public paths |

mod images;
mod network;
mod platform;
mod services;

use meshsynth::{App, Env};

/// Returns the account and region of all stacks.
fn place() -> Env {
    Env::region("ap-northeast-1")
}

/// Defines the platform.
pub fn platform(app: &App) {
    let network = network::define(app);
    let platform = platform::define(app, &network);
    services::define(app, &platform);
}
