//! A grant leads to a service of AWS that a VPC has no way to.
//!
//! The VPC has no endpoint of the service, or there is none: it lies in another
//! region, belongs to no region, or offers no endpoint that SDKs find. Without
//! a NAT gateway calls wait until they time out.
//!
//! Add the endpoint to `VpcProps::endpoints`, leave `endpoints_by_grant` at its
//! default, or give the VPC a NAT gateway. It is a warning, since a transit
//! gateway may lead out by another VPC.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>
