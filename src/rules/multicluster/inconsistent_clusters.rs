//! The clusters of a mesh have different settings that must be equal, or equal names that must differ.
//!
//! # What it reports
//!
//! The rule checks the clusters of a mesh in a program. The mesh ID, the trust domain and the mode must be equal. The
//! cluster name and the network must be different.
//!
//! # Why it matters
//!
//! With different mesh IDs or trust domains, a cluster does not trust identities of another cluster, and mutual TLS
//! between them fails. istiod identifies registries by the cluster name. Proxies use the network to decide whether they
//! connect through a gateway or directly to a pod.
//!
//! # Fix
//!
//! Set `mesh_id`, `trust_domain` and `mode` of `IstioProps` to the same values in every cluster. Set `cluster_name` and
//! `network` to a different value in each cluster.
//!
//! Source: <https://istio.io/latest/docs/setup/install/multicluster/before-you-begin/>
