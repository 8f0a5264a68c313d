//! A subnet of an imported VPC is in a zone of another region than its stack.
//!
//! # What it reports
//!
//! The zone of a subnet in `ExistingVpc::subnets` does not begin with the region of the stack.
//!
//! # Why it matters
//!
//! CloudFormation searches for the subnet in the region of the stack and does not find it.
//!
//! # Fix
//!
//! Write the zone as the AWS console shows it, such as `eu-west-1a`, or import the VPC in a stack of its region.
//!
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-regions-availability-zones.html>
