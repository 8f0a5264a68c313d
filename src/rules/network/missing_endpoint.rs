//! A grant needs an AWS service without a known endpoint in an imported VPC.
//!
//! # What it reports
//!
//! A workload in an imported VPC gets access to an AWS service. `ExistingVpc` lists neither an endpoint for this
//! service nor a NAT gateway. The finding is a warning.
//!
//! # Why it matters
//!
//! The permission exists, but there may be no network path. Requests then wait until they time out. For an imported
//! VPC, meshsynth uses only the values in `ExistingVpc`. It opens network policies for both paths: the CIDR block of
//! the VPC and the public addresses of AWS.
//!
//! # Fix
//!
//! Ask the owner to add the endpoint, and list it in `ExistingVpc::endpoints`. If the private subnets have a route to
//! the internet, set `has_nat: true`.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html>
