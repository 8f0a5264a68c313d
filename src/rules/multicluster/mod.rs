//! Rules for meshes over several clusters.

use super::Rule;

rules! {
    "MS0822" unreachable_endpoint => mesh;
    "MS1001" inconsistent_clusters in "mesh::multi";
    "MS1003" public_api_endpoint_in_mesh in "mesh::multi";
    "MS1004" inconsistent_global_service in "mesh::multi::global_service";
    "MS1005" unsupported_remote_cluster in "mesh::multi::control_plane";
    "MS1006" object_in_remote_cluster_only => model;
    "MS1060" inconsistent_mesh_identity => mesh;
    "MS1061" invalid_remote_secret => mesh;
    "MS1062" inconsistent_service => mesh;
}
