//! Network Load Balancers.

use crate::aws::existing::ArnForm;
use crate::aws::{SecurityGroup, Vpc};
use crate::cfn::elasticloadbalancingv2 as elb;
use crate::cfn::elasticloadbalancingv2::listener::{self, Action, Protocol};
use crate::cfn::elasticloadbalancingv2::load_balancer::Type;
use crate::cfn::ids::SecurityGroupId;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::Val;

use super::balancer::{self, Address, Balancer, BalancerProps};
use super::certificate::Certificate;
use super::existing_load_balancer::{ExistingLoadBalancer, form};
use super::listener::TLS;
use super::log_bucket::Writer;
use super::scheme::Scheme;
use super::target::AliasTarget;
use super::target_group::{self, TargetGroup, TargetGroupProps};

/// Properties of a [`NetworkLoadBalancer`].
#[derive(Clone, Debug)]
pub struct NetworkLoadBalancerProps {
    /// Its scheme: internal or internet-facing. Default: `Internal`.
    pub scheme: Scheme,
    /// The CIDR blocks of the clients. Default: only the VPC.
    pub clients: Vec<Cidr>,
    /// Whether cross-zone load balancing is enabled. Default: `true`.
    pub cross_zone: bool,
    /// Whether deletion protection is enabled. Default: `true`.
    pub deletion_protection: bool,
    /// Days after which access logs are deleted. Only TLS listeners write access logs. Default: 90.
    pub log_days: u16,
}

impl Default for NetworkLoadBalancerProps {
    fn default() -> Self {
        Self {
            scheme: Scheme::Internal,
            clients: Vec::new(),
            cross_zone: true,
            deletion_protection: true,
            log_days: 90,
        }
    }
}

/// A Network Load Balancer that CloudFormation manages, with a separate security group.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, elbv2, App, aws};
/// # let app = App::new("shop");
/// # let edge = testing::stack(&app, "edge");
/// # let vpc = aws::Vpc::new(&edge, "vpc", aws::VpcProps::default());
/// let balancer = elbv2::NetworkLoadBalancer::new(&edge, "gateway", &vpc, Default::default());
/// let gateways = balancer.add_tcp(443, "gateways", 8443, elbv2::TargetGroupProps {
///     health_path: "/healthz/ready".to_owned(),
///     health_port: Some(15021),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/introduction.html>
#[derive(Clone)]
pub struct NetworkLoadBalancer {
    scope: Scope,
    vpc: Vpc,
    props: NetworkLoadBalancerProps,
    group: SecurityGroup,
    at: Address,
}

/// The ARN formats of a network load balancer and its listeners.
const BALANCER: ArnForm = form(
    "network load balancer",
    "loadbalancer/net/",
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/entry/50dc6c495c0c9188",
);
const LISTENER: ArnForm = form(
    "listener of a network load balancer",
    "listener/net/",
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/net/entry/50dc6c495c0c9188/f2f7dc8efc522ab2",
);

impl NetworkLoadBalancer {
    /// Defines a load balancer without listeners.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, props: NetworkLoadBalancerProps) -> Self {
        let scope = scope.scope().construct(id);
        let balancer_props = BalancerProps {
            type_: Type::Network,
            scheme: props.scheme,
            writer: Writer::Delivery,
            log_days: props.log_days,
            deletion_protection: props.deletion_protection,
            attributes: &[("load_balancing.cross_zone.enabled", props.cross_zone.to_string())],
        };
        let Balancer { resource: balancer, group } = balancer::define(&scope, vpc, balancer_props);
        scope.diagram(props.scheme.diagram_node("network load balancer").within(vpc));
        Self { vpc: vpc.clone(), scope, props, group, at: Address::of(&balancer) }
    }

    /// Refers to an existing load balancer, for example to add listeners and alias records.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, elbv2, App, aws};
    /// # let app = App::new("shop");
    /// # let edge = testing::stack(&app, "edge");
    /// # let vpc = aws::Vpc::new(&edge, "vpc", aws::VpcProps::default());
    /// let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/net/entry/50dc6c495c0c9188";
    /// let host = "entry-1.elb.ap-northeast-1.amazonaws.com";
    /// let existing = elbv2::ExistingLoadBalancer::new(arn, host, "Z31USIVHYNEOWT", "sg-0123456789abcdef0", &vpc);
    /// let entry = elbv2::NetworkLoadBalancer::import(&edge, "entry", existing);
    /// let gateways = entry.add_tcp(8443, "gateways", 8443, Default::default());
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingLoadBalancer) -> Self {
        let scope = scope.scope().construct(id);
        let existing = existing.read_in(&scope, &BALANCER, &LISTENER);
        scope.diagram(existing.scheme.diagram_node("network load balancer").within(&existing.vpc));
        let group = SecurityGroup::import(&scope, "clients", existing.security_group.clone());
        let at = Address::imported(&existing);
        let ExistingLoadBalancer { vpc, scheme, clients, .. } = existing;
        let props = NetworkLoadBalancerProps { scheme, clients, ..Default::default() };
        Self { scope, vpc, props, group, at }
    }

    /// Adds a TCP listener on `port`. It forwards connections unchanged, including TLS, to targets on `target_port`.
    #[track_caller]
    pub fn add_tcp(&self, port: u16, id: &str, target_port: u16, props: TargetGroupProps) -> TargetGroup {
        self.add(port, id, target_port, props, |listener| listener.protocol(Protocol::Tcp))
    }

    /// Adds a TLS listener on `port`. It terminates TLS and forwards connections to targets on `target_port`.
    #[track_caller]
    pub fn add_tls(
        &self,
        port: u16,
        certificate: &Certificate,
        id: &str,
        target_port: u16,
        props: TargetGroupProps,
    ) -> TargetGroup {
        let certificate = listener::Certificate::new().certificate_arn(certificate.arn().into_text());
        let tls = |it: elb::Listener| it.protocol(Protocol::Tls).ssl_policy(TLS).certificates([certificate]);
        self.add(port, id, target_port, props, tls)
    }

    #[track_caller]
    fn add(
        &self,
        port: u16,
        id: &str,
        target_port: u16,
        props: TargetGroupProps,
        listen: impl FnOnce(elb::Listener) -> elb::Listener,
    ) -> TargetGroup {
        let network = [self.vpc.cidr()];
        let clients = if self.props.clients.is_empty() { &network[..] } else { &self.props.clients };
        for cidr in clients {
            self.group.allow_from_cidr(*cidr, port, "clients");
        }
        let targets = target_group::tcp(&self.scope, id, &self.vpc, target_port, props.clone());
        let forward = Action::new(listener::Type::Forward).target_group_arn(targets.arn());
        let listener = elb::Listener::new([forward], self.arn()).port(port);
        listen(listener).define(&self.scope, &format!("listen-{port}"));
        // If the client IP address is preserved, connections to the targets come from the client addresses.
        let mut cidrs = self.vpc.subnet_cidrs(self.props.scheme.tier());
        if props.preserve_client {
            cidrs.extend(clients.iter().copied());
        }
        targets.behind(self.security_group(), &self.group, cidrs)
    }

    /// Returns the ARN of the load balancer.
    pub fn arn(&self) -> Val<String> {
        self.at.arn.clone()
    }

    /// Returns the DNS name that AWS assigned.
    pub fn dns_name(&self) -> Val<String> {
        self.at.dns_name.clone()
    }

    /// Returns its security group, from which it connects to targets.
    pub fn security_group(&self) -> Val<SecurityGroupId> {
        self.group.id()
    }
}

impl Construct for NetworkLoadBalancer {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl AliasTarget for NetworkLoadBalancer {
    fn alias(&self) -> (Val<String>, Val<String>) {
        (self.dns_name(), self.at.zone_id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::VpcProps;
    use crate::testing::{Platform, stack};

    #[test]
    fn uses_http_health_checks_and_cross_zone_balancing() {
        let platform = Platform::synth("shop", |app| {
            let edge = stack(app, "edge");
            let vpc = Vpc::new(&edge, "vpc", VpcProps::default());
            let balancer = NetworkLoadBalancer::new(&edge, "gateway", &vpc, Default::default());
            let props = TargetGroupProps {
                health_path: "/healthz/ready".to_owned(),
                health_port: Some(15021),
                ..Default::default()
            };
            balancer.add_tcp(443, "gateways", 8443, props);
        });
        let group = platform.resource("AWS::ElasticLoadBalancingV2::TargetGroup");
        assert_eq!(
            (group.props["HealthCheckProtocol"].as_str(), group.props["HealthCheckPort"].as_str()),
            (Some("HTTP"), Some("15021"))
        );
        let balancer = platform.resource("AWS::ElasticLoadBalancingV2::LoadBalancer").props.to_string();
        assert!(balancer.contains("cross_zone") && balancer.contains("\"network\""), "{balancer}");
        assert_eq!(platform.resource("AWS::ElasticLoadBalancingV2::Listener").props["Protocol"], "TCP");
    }

    #[test]
    fn listeners_can_be_added_to_imported_load_balancer() {
        let platform = Platform::synth("shop", |app| {
            let edge = stack(app, "edge");
            let vpc = Vpc::new(&edge, "vpc", VpcProps::default());
            let arn =
                "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/net/entry/50dc6c495c0c9188";
            let host = "entry-1.elb.ap-northeast-1.amazonaws.com";
            let existing = ExistingLoadBalancer::new(arn, host, "Z31USIVHYNEOWT", "sg-0123456789abcdef0", &vpc);
            NetworkLoadBalancer::import(&edge, "entry", existing).add_tcp(8443, "gateways", 8443, Default::default());
        });
        assert!(platform.resources("AWS::ElasticLoadBalancingV2::LoadBalancer").is_empty());
        assert_eq!(platform.resource("AWS::ElasticLoadBalancingV2::Listener").props["Port"], 8443);
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress");
        assert!(rules.iter().any(|it| it.props["GroupId"] == "sg-0123456789abcdef0"), "{rules:?}");
    }
}
