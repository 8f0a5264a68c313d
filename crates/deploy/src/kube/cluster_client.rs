//! The client of a cluster, as a trait that tests can implement.

use anyhow::Result;
use kube::config::Kubeconfig;

use super::Kube;

/// A client of a cluster that other programs can also use, such as Helm.
#[allow(async_fn_in_trait, reason = "a deployment runs on one thread, so its futures need not be Send")]
pub trait ClusterClient: Kube {
    /// Returns a kubeconfig for the cluster. It contains a token, so only the current user may read it.
    async fn kubeconfig(&self) -> Result<Kubeconfig>;
}
