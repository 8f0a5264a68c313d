//! Imports of existing load balancers and target groups.

use crate::aws::Vpc;
use crate::aws::existing::ArnForm;
use crate::aws::security::ExistingSecurityGroup;
use crate::tree::Scope;
use crate::units::Cidr;
use crate::val::Val;

use super::scheme::Scheme as Facing;

/// An existing application or network load balancer.
///
/// # Example
///
/// ```
/// # use meshsynth::{aws, elbv2, testing, App};
/// # let app = App::new("shop");
/// # let edge = testing::stack(&app, "edge");
/// # let vpc = aws::Vpc::new(&edge, "vpc", aws::VpcProps::default());
/// use meshsynth::elbv2::ExistingLoadBalancer;
///
/// let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/app/entry/50dc6c495c0c9188";
/// let listener = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/app/entry/50dc6c495c0c9188/f2f7dc8efc522ab2";
/// let balancer = elbv2::ApplicationLoadBalancer::import(&edge, "entry", ExistingLoadBalancer {
///     listener: Some(listener.into()),
///     ..ExistingLoadBalancer::new(arn, "entry-1.ap-northeast-1.elb.amazonaws.com", "Z14GRHDCWA56QT", "sg-0123456789abcdef0", &vpc)
/// });
/// let orders = balancer.add_target_group("orders", 8080, Default::default());
/// balancer.add_route(10, elbv2::Route::paths(["/api/orders/*"]), &orders);
/// ```
#[derive(Clone)]
pub struct ExistingLoadBalancer {
    /// Its ARN.
    pub arn: Val<String>,
    /// The DNS name that AWS assigned.
    pub dns_name: Val<String>,
    /// The hosted zone of that name (`CanonicalHostedZoneId`), for alias records.
    pub zone_id: Val<String>,
    /// Its security group, from which it connects to targets.
    pub security_group: ExistingSecurityGroup,
    /// The VPC of the load balancer.
    pub vpc: Vpc,
    /// The ARN of the listener that routes are added to. An application load balancer without a listener accepts no
    /// routes. `ExistingLoadBalancer::new` leaves the field empty.
    pub listener: Option<Val<String>>,
    /// Its scheme. `ExistingLoadBalancer::new` sets internal.
    pub scheme: Facing,
    /// The CIDR blocks of the clients of a network load balancer. If empty, only the VPC may connect.
    /// `ExistingLoadBalancer::new` leaves the field empty.
    pub clients: Vec<Cidr>,
}

impl ExistingLoadBalancer {
    /// Refers to an internal load balancer without a listener.
    pub fn new(arn: &str, dns_name: &str, zone_id: &str, security_group: &str, vpc: &Vpc) -> Self {
        Self {
            arn: arn.into(),
            dns_name: dns_name.into(),
            zone_id: zone_id.into(),
            security_group: ExistingSecurityGroup::id(security_group),
            vpc: vpc.clone(),
            listener: None,
            scheme: Facing::Internal,
            clients: Vec::new(),
        }
    }

    /// Validates the ARNs, and makes each value readable in the stack of `scope`.
    pub(super) fn read_in(self, scope: &Scope, balancer: &ArnForm, listener: &ArnForm) -> Self {
        balancer.check(scope, &self.arn);
        if let Some(arn) = &self.listener {
            listener.check(scope, arn);
        }
        Self {
            arn: scope.read_here(self.arn),
            dns_name: scope.read_here(self.dns_name),
            zone_id: scope.read_here(self.zone_id),
            listener: self.listener.map(|arn| scope.read_here(arn)),
            ..self
        }
    }
}

/// An existing target group with targets of the type `ip`.
///
/// # Example
///
/// ```
/// use meshsynth::elbv2::ExistingTargetGroup;
///
/// let group = ExistingTargetGroup::new(
///     "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/orders/73e2d6bc24d8a067",
///     8080,
/// );
/// ```
#[derive(Clone, Debug)]
pub struct ExistingTargetGroup {
    /// Its ARN.
    pub arn: Val<String>,
    /// The port of its targets.
    pub port: u16,
    /// The security group of its load balancer. The node security groups then allow connections from it.
    /// `ExistingTargetGroup::new` leaves the field empty, so another security group rule must allow connections to the
    /// nodes.
    pub source: Option<ExistingSecurityGroup>,
    /// The subnet CIDR blocks of its load balancer. Network policies then allow connections from them.
    /// `ExistingTargetGroup::new` leaves the field empty. A [`TargetGroupBinding`](crate::mesh::TargetGroupBinding) for
    /// the group then reports `MS0318`.
    pub cidrs: Vec<Cidr>,
}

impl ExistingTargetGroup {
    /// Refers to a target group by its ARN, without its load balancer.
    pub fn new(arn: &str, port: u16) -> Self {
        Self { arn: arn.into(), port, source: None, cidrs: Vec::new() }
    }
}

/// Returns an ARN form of Elastic Load Balancing.
pub(super) const fn form(what: &'static str, resource: &'static str, example: &'static str) -> ArnForm {
    ArnForm { what, service: "elasticloadbalancing", resource, example }
}
