//! Application Load Balancers.

use crate::aws::existing::{self, ArnForm};
use crate::aws::{SecurityGroup, Vpc};
use crate::cfn::elasticloadbalancingv2 as elb;
use crate::cfn::elasticloadbalancingv2::load_balancer::Type;
use crate::cfn::ids::SecurityGroupId;
use crate::diag::Diagnostic;
use crate::tree::{At, Construct, Scope};
use crate::val::Val;

use super::balancer::{self, Address, Balancer, BalancerProps};
use super::certificate::Certificate;
use super::clients::{self, Clients};
use super::existing_load_balancer::{ExistingLoadBalancer, form};
use super::listener::{self, Listening};
use super::log_bucket::Writer;
use super::origin_header::OriginHeader;
use super::scheme::Scheme;
use super::target::AliasTarget;
use super::target_group::{self, TargetGroup, TargetGroupProps};

pub use super::listener::Route;

/// Properties of an [`ApplicationLoadBalancer`].
#[derive(Clone)]
pub struct ApplicationLoadBalancerProps {
    /// Its scheme: internal or internet-facing. Default: `Internal`.
    pub scheme: Scheme,
    /// The clients that may connect. Default: the VPC.
    pub clients: Clients,
    /// Whether deletion protection is enabled. Default: `true`.
    pub deletion_protection: bool,
    /// The idle timeout of connections. Default: 60 seconds.
    pub idle_seconds: u32,
    /// Days after which access logs are deleted. Default: 90.
    pub log_days: u16,
}

impl Default for ApplicationLoadBalancerProps {
    fn default() -> Self {
        Self {
            scheme: Scheme::Internal,
            clients: Clients::Network,
            deletion_protection: true,
            idle_seconds: 60,
            log_days: 90,
        }
    }
}

/// An Application Load Balancer that CloudFormation manages.
///
/// The load balancer has these settings:
///
/// - It listens on port 443 with TLS 1.2 or newer, and redirects port 80 to port 443.
/// - Requests that match no route receive a 404 response. If only a CloudFront distribution may connect, requests
///   without its origin header receive a 403 response.
/// - Malformed headers are dropped.
/// - Access logs are written to a private bucket.
///
/// Routes forward to target groups. A [`TargetGroupBinding`](crate::mesh::TargetGroupBinding) registers a
/// workload's pods in such a group.
///
/// Use it if other resources refer to it, such as CloudFront distributions, alias records, web ACLs or accelerators.
/// Otherwise, [`mesh::Ingress`](crate::mesh::Ingress) needs less code.
///
/// # Diagnostics
///
/// - `MS0130`: the imported value is not the ARN of an application load balancer or of its listener.
/// - `MS0132`: a route is added to an imported load balancer without a listener.
/// - `MS0605`: the ID of the CloudFront prefix list is unknown for the region.
/// - `MS0606`: a route has more values than a listener rule supports.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, acm, elbv2, route53, App, aws};
/// # let app = App::new("shop");
/// # let edge = testing::stack(&app, "edge");
/// # let vpc = aws::Vpc::new(&edge, "vpc", aws::VpcProps::default());
/// # let zone = route53::HostedZone::public(&edge, "zone", "shop.example.com", Default::default());
/// # let certificate = acm::Certificate::new(&edge, "certificate", "shop.example.com", &zone, Default::default());
/// let balancer = elbv2::ApplicationLoadBalancer::new(&edge, "balancer", &vpc, &certificate, Default::default());
/// let orders = balancer.add_target_group("orders", 8080, Default::default());
/// balancer.add_route(10, elbv2::Route::paths(["/api/orders", "/api/orders/*"]), &orders);
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html>
#[derive(Clone)]
pub struct ApplicationLoadBalancer {
    pub(super) scope: Scope,
    /// The VPC, or `None` if the VPC and the security group of a bare load balancer are unknown.
    pub(super) vpc: Option<Vpc>,
    pub(super) scheme: Scheme,
    pub(super) group: Option<SecurityGroup>,
    pub(super) at: Address,
    /// The ARN of the listener that routes are added to.
    pub(super) listener: Option<Val<String>>,
    pub(super) header: Option<OriginHeader>,
}

/// The ARN formats of an application load balancer and its listeners.
const BALANCER: ArnForm = form(
    "application load balancer",
    "loadbalancer/app/",
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/entry/50dc6c495c0c9188",
);
const LISTENER: ArnForm = form(
    "listener of an application load balancer",
    "listener/app/",
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/entry/50dc6c495c0c9188/f2f7dc8efc522ab2",
);

impl ApplicationLoadBalancer {
    /// Defines a load balancer. The certificate must be in the same region.
    #[track_caller]
    pub fn new(
        scope: &impl Construct,
        id: &str,
        vpc: &Vpc,
        certificate: &Certificate,
        props: ApplicationLoadBalancerProps,
    ) -> Self {
        let scope = scope.scope().construct(id);
        let attributes = [
            ("idle_timeout.timeout_seconds", props.idle_seconds.to_string()),
            ("routing.http.drop_invalid_header_fields.enabled", "true".to_owned()),
            ("routing.http.desync_mitigation_mode", "defensive".to_owned()),
        ];
        let balancer_props = BalancerProps {
            type_: Type::Application,
            scheme: props.scheme,
            writer: Writer::ApplicationLoadBalancer,
            log_days: props.log_days,
            deletion_protection: props.deletion_protection,
            attributes: &attributes,
        };
        let Balancer { resource: balancer, group } = balancer::define(&scope, vpc, balancer_props);
        clients::admit(&group, vpc, &props.clients);
        let header = match props.clients {
            Clients::CloudFront(header) => Some(header),
            _ => None,
        };
        let listener = listener::https(&scope, &balancer, certificate, header.as_ref());
        listener::redirect(&scope, &balancer);
        scope.diagram(props.scheme.diagram_node("load balancer").within(vpc));
        let listener = Some(listener.listener_arn());
        let (vpc, group) = (Some(vpc.clone()), Some(group));
        Self { vpc, scheme: props.scheme, scope, group, at: Address::of(&balancer), listener, header }
    }

    /// Refers to an existing load balancer, for example to add target groups, routes and alias records.
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingLoadBalancer) -> Self {
        let scope = scope.scope().construct(id);
        let existing = existing.read_in(&scope, &BALANCER, &LISTENER);
        scope.diagram(existing.scheme.diagram_node("load balancer").within(&existing.vpc));
        let group = SecurityGroup::import(&scope, "clients", existing.security_group.clone());
        let at = Address::imported(&existing);
        let ExistingLoadBalancer { vpc, scheme, listener, .. } = existing;
        Self { scope, vpc: Some(vpc), scheme, group: Some(group), at, listener, header: None }
    }

    /// Adds a target group with the port `port`. The group belongs to the stack of the load balancer.
    #[track_caller]
    pub fn add_target_group(&self, id: &str, port: u16, props: TargetGroupProps) -> TargetGroup {
        let (Some(vpc), Some(source)) = (&self.vpc, &self.group) else {
            existing::incomplete(&self.scope, "network");
            return TargetGroup::bare(&self.scope, id, port, elb::TargetGroup::new());
        };
        let group = target_group::http(&self.scope, id, vpc, port, props);
        group.behind(source.id(), source, vpc.subnet_cidrs(self.scheme.tier()))
    }

    /// Adds a route, which forwards matching requests to a target group. The matching route with the lowest
    /// priority number wins.
    #[track_caller]
    pub fn add_route(&self, priority: u16, route: Route, to: &TargetGroup) -> &Self {
        self.scope.leads_to(to, 443);
        let added = || self.scope.keep(|known: &mut Listening| known.arn());
        let Some(arn) = &self.listener.clone().or_else(added) else {
            let message = format!("route {priority} requires a listener of the load balancer, which is unknown");
            self.scope.report(Diagnostic::error("MS0132", message).at(self.scope.user_line(At::caller())).help(
                "set the ARN of the listener, `ExistingLoadBalancer { listener: Some(..), .. }`, or add a listener",
            ));
            return self;
        };
        let forward = listener::forward(to);
        let conditions = listener::conditions(&route, self.header.as_ref());
        listener::rule(&self.scope, arn, priority, conditions, forward);
        self
    }

    /// Returns the ARN of the load balancer.
    pub fn arn(&self) -> Val<String> {
        self.at.arn.clone()
    }

    /// Returns the DNS name that AWS assigned.
    pub fn dns_name(&self) -> Val<String> {
        self.at.dns_name.clone()
    }

    /// Returns the part of the ARN that identifies the load balancer in metrics, such as
    /// `app/shop/50dc6c495c0c9188`.
    pub fn full_name(&self) -> Val<String> {
        self.at.full_name.clone()
    }

    /// Returns its security group, from which it connects to targets.
    #[track_caller]
    pub fn security_group(&self) -> Val<SecurityGroupId> {
        match &self.group {
            Some(group) => group.id(),
            None => {
                existing::incomplete(&self.scope, "network");
                SecurityGroupId::new("sg-00000000").into()
            }
        }
    }

    /// Returns its VPC, or `None` if the VPC of a bare load balancer is unknown.
    pub fn vpc(&self) -> Option<&Vpc> {
        self.vpc.as_ref()
    }
}

impl Construct for ApplicationLoadBalancer {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl AliasTarget for ApplicationLoadBalancer {
    fn alias(&self) -> (Val<String>, Val<String>) {
        (self.dns_name(), self.at.zone_id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::VpcProps;
    use crate::aws::edge::route53::HostedZone;
    use crate::testing::{Platform, codes};
    use crate::{App, Env, Stack};

    fn balancer(app: &App, region: &str, props: ApplicationLoadBalancerProps) -> ApplicationLoadBalancer {
        let edge = Stack::new(app, "edge", Env::new("111122223333", region));
        let vpc = Vpc::new(&edge, "vpc", VpcProps::default());
        let zone = HostedZone::public(&edge, "zone", "shop.example.com", Default::default());
        let certificate = Certificate::new(&edge, "certificate", zone.domain(), &zone, Default::default());
        ApplicationLoadBalancer::new(&edge, "balancer", &vpc, &certificate, props)
    }

    fn behind_cloudfront(app: &App, region: &str) -> ApplicationLoadBalancer {
        let secrets = Stack::new(app, "secrets", Env::new("111122223333", region));
        let clients = Clients::CloudFront(OriginHeader::new(&secrets, "header", Default::default()));
        let scheme = Scheme::InternetFacing;
        balancer(app, region, ApplicationLoadBalancerProps { scheme, clients, ..Default::default() })
    }

    #[test]
    fn allows_only_cloudfront_to_connect() {
        let platform = Platform::synth("shop", |app| {
            behind_cloudfront(app, "ap-northeast-1");
        });
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress");
        let ours: Vec<_> = rules.iter().filter(|it| it.logical_id.starts_with("Balancer")).collect();
        assert_eq!(ours.len(), 1);
        assert_eq!(
            (ours[0].props["SourcePrefixListId"].as_str(), ours[0].props["FromPort"].as_i64()),
            (Some("pl-58a04531"), Some(443))
        );
    }

    #[test]
    fn rejects_requests_without_origin_header() {
        let platform = Platform::synth("shop", |app| {
            let balancer = behind_cloudfront(app, "ap-northeast-1");
            let orders = balancer.add_target_group("orders", 8080, Default::default());
            balancer.add_route(10, Route::paths(["/api/orders/*"]), &orders);
        });
        let listeners = platform.resources("AWS::ElasticLoadBalancingV2::Listener");
        let https = listeners.iter().find(|it| it.props["Port"] == 443).expect("it listens");
        assert_eq!(https.props["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"], "403");
        let rules = platform.resources("AWS::ElasticLoadBalancingV2::ListenerRule");
        assert_eq!(rules.len(), 2);
        for rule in rules {
            let header = &rule.props["Conditions"][0]["HttpHeaderConfig"];
            assert_eq!(header["HttpHeaderName"], "x-origin-verify");
            assert!(header["Values"].to_string().contains("{{resolve:secretsmanager:"), "{header}");
        }
    }

    #[test]
    fn returns_404_by_default_and_redirects_http() {
        let platform = Platform::synth("shop", |app| {
            let balancer = balancer(app, "ap-northeast-1", ApplicationLoadBalancerProps::default());
            let orders = balancer.add_target_group("orders", 8080, Default::default());
            balancer.add_route(10, Route::paths(["/api/orders/*"]), &orders);
        });
        let listeners = platform.resources("AWS::ElasticLoadBalancingV2::Listener");
        let on = |port: i64| listeners.iter().find(|it| it.props["Port"] == port).expect("it listens");
        assert_eq!(on(443).props["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"], "404");
        assert_eq!(on(80).props["DefaultActions"][0]["RedirectConfig"]["Port"], "443");
        let balancer = platform.resource("AWS::ElasticLoadBalancingV2::LoadBalancer");
        assert_eq!(balancer.props["Scheme"], "internal");
        let attributes = balancer.props["LoadBalancerAttributes"].to_string();
        assert!(attributes.contains("drop_invalid_header_fields") && attributes.contains("deletion_protection"));
        let group = platform.resource("AWS::ElasticLoadBalancingV2::TargetGroup");
        assert_eq!((group.props["TargetType"].as_str(), group.props["Port"].as_i64()), (Some("ip"), Some(8080)));
    }

    #[test]
    fn reports_region_with_unknown_prefix_list() {
        let found = codes(|app| {
            behind_cloudfront(app, "mx-central-1");
        });
        assert_eq!(found, ["MS0605"]);
    }

    #[test]
    fn log_bucket_accepts_logs_only_from_its_own_account() {
        let platform = Platform::synth("shop", |app| {
            balancer(app, "ap-northeast-1", ApplicationLoadBalancerProps::default());
        });
        let policy = platform.resource("AWS::S3::BucketPolicy").props["PolicyDocument"].to_string();
        assert!(
            policy.contains("logdelivery.elasticloadbalancing") && policy.contains("aws:SourceAccount"),
            "{policy}"
        );
    }

    const ARN: &str =
        "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/app/entry/50dc6c495c0c9188";

    fn routed(app: &App, listener: Option<&str>) {
        let edge = Stack::new(app, "edge", Env::new("111122223333", "ap-northeast-1"));
        let vpc = Vpc::new(&edge, "vpc", VpcProps::default());
        let host = "entry-1.ap-northeast-1.elb.amazonaws.com";
        let existing = ExistingLoadBalancer::new(ARN, host, "Z14GRHDCWA56QT", "sg-0123456789abcdef0", &vpc);
        let existing = ExistingLoadBalancer { listener: listener.map(Into::into), ..existing };
        let balancer = ApplicationLoadBalancer::import(&edge, "entry", existing);
        let orders = balancer.add_target_group("orders", 8080, Default::default());
        balancer.add_route(10, Route::paths(["/api/orders/*"]), &orders);
    }

    #[test]
    fn target_groups_and_routes_can_be_added_to_imported_load_balancer() {
        let listener = ARN.replace("loadbalancer/", "listener/") + "/f2f7dc8efc522ab2";
        let platform = Platform::synth("shop", |app| routed(app, Some(&listener)));
        assert!(platform.resources("AWS::ElasticLoadBalancingV2::LoadBalancer").is_empty());
        let rule = platform.resource("AWS::ElasticLoadBalancingV2::ListenerRule").props;
        assert_eq!(rule["ListenerArn"], listener.as_str());
        assert_eq!(platform.resources("AWS::ElasticLoadBalancingV2::TargetGroup").len(), 1);
    }

    #[test]
    fn reports_route_without_valid_listener() {
        assert_eq!(codes(|app| routed(app, None)), ["MS0132"]);
        let of_network = ARN.replace("loadbalancer/app", "listener/net");
        assert_eq!(codes(|app| routed(app, Some(&of_network))), ["MS0130"]);
    }
}
