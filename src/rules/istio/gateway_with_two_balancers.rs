//! A gateway is led to by a load balancer beside its own, or by an Ingress of another namespace.
//!
//! A gateway has a network load balancer of its own unless its service is of type
//! `ClusterIP`: two ways in, of which one has no firewall and no certificate. And
//! the backend of an Ingress is a Service of the namespace that the Ingress is in.
//!
//! Add the gateway with `GatewayProps { service: GatewayService::ClusterIp, .. }`,
//! and define the Ingress in `gateway.namespace()`.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/ingress/>
