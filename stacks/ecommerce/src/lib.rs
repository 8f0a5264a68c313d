//! Six services in one mesh, each behind a path of `api.c4ang.com`.
//!
//! Users reach a network load balancer, which hands TLS on to Istio's gateway;
//! the gateway leads by path, and every call from there on is between
//! identities of the mesh.
//!
//! | stack | holds |
//! |---|---|
//! | `network` | the VPC and the zone of the domain |
//! | `platform` | EKS with its nodes and controllers, Istio, certificates |
//! | `services` | the services with their images, who calls whom, what is exposed and how |

mod images;
mod network;
mod platform;
mod services;

use meshsynth::{App, Env};

/// Where the platform is deployed.
fn place() -> Env {
    Env::region("ap-northeast-1")
}

/// Defines the platform.
pub fn platform(app: &App) {
    let network = network::define(app);
    let platform = platform::define(app, &network);
    services::define(app, &platform);
}
