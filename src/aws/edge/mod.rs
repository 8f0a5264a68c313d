//! The edge: DNS records, certificates, distributions, web ACLs and load balancers.
//!
//! Each construct has its own file. The modules below group them by AWS service.

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

/// Route 53 hosted zones, records and health checks.
pub mod route53 {
    pub use super::health_check::{HealthCheck, HealthCheckProps};
    pub use super::record::{Failover, Record, RecordProps, Routing};
    pub use super::target::{AliasTarget, Caa, Server, Target};
    pub use super::zone::{ExistingZone, HostedZone, ZoneProps};
}

/// Certificates that AWS renews.
pub mod acm {
    pub use super::certificate::{Certificate, CertificateProps, ExistingCertificate};
}

/// The content delivery network of AWS.
pub mod cloudfront {
    pub use super::distribution::{Caching, Distribution, DistributionProps, PriceClass};
    pub use super::origin_header::{OriginHeader, OriginHeaderProps};
}

/// The web application firewall of AWS.
pub mod wafv2 {
    pub use super::web_acl::{ExistingWebAcl, RuleGroup, Scope, WebAcl, WebAclProps};
}

/// Static IP addresses in front of load balancers in several regions.
pub mod globalaccelerator {
    pub use super::accelerator::{Accelerator, AcceleratorProps, Endpoint, EndpointGroupProps};
}

/// Load balancers that CloudFormation manages.
pub mod elbv2 {
    pub use super::clients::Clients;
    pub use super::existing_load_balancer::{ExistingLoadBalancer, ExistingTargetGroup};
    pub use super::load_balancer::{ApplicationLoadBalancer, ApplicationLoadBalancerProps, Route};
    pub use super::network_load_balancer::{NetworkLoadBalancer, NetworkLoadBalancerProps};
    pub use super::scheme::Scheme;
    pub use super::target_group::{TargetGroup, TargetGroupProps};
}
