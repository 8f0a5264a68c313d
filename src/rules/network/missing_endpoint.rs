//! A grant leads to a service of AWS that has no known endpoint in an existing VPC.
//!
//! What is granted is permitted, and there may be no way to it: calls then wait
//! until they time out. Of a VPC that the program imports, only what
//! `ExistingVpc` says is known. Network policies are opened for both ways, the
//! block of the VPC and the public addresses of AWS.
//!
//! Have the owner add the endpoint and name it in `ExistingVpc::endpoints`, or
//! say `has_nat: true` where the private subnets lead to the internet.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html>
