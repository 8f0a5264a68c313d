//! One mesh over two regions, Tokyo and Osaka, with a cluster and a network in each.
//!
//! | stack | contents |
//! |---|---|
//! | `edge` | the hosted zone of the services |
//! | `network-tokyo`, `network-osaka` | a VPC in each region |
//! | `link-tokyo`, `link-osaka` | the VPC peering, and the routes of each side |
//! | `credentials-tokyo`, `credentials-osaka` | the tokens and certificate authorities of the clusters |
//! | `cluster-tokyo`, `cluster-osaka` | EKS, Istio with its gateways, the services, and service discovery |

mod cluster;
mod discovery;
mod network;
mod services;

use meshsynth::mesh::{ClusterCredentials, CredentialsProps, Mesh, MeshProps};
use meshsynth::route53::{HostedZone, ZoneProps};
use meshsynth::{App, Cidr, Env, Stack};

/// The name of the mesh.
pub const MESH: &str = "mesh1";
/// The public host name. DNS routes each client to the nearest region.
pub const HOST: &str = "api.example.com";

/// A region of the mesh.
#[derive(Clone, Copy)]
pub struct Region {
    /// The region's name in construct ids.
    pub id: &'static str,
    /// The AWS region.
    pub name: &'static str,
    /// The CIDR block of the network.
    pub cidr: Cidr,
    /// The address of the ledger's virtual machine.
    pub ledger: &'static str,
}

/// The regions of the mesh.
pub const REGIONS: [Region; 2] = [
    Region { id: "tokyo", name: "ap-northeast-1", cidr: Cidr::new("10.50.0.0/16"), ledger: "10.50.200.10" },
    Region { id: "osaka", name: "ap-northeast-3", cidr: Cidr::new("10.51.0.0/16"), ledger: "10.51.200.10" },
];

impl Region {
    /// Defines a stack in this region.
    pub fn stack(&self, app: &App, what: &str) -> Stack {
        Stack::new(app, &format!("{what}-{}", self.id), Env::region(self.name))
    }

    /// Returns the name of the pod network.
    pub fn network(&self) -> String {
        format!("network-{}", self.name)
    }

    /// Returns the other region.
    pub fn other(&self) -> Region {
        if self.id == REGIONS[0].id { REGIONS[1] } else { REGIONS[0] }
    }
}

/// Defines the platform.
pub fn platform(app: &App) {
    let edge = Stack::new(app, "edge", Env::region(REGIONS[0].name));
    edge.describe("The zone of the services.");
    let zone = HostedZone::public(&edge, "zone", HOST, ZoneProps::default());
    edge.output("NameServers", zone.name_servers());
    let networks = network::define(app);
    let credentials = REGIONS.map(|region| {
        let stack = region.stack(app, "credentials");
        stack.describe("Token and certificate authority of this region's cluster in the mesh.");
        ClusterCredentials::new(&stack, "cluster", CredentialsProps::default())
    });
    let sites = [0, 1].map(|idx| cluster::define(app, REGIONS[idx], &networks[idx], &zone));
    let members = [0, 1].map(|idx| sites[idx].member(&credentials[idx]));
    let mesh = Mesh::new(&members, MeshProps::default());
    services::define(&mesh, &sites);
    sites.iter().for_each(|site| discovery::define(site, &mesh, &zone));
}
