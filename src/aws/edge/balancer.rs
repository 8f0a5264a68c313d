//! Common parts of application and network load balancers.

use crate::Resource;
use crate::aws::{SecurityGroup, Vpc};
use crate::cfn::elasticloadbalancingv2 as elb;
use crate::cfn::elasticloadbalancingv2::load_balancer::{LoadBalancerAttribute, Tag, Type};
use crate::tree::Scope;
use crate::val::Val;

use super::super::display_name;
use super::existing_load_balancer::ExistingLoadBalancer;
use super::log_bucket::{self, Writer};
use super::scheme::Scheme;

/// A load balancer without listeners, and its security group, which allows the clients.
pub(super) struct Balancer {
    pub resource: Resource<elb::LoadBalancer>,
    pub group: SecurityGroup,
}

/// The identifiers of a load balancer: ARN, DNS name, hosted zone and metric name.
#[derive(Clone)]
pub(super) struct Address {
    pub arn: Val<String>,
    pub dns_name: Val<String>,
    /// The hosted zone of the DNS name, for alias records.
    pub zone_id: Val<String>,
    /// The part of the ARN that identifies the load balancer in metrics.
    pub full_name: Val<String>,
}

impl Address {
    pub fn of(balancer: &Resource<elb::LoadBalancer>) -> Self {
        Self {
            arn: balancer.load_balancer_arn(),
            dns_name: balancer.dns_name(),
            zone_id: balancer.canonical_hosted_zone_id(),
            full_name: balancer.load_balancer_full_name(),
        }
    }

    pub fn imported(existing: &ExistingLoadBalancer) -> Self {
        Self {
            arn: existing.arn.clone(),
            dns_name: existing.dns_name.clone(),
            zone_id: existing.zone_id.clone(),
            full_name: existing.arn.clone().piece(":loadbalancer/", 1),
        }
    }
}

/// The settings of a load balancer.
pub(super) struct BalancerProps<'a> {
    pub type_: Type,
    pub scheme: Scheme,
    pub writer: Writer,
    pub log_days: u16,
    pub deletion_protection: bool,
    /// Attributes that only this type of load balancer supports.
    pub attributes: &'a [(&'a str, String)],
}

/// Defines the load balancer, its security group and its access log bucket. The scheme determines the subnet tier of
/// the load balancer.
pub(super) fn define(scope: &Scope, vpc: &Vpc, props: BalancerProps<'_>) -> Balancer {
    let name = display_name(scope);
    let group = SecurityGroup::new(scope, "clients", vpc, &format!("clients of {name}"));
    let logs = log_bucket::define(scope, props.writer, props.log_days);
    let common = [
        ("access_logs.s3.enabled", Val::from("true")),
        ("access_logs.s3.bucket", logs.bucket.reference().into_text()),
        ("deletion_protection.enabled", Val::from(props.deletion_protection.to_string())),
    ];
    let own = props.attributes.iter().map(|(key, value)| (*key, Val::from(value.clone())));
    let attribute = |(key, value): (&str, Val<String>)| LoadBalancerAttribute::new().key(key.to_owned()).value(value);
    let attributes: Vec<_> = common.into_iter().chain(own).map(attribute).collect();
    let resource = elb::LoadBalancer::new()
        .type_(props.type_)
        .scheme(props.scheme.value())
        .subnets(vpc.subnet_ids(props.scheme.tier()))
        .security_groups([group.id()])
        .load_balancer_attributes(attributes)
        .tags([Tag::new("Name").value(name)])
        .define(scope, "resource");
    resource.depends_on(&logs.policy);
    Balancer { resource, group }
}
