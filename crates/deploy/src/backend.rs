//! AWS together with the clusters that it contains, as a trait that tests can implement.

use crate::aws::Aws;
use crate::cloud::{AccountRegion, Cloud, CloudError};
use crate::kube::{Client, ClusterClient, Connection};

/// The AWS calls of a deployment, and the connections to clusters.
#[allow(async_fn_in_trait, reason = "a deployment runs on one thread, so its futures need not be Send")]
pub trait Backend: Cloud {
    /// The client of a cluster.
    type Kube<'a>: ClusterClient
    where
        Self: 'a;

    /// Checks that an EKS cluster exists and accepts calls.
    async fn check_cluster(&self, place: &AccountRegion, name: &str) -> Result<(), CloudError>;
    /// Returns a client for a cluster. It connects at the first call.
    fn connect(&self, connection: Connection) -> Self::Kube<'_>;
}

impl Backend for Aws {
    type Kube<'a> = Client<'a>;

    async fn check_cluster(&self, place: &AccountRegion, name: &str) -> Result<(), CloudError> {
        self.eks(place, name).await.map(|_| ())
    }

    fn connect(&self, connection: Connection) -> Client<'_> {
        Client::new(self, connection)
    }
}
