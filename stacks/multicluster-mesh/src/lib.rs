//! One mesh over two clusters in one region, each in a separate network.
//!
//! | stack | contents |
//! |---|---|
//! | `network` | two VPCs that a transit gateway connects |
//! | `edge` | the hosted zone and certificate of the shop |
//! | `credentials` | the tokens and certificate authorities of the clusters |
//! | `cluster1`, `cluster2` | EKS, Istio with its gateways, monitoring, and the shop |

mod cluster;
mod edge;
mod network;
mod shop;
mod watch;
mod work;

use meshsynth::mesh::{ClusterCredentials, CredentialsProps, Mesh, MeshProps};
use meshsynth::{App, Env, Stack};

/// The region of both clusters.
pub const REGION: &str = "ap-northeast-1";
/// The name of the mesh.
pub const MESH: &str = "mesh1";
/// The public host name.
pub const HOST: &str = "shop.example.com";

/// Defines the platform.
pub fn platform(app: &App) {
    let networks = network::define(app);
    let edge = edge::define(app);
    let stack = Stack::new(app, "credentials", Env::region(REGION));
    stack.describe("Tokens and certificate authorities of the clusters in the mesh.");
    let credentials =
        ["cluster1", "cluster2"].map(|name| ClusterCredentials::new(&stack, name, CredentialsProps::default()));
    let sites = [0, 1].map(|idx| cluster::define(app, idx + 1, &networks[idx], &edge));
    let members = [0, 1].map(|idx| sites[idx].member(&credentials[idx]));
    let mesh = Mesh::new(&members, MeshProps::default());
    shop::define(&mesh, &sites);
    sites.iter().for_each(work::define);
}
