//! The API endpoint of a cluster in a mesh is public, so other clusters connect to its public addresses.
//!
//! The name of an API that is private alone resolves to addresses of its
//! network, from everywhere. Once it is public too, only its own network gets
//! those; istiod of another cluster calls it over the internet, from the
//! addresses of its NAT gateways, and is turned away unless these are among
//! `public_access`.
//!
//! Leave `public_access` of the cluster empty, and reach the API through the
//! network, such as by a VPN. Otherwise add the NAT gateways' addresses of the
//! other clusters.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>
