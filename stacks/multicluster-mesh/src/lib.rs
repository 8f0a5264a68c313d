//! One mesh over two clusters of a region, each in a network of its own.
//!
//! | stack | holds |
//! |---|---|
//! | `network` | two VPCs, joined by a transit gateway |
//! | `credentials` | what the clusters know and trust each other by |
//! | `cluster1`, `cluster2` | EKS, Istio with its gateways, and the shop, in both |

mod cluster;
mod network;
mod shop;

use meshsynth::mesh::{self, ClusterCredentials, CredentialsProps};
use meshsynth::{App, Env, Stack};

/// The region of both clusters.
pub const REGION: &str = "ap-northeast-1";
/// The name of the mesh.
pub const MESH: &str = "mesh1";

/// Defines the platform.
pub fn platform(app: &App) {
    let networks = network::define(app);
    let stack = Stack::new(app, "credentials", Env::region(REGION));
    stack.describe("What the clusters of the mesh know and trust each other by.");
    let credentials =
        ["1", "2"].map(|no| ClusterCredentials::new(&stack, &format!("cluster{no}"), CredentialsProps::default()));
    let clusters = [0, 1].map(|idx| cluster::define(app, idx + 1, &networks[idx]));
    let members = [0, 1].map(|idx| clusters[idx].member(&credentials[idx]));
    let mesh = mesh::Mesh::new(&members, mesh::MeshProps::default());
    shop::define(&mesh, &clusters);
}
