//! Selection of the questions whose answers a change may affect, on either side.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_access::kubernetes::Selector;
use meshsynth_facts as facts;
use meshsynth_reach::world::{Cluster, Object, Resource, ResourceId};
use meshsynth_reach::{Engine, Source, World};
use serde_json::Value;

use super::ends::{Ends, Key, Renames};
use super::references::References;
use super::relevant;
use super::workload_index::WorkloadIndex;

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

/// A side with its engine and endpoints.
pub struct Asked<'a> {
    /// The reach engine.
    pub engine: &'a Engine<'a>,
    /// The endpoints.
    pub ends: &'a Ends,
}

/// A side with the indexes to follow references.
struct IndexedSide<'a> {
    world: &'a World,
    graph: References,
    workloads: &'a WorkloadIndex<'a>,
    renames: &'a Renames,
}

impl Affected {
    /// Returns the endpoints that differ between two worlds.
    pub fn of(worlds: [&World; 2], renames: &Renames) -> Self {
        let mut affected = Self::default();
        let workloads = worlds.map(|world| WorkloadIndex::new(world, renames));
        affected.resources(worlds, &workloads, renames);
        affected.objects(worlds, &workloads, renames);
        affected.go_through(worlds, &workloads, renames);
        affected
    }

    /// Adds the endpoints behind affected gateways and load balancers, which forward requests.
    fn go_through(&mut self, worlds: [&World; 2], workloads: &[WorkloadIndex<'_>; 2], renames: &Renames) {
        for (world, workloads) in worlds.into_iter().zip(workloads) {
            let gateways = |cluster: &Cluster| -> Vec<Selector> {
                let gateways = cluster.objects.iter().filter(|it| it.kind == "Gateway");
                gateways.map(|it| Selector::labels(&it.document["spec"]["selector"])).collect()
            };
            let gateways: Vec<Vec<Selector>> = world.clusters.iter().map(gateways).collect();
            let touched = workloads.all().filter(|id| self.ends.contains(workloads.key(*id)));
            for id in touched.collect::<Vec<_>>() {
                let (workload, object) = (world.workload(id), world.object_of(id));
                let class = object.document["spec"]["gatewayClassName"].as_str().unwrap_or_default();
                let is_proxy = matches!(workload.kind.as_str(), "Gateway" | "Release");
                let is_gateway = is_proxy || gateways[workload.cluster].iter().any(|it| it.selects(&workload.labels));
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

    fn resources(&mut self, worlds: [&World; 2], workloads: &[WorkloadIndex<'_>; 2], renames: &Renames) {
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
            let side_of = IndexedSide { world, graph: References::new(world), workloads: &workloads[side], renames };
            let mut seen = [BTreeSet::new(), BTreeSet::new()];
            for id in self.resources[side].clone() {
                self.resource(&side_of, id, &mut seen);
            }
        }
    }

    /// Follows references from a changed resource. `seen` contains the resources that were followed before: first from
    /// other types, then from identities.
    fn resource(&mut self, touched: &IndexedSide<'_>, id: ResourceId, seen: &mut [BTreeSet<ResourceId>; 2]) {
        let IndexedSide { world, graph, workloads, renames } = touched;
        let type_name = world.resource(id).type_name.as_str();
        let starts = |all: &[&str]| all.iter().any(|it| type_name.starts_with(it));
        if facts::resource(type_name).is_network || NODES.contains(&type_name) {
            self.everything = true;
            return;
        }
        self.entries |= starts(&ENTRIES);
        let is_attached = ATTACHED.iter().any(|it| type_name.ends_with(it)) || starts(&ENTRIES);
        let mut open = vec![id];
        if is_attached || starts(&IDENTITIES) {
            open.extend(graph.to(id));
        }
        let is_identity = starts(&IDENTITIES);
        let seen = &mut seen[usize::from(is_identity)];
        open.retain(|id| seen.insert(*id));
        while let Some(id) = open.pop() {
            let resource = world.resource(id);
            let of = resource.type_name.as_str();
            let is_hub = facts::resource(of).is_network;
            if NODES.contains(&of) && !is_identity {
                // Every pod has the security groups of its node.
                self.ends.extend(workloads.all().map(|id| workloads.key(id).clone()));
            }
            if is_identity && of.starts_with("AWS::IAM::") {
                self.roles.insert(key_of(resource, renames));
            }
            // A permission does not affect the resources that it names. It affects only its principals.
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

    fn objects(&mut self, worlds: [&World; 2], workloads: &[WorkloadIndex<'_>; 2], renames: &Renames) {
        type Name<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);
        fn named(world: &World) -> BTreeMap<Name<'_>, (usize, &Object)> {
            let clusters = world.clusters.iter().enumerate();
            let objects = clusters.flat_map(|(at, cluster)| cluster.objects.iter().map(move |it| (at, cluster, it)));
            let key = |(at, cluster, it)| -> (Name<'_>, (usize, &Object)) {
                let (cluster, it): (&Cluster, &Object) = (cluster, it);
                ((&cluster.id, &it.kind, &it.group, &it.namespace, &it.name), (at, it))
            };
            objects.map(key).collect()
        }
        let sides = worlds.map(named);
        let all: BTreeSet<&Name> = sides[0].keys().chain(sides[1].keys()).collect();
        let mut whole = [BTreeSet::new(), BTreeSet::new()];
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
                // A policy that exists on only one side can select pods on both sides.
                let Some((at, object)) = found else { continue };
                for (workloads, whole) in workloads.iter().zip(&mut whole) {
                    self.object(workloads, &worlds[side].clusters[*at].id, object, whole);
                }
            }
        }
        self.releases(worlds, workloads, renames);
    }

    /// Adds the workloads of a side to which an object applies. `whole` contains the clusters and namespaces whose
    /// workloads have all been added before.
    fn object<'w>(
        &mut self,
        workloads: &WorkloadIndex<'_>,
        cluster: &'w str,
        object: &'w Object,
        whole: &mut BTreeSet<(&'w str, Option<&'w str>)>,
    ) {
        let spec = &object.document["spec"];
        let namespace = object.namespace.as_str();
        let here = Some(namespace);
        let mut add_all = |ends: &mut BTreeSet<Key>, namespace: Option<&'w str>| {
            if whole.insert((cluster, namespace)) {
                ends.extend(workloads.within(cluster, namespace).iter().map(|id| workloads.key(*id).clone()));
            }
        };
        let found = match object.kind.as_str() {
            "NetworkPolicy" => workloads.selected(cluster, here, &spec["podSelector"]),
            "AuthorizationPolicy" | "RequestAuthentication" | "PeerAuthentication" => {
                // A policy without a selector, or at a waypoint, applies to its namespace. In the root namespace, it
                // applies to the mesh.
                let scope = here.filter(|it| *it != "istio-system");
                match spec["selector"].is_null() {
                    true => return add_all(&mut self.ends, scope),
                    false => workloads.selected(cluster, scope, &spec["selector"]),
                }
            }
            "Service" => workloads.labelled(cluster, here, &spec["selector"]),
            "ServiceAccount" => workloads.of_account(cluster, namespace, &object.name).to_vec(),
            "Namespace" => return add_all(&mut self.ends, Some(&object.name)),
            "Sidecar" if namespace != "istio-system" => match &spec["workloadSelector"]["labels"] {
                Value::Null => return add_all(&mut self.ends, here),
                labels => workloads.labelled(cluster, here, labels),
            },
            "SecurityGroupPolicy" => return add_all(&mut self.ends, here),
            kind => {
                let found = workloads.named(cluster, namespace, kind, &object.name).to_vec();
                let is_workload = !found.is_empty() || !spec["template"].is_null();
                let is_door = facts::kind(kind).is_entry;
                self.entries |= is_door;
                if !is_workload && !is_door {
                    return add_all(&mut self.ends, None);
                }
                found
            }
        };
        self.ends.extend(found.into_iter().map(|id| workloads.key(id).clone()));
    }

    /// Adds the effects of changed charts that contain a known proxy or configure the mesh.
    fn releases(&mut self, worlds: [&World; 2], workloads: &[WorkloadIndex<'_>; 2], renames: &Renames) {
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
            let is_proxy = |workloads: &WorkloadIndex<'_>| workloads.has_title(cluster, &title);
            let key = Key::Workload((*cluster).clone(), title.clone());
            let is_mesh = rows.iter().any(|it| it.get(name).is_some_and(|(chart, _)| chart.contains("istiod")));
            if workloads.iter().any(is_proxy) {
                self.ends.insert(renamed(key, renames));
                self.entries = true;
            } else if is_mesh {
                for workloads in workloads {
                    self.ends.extend(workloads.all().map(|id| workloads.key(id).clone()));
                }
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
