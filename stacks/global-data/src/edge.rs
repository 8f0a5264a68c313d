//! The public endpoints: a load balancer per region, and the services that select a region.
//!
//! | name | target |
//! |---|---|
//! | the domain | Global Accelerator: the nearest healthy region, with two fixed addresses |
//! | `tokyo`, `osaka` | the load balancer of the region |
//! | `nearest` | the healthy region with the lower latency, selected by DNS |
//! | `write` | Tokyo, or Osaka if Tokyo is unhealthy |
//! | `trial` | Tokyo, and Osaka for 5 % of the requests |

use meshsynth::acm::{Certificate, CertificateProps};
use meshsynth::aws::Vpc;
use meshsynth::elbv2::{NetworkLoadBalancer, NetworkLoadBalancerProps, Scheme, TargetGroup, TargetGroupProps};
use meshsynth::globalaccelerator::{Accelerator, AcceleratorProps, Endpoint, EndpointGroupProps};
use meshsynth::route53::{Failover, HealthCheck, HealthCheckProps, HostedZone, Record, RecordProps, Routing, Target};
use meshsynth::{App, Cidr, Env, Stack};

use crate::network::Networks;
use crate::{OSAKA, TOKYO};

/// The load balancers of both regions.
pub struct Entries {
    /// The load balancer of the primary region.
    pub tokyo: TargetGroup,
    /// The load balancer of the secondary region.
    pub osaka: TargetGroup,
}

/// The port of the shop.
const PORT: u16 = 8080;

pub fn define(app: &App, networks: &Networks, zone: &HostedZone) -> Entries {
    let (tokyo, to_tokyo) = balancer(app, "edge-tokyo", TOKYO, &networks.tokyo, zone);
    let (osaka, to_osaka) = balancer(app, "edge-osaka", OSAKA, &networks.osaka, zone);

    let front = Stack::new(app, "front-door", Env::region(TOKYO));
    front.describe("Global Accelerator with two static addresses, and DNS records that select a region.");
    let accelerator = Accelerator::new(&front, "entry", AcceleratorProps { ports: vec![443], ..Default::default() });
    // The load balancers terminate TLS, so the accelerator cannot preserve the client address.
    let props = || EndpointGroupProps { preserve_client: false, ..Default::default() };
    accelerator.add_endpoint_group(TOKYO, [Endpoint::network(&tokyo, 128)], props());
    accelerator.add_endpoint_group(OSAKA, [Endpoint::network(&osaka, 128)], props());
    Record::new(&front, "domain", zone, zone.domain(), Target::alias(&accelerator), Default::default());

    for (region, name, balancer) in [(TOKYO, "tokyo", &tokyo), (OSAKA, "osaka", &osaka)] {
        let host = format!("{name}.{}", zone.domain());
        Record::new(&front, name, zone, &host, Target::alias(balancer), Default::default());
        let props = HealthCheckProps { path: "/readyz".to_owned(), ..Default::default() };
        let check = HealthCheck::new(&front, &format!("{name}-health"), host, props);
        let is_first = region == TOKYO;
        let role = if is_first { Failover::Primary } else { Failover::Secondary };
        for (id, routing) in [
            ("nearest", Routing::Latency(region.to_owned())),
            ("write", Routing::Failover(role)),
            ("trial", Routing::Weighted(if is_first { 95 } else { 5 })),
        ] {
            let props = RecordProps { routing, health_check: Some(check.clone()), ..Default::default() };
            let host = format!("{id}.{}", zone.domain());
            Record::new(&front, &format!("{id}-{name}"), zone, &host, Target::alias(balancer), props);
        }
    }
    Entries { tokyo: to_tokyo, osaka: to_osaka }
}

/// The load balancer of a region. It terminates TLS. Pods accept only its addresses.
fn balancer(app: &App, id: &str, region: &str, vpc: &Vpc, zone: &HostedZone) -> (NetworkLoadBalancer, TargetGroup) {
    let stack = Stack::new(app, id, Env::region(region));
    stack.describe("The load balancer of the region with its certificate.");
    let alternative_names = vec![format!("*.{}", zone.domain())];
    let certificate =
        Certificate::new(&stack, "certificate", zone.domain(), zone, CertificateProps { alternative_names });
    let props = NetworkLoadBalancerProps {
        scheme: Scheme::InternetFacing,
        clients: vec![Cidr::new("0.0.0.0/0")],
        ..Default::default()
    };
    let balancer = NetworkLoadBalancer::new(&stack, "balancer", vpc, props);
    let props = TargetGroupProps { preserve_client: false, ..Default::default() };
    let targets = balancer.add_tls(443, &certificate, "shop", PORT, props);
    (balancer, targets)
}
