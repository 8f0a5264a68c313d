//! An imported VPC is peered, and the program defines no route from it to the peering connection.
//!
//! # What it reports
//!
//! One side of a peering is an imported VPC. The finding is a warning.
//!
//! # Why it matters
//!
//! The route tables of an imported VPC are unknown, so the program defines no route in them. Until the owner adds the
//! route, responses do not return. Every connection times out, although the peering connection is active.
//!
//! # Fix
//!
//! Give the owner the task in `owners.json`: add a route to the CIDR block of the other network in the route tables of
//! the subnets.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html>
