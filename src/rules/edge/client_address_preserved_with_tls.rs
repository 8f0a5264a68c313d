//! An accelerator preserves client IP addresses in front of a Network Load Balancer that terminates TLS.
//!
//! # What it reports
//!
//! An endpoint of a Global Accelerator endpoint group sets `ClientIPPreservationEnabled`, and its load balancer has a
//! listener with the protocol `TLS`. Only load balancers that the program defines are checked.
//!
//! # Why it matters
//!
//! Global Accelerator does not support both, and rejects the endpoint.
//!
//! # Fix
//!
//! Turn off client IP preservation with `globalaccelerator::EndpointGroupProps::preserve_client`, or terminate TLS
//! behind the load balancer: `elbv2::NetworkLoadBalancer::add_tcp`.
//!
//! Source: <https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoints.sipp-caveats.html>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let listeners = model.of_type("AWS::ElasticLoadBalancingV2::Listener");
    let with_tls: BTreeSet<NodeId> = listeners
        .filter(|(_, listener)| listener.props.get("Protocol").and_then(Data::as_str) == Some("TLS"))
        .filter_map(|(_, listener)| Some(listener.props.get("LoadBalancerArn")?.as_attr()?.node))
        .collect();
    for (id, group) in model.of_type("AWS::GlobalAccelerator::EndpointGroup") {
        let endpoints = group.props.get("EndpointConfigurations").map_or(&[][..], Data::items);
        for endpoint in endpoints {
            let balancer = endpoint.at("EndpointId").and_then(Data::as_attr).map(|attr| attr.node);
            let Some(balancer) = balancer.filter(|balancer| with_tls.contains(balancer)) else { continue };
            if endpoint.at("ClientIPPreservationEnabled").and_then(Data::as_bool) == Some(true) {
                let balancer_path = model.path(balancer).trim_end_matches("/resource");
                let message = format!("the client IP address cannot be preserved, because `{balancer_path}` terminates TLS");
                out.push(
                    model
                        .error(id, "MS0608", message)
                        .note_at("the load balancer is defined here", model.node(balancer).at)
                        .help("set `preserve_client: false` for these endpoints"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::acm::Certificate;
    use crate::aws::Vpc;
    use crate::elbv2::NetworkLoadBalancer;
    use crate::globalaccelerator::{Accelerator, Endpoint, EndpointGroupProps};
    use crate::route53::HostedZone;
    use crate::testing::{codes, stack};

    fn accelerated(preserve_client: bool) -> Vec<&'static str> {
        codes(|app| {
            let edge = stack(app, "edge");
            let vpc = Vpc::new(&edge, "vpc", Default::default());
            let zone = HostedZone::public(&edge, "zone", "shop.example.com", Default::default());
            let certificate = Certificate::new(&edge, "certificate", zone.domain(), &zone, Default::default());
            let balancer = NetworkLoadBalancer::new(&edge, "balancer", &vpc, Default::default());
            balancer.add_tls(443, &certificate, "orders", 8080, Default::default());
            let props = EndpointGroupProps { preserve_client, ..Default::default() };
            let endpoints = [Endpoint::network(&balancer, 128)];
            Accelerator::new(&edge, "entry", Default::default()).add_endpoint_group(
                "ap-northeast-1",
                endpoints,
                props,
            );
        })
    }

    #[test]
    fn reports_preserved_client_addresses_with_tls() {
        assert_eq!(accelerated(true), ["MS0608"]);
    }

    #[test]
    fn accepts_client_addresses_that_are_not_preserved() {
        assert_eq!(accelerated(false), [""; 0]);
    }
}
