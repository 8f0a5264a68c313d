//! A subnet of an existing VPC is in a zone of another region than its stack.
//!
//! CloudFormation looks for the subnet in the region of the stack, and does not
//! find it.
//!
//! Name the zone as the console does, such as `eu-west-1a`, or import the VPC
//! in a stack of its region.
//!
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-regions-availability-zones.html>
