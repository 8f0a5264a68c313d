//! A shop on an existing network, with keys, images and domains of the company. It uses all kinds of workloads.
//!
//! An application load balancer with a firewall forwards to the gateway of the mesh, which requires tokens of the user
//! pool. Orders are processed with events: topics, queues, a bus, a state machine. A model on GPU nodes creates the
//! recommendations; the number of its pods follows the length of the queue.
//!
//! | stack | contents |
//! |---|---|
//! | `network` | the hosted zone, the certificate, and in staging the VPC |
//! | `platform` | EKS with Karpenter and controllers, Istio in two revisions, the gateway |
//! | `data` | databases, tables, files, the search domain, caches, the broker |
//! | `events` | topics, queues, the bus, functions, the state machine, schedules |
//! | `shop` | the services and jobs with their calls and rate limits |
//! | `inherited` | in production: permissions for resources that existed before |
//! | `backoffice` | in production: the workloads of the warehouse, on its own cluster |
//! | `observability` | alarms of services and stores |

mod backoffice;
mod batch;
mod data;
mod environment;
mod events;
mod inherited;
mod models;
mod names;
mod network;
mod observability;
mod partners;
mod platform;
mod pods;
mod services;

use environment::Place;
use meshsynth::App;

pub use environment::Environment;

/// Defines the platform for an environment.
pub fn platform(app: &App, env: &Environment) {
    let network = network::define(app, env);
    let platform = platform::define(app, env, &network);
    let data = data::define(app, env, &network.vpc);
    let events = events::define(app, env, &network.vpc, &data);
    let shop = services::define(app, env, &network, &platform, &data, &events);
    batch::define(env, &platform, &data, &events, &shop);
    models::define(env, &platform, &data, &events, &shop);
    if let Place::Existing(_) = &env.network {
        inherited::define(app, env, &network, &platform, &events, &shop);
        backoffice::define(app, env, &network, &data, &events);
    }
    observability::define(app, env, &data, &events, &shop);
}
