//! All subnets of a tier of an imported VPC are in one zone.
//!
//! # What it reports
//!
//! The subnets of one tier in `ExistingVpc::subnets` have the same zone. The finding is a warning.
//!
//! # Why it matters
//!
//! EKS, database subnet groups and Application Load Balancers need subnets in two zones, and are rejected otherwise. A
//! failure of the zone affects the complete tier.
//!
//! # Fix
//!
//! Add a subnet of a second zone to `ExistingVpc::subnets`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html>
