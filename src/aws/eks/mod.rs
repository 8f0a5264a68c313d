//! Kubernetes clusters: Amazon EKS with its nodes, add-ons, access and identities.

mod access;
mod add_on;
mod addons;
mod bare;
mod cluster;
mod control_plane;
mod controller;
mod definition;
mod existing;
mod identity;
mod launch_template;
mod node_group;
mod node_maker;
mod security;

use crate::node::{Kind, Node};
use crate::tree::{NodeId, Scope};

pub use crate::cfn::eks::nodegroup::Effect;
pub use crate::facts::versions::eks::DEFAULT as DEFAULT_VERSION;
pub use access::Access;
pub use add_on::AddOn;
pub use cluster::{Cluster, ClusterProps, Compute, Identity};
pub use controller::Controller;
pub use existing::ExistingCluster;
pub use node_group::{Capacity, NodeGroup, NodeGroupProps, Taint};

/// Returns the resources of a type below a scope.
fn resources_below(scope: &Scope, type_name: &str) -> Vec<Scope> {
    let below: Vec<NodeId> = scope.read(|tree| {
        let of_type = |node: &Node| matches!(&node.kind, Kind::Resource(it) if it.type_name == type_name);
        let is_below = |node: &Node| {
            let mut above = node.parent;
            while let Some(id) = above.filter(|id| *id != scope.node()) {
                above = tree.nodes[id].parent;
            }
            above.is_some()
        };
        tree.nodes.with_ids().filter(|(_, node)| of_type(node) && is_below(node)).map(|(id, _)| id).collect()
    });
    below.into_iter().map(|id| scope.at_node(id)).collect()
}

/// Adds a dependency on another resource of the same stack, for resources without a reference between them.
fn after(resource: &Scope, other: &Scope) {
    let other = other.node();
    resource.change(|node| {
        if let Kind::Resource(resource) = &mut node.kind {
            resource.depends_on.push(other);
        }
    });
}
