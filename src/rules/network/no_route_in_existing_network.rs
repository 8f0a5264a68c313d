//! A network that exists already is peered, and nothing here routes its packets to the peering.
//!
//! The route tables of an imported VPC are not known, so no route is defined in
//! them. Until its owner has done so, packets arrive and answers do not come
//! back: every connection times out, although the peering is active.
//!
//! Give the owner the task that `owners.json` names: a route to the block of
//! the other network in the route tables of the subnets that take part.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html>
