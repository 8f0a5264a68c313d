//! The public endpoint: DNS names, certificates, firewalls and load balancers.
//!
//! Production: CloudFront with its firewall → load balancer of the stack → pods.
//! Staging: firewall → load balancer of an Ingress → pods.

use meshsynth::acm::{Certificate, CertificateProps};
use meshsynth::aws::Vpc;
use meshsynth::cloudfront::{Distribution, DistributionProps, OriginHeader, OriginHeaderProps};
use meshsynth::elbv2::{ApplicationLoadBalancer, ApplicationLoadBalancerProps, Clients, Route, Scheme};
use meshsynth::kms::{Key, KeyProps};
use meshsynth::mesh::{Ingress, IngressProps, Namespace, TargetGroupBinding, Workload};
use meshsynth::route53::{HostedZone, Record, Target, ZoneProps};
use meshsynth::wafv2::{self, WebAcl, WebAclProps};
use meshsynth::{App, Construct, Env, Stack, secrets};

use crate::Environment;

/// The region that CloudFront requires for certificates and firewalls.
const GLOBAL: &str = "us-east-1";

/// The hosted zone of the platform, and the load balancer of its services.
pub struct Edge {
    /// The zone of the platform's domain.
    pub zone: HostedZone,
    entry: Entry,
}

enum Entry {
    /// A load balancer that a stack defines, behind CloudFront.
    Global(Box<ApplicationLoadBalancer>),
    /// A load balancer that the controller creates for an Ingress.
    Regional(Certificate, WebAcl),
}

/// Defines the resources that the services require.
pub fn define(app: &App, env: &Environment, vpc: &Vpc) -> Edge {
    let stack = Stack::new(app, "edge", env.place());
    stack.describe("DNS names, certificates and the load balancer of the region.");
    let zone = HostedZone::public(&stack, "zone", env.domain, ZoneProps::default());
    stack.output("NameServers", zone.name_servers());
    let alternative_names = vec![format!("*.{}", env.domain)];
    let certificate =
        Certificate::new(&stack, "certificate", env.domain, &zone, CertificateProps { alternative_names });
    let entry = match env.global {
        true => Entry::Global(Box::new(behind_cloudfront(app, &stack, vpc, &zone, &certificate))),
        false => Entry::Regional(certificate, WebAcl::new(&stack, "firewall", WebAclProps::default())),
    };
    Edge { zone, entry }
}

/// Defines the load balancer of the region, and the distribution with its certificate and firewall in us-east-1.
fn behind_cloudfront(
    app: &App,
    stack: &Stack,
    vpc: &Vpc,
    zone: &HostedZone,
    certificate: &Certificate,
) -> ApplicationLoadBalancer {
    // A secret header identifies requests of our distribution. To rotate it, increase the generation.
    let keys = Stack::new(app, "keys-global", Env::region(GLOBAL));
    keys.describe("KMS key of the origin header secret in the CloudFront region.");
    let copied = secrets::Replica { region: GLOBAL.to_owned(), key: Key::new(&keys, "edge", KeyProps::default()) };
    let props = OriginHeaderProps { generation: 0, replicas: vec![copied], ..Default::default() };
    let header = OriginHeader::new(stack, "origin-header", props);
    let balancer = ApplicationLoadBalancer::new(
        stack,
        "balancer",
        vpc,
        certificate,
        ApplicationLoadBalancerProps {
            scheme: Scheme::InternetFacing,
            clients: Clients::CloudFront(header.clone()),
            ..Default::default()
        },
    );
    // All requests have a CloudFront address, so a rate limit by address works only in the outer firewall.
    WebAcl::new(stack, "firewall", WebAclProps { requests_per_5_minutes: None, ..Default::default() })
        .protect(&balancer);
    let origin = format!("origin.{}", zone.domain());
    Record::new(stack, "origin", zone, &origin, Target::alias(&balancer), Default::default());

    let global = Stack::new(app, "edge-global", Env::region(GLOBAL));
    global.describe("CloudFront with its certificate and firewall.");
    let certificate = Certificate::new(&global, "certificate", zone.domain(), zone, CertificateProps::default());
    let firewall =
        WebAcl::new(&global, "firewall", WebAclProps { scope: wafv2::Scope::CloudFront, ..Default::default() });
    let distribution = Distribution::new(
        &global,
        "distribution",
        origin,
        DistributionProps {
            aliases: vec![zone.domain().to_owned()],
            certificate: Some(certificate),
            web_acl: Some(firewall),
            origin_header: Some(header),
            ..Default::default()
        },
    );
    distribution.scope().leads_to(&balancer, 443);
    Record::new(&global, "domain", zone, zone.domain(), Target::alias(&distribution), Default::default());
    balancer
}

impl Edge {
    /// Returns whether the controller creates the load balancer, so that it is in no stack.
    pub fn is_made_by_controller(&self) -> bool {
        matches!(self.entry, Entry::Regional(..))
    }

    /// Makes workloads public, each at its path.
    pub fn open(&self, namespace: &Namespace, routes: &[(&str, &Workload)]) {
        match &self.entry {
            Entry::Global(balancer) => {
                for (idx, (path, workload)) in routes.iter().enumerate() {
                    let group = balancer.add_target_group(workload.name(), workload.port(), Default::default());
                    let route = Route::paths([path.to_string(), format!("{path}/*")]);
                    balancer.add_route(10 * (idx as u16 + 1), route, &group);
                    TargetGroupBinding::new(workload, "entry", &group);
                }
            }
            Entry::Regional(certificate, firewall) => {
                let ingress = Ingress::new(
                    namespace,
                    "entry",
                    IngressProps {
                        scheme: Scheme::InternetFacing,
                        certificate: Some(certificate.clone()),
                        web_acl: Some(firewall.clone()),
                        deletion_protection: false,
                        ..Default::default()
                    },
                );
                for (path, workload) in routes {
                    ingress.route(self.zone.domain(), path, workload);
                }
            }
        }
    }
}
