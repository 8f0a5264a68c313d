//! One mesh over two regions: Tokyo and Osaka, a cluster and a network in each.
//!
//! | stack | holds |
//! |---|---|
//! | `network-tokyo`, `network-osaka` | a VPC in each region |
//! | `link-tokyo`, `link-osaka` | the peering of the two, and the routes of each side |
//! | `credentials-tokyo`, `credentials-osaka` | what the clusters know and trust each other by |
//! | `cluster-tokyo`, `cluster-osaka` | EKS, Istio with its gateways, the services, and what finds them across regions |

mod cluster;
mod discovery;
mod network;
mod services;

use meshsynth::mesh::{self, ClusterCredentials, CredentialsProps};
use meshsynth::{App, Env, Stack};

/// The name of the mesh.
pub const MESH: &str = "mesh1";

/// A region of the mesh.
#[derive(Clone, Copy)]
pub struct Region {
    /// Its name in construct ids.
    pub id: &'static str,
    /// Its name in AWS.
    pub name: &'static str,
    /// The block of its network.
    pub cidr: meshsynth::Cidr,
}

/// The regions, the first of which is asked first.
pub const REGIONS: [Region; 2] = [
    Region { id: "tokyo", name: "ap-northeast-1", cidr: meshsynth::Cidr::new("10.50.0.0/16") },
    Region { id: "osaka", name: "ap-northeast-3", cidr: meshsynth::Cidr::new("10.51.0.0/16") },
];

impl Region {
    /// A stack of this region.
    pub fn stack(&self, app: &App, what: &str) -> Stack {
        Stack::new(app, &format!("{what}-{}", self.id), Env::region(self.name))
    }

    /// The name of the network of its pods.
    pub fn network(&self) -> String {
        format!("network-{}", self.name)
    }
}

/// Defines the platform.
pub fn platform(app: &App) {
    let networks = network::define(app);
    let credentials = REGIONS.map(|region| {
        let stack = region.stack(app, "credentials");
        stack.describe("What the cluster of this region is known and trusted by in the mesh.");
        ClusterCredentials::new(&stack, "cluster", CredentialsProps::default())
    });
    let sites = [0, 1].map(|idx| cluster::define(app, REGIONS[idx], &networks[idx]));
    let members = [0, 1].map(|idx| sites[idx].member(&credentials[idx]));
    let mesh = mesh::Mesh::new(&members, mesh::MeshProps::default());
    services::define(&mesh, &sites);
    discovery::define(&sites);
}
