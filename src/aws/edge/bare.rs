//! Bare load balancers and target groups, each defined from a typed resource.

use crate::Resource;
use crate::aws::{SecurityGroup, Vpc};
use crate::cfn::elasticloadbalancingv2 as elb;
use crate::tree::Construct;
use crate::val::{Data, Value};

use super::balancer::Address;
use super::listener::Listening;
use super::load_balancer::ApplicationLoadBalancer;
use super::scheme::Scheme;
use super::target_group::TargetGroup;

impl ApplicationLoadBalancer {
    /// Defines a bare load balancer, without a security group, logs or listeners.
    /// [`ApplicationLoadBalancer::add_listener`] adds each listener, and [`ApplicationLoadBalancer::with_network`] sets
    /// the VPC.
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: a target group or the security group requires the VPC, but it is missing.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::cfn::elasticloadbalancingv2::listener::{Action, Protocol, Type};
    /// # use meshsynth::cfn::elasticloadbalancingv2::load_balancer::Scheme;
    /// # use meshsynth::cfn::elasticloadbalancingv2::target_group::TargetType;
    /// # use meshsynth::{App, Env, Stack, aws, cfn, elbv2};
    /// # let app = App::new("shop");
    /// # let edge = Stack::new(&app, "edge", Env::region("eu-west-1"));
    /// # let vpc = aws::Vpc::new(&edge, "vpc", aws::VpcProps::default());
    /// let clients = aws::SecurityGroup::new(&edge, "clients", &vpc, "Who asks for pages");
    /// let entry = cfn::elasticloadbalancingv2::LoadBalancer::new().security_groups([clients.id()]);
    /// let entry = entry.scheme(Scheme::Internal).subnets(vpc.subnet_ids(aws::vpc::Tier::Private));
    /// let entry = elbv2::ApplicationLoadBalancer::bare(&edge, "entry", entry).with_network(&vpc, &clients);
    /// entry.resource().logical_id("Entry");
    /// let pages = cfn::elasticloadbalancingv2::TargetGroup::new().port(8080).vpc_id(vpc.id());
    /// let pages = elbv2::TargetGroup::bare(&edge, "pages", 8080, pages.target_type(TargetType::Ip)).with_source(&clients, &vpc);
    /// let forward = Action::new(Type::Forward).target_group_arn(pages.arn());
    /// let http = cfn::elasticloadbalancingv2::Listener::new([forward], entry.arn()).port(80).protocol(Protocol::Http);
    /// entry.add_listener("http", http).logical_id("EntryListens");
    /// let orders = entry.add_target_group("orders", 8080, Default::default());
    /// entry.add_route(10, elbv2::Route::paths(["/api/orders/*"]), &orders);
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, balancer: elb::LoadBalancer) -> Self {
        let scope = scope.scope().construct(id);
        let scheme = match balancer.clone().into_data().at("Scheme").and_then(Data::as_str) {
            Some("internal") => Scheme::Internal,
            _ => Scheme::InternetFacing,
        };
        let balancer = balancer.define(&scope, "resource");
        scope.diagram(scheme.diagram_node("load balancer"));
        Self { at: Address::of(&balancer), scope, vpc: None, scheme, group: None, listener: None, header: None }
    }

    /// Returns the resource of the load balancer, for example to keep its logical ID, or to set a property for which
    /// the construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<elb::LoadBalancer> {
        Resource::of(self, "resource")
    }

    /// Sets the VPC of a bare load balancer, and the security group from which it connects to targets.
    #[must_use]
    pub fn with_network(self, vpc: &Vpc, security_group: &SecurityGroup) -> Self {
        self.scope.diagram(self.scheme.diagram_node("load balancer").within(vpc));
        Self { vpc: Some(vpc.clone()), group: Some(security_group.clone()), ..self }
    }

    /// Adds a bare listener to a bare load balancer. Routes are added to the first TLS listener, or to the first
    /// listener if there is no TLS listener.
    #[track_caller]
    pub fn add_listener(&self, id: &str, listener: elb::Listener) -> Resource<elb::Listener> {
        let is_tls = listener.clone().into_data().at("Protocol").and_then(Data::as_str) == Some("HTTPS");
        let listener = listener.define(self, id);
        self.scope.keep(|known: &mut Listening| known.add(listener.listener_arn(), is_tls));
        listener
    }

    /// Adds a bare rule to a listener of the load balancer.
    #[track_caller]
    pub fn add_listener_rule(&self, id: &str, rule: elb::ListenerRule) -> Resource<elb::ListenerRule> {
        rule.define(self, id)
    }
}

impl TargetGroup {
    /// Defines a bare target group. Its targets have the type `ip` and listen on `port`. [`TargetGroup::with_source`]
    /// sets the security group of the load balancer that connects to the targets.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::cfn::elasticloadbalancingv2::target_group::{Protocol, TargetType};
    /// # use meshsynth::{App, cfn, elbv2, mesh, testing};
    /// # use meshsynth::tree::Construct;
    /// # let app = App::new("shop");
    /// # let orders = testing::workload(&app);
    /// # let edge = orders.scope().stack();
    /// # let vpc = orders.namespace().cluster().vpc();
    /// let group = cfn::elasticloadbalancingv2::TargetGroup::new().target_type(TargetType::Ip).vpc_id(vpc.id());
    /// let group = group.port(i64::from(orders.port())).protocol(Protocol::Http);
    /// # let balancer = meshsynth::aws::SecurityGroup::new(&edge, "balancer", vpc, "The load balancer");
    /// let group = elbv2::TargetGroup::bare(&edge, "orders-group", orders.port(), group).with_source(&balancer, vpc);
    /// group.resource().logical_id("OrdersGroup");
    /// mesh::TargetGroupBinding::new(&orders, "entry", &group);
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, port: u16, group: elb::TargetGroup) -> Self {
        let scope = scope.scope().construct(id);
        let group = group.define(&scope, "resource");
        let (arn, full_name) = (group.target_group_arn(), group.target_group_full_name());
        Self { scope, arn, full_name, port, source: None, cidrs: Vec::new() }
    }

    /// Returns the resource of the group, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<elb::TargetGroup> {
        Resource::of(self, "resource")
    }

    /// Sets the security group of the load balancer that connects to the targets of a bare group.
    #[must_use]
    pub fn with_source(self, security_group: &SecurityGroup, vpc: &Vpc) -> Self {
        self.behind(security_group.id(), security_group, vec![vpc.cidr()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::App;
    use crate::cfn::ids::SubnetId;
    use crate::elbv2::Route;
    use crate::testing::{Platform, codes, stack};

    fn entry(app: &App) -> ApplicationLoadBalancer {
        let balancer = elb::LoadBalancer::new()
            .subnets(["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"].map(SubnetId::new));
        ApplicationLoadBalancer::bare(&stack(app, "edge"), "entry", balancer)
    }

    #[test]
    fn reports_missing_network() {
        let n_missing = |build: fn(&ApplicationLoadBalancer)| {
            codes(|app| build(&entry(app))).iter().filter(|code| **code == "MS0318").count()
        };
        assert_eq!(n_missing(|entry| drop(entry.arn())), 0);
        assert_eq!(n_missing(|entry| drop(entry.security_group())), 1);
        assert_eq!(n_missing(|entry| drop(entry.add_target_group("orders", 8080, Default::default()))), 1);
    }

    #[test]
    fn adds_routes_to_tls_listener() {
        use crate::cfn::elasticloadbalancingv2::listener::{Action, Protocol, Type};
        let platform = Platform::synth("shop", |app| {
            let entry = entry(app);
            for (id, protocol) in [("plain", Protocol::Http), ("tls", Protocol::Https)] {
                let listener = elb::Listener::new([Action::new(Type::FixedResponse)], entry.arn()).protocol(protocol);
                entry.add_listener(id, listener).logical_id(id);
            }
            let pages = TargetGroup::bare(&entry, "pages", 8080, elb::TargetGroup::new());
            entry.add_route(10, Route::paths(["/*"]), &pages);
        });
        let rule = platform.resource("AWS::ElasticLoadBalancingV2::ListenerRule").props;
        assert!(rule["ListenerArn"].to_string().contains("tls"), "{rule}");
    }
}
