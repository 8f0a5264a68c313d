//! A shop on an existing network, with keys, images and names of the company: every kind of workload, most stores of AWS.
//!
//! Users reach an application load balancer with a firewall, which leads to the gateway of the mesh; the gateway asks for
//! tokens of the user pool. Orders go by events: topics, queues, a bus, a state machine. Recommendations are made by a model on
//! nodes with GPUs, of which there are as many as the queue is long.
//!
//! | stack | holds |
//! |---|---|
//! | `network` | the VPC, where it is not that of the network team; the zone and the certificate |
//! | `platform` | EKS with Karpenter and controllers, Istio in two revisions, the gateway |
//! | `data` | databases, tables, files, the search domain, caches, the broker |
//! | `events` | topics, queues, the bus, functions, the state machine, schedules |
//! | `shop` | the services, the jobs, who calls whom, and how much |
//! | `inherited` | what services use of what was there before them, in production |
//! | `backoffice` | what the warehouse works with, on its own cluster, in production |
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

/// Defines the platform in an environment.
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
