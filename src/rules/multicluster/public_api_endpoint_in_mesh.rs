//! The API endpoint of a cluster in a mesh is public, so other clusters connect to its public addresses.
//!
//! # What it reports
//!
//! A cluster of a mesh with several clusters has a public API endpoint. The finding is a warning.
//!
//! # Why it matters
//!
//! The name of a private endpoint resolves to addresses of its VPC from everywhere. If the endpoint is also public,
//! only its own VPC resolves these addresses. istiod of another cluster then connects over the internet, from the
//! addresses of its NAT gateways. The endpoint rejects the connection unless these addresses are in `public_access`.
//!
//! # Fix
//!
//! Leave `public_access` of the cluster empty, and access the API through the network, for example with a VPN.
//! Otherwise, add the addresses of the NAT gateways of the other clusters.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>
