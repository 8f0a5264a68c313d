//! Selection of the questions whose answers a change may affect, on either side.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_access::kubernetes::Selector;
use meshsynth_reach::world::{Object, Resource, ResourceId, WorkloadId};
use meshsynth_reach::{Engine, Source, World};
use serde_json::Value;

use super::ends::{Ends, Key, Renames, workloads};
use super::references::References;
use super::relevant;

/// The endpoints that a change affects.
#[derive(Debug, Default)]
pub struct Affected {
    /// Whether all questions are affected.
    pub everything: bool,
    /// The affected endpoints, as sources and as targets.
    pub ends: BTreeSet<Key>,
    /// The changed roles. Every holder of their credentials is affected.
    pub roles: BTreeSet<Key>,
    /// Whether internet access may change for endpoints that are otherwise unaffected.
    pub entries: bool,
    /// The changed resources on each side.
    pub resources: [BTreeSet<ResourceId>; 2],
}

/// Resource types that affect everything in a network.
const NETWORK: [&str; 21] = [
    "AWS::EC2::CarrierGateway",
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::PrefixList",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::TransitGateway",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::TransitGatewayRoute",
    "AWS::EC2::TransitGatewayRouteTable",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCCidrBlock",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::VPCPeeringConnection",
];

/// Resource types that affect nodes, and therefore every pod.
const NODES: [&str; 2] = ["AWS::EKS::Cluster", "AWS::EKS::Nodegroup"];

/// Resource types between the internet and workloads.
const ENTRIES: [&str; 4] =
    ["AWS::CloudFront::", "AWS::ElasticLoadBalancing::", "AWS::ElasticLoadBalancingV2::", "AWS::Route53::"];

/// Resource types that define the permissions of identities.
const IDENTITIES: [&str; 3] = ["AWS::IAM::", "AWS::EKS::PodIdentityAssociation", "AWS::EKS::AccessEntry"];

/// Type suffixes of resources that configure another resource, to which they refer.
const ATTACHED: [&str; 9] =
    ["Alias", "Association", "Attachment", "Egress", "Ingress", "MountTarget", "Permission", "Policy", "Secret"];

/// Kinds that route traffic from the internet to workloads of their cluster.
const DOORS: [&str; 10] = [
    "GRPCRoute",
    "Gateway",
    "HTTPRoute",
    "Ingress",
    "IngressClassParams",
    "LoadBalancerConfiguration",
    "TCPRoute",
    "TLSRoute",
    "TargetGroupBinding",
    "VirtualService",
];

/// A side with its engine and endpoints.
pub struct Asked<'a> {
    /// The reach engine.
    pub engine: &'a Engine<'a>,
    /// The endpoints.
    pub ends: &'a Ends,
}

impl Affected {
    /// Returns the endpoints that differ between two worlds.
    pub fn of(worlds: [&World; 2], renames: &Renames) -> Self {
        let mut affected = Self::default();
        affected.resources(worlds, renames);
        affected.objects(worlds, renames);
        affected.go_through(worlds, renames);
        affected
    }

    /// Adds the endpoints behind affected gateways and load balancers, which forward requests.
    fn go_through(&mut self, worlds: [&World; 2], renames: &Renames) {
        for world in worlds {
            let is_touched = |(key, id): (Key, WorkloadId)| {
                self.ends.contains(&renamed(key, renames)).then(|| (world.workload(id), world.object_of(id)))
            };
            for (workload, object) in workloads(world).into_iter().filter_map(is_touched).collect::<Vec<_>>() {
                let class = object.document["spec"]["gatewayClassName"].as_str().unwrap_or_default();
                let is_proxy = matches!(workload.kind.as_str(), "Gateway" | "Release");
                let selects = |it: &&Object| {
                    it.kind == "Gateway" && Selector::labels(&it.document["spec"]["selector"]).selects(&workload.labels)
                };
                let is_gateway = is_proxy || world.clusters[workload.cluster].objects.iter().any(|it| selects(&it));
                self.entries |= is_gateway;
                self.everything |= class.contains("waypoint");
            }
            let is_balancer = |it: &&Resource| ENTRIES.iter().any(|start| it.type_name.starts_with(start));
            let balancers = world.resources.iter().filter(is_balancer);
            self.entries |= balancers.map(|it| key_of(it, renames)).any(|key| self.ends.contains(&key));
        }
    }

    /// Whether a question must be evaluated.
    pub fn has(&self, source: &Key, target: &Key) -> bool {
        self.everything
            || self.ends.contains(source)
            || self.ends.contains(target)
            || (self.entries && *source == Key::Internet)
            || matches!(source, Key::Elsewhere(_))
    }

    /// Whether the endpoint itself is affected.
    pub fn has_changed(&self, key: &Key) -> bool {
        self.ends.contains(key) || matches!(key, Key::Elsewhere(_))
    }

    /// Adds all sources that have the credentials of an affected role.
    pub fn add_holders(&mut self, sides: &[Asked<'_>; 2], renames: &Renames) {
        if self.roles.is_empty() || self.everything {
            return;
        }
        for side in sides {
            let world = side.engine.world();
            for (key, source) in &side.ends.sources {
                let holds = |id: ResourceId| self.roles.contains(&key_of(world.resource(id), renames));
                let is_touched = match source {
                    Source::Internet | Source::Addresses(_) => false,
                    _ => side.engine.identities().roles(source).into_iter().any(holds),
                };
                if is_touched {
                    self.ends.insert(key.clone());
                }
            }
        }
        self.ends.extend(self.roles.iter().cloned());
    }

    fn resources(&mut self, worlds: [&World; 2], renames: &Renames) {
        let keyed = |world: &World, side: usize| -> BTreeMap<Key, ResourceId> {
            let key = |at: usize| {
                let key = plain_key(&world.resources[at]);
                (if side == 0 { renames.get(&key).cloned().unwrap_or(key) } else { key }, ResourceId(at))
            };
            (0..world.resources.len()).map(key).collect()
        };
        let keyed = [keyed(worlds[0], 0), keyed(worlds[1], 1)];
        let all: BTreeSet<&Key> = keyed[0].keys().chain(keyed[1].keys()).collect();
        for key in all {
            let ids = [keyed[0].get(key).copied(), keyed[1].get(key).copied()];
            if let [Some(old), Some(new)] = ids {
                let (a, b) = (worlds[0].resource(old), worlds[1].resource(new));
                let is_here = worlds[0].place(old).account == worlds[1].place(new).account;
                if is_here && a.type_name == b.type_name && relevant::is_same(&a.properties, &b.properties) {
                    continue;
                }
            }
            self.resources.iter_mut().zip(ids).for_each(|(all, id)| all.extend(id));
        }
        for (side, world) in worlds.into_iter().enumerate() {
            if self.resources[side].is_empty() {
                continue;
            }
            let graph = References::new(world);
            for id in self.resources[side].clone() {
                self.resource(world, &graph, id, renames);
            }
        }
    }

    fn resource(&mut self, world: &World, graph: &References, id: ResourceId, renames: &Renames) {
        let type_name = world.resource(id).type_name.as_str();
        let starts = |all: &[&str]| all.iter().any(|it| type_name.starts_with(it));
        if NETWORK.contains(&type_name) || NODES.contains(&type_name) {
            self.everything = true;
            return;
        }
        self.entries |= starts(&ENTRIES);
        let is_attached = ATTACHED.iter().any(|it| type_name.ends_with(it)) || starts(&ENTRIES);
        let mut open = vec![id];
        if is_attached || starts(&IDENTITIES) {
            open.extend(graph.to(id));
        }
        let mut seen: BTreeSet<ResourceId> = open.iter().copied().collect();
        let is_identity = starts(&IDENTITIES);
        while let Some(id) = open.pop() {
            let resource = world.resource(id);
            let of = resource.type_name.as_str();
            let is_hub = NETWORK.contains(&of);
            if NODES.contains(&of) && !is_identity {
                // Every pod has the security groups of its node.
                let others = workloads(world).into_iter().map(|(key, _)| renamed(key, renames));
                self.ends.extend(others);
            }
            if is_identity && of.starts_with("AWS::IAM::") {
                self.roles.insert(key_of(resource, renames));
            }
            // The resources that a permission names are unchanged. Only the holders of the permission are affected.
            if !is_identity || of.starts_with("AWS::IAM::") {
                self.ends.insert(key_of(resource, renames));
            }
            if is_hub || (is_identity && !of.starts_with("AWS::IAM::")) {
                continue;
            }
            for next in graph.from(id) {
                let next_type = world.resource(next).type_name.as_str();
                let is_other = !is_identity && next_type.starts_with("AWS::IAM::");
                if !is_other && seen.insert(next) {
                    open.push(next);
                }
            }
        }
    }

    fn objects(&mut self, worlds: [&World; 2], renames: &Renames) {
        type Name<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);
        fn named(world: &World) -> BTreeMap<Name<'_>, (usize, &Object)> {
            let clusters = world.clusters.iter().enumerate();
            let objects = clusters.flat_map(|(at, cluster)| cluster.objects.iter().map(move |it| (at, cluster, it)));
            let key = |(at, cluster, it)| -> (Name<'_>, (usize, &Object)) {
                let (cluster, it): (&meshsynth_reach::world::Cluster, &Object) = (cluster, it);
                ((&cluster.id, &it.kind, &it.group, &it.namespace, &it.name), (at, it))
            };
            objects.map(key).collect()
        }
        let sides = worlds.map(named);
        let all: BTreeSet<&Name> = sides[0].keys().chain(sides[1].keys()).collect();
        for name in all {
            let found = [sides[0].get(name), sides[1].get(name)];
            let is_same = match found {
                [Some(a), Some(b)] => relevant::outline(&a.1.document) == relevant::outline(&b.1.document),
                _ => false,
            };
            if is_same {
                continue;
            }
            for (side, found) in found.into_iter().enumerate() {
                // A new or removed policy selects pods of both sides.
                let Some((at, object)) = found else { continue };
                for world in worlds {
                    self.object(world, &worlds[side].clusters[*at].id, object, renames);
                }
            }
        }
        self.releases(worlds, renames);
    }

    fn object(&mut self, world: &World, cluster: &str, object: &Object, renames: &Renames) {
        let spec = &object.document["spec"];
        let pods = workloads(world);
        let own = pods.iter().filter(|(key, _)| matches!(key, Key::Workload(it, _) if it == cluster));
        let here = own.clone().filter(|(_, id)| world.workload(*id).namespace == object.namespace);
        let add = |ends: &mut BTreeSet<Key>, keys: Vec<&Key>| {
            ends.extend(keys.into_iter().map(|key| renamed(key.clone(), renames)));
        };
        let selected = |selector: &Value| -> Vec<&Key> {
            let selector = Selector::parse(selector);
            here.clone().filter(|(_, id)| selector.selects(&world.workload(*id).labels)).map(|(key, _)| key).collect()
        };
        let all_here = || here.clone().map(|(key, _)| key).collect::<Vec<_>>();
        match object.kind.as_str() {
            "NetworkPolicy" => add(&mut self.ends, selected(&spec["podSelector"])),
            "AuthorizationPolicy" | "RequestAuthentication" | "PeerAuthentication" => {
                // A policy without a selector, or at a waypoint, applies to its namespace. In the root namespace, it
                // applies to the mesh.
                let is_general = spec["selector"].is_null();
                match (is_general, object.namespace == "istio-system") {
                    (true, true) => add(&mut self.ends, own.map(|(key, _)| key).collect()),
                    (true, false) => add(&mut self.ends, all_here()),
                    (false, true) => {
                        let selector = Selector::parse(&spec["selector"]);
                        let is_it = |id: &WorkloadId| selector.selects(&world.workload(*id).labels);
                        add(&mut self.ends, own.filter(|(_, id)| is_it(id)).map(|(key, _)| key).collect());
                    }
                    (false, false) => add(&mut self.ends, selected(&spec["selector"])),
                }
            }
            "Service" => {
                let selector = Selector::labels(&spec["selector"]);
                let of = here.clone().filter(|(_, id)| selector.selects(&world.workload(*id).labels));
                add(&mut self.ends, of.map(|(key, _)| key).collect());
            }
            "ServiceAccount" => {
                let of = here.clone().filter(|(_, id)| world.workload(*id).account == object.name);
                add(&mut self.ends, of.map(|(key, _)| key).collect());
            }
            "Namespace" => {
                let of = own.filter(|(_, id)| world.workload(*id).namespace == object.name);
                add(&mut self.ends, of.map(|(key, _)| key).collect());
            }
            "Sidecar" if object.namespace != "istio-system" => match spec["workloadSelector"]["labels"].is_null() {
                true => add(&mut self.ends, all_here()),
                false => {
                    let selector = Selector::labels(&spec["workloadSelector"]["labels"]);
                    let of = here.clone().filter(|(_, id)| selector.selects(&world.workload(*id).labels));
                    add(&mut self.ends, of.map(|(key, _)| key).collect());
                }
            },
            "SecurityGroupPolicy" => add(&mut self.ends, all_here()),
            kind => {
                let of = here.clone().filter(|(_, id)| {
                    let workload = world.workload(*id);
                    workload.kind == kind && workload.name == object.name
                });
                let found: Vec<&Key> = of.map(|(key, _)| key).collect();
                let is_workload = !found.is_empty() || !object.document["spec"]["template"].is_null();
                add(&mut self.ends, found);
                self.entries |= DOORS.contains(&kind);
                if !is_workload && !DOORS.contains(&kind) {
                    add(&mut self.ends, own.map(|(key, _)| key).collect());
                }
            }
        }
    }

    /// Adds the effects of changed charts that contain a known proxy or configure the mesh.
    fn releases(&mut self, worlds: [&World; 2], renames: &Renames) {
        let rows = worlds.map(|world| {
            let all = world.clusters.iter().flat_map(|cluster| cluster.releases.iter().map(move |it| (cluster, it)));
            all.map(|(cluster, it)| ((&cluster.id, &it.namespace, &it.name), (&it.chart, &it.values)))
                .collect::<BTreeMap<_, _>>()
        });
        let all: BTreeSet<_> = rows[0].keys().chain(rows[1].keys()).collect();
        for name in all {
            if rows[0].get(name) == rows[1].get(name) {
                continue;
            }
            let (cluster, namespace, release) = name;
            let title = format!("{namespace}/{release}");
            let is_proxy = |world: &&World| {
                let is_it =
                    |(key, _): &(Key, _)| matches!(key, Key::Workload(at, it) if at == *cluster && *it == title);
                workloads(world).iter().any(is_it)
            };
            let key = Key::Workload((*cluster).clone(), title.clone());
            let is_mesh = rows.iter().any(|it| it.get(name).is_some_and(|(chart, _)| chart.contains("istiod")));
            if worlds.iter().any(is_proxy) {
                self.ends.insert(renamed(key, renames));
                self.entries = true;
            } else if is_mesh {
                let pods = worlds.iter().flat_map(|world| workloads(world));
                self.ends.extend(pods.map(|(key, _)| renamed(key, renames)));
            }
        }
    }
}

fn plain_key(resource: &Resource) -> Key {
    Key::Resource(resource.stack_id.clone(), resource.logical.clone())
}

fn key_of(resource: &Resource, renames: &Renames) -> Key {
    renamed(plain_key(resource), renames)
}

fn renamed(key: Key, renames: &Renames) -> Key {
    renames.get(&key).cloned().unwrap_or(key)
}
