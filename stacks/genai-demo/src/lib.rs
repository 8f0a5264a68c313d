//! Six services on EKS with AWS data stores, in one region.
//!
//! | stack | contents |
//! |---|---|
//! | `network` | the VPC |
//! | `edge` | the hosted zone, the certificate, the firewall, and in production the load balancer |
//! | `keys-global` | in production: the key of the header secret of CloudFront, in us-east-1 |
//! | `edge-global` | in production: CloudFront with its certificate and firewall, in us-east-1 |
//! | `platform` | EKS with its nodes, add-ons and controllers |
//! | `data` | a database and an image repository per service, Kafka, a cache |
//! | `services` | the services with their roles and connections |
//! | `delivery` | a pipeline per service |
//! | `observability` | logs, alarms, dashboard, traces |
//! | `backup` | backups of the databases |

mod backup;
mod cluster;
mod data;
mod delivery;
mod edge;
mod environment;
mod network;
mod observability;
mod services;

use meshsynth::App;

pub use environment::Environment;

/// Defines the platform for an environment.
pub fn platform(app: &App, env: &Environment) {
    let vpc = network::define(app, env);
    let edge = edge::define(app, env, &vpc);
    let (cluster, keda) = cluster::define(app, env, &vpc, &edge);
    let data = data::define(app, env, &vpc);
    let services = services::define(app, env, &cluster, &keda, &data, &edge);
    delivery::define(app, env, &data);
    observability::define(app, env, &cluster, &data, &services);
    backup::define(app, env, &data);
}
