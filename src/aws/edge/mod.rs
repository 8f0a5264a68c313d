//! Where users come in: names, certificates, distributions, firewalls, load balancers.
//!
//! Each noun has its file; the modules below gather them under the names that
//! AWS has for its services.

mod accelerator;
mod balancer;
mod bare;
mod certificate;
mod clients;
mod delegation;
mod distribution;
mod existing_load_balancer;
mod health_check;
mod listener;
mod load_balancer;
pub(crate) mod log_bucket;
mod network_load_balancer;
mod origin_header;
mod record;
mod scheme;
mod target;
mod target_group;
mod web_acl;
mod zone;

/// Names: hosted zones, records and the health checks that records depend on.
pub mod route53 {
    pub use super::health_check::{HealthCheck, HealthCheckProps};
    pub use super::record::{Failover, Record, RecordProps, Routing};
    pub use super::target::{AliasTarget, Caa, Server, Target};
    pub use super::zone::{ExistingZone, HostedZone, ZoneProps};
}

/// Certificates that renew themselves.
pub mod acm {
    pub use super::certificate::{Certificate, CertificateProps, ExistingCertificate};
}

/// The content delivery network.
pub mod cloudfront {
    pub use super::distribution::{Caching, Distribution, DistributionProps, PriceClass};
    pub use super::origin_header::{OriginHeader, OriginHeaderProps};
}

/// The web application firewall.
pub mod wafv2 {
    pub use super::web_acl::{ExistingWebAcl, RuleGroup, Scope, WebAcl, WebAclProps};
}

/// Two fixed addresses before load balancers in several regions.
pub mod globalaccelerator {
    pub use super::accelerator::{Accelerator, AcceleratorProps, Endpoint, EndpointGroupProps};
}

/// Load balancers that are resources of a stack.
pub mod elbv2 {
    pub use super::clients::Clients;
    pub use super::existing_load_balancer::{ExistingLoadBalancer, ExistingTargetGroup};
    pub use super::load_balancer::{ApplicationLoadBalancer, ApplicationLoadBalancerProps, Route};
    pub use super::network_load_balancer::{NetworkLoadBalancer, NetworkLoadBalancerProps};
    pub use super::scheme::Scheme;
    pub use super::target_group::{TargetGroup, TargetGroupProps};
}
