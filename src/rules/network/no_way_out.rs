//! A grant needs an AWS service to which a VPC has no network path.
//!
//! # What it reports
//!
//! A workload in a VPC of the program gets access to an AWS service. The VPC has neither an endpoint for the service
//! nor a NAT gateway. Some services cannot have an endpoint: services in another region, global services, and services
//! whose endpoint SDKs do not find. The finding is a warning, because a transit gateway may provide a path through
//! another VPC.
//!
//! # Why it matters
//!
//! Without an endpoint or a NAT gateway, requests wait until they time out.
//!
//! # Fix
//!
//! Add the endpoint to `VpcProps::endpoints`, keep the default of `endpoints_by_grant`, or add a NAT gateway to the
//! VPC.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>
