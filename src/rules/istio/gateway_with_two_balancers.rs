//! A gateway with its own load balancer is the target of another one, or of an Ingress in another namespace.
//!
//! # What it reports
//!
//! `to_gateway` or a target group refers to a gateway that has its own Network Load Balancer, or the Ingress is not in
//! the namespace of the gateway.
//!
//! # Why it matters
//!
//! By default, a gateway has its own Network Load Balancer. A second load balancer creates two entry points, one of
//! them without firewall and certificate. The backend of an Ingress is always a Service in the namespace of the
//! Ingress.
//!
//! # Fix
//!
//! Add the gateway with `GatewayProps { service: GatewayService::ClusterIp, .. }`, and define the Ingress in
//! `gateway.namespace()`.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/ingress/>
