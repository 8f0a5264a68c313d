//! The clusters of a mesh have different settings where they must be the same, or the same name.
//!
//! A mesh has one id, one trust domain and one mode; otherwise identities of one
//! cluster are strangers to another, and mutual TLS between them fails. Each
//! cluster has a name and a network of its own: by the name istiod tells
//! registries apart, by the network proxies know whether to go through a
//! gateway or straight to a pod.
//!
//! Set `mesh_id`, `trust_domain` and `mode` of `IstioProps` to the same in every
//! cluster, `cluster_name` and `network` to something else in each.
//!
//! Source: <https://istio.io/latest/docs/setup/install/multicluster/before-you-begin/>
