//! Objects of a cluster that route traffic to its Services, indexed by Service.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::controllers::{controllers, serving};
use crate::kubernetes::LabelIndex;
use crate::mesh::services;
use crate::world::{Object, WorkloadId, World};
use meshsynth_access::kubernetes::{Labels, Selector};

/// The Gateway API kinds that route to a backend.
const GATEWAY_API: [&str; 4] = ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"];

/// Object positions by namespace and name.
type Named<'a> = HashMap<(&'a str, &'a str), Vec<usize>>;

/// The routes, Ingresses and target group bindings of a cluster.
///
/// All positions are positions of objects in the cluster, in order.
#[derive(Debug)]
pub struct Routes<'a> {
    world: &'a World,
    cluster: usize,
    /// Istio gateways by namespace and name.
    gateways: Named<'a>,
    /// Routes by route namespace and destination host.
    by_short_host: Named<'a>,
    /// Routes by destination host.
    by_host: HashMap<&'a str, Vec<usize>>,
    /// Gateway API routes by namespace and name of a backend.
    by_backend: Named<'a>,
    /// The proxies that serve a route.
    proxies: HashMap<usize, Vec<WorkloadId>>,
    /// Ingresses by namespace and the name of a backend.
    ingresses: Named<'a>,
    /// The controllers of an Ingress whose pods are in the cluster.
    controllers: HashMap<usize, Vec<WorkloadId>>,
    /// Target group bindings by namespace and the name of the Service.
    bindings: Named<'a>,
}

impl<'a> Routes<'a> {
    /// Indexes the objects of a cluster.
    pub fn new(world: &'a World, cluster: usize) -> Self {
        let members: Vec<WorkloadId> =
            world.workload_ids().filter(|id| world.workload(*id).cluster == cluster).collect();
        let mut routes = Self {
            world,
            cluster,
            gateways: HashMap::new(),
            by_short_host: HashMap::new(),
            by_host: HashMap::new(),
            by_backend: HashMap::new(),
            proxies: HashMap::new(),
            ingresses: HashMap::new(),
            controllers: HashMap::new(),
            bindings: HashMap::new(),
        };
        routes.add_virtual_services(&members);
        routes.add_gateway_api(&members);
        routes.add_ingresses(&members);
        for (at, object) in routes.of_kind("TargetGroupBinding") {
            let name = object.document["spec"]["serviceRef"]["name"].as_str();
            add(&mut routes.bindings, (&object.namespace, name.unwrap_or_default()), at);
        }
        routes
    }

    /// Returns the Istio gateways with a name.
    pub fn gateways(&self, namespace: &str, name: &str) -> Vec<&'a Object> {
        let objects = &self.world.clusters[self.cluster].objects;
        self.gateways.get(&(namespace, name)).into_iter().flatten().map(|at| &objects[*at]).collect()
    }

    /// Returns the routes that may lead to a Service.
    pub fn to_service(&self, service: &Object) -> BTreeSet<usize> {
        let (namespace, name) = (service.namespace.as_str(), service.name.as_str());
        let short = self.by_short_host.get(&(namespace, name)).into_iter().flatten();
        let hosts = ["", ".svc", ".svc.cluster.local"].map(|end| format!("{name}.{namespace}{end}"));
        let long = hosts.iter().filter_map(|it| self.by_host.get(it.as_str())).flatten();
        let backends = self.by_backend.get(&(namespace, name)).into_iter().flatten();
        short.chain(long).chain(backends).copied().collect()
    }

    /// Returns the Ingresses that may lead to a workload.
    pub fn ingresses(&self, to: WorkloadId) -> BTreeSet<usize> {
        self.of_services(&self.ingresses, to)
    }

    /// Returns the target group bindings that may bind a workload.
    pub fn bindings(&self, to: WorkloadId) -> BTreeSet<usize> {
        self.of_services(&self.bindings, to)
    }

    /// Returns the controllers of an Ingress whose pods are in the cluster.
    pub fn controllers(&self, ingress: usize) -> &[WorkloadId] {
        self.controllers.get(&ingress).map_or(&[], Vec::as_slice)
    }

    /// Returns the proxies and controllers through which traffic may reach a workload.
    pub fn proxies(&self, to: WorkloadId) -> BTreeSet<WorkloadId> {
        let routes = services(self.world, to).into_iter().flat_map(|it| self.to_service(it));
        let proxies = routes.filter_map(|it| self.proxies.get(&it)).flatten();
        let ingresses = self.ingresses(to).into_iter().flat_map(|it| self.controllers(it));
        proxies.chain(ingresses).copied().collect()
    }

    fn of_services(&self, index: &Named<'_>, to: WorkloadId) -> BTreeSet<usize> {
        let services = services(self.world, to).into_iter();
        services.filter_map(|it| index.get(&(it.namespace.as_str(), it.name.as_str()))).flatten().copied().collect()
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = (usize, &'a Object)> + use<'a> {
        let objects = &self.world.clusters[self.cluster].objects;
        self.world.positions(self.cluster, kind).iter().map(move |at| (*at, &objects[*at]))
    }

    fn add_virtual_services(&mut self, members: &[WorkloadId]) {
        for (at, object) in self.of_kind("Gateway").filter(|(_, it)| it.group == "networking.istio.io") {
            add(&mut self.gateways, (&object.namespace, &object.name), at);
        }
        let world = self.world;
        let labels = || members.iter().map(|id| &world.workload(*id).labels).collect::<Vec<&Labels>>();
        let index = (!self.gateways.is_empty()).then(|| LabelIndex::new(labels().into_iter()));
        let mut selected: HashMap<&str, HashMap<&str, Vec<WorkloadId>>> = HashMap::new();
        for (at, object) in self.of_kind("VirtualService") {
            let spec = &object.document["spec"];
            let mut proxies: Vec<WorkloadId> = Vec::new();
            for name in list(&spec["gateways"]).iter().filter_map(Value::as_str).filter(|it| *it != "mesh") {
                let (namespace, name) = name.split_once('/').unwrap_or((&object.namespace, name));
                let of_name = selected.entry(namespace).or_default().entry(name);
                proxies.extend(
                    of_name
                        .or_insert_with(|| {
                            let taken = self.gateways(namespace, name).into_iter().filter_map(|gateway| {
                                Some(index.as_ref()?.select(&Selector::labels(&gateway.document["spec"]["selector"])))
                            });
                            let taken: Vec<_> = taken.collect();
                            let is_taken = |at: &usize| taken.iter().any(|it| it.has(*at));
                            (0..members.len()).filter(is_taken).map(|at| members[at]).collect()
                        })
                        .iter(),
                );
            }
            self.proxies.insert(at, proxies);
            let kinds = ["http", "tls", "tcp"].into_iter().flat_map(|kind| list(&spec[kind]));
            let destinations = kinds.flat_map(|rule| list(&rule["route"])).map(|it| &it["destination"]["host"]);
            for host in destinations.map(|it| it.as_str().unwrap_or_default()).collect::<BTreeSet<&str>>() {
                add(&mut self.by_short_host, (&object.namespace, host), at);
                self.by_host.entry(host).or_default().push(at);
            }
        }
    }

    fn add_gateway_api(&mut self, members: &[WorkloadId]) {
        let world = self.world;
        let mut proxies: HashMap<(&str, &str), Vec<WorkloadId>> = HashMap::new();
        for id in members.iter().copied().filter(|id| world.workload(*id).kind == "Gateway") {
            let key = (world.workload(id).namespace.as_str(), world.object_of(id).name.as_str());
            proxies.entry(key).or_default().push(id);
        }
        for (at, object) in GATEWAY_API.into_iter().flat_map(|kind| self.of_kind(kind)).collect::<Vec<_>>() {
            let spec = &object.document["spec"];
            let key =
                |it: &'a Value| Some((it["namespace"].as_str().unwrap_or(&object.namespace), it["name"].as_str()?));
            let parents = list(&spec["parentRefs"]).iter().filter_map(key);
            self.proxies.insert(at, parents.filter_map(|it| proxies.get(&it)).flatten().copied().collect());
            let backends = list(&spec["rules"]).iter().flat_map(|rule| list(&rule["backendRefs"]));
            for backend in backends.filter_map(key).collect::<BTreeSet<_>>() {
                add(&mut self.by_backend, backend, at);
            }
        }
    }

    fn add_ingresses(&mut self, members: &[WorkloadId]) {
        let controllers = controllers(self.world, members);
        for (at, object) in self.of_kind("Ingress") {
            let spec = &object.document["spec"];
            let paths = list(&spec["rules"]).iter().flat_map(|rule| list(&rule["http"]["paths"]));
            let backends = paths.map(|it| &it["backend"]).chain([&spec["backend"], &spec["defaultBackend"]]);
            let names = backends.flat_map(|it| [&it["service"]["name"], &it["serviceName"]]).filter_map(Value::as_str);
            for name in names.collect::<BTreeSet<&str>>() {
                add(&mut self.ingresses, (&object.namespace, name), at);
            }
            self.controllers.insert(at, serving(self.world, self.cluster, object, &controllers));
        }
    }
}

fn add<'a>(index: &mut Named<'a>, key: (&'a str, &'a str), at: usize) {
    index.entry(key).or_default().push(at);
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
