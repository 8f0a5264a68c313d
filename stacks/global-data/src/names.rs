//! DNS names: the public domain, and a private zone for both networks.

use meshsynth::route53::{HostedZone, Record, RecordProps, Target, ZoneProps};
use meshsynth::{App, Duration, Env, Stack};

use crate::TOKYO;
use crate::network::Networks;
use crate::tokyo::Data;

/// The hosted zones of the platform.
pub struct Names {
    /// The public zone.
    pub public: HostedZone,
    /// The private zone with the name of the writable database, which stays the same after a failover.
    pub writer: String,
}

pub fn define(app: &App, networks: &Networks, data: &Data) -> Names {
    let stack = Stack::new(app, "names", Env::region(TOKYO));
    stack.describe("Public domain, and a private zone for the two networks.");
    let public = HostedZone::public(&stack, "domain", "global-data.example.com", ZoneProps::default());
    stack.output("NameServers", public.name_servers());
    let vpcs = [&networks.tokyo, &networks.osaka];
    let inside = HostedZone::private(&stack, "inside", "global-data.internal", &vpcs, ZoneProps::default());
    let short = RecordProps { ttl: Duration::seconds(30), ..Default::default() };
    let writer = format!("orders-writer.{}", inside.domain());
    // To promote Osaka, change this record to its cluster. The clients need no change.
    Record::new(&stack, "writer", &inside, &writer, Target::Cname(data.orders.primary().address()), short);
    Names { public, writer }
}
