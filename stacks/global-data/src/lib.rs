//! Data that lives in two regions: Tokyo writes, Osaka follows and can take over.
//!
//! | stack | holds |
//! |---|---|
//! | `keys-tokyo`, `keys-osaka` | a multi-region key and its replica |
//! | `network-tokyo`, `network-osaka` | a VPC in each region |
//! | `data-tokyo` | what is written: Aurora, PostgreSQL, caches, Kafka, a table, a secret |
//! | `data-osaka` | what follows it |
//! | `services-tokyo`, `services-osaka` | who reads and writes it, in each region |
//!
//! The keys come first, since a secret and a table name the keys of all their regions.

mod osaka;
mod services;
mod tokyo;

use meshsynth::aws::{Vpc, VpcProps};
use meshsynth::kms::{Key, KeyProps};
use meshsynth::{App, Cidr, Env, Stack};

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

    let here = network(app, "network-tokyo", TOKYO, Cidr::new("10.30.0.0/16"));
    let there = network(app, "network-osaka", OSAKA, Cidr::new("10.31.0.0/16"));
    let data = tokyo::define(app, &here, &key, &replica);
    let copies = osaka::define(app, &there, &replica, &data);
    services::define(app, &data, &copies, &here, &there);
}

fn network(app: &App, id: &str, region: &str, cidr: Cidr) -> Vpc {
    let stack = Stack::new(app, id, Env::region(region));
    stack.describe("Network in three zones.");
    Vpc::new(&stack, "vpc", VpcProps { cidr, zones: 3, ..Default::default() })
}
