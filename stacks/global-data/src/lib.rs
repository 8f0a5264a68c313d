//! One shop in two regions: Tokyo writes, Osaka follows and can take over.
//!
//! | stack | holds |
//! |---|---|
//! | `keys-tokyo`, `keys-osaka` | a multi-region key and its replica |
//! | `network-tokyo`, `network-osaka` | a VPC and a transit gateway in each region |
//! | `link-tokyo`, `routes-tokyo`, `routes-osaka` | the peering of the gateways, and what goes over it once it is accepted |
//! | `data-tokyo` | what is written: Aurora, PostgreSQL, caches, Kafka, a table, a secret |
//! | `data-osaka` | what follows it |
//! | `names` | the public domain, and names that both networks know |
//! | `edge-tokyo`, `edge-osaka` | a network load balancer with its certificate |
//! | `front-door` | Global Accelerator before both, and the records that choose between them |
//! | `platform-tokyo`, `platform-osaka` | EKS in Auto Mode |
//! | `services-tokyo`, `services-osaka` | the shop, and what it may do in each region |
//!
//! The keys come first, since a secret and a table name the keys of all their regions. Every
//! reference from one region to the other is a weak one.

mod edge;
mod names;
mod network;
mod osaka;
mod services;
mod tokyo;

use meshsynth::kms::{Key, KeyProps};
use meshsynth::{App, Env, Stack};

/// The region that writes.
pub const TOKYO: &str = "ap-northeast-1";
/// The region that follows.
pub const OSAKA: &str = "ap-northeast-3";

/// Defines the platform.
pub fn platform(app: &App) {
    let keys = Stack::new(app, "keys-tokyo", Env::region(TOKYO));
    keys.describe("The key of the platform's data.");
    let key = Key::new(&keys, "data", KeyProps { multi_region: true, ..Default::default() });
    let keys = Stack::new(app, "keys-osaka", Env::region(OSAKA));
    keys.describe("The replica of the key of the platform's data.");
    let replica = key.add_replica(&keys, "data");

    let networks = network::define(app);
    let data = tokyo::define(app, &networks.tokyo, &key, &replica);
    let copies = osaka::define(app, &networks.osaka, &replica, &data);
    let names = names::define(app, &networks, &data);
    let entries = edge::define(app, &networks, &names.public);
    services::define(app, &networks, &data, &copies, &names, &entries, [&key, &replica]);
}
