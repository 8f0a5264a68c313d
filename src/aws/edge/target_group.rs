//! Target groups of load balancers.

use crate::aws::existing::ArnForm;
use crate::aws::{SecurityGroup, Vpc};
use crate::cfn::elasticloadbalancingv2 as elb;
use crate::cfn::elasticloadbalancingv2::target_group::{
    HealthCheckProtocol, Matcher, Protocol, Tag, TargetGroupAttribute, TargetType,
};
use crate::cfn::ids::SecurityGroupId;
use crate::tree::{Construct, Scope};
use crate::units::{Cidr, Duration};
use crate::val::Val;

use super::super::display_name;
use super::existing_load_balancer::{ExistingTargetGroup, form};

/// Properties of a [`TargetGroup`].
#[derive(Clone, Debug)]
pub struct TargetGroupProps {
    /// The health check path, which is requested over HTTP. Default: `/readyz`.
    pub health_path: String,
    /// The health check port. Default: the port of the targets.
    pub health_port: Option<u16>,
    /// The health check interval. Default: 15 seconds.
    pub interval: Duration,
    /// The deregistration delay, in which a removed target can finish its requests. Default: 30 seconds.
    pub drain: Duration,
    /// Whether targets see the client's IP address. Only network load balancers use this property. Default:
    /// `true`.
    ///
    /// If it is enabled, a pod cannot connect to itself through its own load balancer.
    pub preserve_client: bool,
}

impl Default for TargetGroupProps {
    fn default() -> Self {
        Self {
            health_path: "/readyz".to_owned(),
            health_port: None,
            interval: Duration::seconds(15),
            drain: Duration::seconds(30),
            preserve_client: true,
        }
    }
}

impl TargetGroupProps {
    /// Returns the properties for the pods of an Istio gateway, which report readiness on port 15021.
    pub fn of_gateway() -> Self {
        Self { health_path: "/healthz/ready".to_owned(), health_port: Some(15_021), ..Self::default() }
    }
}

/// A target group with the target type `ip`, for pods.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, elbv2};
/// # let app = App::new("shop");
/// # let edge = Stack::new(&app, "edge", Env::new("111122223333", "eu-west-1"));
/// # let vpc = aws::Vpc::new(&edge, "vpc", aws::VpcProps::default());
/// # let balancer = elbv2::NetworkLoadBalancer::new(&edge, "balancer", &vpc, Default::default());
/// let orders = balancer.add_tcp(443, "orders", 8443, elbv2::TargetGroupProps::default());
/// let arn = orders.arn(); // for what registers targets
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html>
#[derive(Clone)]
pub struct TargetGroup {
    pub(super) scope: Scope,
    pub(super) arn: Val<String>,
    /// The part of the ARN that identifies the group in metrics.
    pub(super) full_name: Val<String>,
    pub(super) port: u16,
    /// The security group that connects to the targets, and its construct.
    pub(super) source: Option<(Val<SecurityGroupId>, Scope)>,
    /// The CIDR blocks from which clients connect to the targets.
    pub(super) cidrs: Vec<Cidr>,
}

/// The ARN format of a target group.
const FORM: ArnForm = form(
    "target group",
    "targetgroup/",
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/orders/73e2d6bc24d8a067",
);

impl TargetGroup {
    /// Refers to an existing target group with the target type `ip`.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: the imported value is not the ARN of a target group.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, elbv2, mesh, App, Cidr};
    /// # let app = App::new("shop");
    /// # let orders = testing::workload(&app);
    /// # let edge = testing::stack(&app, "edge");
    /// let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/orders/73e2d6bc24d8a067";
    /// let group = elbv2::TargetGroup::import(&edge, "orders", elbv2::ExistingTargetGroup {
    ///     cidrs: vec![Cidr::new("10.0.0.0/20")],
    ///     ..elbv2::ExistingTargetGroup::new(arn, orders.port())
    /// });
    /// mesh::TargetGroupBinding::new(&orders, "entry", &group);
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingTargetGroup) -> Self {
        let scope = scope.scope().construct(id);
        FORM.check(&scope, &existing.arn);
        let arn = scope.read_here(existing.arn);
        let source = existing.source.map(|group| {
            let group = SecurityGroup::import(&scope, "source", group);
            (group.id(), group.scope().clone())
        });
        // Metrics use the part of the ARN after the account.
        let full_name = arn.clone().piece(":", 5);
        Self { scope, arn, full_name, port: existing.port, source, cidrs: existing.cidrs }
    }

    /// Returns the ARN of the group.
    pub fn arn(&self) -> Val<String> {
        self.arn.clone()
    }

    /// Returns the part of the ARN that identifies the group in metrics.
    pub fn full_name(&self) -> Val<String> {
        self.full_name.clone()
    }

    /// Returns the port of its targets.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the CIDR blocks from which clients connect to the targets.
    pub fn cidrs(&self) -> &[Cidr] {
        &self.cidrs
    }

    pub(crate) fn source(&self) -> Option<(Val<SecurityGroupId>, Scope)> {
        self.source.clone()
    }

    pub(super) fn behind(self, id: Val<SecurityGroupId>, group: &SecurityGroup, cidrs: Vec<Cidr>) -> Self {
        Self { source: Some((id, group.scope().clone())), cidrs, ..self }
    }
}

impl Construct for TargetGroup {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Defines a group behind an application load balancer.
#[track_caller]
pub(super) fn http(scope: &Scope, id: &str, vpc: &Vpc, port: u16, props: TargetGroupProps) -> TargetGroup {
    define(scope, id, vpc, Protocol::Http, port, &[], props)
}

/// Defines a group behind a network load balancer. Targets use any protocol over TCP, and HTTP for health
/// checks.
#[track_caller]
pub(super) fn tcp(scope: &Scope, id: &str, vpc: &Vpc, port: u16, props: TargetGroupProps) -> TargetGroup {
    let preserve = ("preserve_client_ip.enabled", props.preserve_client.to_string());
    define(scope, id, vpc, Protocol::Tcp, port, &[preserve], props)
}

#[track_caller]
fn define(
    scope: &Scope,
    id: &str,
    vpc: &Vpc,
    protocol: Protocol,
    port: u16,
    more: &[(&'static str, String)],
    props: TargetGroupProps,
) -> TargetGroup {
    let scope = scope.construct(id);
    let drain = ("deregistration_delay.timeout_seconds", props.drain.as_seconds().to_string());
    let attribute = |(key, value): (&'static str, String)| TargetGroupAttribute::new().key(key).value(value);
    let attributes: Vec<_> = [drain].into_iter().chain(more.iter().cloned()).map(attribute).collect();
    let health_port = props.health_port.map_or_else(|| "traffic-port".to_owned(), |port| port.to_string());
    let group = elb::TargetGroup::new()
        .target_type(TargetType::Ip)
        .vpc_id(vpc.id())
        .port(port)
        .protocol(protocol)
        .health_check_protocol(HealthCheckProtocol::Http)
        .health_check_path(props.health_path)
        .health_check_port(health_port)
        .health_check_interval_seconds(props.interval.as_seconds() as i64)
        .health_check_timeout_seconds(5)
        .healthy_threshold_count(2)
        .unhealthy_threshold_count(2)
        .matcher(Matcher::new().http_code("200-299"))
        .target_group_attributes(attributes)
        .tags([Tag::new("Name", display_name(&scope))])
        .define(&scope, "resource");
    let (arn, full_name) = (group.target_group_arn(), group.target_group_full_name());
    TargetGroup { scope, arn, full_name, port, source: None, cidrs: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::VpcProps;
    use crate::testing::{Platform, stack};

    #[test]
    fn sets_deregistration_delay_and_health_check_port() {
        let platform = Platform::synth("shop", |app| {
            let edge = stack(app, "edge");
            let vpc = Vpc::new(&edge, "vpc", VpcProps::default());
            let props = TargetGroupProps { drain: Duration::seconds(5), ..Default::default() };
            http(edge.scope(), "own", &vpc, 8080, props);
            let props = TargetGroupProps { health_port: Some(15021), preserve_client: false, ..Default::default() };
            tcp(edge.scope(), "other", &vpc, 8443, props);
        });
        let groups = platform.resources("AWS::ElasticLoadBalancingV2::TargetGroup");
        let of = |protocol: &str| groups.iter().find(|it| it.props["Protocol"] == protocol).expect("a group").props;
        let (http, tcp) = (of("HTTP"), of("TCP"));
        assert_eq!((&http["HealthCheckPort"], &tcp["HealthCheckPort"]), (&"traffic-port".into(), &"15021".into()));
        let (drain, client) = (http["TargetGroupAttributes"].to_string(), tcp["TargetGroupAttributes"].to_string());
        assert!(drain.contains("deregistration_delay") && drain.contains("\"5\""), "{drain}");
        assert!(client.contains("preserve_client_ip") && client.contains("\"false\""), "{client}");
    }

    #[test]
    fn nodes_accept_load_balancer_of_imported_group() {
        use crate::aws::security::ExistingSecurityGroup;
        let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/orders/73e2d6bc24d8a067";
        let platform = Platform::synth("shop", |app| {
            let orders = crate::testing::workload(app);
            let existing = ExistingTargetGroup {
                source: Some(ExistingSecurityGroup::id("sg-0123456789abcdef0")),
                cidrs: vec![Cidr::new("10.0.0.0/20")],
                ..ExistingTargetGroup::new(arn, orders.port())
            };
            let group = TargetGroup::import(&stack(app, "edge"), "orders", existing);
            crate::ssm::Parameter::new(&group, "name", "group", group.full_name(), Default::default());
            crate::mesh::TargetGroupBinding::new(&orders, "entry", &group);
        });
        assert!(platform.manifest("targetgroupbinding-orders-entry").contains(arn));
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress");
        assert!(rules.iter().any(|it| it.props["SourceSecurityGroupId"] == "sg-0123456789abcdef0"), "{rules:?}");
        let name = platform.resource("AWS::SSM::Parameter").props["Value"].to_string();
        assert_eq!(name, "\"targetgroup/orders/73e2d6bc24d8a067\"");
    }

    #[test]
    fn reports_target_group_binding_with_unknown_load_balancer_subnets() {
        let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/orders/73e2d6bc24d8a067";
        let found = crate::testing::codes(|app| {
            let orders = crate::testing::workload(app);
            let existing = ExistingTargetGroup::new(arn, orders.port());
            let group = TargetGroup::import(&stack(app, "edge"), "orders", existing);
            crate::ssm::Parameter::new(&group, "name", "group", group.full_name(), Default::default());
            crate::mesh::TargetGroupBinding::new(&orders, "entry", &group);
        });
        assert_eq!(found, ["MS0318"]);
    }

    #[test]
    fn reports_listener_arn_instead_of_target_group() {
        let found = crate::testing::codes(|app| {
            let edge = stack(app, "edge");
            let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/app/a/b/c";
            let group = TargetGroup::import(&edge, "orders", ExistingTargetGroup::new(arn, 8080));
            crate::ssm::Parameter::new(&edge, "name", "group", group.arn(), Default::default());
        });
        assert_eq!(found, ["MS0130"]);
    }
}
