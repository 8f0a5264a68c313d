//! Application load balancers.

use crate::aws::vpc::Tier;
use crate::aws::{SecurityGroup, Vpc};
use crate::cfn::elasticloadbalancingv2 as elb;
use crate::cfn::elasticloadbalancingv2::load_balancer::{self, LoadBalancerAttribute, Tag, Type};
use crate::cfn::ids::SecurityGroupId;
use crate::depict::Depicted;
use crate::diag::Diagnostic;
use crate::resource::Resource;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::Val;

use super::super::display_name;
use super::certificate::Certificate;
use super::listener;
use super::log_bucket::{self, Writer};
use super::record::AliasTarget;
use super::target_group::{self, TargetGroup, TargetGroupProps};

pub use super::listener::Route;

/// Who finds a load balancer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// Whoever is in the network or connected to it.
    #[default]
    Internal,
    /// Everybody: it has public addresses.
    InternetFacing,
}

impl Scheme {
    /// As AWS writes it, such as `internet-facing`.
    pub fn word(self) -> &'static str {
        match self {
            Scheme::Internal => "internal",
            Scheme::InternetFacing => "internet-facing",
        }
    }

    /// The tier that such a load balancer stands in.
    pub fn tier(self) -> Tier {
        match self {
            Scheme::Internal => Tier::Private,
            Scheme::InternetFacing => Tier::Public,
        }
    }

    pub(super) fn value(self) -> load_balancer::Scheme {
        match self {
            Scheme::Internal => load_balancer::Scheme::Internal,
            Scheme::InternetFacing => load_balancer::Scheme::InternetFacing,
        }
    }
}

/// Who may connect to a load balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clients {
    /// Whatever is in the network.
    #[default]
    Network,
    /// CloudFront alone. Its addresses take 55 of the 60 rules that a security group may have.
    CloudFront,
    /// These blocks.
    Cidrs(Vec<Cidr>),
    /// These prefix lists, by id.
    PrefixLists(Vec<String>),
    /// Everybody.
    Internet,
}

/// Wishes for an [`ApplicationLoadBalancer`].
#[derive(Clone, Debug)]
pub struct ApplicationLoadBalancerProps {
    /// Who finds it. Default: `Internal`.
    pub scheme: Scheme,
    /// Who may connect to it. Default: the network.
    pub clients: Clients,
    /// Whether it must be let go before it can be deleted. Default: `true`.
    pub deletion_protection: bool,
    /// How long a connection may be silent. Default: 60 seconds.
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

/// An application load balancer as a resource of a stack.
///
/// Listens on 443 with TLS 1.2 or newer and sends 80 on to it. What no route
/// wants is answered with 404. Headers that are not well-formed are dropped,
/// and access logs go to a closed bucket. Routes lead to target groups, and a
/// [`TargetGroupBinding`](crate::mesh::TargetGroupBinding) keeps a workload's
/// pods in such a group.
///
/// Use it where other resources read its attributes (CloudFront, alias
/// records, WAF, Global Accelerator); where nothing does,
/// [`mesh::Ingress`](crate::mesh::Ingress) is less to say.
///
/// # Diagnostics
///
/// - `MS0605`: the prefix list of CloudFront is not known in the region.
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
    scope: Scope,
    vpc: Vpc,
    scheme: Scheme,
    group: SecurityGroup,
    balancer: Resource<elb::LoadBalancer>,
    listener: Resource<elb::Listener>,
}

impl ApplicationLoadBalancer {
    /// Defines a load balancer with a certificate of its own region.
    #[track_caller]
    pub fn new(
        scope: &impl Construct,
        id: &str,
        vpc: &Vpc,
        certificate: &Certificate,
        props: ApplicationLoadBalancerProps,
    ) -> Self {
        let scope = scope.scope().construct(id);
        let group = SecurityGroup::new(&scope, "clients", vpc, &format!("clients of {}", display_name(&scope)));
        admit(&group, vpc, &props.clients);
        let logs = log_bucket::define(&scope, Writer::ApplicationLoadBalancer, props.log_days);
        let attributes = [
            ("access_logs.s3.enabled", Val::from("true")),
            ("access_logs.s3.bucket", logs.bucket.reference().into_text()),
            ("deletion_protection.enabled", Val::from(props.deletion_protection.to_string())),
            ("idle_timeout.timeout_seconds", Val::from(props.idle_seconds.to_string())),
            ("routing.http.drop_invalid_header_fields.enabled", Val::from("true")),
            ("routing.http.desync_mitigation_mode", Val::from("defensive")),
        ];
        let balancer = elb::LoadBalancer::new()
            .type_(Type::Application)
            .scheme(props.scheme.value())
            .subnets(vpc.subnet_ids(props.scheme.tier()))
            .security_groups([group.id()])
            .load_balancer_attributes(attributes.map(|(key, value)| LoadBalancerAttribute::new().key(key).value(value)))
            .tags([Tag::new("Name").value(display_name(&scope))])
            .define(&scope, "resource");
        balancer.depends_on(&logs.policy);
        let listener = listener::https(&scope, &balancer, certificate);
        listener::redirect(&scope, &balancer);
        scope.depict(Depicted::entry("load balancer").within(vpc));
        Self { vpc: vpc.clone(), scheme: props.scheme, scope, group, balancer, listener }
    }

    /// Adds a group of targets that listen on `port`. It belongs to the stack of the load balancer.
    #[track_caller]
    pub fn add_target_group(&self, id: &str, port: u16, props: TargetGroupProps) -> TargetGroup {
        let group = target_group::http(&self.scope, id, &self.vpc, port, props);
        group.behind(self.security_group(), &self.group, self.vpc.subnet_cidrs(self.scheme.tier()))
    }

    /// Sends what a route describes to a group. The lowest priority that fits wins.
    #[track_caller]
    pub fn add_route(&self, priority: u16, route: Route, to: &TargetGroup) -> &Self {
        self.scope.leads_to(to, 443);
        listener::route(&self.scope, &self.listener, priority, route, to);
        self
    }

    /// The ARN of the load balancer.
    pub fn arn(&self) -> Val<String> {
        self.balancer.load_balancer_arn()
    }

    /// The name that AWS gives it.
    pub fn dns_name(&self) -> Val<String> {
        self.balancer.dns_name()
    }

    /// The part of its ARN that metrics name it by, such as `app/shop/50dc6c495c0c9188`.
    pub fn full_name(&self) -> Val<String> {
        self.balancer.load_balancer_full_name()
    }

    /// Its security group: where targets are connected from.
    pub fn security_group(&self) -> Val<SecurityGroupId> {
        self.group.id()
    }

    /// The network that it stands in.
    pub fn vpc(&self) -> &Vpc {
        &self.vpc
    }
}

impl Construct for ApplicationLoadBalancer {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl AliasTarget for ApplicationLoadBalancer {
    fn alias(&self) -> (Val<String>, Val<String>) {
        (self.dns_name(), self.balancer.canonical_hosted_zone_id())
    }
}

/// Lets clients reach the listeners: CloudFront only the one with TLS.
fn admit(group: &SecurityGroup, vpc: &Vpc, clients: &Clients) {
    let cidrs = |cidrs: &[Cidr], why: &str| {
        for (cidr, port) in cidrs.iter().flat_map(|cidr| PORTS.map(|port| (*cidr, port))) {
            group.allow_from_cidr(cidr, port, why);
        }
    };
    match clients {
        Clients::Network => cidrs(&[vpc.cidr()], "from the network"),
        Clients::Internet => cidrs(&[Cidr::new("0.0.0.0/0")], "from everywhere, as asked"),
        Clients::Cidrs(blocks) => cidrs(blocks, "clients"),
        Clients::PrefixLists(lists) => {
            for (list, port) in lists.iter().flat_map(|list| PORTS.map(|port| (list, port))) {
                group.allow_from_prefix_list(list, port, "clients");
            }
        }
        Clients::CloudFront => {
            let region = group.scope().region();
            if let Some((_, list)) = CLOUDFRONT.iter().find(|(known, _)| *known == region) {
                group.allow_from_prefix_list(list, 443, "from CloudFront");
                return;
            }
            group.scope().report(
                Diagnostic::error("MS0605", format!("the prefix list of CloudFront is not known in `{region}`")).help(
                    "name it: `Clients::PrefixLists` with the id of com.amazonaws.global.cloudfront.origin-facing",
                ),
            );
        }
    }
}

/// The ports of the listeners.
const PORTS: [u16; 2] = [80, 443];

/// The ids of `com.amazonaws.global.cloudfront.origin-facing`, which differ by region.
///
/// CloudFormation has no way to ask for them by name; compare with `aws ec2 describe-managed-prefix-lists`.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html>
const CLOUDFRONT: [(&str, &str); 17] = [
    ("ap-northeast-1", "pl-58a04531"),
    ("ap-northeast-2", "pl-22a6434b"),
    ("ap-northeast-3", "pl-31a14458"),
    ("ap-south-1", "pl-9aa247f3"),
    ("ap-southeast-1", "pl-31a34658"),
    ("ap-southeast-2", "pl-b8a742d1"),
    ("ca-central-1", "pl-38a64351"),
    ("eu-central-1", "pl-a3a144ca"),
    ("eu-north-1", "pl-fab65393"),
    ("eu-west-1", "pl-4fa04526"),
    ("eu-west-2", "pl-93a247fa"),
    ("eu-west-3", "pl-75b1541c"),
    ("sa-east-1", "pl-5da64334"),
    ("us-east-1", "pl-3b927c52"),
    ("us-east-2", "pl-b6a144df"),
    ("us-west-1", "pl-4ea04527"),
    ("us-west-2", "pl-82a045eb"),
];

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

    fn behind_cloudfront() -> ApplicationLoadBalancerProps {
        let (scheme, clients) = (Scheme::InternetFacing, Clients::CloudFront);
        ApplicationLoadBalancerProps { scheme, clients, ..Default::default() }
    }

    #[test]
    fn behind_cloudfront_nobody_else_connects() {
        let platform = Platform::synth("shop", |app| {
            balancer(app, "ap-northeast-1", behind_cloudfront());
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
    fn what_no_route_wants_is_not_found_and_plain_text_goes_to_tls() {
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
    fn a_region_whose_list_is_not_known_is_an_error() {
        let found = codes(|app| {
            balancer(app, "mx-central-1", behind_cloudfront());
        });
        assert_eq!(found, ["MS0605"]);
    }

    #[test]
    fn the_log_bucket_takes_logs_of_this_account_alone() {
        let platform = Platform::synth("shop", |app| {
            balancer(app, "ap-northeast-1", ApplicationLoadBalancerProps::default());
        });
        let policy = platform.resource("AWS::S3::BucketPolicy").props["PolicyDocument"].to_string();
        assert!(
            policy.contains("logdelivery.elasticloadbalancing") && policy.contains("aws:SourceAccount"),
            "{policy}"
        );
    }
}
