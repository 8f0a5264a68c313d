//! Connections from outside a cluster to a pod, through every entry.

use meshsynth_access::kubernetes::Traffic;

use super::ways::Ways;
use super::{Engine, cluster};
use crate::ends::Port;
use crate::entries::{
    Balanced, Client, FIRST, balanced, distributions, ingressed, ingresses, node_ports, publics, routed,
};
use crate::link::{Layer, Link, Verdict};
use crate::network::{self, End, is_facing_internet};
use crate::world::{ResourceId, WorkloadId, is_unknown};

impl Engine<'_> {
    /// Returns the paths from outside to a port of a workload; empty if there are none.
    pub(super) fn client_to_pod(&self, client: &Client, to: WorkloadId, port: Port) -> Ways {
        let mut ways = self.doors(client, to, port);
        let cluster = self.world.workload(to).cluster;
        let index = &self.routes[cluster];
        for gateway in index.proxies(to).into_iter().filter(|it| *it != to) {
            let routes = routed(self.world, index, gateway, to).into_iter();
            let routes = routes.chain(ingressed(self.world, index, gateway, to, client));
            for route in routes.filter(|it| it.port == port) {
                let serves = |port: &Port| route.listeners.is_empty() || route.listeners.contains(&port.number);
                for listener in self.ports(gateway).into_iter().filter(serves) {
                    let doors = self.doors(client, gateway, listener);
                    if !doors.is_none() {
                        let doors = doors.then(std::slice::from_ref(&route.link));
                        ways = ways.or(doors.and(&self.pod_to_pod(gateway, to, port)));
                    }
                }
            }
        }
        ways
    }

    /// Returns the paths from outside that end at a workload without another workload in between.
    pub(super) fn doors(&self, client: &Client, to: WorkloadId, port: Port) -> Ways {
        let mut ways = Ways::default();
        let routes = &self.routes[self.world.workload(to).cluster];
        for door in balanced(self.world, routes, &self.listeners, to, client).into_iter().filter(|it| it.port == port) {
            let inner = self.resource_to_pod(door.balancer, to, port);
            let outer = self.to_balancer(client, &door).then(std::slice::from_ref(&door.binding));
            ways = ways.or(outer.and(&inner));
        }
        for door in publics(self.world, to, client).into_iter().filter(|it| it.port == port) {
            let mut way = self.to_vpc(client, to);
            way.push(door.link);
            way.push(self.for_public_subnets(client, to, port, door.keeps_addresses));
            way.extend(self.mesh_of(to).from_outside(to, port));
            ways = ways.or(way.into());
        }
        for door in ingresses(self.world, routes, to, client).into_iter().filter(|it| it.port == port) {
            let mut way = self.to_vpc(client, to);
            way.push(door.link);
            way.push(self.for_public_subnets(client, to, port, false));
            way.extend(self.mesh_of(to).from_outside(to, port));
            ways = ways.or(way.into());
        }
        ways.or(self.by_nodes(client, to, port))
    }

    /// Returns the paths through node ports.
    fn by_nodes(&self, client: &Client, to: WorkloadId, port: Port) -> Ways {
        let policies = &self.policies[self.world.workload(to).cluster];
        let nodes = self.pods.of_cluster(self.world.workload(to).cluster);
        let mut ways = Ways::default();
        for door in node_ports(self.world, to).into_iter().filter(|it| it.port == port) {
            let first = Port { number: FIRST, ..port };
            let policy = match (door.keeps_addresses, client.addresses()) {
                (true, []) => self.policy_of_spans(to, &[network::INTERNET_V4], port),
                (true, own) => self.policy_of_spans(to, own, port),
                (false, _) => self.policy_of_addresses(policies, &policies.pod(to), Traffic::Ingress, &nodes, port),
            };
            let to_nodes = self.to_each(client.end(), &nodes, door.node.unwrap_or(first));
            let mesh = self.mesh_of(to).from_outside(to, port);
            ways = ways.or(to_nodes.then(&[door.link, policy]).then(&mesh));
        }
        ways
    }

    fn policy_of_spans(&self, to: WorkloadId, spans: &[(u128, u128)], port: Port) -> Link {
        let policies = &self.policies[self.world.workload(to).cluster];
        cluster::addresses(policies, &policies.pod(to), Traffic::Ingress, spans, port)
    }

    /// Returns the path of a private client to the VPC of a workload's cluster. Other clients need no such path.
    fn to_vpc(&self, client: &Client, to: WorkloadId) -> Vec<Link> {
        if !client.is_private() {
            return Vec::new();
        }
        let nodes = self.pods.of_cluster(self.world.workload(to).cluster);
        let each = nodes.iter().map(|it| self.network.route(client.end(), &End::Interface(it)));
        let best = each.reduce(|a, b| if b.verdict < a.verdict { b } else { a });
        let unknown = || Link::new(Layer::Route, Verdict::Unknown, "the nodes of the cluster are not in the files");
        vec![best.unwrap_or_else(unknown)]
    }

    /// Returns the paths through a listener: directly, and by each distribution.
    pub(super) fn to_balancer(&self, client: &Client, door: &Balanced) -> Ways {
        let Some(interface) = network::interface(self.world, door.balancer) else { return Ways::default() };
        let end = End::Interface(&interface);
        let mut direct = self.network.between(client.end(), &end, door.listener);
        direct.push(match &door.header {
            Some((name, value)) => {
                let text = value.as_str().unwrap_or_default();
                let is_secret = text.contains("{{resolve:") || is_unknown(value) || text.contains("${");
                let mut link = door.link.clone();
                if is_secret {
                    link.verdict = link.verdict.and(Verdict::Denied);
                    link.why = format!("requires the header `{name}` with a secret value");
                }
                link
            }
            None => door.link.clone(),
        });
        let mut ways = vec![direct];
        for distribution in distributions(self.world, door.balancer) {
            let resource = self.world.resource(distribution.id);
            let why = "accepts requests from any client, and forwards them to the load balancer";
            let mut way = vec![Link::new(Layer::Entry, Verdict::Allowed, why).by(
                resource.title(),
                distribution.field,
                &resource.at,
            )];
            if distribution.port != door.listener.number {
                continue;
            }
            way.extend(self.network.between(&End::CloudFront, &end, door.listener));
            let mut link = door.link.clone();
            if let Some((name, _)) = &door.header {
                match distribution.headers.iter().any(|(it, _)| it.eq_ignore_ascii_case(name)) {
                    true => link.why = format!("{}, with the header `{name}` of the distribution", link.why),
                    false => {
                        link.verdict = Verdict::Denied;
                        link.why = format!("requires the header `{name}`, which the distribution does not add");
                    }
                }
            }
            way.push(link);
            ways.push(way);
        }
        Ways::of(ways)
    }

    /// Returns the decision of a pod's network policies about a load balancer that a controller creates in the public
    /// subnets.
    fn for_public_subnets(&self, client: &Client, to: WorkloadId, port: Port, keeps_addresses: bool) -> Link {
        let policies = &self.policies[self.world.workload(to).cluster];
        let pod = policies.pod(to);
        if keeps_addresses {
            let anybody = [network::INTERNET_V4];
            let own = if client.addresses().is_empty() { &anybody[..] } else { client.addresses() };
            return cluster::addresses(policies, &pod, Traffic::Ingress, own, port);
        }
        let nodes = self.pods.interfaces(self.world, to);
        let vpc = |id: ResourceId| self.world.named_by(&self.world.resource(id).properties["VpcId"]);
        let vpcs: Vec<_> = nodes.iter().flat_map(|it| &it.subnets).filter_map(|it| vpc(*it)).collect();
        let subnets = self.world.of_type("AWS::EC2::Subnet").iter().copied();
        let public =
            subnets.filter(|it| vpc(*it).is_some_and(|it| vpcs.contains(&it)) && is_facing_internet(self.world, *it));
        let blocks = public.filter_map(|it| self.world.resource(it).property("CidrBlock").as_str()?.parse().ok());
        let each = blocks.map(|it: meshsynth_access::sets::Cidr| {
            cluster::addresses(policies, &pod, Traffic::Ingress, &it.spans(), port)
        });
        let best = each.reduce(|a, b| if b.verdict < a.verdict { b } else { a });
        best.unwrap_or_else(|| cluster::addresses(policies, &pod, Traffic::Ingress, &[network::INTERNET_V4], port))
    }
}
