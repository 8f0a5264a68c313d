//! Names: the public domain, and a private zone that both networks ask.

use meshsynth::route53::{HostedZone, Record, RecordProps, Target, ZoneProps};
use meshsynth::{App, Duration, Env, Stack};

use crate::TOKYO;
use crate::network::Networks;
use crate::tokyo::Data;

/// The zones of the platform.
pub struct Names {
    /// What the internet asks.
    pub public: HostedZone,
    /// Where orders are written, by a name that stays when Osaka takes over.
    pub writer: String,
}

pub fn define(app: &App, networks: &Networks, data: &Data) -> Names {
    let stack = Stack::new(app, "names", Env::region(TOKYO));
    stack.describe("The public domain, and names that only the two networks know.");
    let public = HostedZone::public(&stack, "domain", "global-data.example.com", ZoneProps::default());
    stack.output("NameServers", public.name_servers());
    let vpcs = [&networks.tokyo, &networks.osaka];
    let inside = HostedZone::private(&stack, "inside", "global-data.internal", &vpcs, ZoneProps::default());
    let short = RecordProps { ttl: Duration::seconds(30), ..Default::default() };
    let writer = format!("orders-writer.{}", inside.domain());
    // Whoever lets Osaka take over points this at its cluster; nobody else notices.
    Record::new(&stack, "writer", &inside, &writer, Target::Cname(data.orders.primary().address()), short);
    Names { public, writer }
}
