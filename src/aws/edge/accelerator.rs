//! AWS Global Accelerator accelerators.

use crate::Resource;
use crate::cfn::globalaccelerator as ga;
use crate::cfn::globalaccelerator::accelerator::{IpAddressType, Tag};
use crate::cfn::globalaccelerator::endpoint_group::{EndpointConfiguration, HealthCheckProtocol};
use crate::cfn::globalaccelerator::listener::{ClientAffinity, PortRange, Protocol};
use crate::diagram::DiagramNode;
use crate::name;
use crate::tree::{Construct, Scope};
use crate::units::{Duration, Percent};
use crate::val::{IntoVal, Val};

use super::super::display_name;
use super::load_balancer::ApplicationLoadBalancer;
use super::network_load_balancer::NetworkLoadBalancer;
use super::target::AliasTarget;

/// Properties of an [`Accelerator`].
#[derive(Clone, Debug)]
pub struct AcceleratorProps {
    /// The TCP ports of the listener. Default: 80 and 443.
    pub ports: Vec<u16>,
    /// Whether all connections of a client go to the same endpoint. Default: `false`.
    pub sticky: bool,
}

impl Default for AcceleratorProps {
    fn default() -> Self {
        Self { ports: vec![80, 443], sticky: false }
    }
}

/// Properties of the endpoints of one region.
#[derive(Clone, Debug)]
pub struct EndpointGroupProps {
    /// The percentage of the region's traffic that the group receives. The remaining traffic goes to groups in other
    /// regions. Default: 100 %.
    pub dial: Percent,
    /// The health check port for endpoints without their own health checks. Default: 443.
    pub health_port: u16,
    /// The health check interval: 10 or 30 seconds. Default: 30 seconds.
    pub interval: Duration,
    /// The number of consecutive results that change the health status. Default: 3.
    pub failures: u8,
    /// Whether endpoints see the client's IP address. It must be `false` if a network load balancer terminates TLS.
    /// Default: `true`.
    pub preserve_client: bool,
}

impl Default for EndpointGroupProps {
    fn default() -> Self {
        Self {
            dial: Percent(100),
            health_port: 443,
            interval: Duration::seconds(30),
            failures: 3,
            preserve_client: true,
        }
    }
}

/// An endpoint of an accelerator: a load balancer and its weight within the region.
#[derive(Clone)]
pub struct Endpoint {
    arn: Val<String>,
    weight: u8,
    of: Option<Scope>,
}

impl Endpoint {
    /// Refers to an application load balancer with a weight from 0 to 255.
    pub fn application(balancer: &ApplicationLoadBalancer, weight: u8) -> Self {
        Self { arn: balancer.arn(), weight, of: Some(balancer.scope().clone()) }
    }

    /// Refers to a network load balancer with a weight from 0 to 255.
    pub fn network(balancer: &NetworkLoadBalancer, weight: u8) -> Self {
        Self { arn: balancer.arn(), weight, of: Some(balancer.scope().clone()) }
    }

    /// Refers to an existing load balancer by its ARN, with a weight from 0 to 255.
    pub fn existing(arn: impl IntoVal<String>, weight: u8) -> Self {
        Self { arn: arn.into_val(), weight, of: None }
    }
}

/// An accelerator: two static IP addresses that route clients to the nearest healthy load balancer, in one or several
/// regions.
///
/// The accelerator uses the load balancers' own health checks.
///
/// # Diagnostics
///
/// - `MS0608`: the client IP address cannot be preserved, because the load balancer terminates TLS.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, elbv2, globalaccelerator, App, aws};
/// # let app = App::new("shop");
/// # let edge = testing::stack(&app, "edge");
/// # let vpc = aws::Vpc::new(&edge, "vpc", aws::VpcProps::default());
/// # let tokyo = elbv2::NetworkLoadBalancer::new(&edge, "gateway", &vpc, Default::default());
/// let entry = globalaccelerator::Accelerator::new(&edge, "entry", Default::default());
/// entry.add_endpoint_group("ap-northeast-1", [globalaccelerator::Endpoint::network(&tokyo, 128)], Default::default());
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-globalaccelerator-accelerator.html>
#[derive(Clone)]
pub struct Accelerator {
    scope: Scope,
    accelerator: Resource<ga::Accelerator>,
    listener: Resource<ga::Listener>,
    ports: Vec<u16>,
}

impl Accelerator {
    /// Defines an accelerator with one listener.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: AcceleratorProps) -> Self {
        let scope = scope.scope().construct(id);
        let accelerator = ga::Accelerator::new(name::dns_label(&display_name(&scope), 63))
            .enabled(true)
            .ip_address_type(IpAddressType::Ipv4)
            .tags([Tag::new("Name", display_name(&scope))])
            .define(&scope, "resource");
        let ports: Vec<_> = props.ports.iter().map(|port| PortRange::new(*port, *port)).collect();
        let affinity = if props.sticky { ClientAffinity::SourceIp } else { ClientAffinity::None };
        let listener = ga::Listener::new(accelerator.accelerator_arn(), ports, Protocol::Tcp)
            .client_affinity(affinity)
            .define(&scope, "listener");
        scope.diagram(DiagramNode::entry("accelerator"));
        Self { scope, accelerator, listener, ports: props.ports }
    }

    /// Adds the endpoint group of a region. A listener has one group for each region.
    #[track_caller]
    pub fn add_endpoint_group(
        &self,
        region: &str,
        endpoints: impl IntoIterator<Item = Endpoint>,
        props: EndpointGroupProps,
    ) -> &Self {
        let endpoint = |it: Endpoint| {
            if let (Some(of), Some(port)) = (&it.of, self.ports.iter().max()) {
                self.scope.leads_to(of, *port);
            }
            EndpointConfiguration::new(it.arn).weight(it.weight).client_ip_preservation_enabled(props.preserve_client)
        };
        let endpoints: Vec<_> = endpoints.into_iter().map(endpoint).collect();
        ga::EndpointGroup::new(region, self.listener.listener_arn())
            .endpoint_configurations(endpoints)
            .traffic_dial_percentage(u32::from(props.dial.0))
            .health_check_port(props.health_port)
            .health_check_protocol(HealthCheckProtocol::Tcp)
            .health_check_interval_seconds(props.interval.as_seconds() as i64)
            .threshold_count(props.failures)
            .define(&self.scope, region);
        self
    }

    /// Returns the DNS name of the accelerator, which resolves to its static addresses.
    pub fn dns_name(&self) -> Val<String> {
        self.accelerator.dns_name()
    }
}

impl Construct for Accelerator {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl AliasTarget for Accelerator {
    /// Returns the DNS name and the hosted zone ID, which is the same for all accelerators.
    ///
    /// Source: <https://docs.aws.amazon.com/general/latest/gr/global_accelerator.html>
    fn alias(&self) -> (Val<String>, Val<String>) {
        (self.dns_name(), Val::from("Z2BJ6XQ5FK7U4H"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Platform, stack};

    #[test]
    fn each_region_has_an_endpoint_group_and_traffic_dial() {
        let platform = Platform::synth("shop", |app| {
            let entry = Accelerator::new(&stack(app, "edge"), "entry", AcceleratorProps::default());
            let half = EndpointGroupProps { dial: Percent(50), ..Default::default() };
            let arn = |region: &str| {
                Val::<String>::from(format!(
                    "arn:aws:elasticloadbalancing:{region}:111122223333:loadbalancer/net/a/0123456789abcdef"
                ))
            };
            for (region, props) in [("ap-northeast-1", Default::default()), ("ap-northeast-3", half)] {
                entry.add_endpoint_group(region, [Endpoint::existing(arn(region), 128)], props);
            }
        });
        let groups = platform.resources("AWS::GlobalAccelerator::EndpointGroup");
        let mut shares: Vec<_> = groups.iter().map(|it| it.props["TrafficDialPercentage"].as_f64()).collect();
        shares.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
        assert_eq!(shares, [Some(50.0), Some(100.0)]);
        assert!(
            platform.resource("AWS::GlobalAccelerator::Listener").props["PortRanges"]
                .as_array()
                .is_some_and(|it| it.len() == 2)
        );
    }
}
