//! Load balancers that Services, Ingresses and Gateways request.

use serde_json::Value;

use crate::json::{field, flag, items, number, text};
use crate::network::{ports, sources};
use crate::sets::{Cube, Dimension, Region, Set};

/// Returns the connections that reach the load balancer of an object. The region is empty if the object requests none.
///
/// Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/>,
/// <https://gateway-api.sigs.k8s.io/reference/spec/>.
pub fn load_balancer(document: &Value) -> Region {
    let spec = &document["spec"];
    let annotations = &document["metadata"]["annotations"];
    match field(document, "kind") {
        "Service" if spec["type"] == "LoadBalancer" => {
            let class = field(spec, "loadBalancerClass");
            region(is_internal(annotations, class), service_ranges(spec, annotations), ports_of(spec, "ports"))
        }
        "Ingress" if is_alb(spec, annotations) => {
            let is_internal = annotations[ALB_SCHEME] != "internet-facing";
            region(is_internal, listed(&annotations["alb.ingress.kubernetes.io/inbound-cidrs"]), Region::all())
        }
        "IngressClassParams" => {
            let ranges = items(&spec["inboundCIDRs"]).iter().map(text).collect();
            region(spec["scheme"] != "internet-facing", ranges, Region::all())
        }
        "LoadBalancerConfiguration" => {
            let ranges = items(&spec["sourceRanges"]).iter().map(text).collect();
            region(spec["scheme"] != "internet-facing", ranges, Region::all())
        }
        "Gateway" if field(document, "apiVersion").starts_with("gateway.networking.k8s.io/") => {
            let own = &spec["infrastructure"]["annotations"];
            let annotations = if own.is_object() { own } else { annotations };
            if is_without_load_balancer(
                field(spec, "gatewayClassName"),
                annotations,
                &document["metadata"]["annotations"],
            ) {
                return Region::none();
            }
            let ranges = listed(&annotations[RANGES]);
            region(is_internal(annotations, ""), ranges, ports_of(spec, "listeners"))
        }
        _ => Region::none(),
    }
}

const ALB_SCHEME: &str = "alb.ingress.kubernetes.io/scheme";
const SCHEME: &str = "service.beta.kubernetes.io/aws-load-balancer-scheme";
const RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

fn region(is_internal: bool, ranges: Vec<String>, ports: Region) -> Region {
    let cube = Cube::new().with(Dimension::Peer, sources(&ranges));
    let network = if is_internal { Set::literal("internal") } else { Set::all() };
    Region::from(cube.with(Dimension::Network, network)).and(ports)
}

/// Whether a load balancer is internal, according to an annotation or to the default of its class.
fn is_internal(annotations: &Value, class: &str) -> bool {
    match annotations[SCHEME].as_str() {
        Some(scheme) => return scheme == "internal",
        None if annotations["service.beta.kubernetes.io/aws-load-balancer-internal"].is_string() => {
            let value = &annotations["service.beta.kubernetes.io/aws-load-balancer-internal"];
            return flag(value) != Some(false);
        }
        None => {}
    }
    let others = [
        ("networking.gke.io/load-balancer-type", "Internal"),
        ("cloud.google.com/load-balancer-type", "Internal"),
        ("service.beta.kubernetes.io/azure-load-balancer-internal", "true"),
    ];
    // By default, the AWS Load Balancer Controller and EKS Auto Mode create an internal load balancer.
    let by_default = ["service.k8s.aws/nlb", "eks.amazonaws.com/nlb"].contains(&class)
        || ["external", "nlb-ip"].contains(&field(annotations, "service.beta.kubernetes.io/aws-load-balancer-type"));
    by_default || others.iter().any(|(key, value)| annotations[*key] == *value)
}

fn is_alb(spec: &Value, annotations: &Value) -> bool {
    let class = spec["ingressClassName"].as_str().or_else(|| annotations["kubernetes.io/ingress.class"].as_str());
    let is_named =
        annotations.as_object().into_iter().flatten().any(|(key, _)| key.starts_with("alb.ingress.kubernetes.io/"));
    class.is_some_and(|class| class.contains("alb")) || is_named
}

/// Whether a Gateway is only reachable within the cluster.
fn is_without_load_balancer(class: &str, annotations: &Value, own: &Value) -> bool {
    let key = "networking.istio.io/service-type";
    let kind = annotations[key].as_str().or_else(|| own[key].as_str());
    kind.is_some_and(|kind| kind != "LoadBalancer") || ["istio-waypoint", "amazon-vpc-lattice"].contains(&class)
}

fn service_ranges(spec: &Value, annotations: &Value) -> Vec<String> {
    match items(&spec["loadBalancerSourceRanges"]) {
        [] => listed(&annotations[RANGES]),
        ranges => ranges.iter().map(text).collect(),
    }
}

fn listed(value: &Value) -> Vec<String> {
    let text = value.as_str().unwrap_or_default();
    text.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

fn ports_of(spec: &Value, key: &str) -> Region {
    let port = |it: &Value| {
        let number = number(&it["port"]).and_then(|it| u128::try_from(it).ok()).unwrap_or_default();
        let protocol = match field(it, "protocol") {
            "UDP" => "udp",
            _ => "tcp",
        };
        Cube::new().with(Dimension::Protocol, Set::literal(protocol)).with(Dimension::Port, ports(number, number))
    };
    items(&spec[key]).iter().map(port).collect()
}
