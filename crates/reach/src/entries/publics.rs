//! Services of type LoadBalancer, including those of gateways: their ports, and the permitted clients.
//!
//! Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/>.

use meshsynth_access::kubernetes::Labels;
use meshsynth_access::sets::Cidr;
use serde_json::Value;

use super::client::Client;
use crate::connections::Protocol;
use crate::edit::Edit;
use crate::ends::Port;
use crate::link::{Layer, Link, Verdict};
use crate::mesh::services;
use crate::network::number;
use crate::world::{Object, WorkloadId, World, labels};

/// A load balancer that a controller creates for a Service.
#[derive(Clone, Debug)]
pub struct Public {
    /// The port of the load balancer.
    pub listener: Port,
    /// The port of the pods.
    pub port: Port,
    /// Whether the client may connect to it.
    pub link: Link,
    /// Whether the pods receive the client addresses instead of the load balancer's.
    pub keeps_addresses: bool,
}

const SCHEMES: [&str; 2] =
    ["service.beta.kubernetes.io/aws-load-balancer-scheme", "service.beta.kubernetes.io/aws-load-balancer-internal"];

/// Returns the load balancers of a workload's Services, and of the workload itself if it is a gateway.
pub fn publics(world: &World, to: WorkloadId, client: &Client) -> Vec<Public> {
    let workload = world.workload(to);
    let object = world.object_of(to);
    let spec = &object.document["spec"];
    match workload.kind.as_str() {
        // A release of the gateway chart. Its values define the Service.
        "Release" => {
            let service = &spec["service"];
            if service["type"].as_str().is_some_and(|it| it != "LoadBalancer") {
                return Vec::new();
            }
            let ports = service["ports"].as_array().map_or(&[][..], Vec::as_slice);
            let annotations = labels(&service["annotations"]);
            Written { object, field: "service", annotations, spec: service, ports }.publics(world, to, client)
        }
        "Gateway" => {
            let is_inner = spec["gatewayClassName"] == "istio-waypoint";
            let kind = object.document["metadata"]["annotations"]["networking.istio.io/service-type"].as_str();
            if is_inner || kind.is_some_and(|it| it != "LoadBalancer") {
                return Vec::new();
            }
            let ports = spec["listeners"].as_array().map_or(&[][..], Vec::as_slice);
            let annotations = labels(&spec["infrastructure"]["annotations"]);
            let field = "spec.infrastructure.annotations";
            Written { object, field, annotations, spec: &Value::Null, ports }.publics(world, to, client)
        }
        _ => {
            let own = services(world, to).into_iter().filter(|it| it.document["spec"]["type"] == "LoadBalancer");
            let found = own.flat_map(|service| {
                let spec = &service.document["spec"];
                let annotations = labels(&service.document["metadata"]["annotations"]);
                let ports = spec["ports"].as_array().map_or(&[][..], Vec::as_slice);
                let field = "metadata.annotations";
                Written { object: service, field, annotations, spec, ports }.publics(world, to, client)
            });
            found.collect()
        }
    }
}

/// The definition of a load balancer, and its location.
struct Written<'a> {
    object: &'a Object,
    field: &'static str,
    annotations: Labels,
    spec: &'a Value,
    ports: &'a [Value],
}

impl Written<'_> {
    fn publics(&self, world: &World, to: WorkloadId, client: &Client) -> Vec<Public> {
        let (verdict, why) = scheme(client, &self.annotations, self.spec);
        let attributes = self.annotations.get("service.beta.kubernetes.io/aws-load-balancer-target-group-attributes");
        let keeps_addresses = attributes.is_some_and(|it| it.contains("preserve_client_ip.enabled=true"));
        let entry = |value: &Value| {
            // The protocol of a gateway listener can be HTTP and similar.
            let protocol = value["protocol"].as_str().and_then(Protocol::parse).unwrap_or(Protocol::Tcp);
            let listener = Port { protocol, number: number(&value["port"])? };
            let target = if value["targetPort"].is_null() { &value["port"] } else { &value["targetPort"] };
            let number = world.workload(to).port(target, protocol).first().copied()?;
            let object = self.object;
            let link = Link::new(Layer::Entry, verdict, why.clone()).by(object.title(), self.field, &object.at);
            let link = link.edited(self.facing(client, verdict).into_iter().collect());
            Some(Public { listener, port: Port { protocol, number }, link, keeps_addresses })
        };
        self.ports.iter().filter_map(entry).collect()
    }
}

impl Written<'_> {
    /// Changes the load balancer to internet-facing or to internal.
    fn facing(&self, client: &Client, verdict: Verdict) -> Option<Edit> {
        let scheme = match verdict {
            _ if client.is_private() => return None,
            // A load balancer that accepts only some addresses is already internet-facing.
            Verdict::Denied if !is_public(&self.annotations, self.spec) => "internet-facing",
            Verdict::Allowed => "internal",
            _ => return None,
        };
        let field = format!("{}[\"{}\"]", self.field, SCHEMES[0]);
        Some(Edit::set(self.object.title(), field, &self.object.at, scheme.into()))
    }
}

fn is_public(annotations: &Labels, spec: &Value) -> bool {
    let said = SCHEMES.iter().find_map(|key| annotations.get(*key)).map(String::as_str);
    let kind = annotations.get("service.beta.kubernetes.io/aws-load-balancer-type").map(String::as_str);
    let is_of_controller =
        spec["loadBalancerClass"].is_string() || kind.is_some_and(|it| it.starts_with("external") || it == "nlb-ip");
    match said {
        Some("internet-facing" | "false") => true,
        Some(_) => false,
        // By default, load balancers of the controller are internal, and those of the cloud provider are public.
        None => !is_of_controller,
    }
}

fn scheme(client: &Client, annotations: &Labels, spec: &Value) -> (Verdict, String) {
    let is_public = is_public(annotations, spec);
    if !is_public && !client.is_private() {
        return (Verdict::Denied, "its load balancer is internal".to_owned());
    }
    let annotated = annotations.get("service.beta.kubernetes.io/load-balancer-source-ranges");
    let listed = spec["loadBalancerSourceRanges"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let ranges: Vec<&str> = listed.chain(annotated.into_iter().flat_map(|it| it.split(',').map(str::trim))).collect();
    let spans: Vec<_> = ranges.iter().filter_map(|it| it.parse::<Cidr>().ok()).flat_map(Cidr::spans).collect();
    if annotations.contains_key("service.beta.kubernetes.io/aws-load-balancer-security-group-prefix-lists") {
        return (Verdict::Unknown, "its load balancer accepts prefix lists that are not in the files".to_owned());
    }
    let verdict = if ranges.is_empty() { Verdict::Allowed } else { client.within(&spans) };
    match (verdict, is_public) {
        (Verdict::Allowed, true) => (verdict, "its load balancer faces the internet".to_owned()),
        (Verdict::Allowed, false) => (verdict, "its load balancer is internal".to_owned()),
        _ => (verdict, format!("its load balancer accepts only {}", ranges.join(", "))),
    }
}
