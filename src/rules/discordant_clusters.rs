//! Clusters of one mesh have different modes, or share a network.
//!
//! Sidecars and ambient speak to each other within a cluster; between networks
//! each has a gateway of its own kind, and neither understands the other. And
//! where two clusters name the same network, proxies take the pods of one for
//! neighbours of the other, and connect to addresses that nobody routes.
//!
//! Set `mode` of `IstioProps` to the same in every cluster, and `network` to something else in each.
//! `MS1060` looks at the ids, names and trust domains of the clusters.
//!
//! Source: <https://istio.io/latest/docs/setup/install/multicluster/before-you-begin/>
