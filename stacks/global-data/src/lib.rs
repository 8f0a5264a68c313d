//! One shop in two regions. Tokyo is the primary region. Osaka replicates it and can be promoted.
//!
//! | stack | contents |
//! |---|---|
//! | `keys-tokyo`, `keys-osaka` | a multi-region key and its replica |
//! | `network-tokyo`, `network-osaka` | a VPC and a transit gateway in each region |
//! | `link-tokyo`, `routes-tokyo`, `routes-osaka` | the peering of the gateways, and the routes that depend on it |
//! | `data-tokyo` | the primary data stores: Aurora, PostgreSQL, caches, Kafka, a table, a secret |
//! | `data-osaka` | the replicas |
//! | `names` | the public domain, and a private zone for both networks |
//! | `edge-tokyo`, `edge-osaka` | a network load balancer with its certificate |
//! | `front-door` | Global Accelerator, and the records that select a region |
//! | `platform-tokyo`, `platform-osaka` | EKS in Auto Mode |
//! | `services-tokyo`, `services-osaka` | the shop and its permissions in each region |
//!
//! The keys are deployed first, because the secret and the table refer to the keys of both regions.
//! Each reference between the regions is weak.

mod edge;
mod names;
mod network;
mod osaka;
mod services;
mod tokyo;

use meshsynth::kms::{Key, KeyProps};
use meshsynth::{App, Env, Stack};

/// The primary region.
pub const TOKYO: &str = "ap-northeast-1";
/// The secondary region.
pub const OSAKA: &str = "ap-northeast-3";

/// Defines the platform.
pub fn platform(app: &App) {
    let keys = Stack::new(app, "keys-tokyo", Env::region(TOKYO));
    keys.describe("Key that encrypts the platform's data.");
    let key = Key::new(&keys, "data", KeyProps { multi_region: true, ..Default::default() });
    let keys = Stack::new(app, "keys-osaka", Env::region(OSAKA));
    keys.describe("Replica of the key that encrypts the platform's data.");
    let replica = key.add_replica(&keys, "data");

    let networks = network::define(app);
    let data = tokyo::define(app, &networks.tokyo, &key, &replica);
    let copies = osaka::define(app, &networks.osaka, &replica, &data);
    let names = names::define(app, &networks, &data);
    let entries = edge::define(app, &networks, &names.public);
    services::define(app, &networks, &data, &copies, &names, &entries, [&key, &replica]);
}
