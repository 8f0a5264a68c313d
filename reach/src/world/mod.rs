//! A platform as data: resources with their references resolved, and objects.

mod at;
mod catalog;
mod documents;
mod edge;
mod files;
mod gateways;
mod node;
mod object;
mod read;
mod reference;
mod resolve;
mod resource;
mod services;
mod unasked;
mod workload;
mod yaml;
mod zones;

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use catalog::Catalog;

pub use at::At;
pub use edge::Edge;
pub use files::Files;
pub use node::Node;
pub use object::{Cluster, Object, Release, labels};
pub use reference::{Reference, is_unknown};
pub use resource::{Place, Resource, ResourceId};
pub use unasked::UNASKED;
pub use workload::{ContainerPort, Workload, WorkloadId};
pub use zones::{partition, region_of, zones};

/// A platform.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Where its stacks are deployed.
    pub stacks: Vec<Place>,
    /// The resources of all stacks.
    pub resources: Vec<Resource>,
    /// Its clusters.
    pub clusters: Vec<Cluster>,
    /// What makes pods, in all clusters.
    pub workloads: Vec<Workload>,
    /// What the program has, as its pictures show it.
    pub nodes: Vec<Node>,
    /// What the program declares.
    pub edges: Vec<Edge>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
    by_reference: HashMap<(String, String), ResourceId>,
    by_type: HashMap<String, Vec<ResourceId>>,
    /// The objects of each cluster, indexed.
    catalogs: Vec<Catalog>,
    /// The places of the Services of each workload among the objects of its cluster.
    services: Vec<Vec<usize>>,
}

impl World {
    /// Reads an assembly, a folder of templates and manifests, or one such file.
    pub fn read(path: &Path) -> Result<Self> {
        Ok(Self::new(Files::read(path)?))
    }

    /// The platform of documents that the caller keeps.
    pub fn of(files: &Files) -> Self {
        Self::new(files.clone())
    }

    /// The platform of documents in memory.
    pub fn new(mut files: Files) -> Self {
        let mut parts = read::parts(&mut files);
        let mut by_reference = HashMap::new();
        let mut by_type: HashMap<String, Vec<ResourceId>> = HashMap::new();
        for (at, resource) in parts.resources.iter().enumerate() {
            by_reference.insert((resource.stack_id.clone(), resource.logical.clone()), ResourceId(at));
            by_type.entry(resource.type_name.clone()).or_default().push(ResourceId(at));
        }
        let mut workloads = Vec::new();
        for (cluster, of) in parts.clusters.iter_mut().enumerate() {
            let objects = of.objects.iter().enumerate();
            workloads.extend(objects.filter_map(|(index, object)| Workload::of(cluster, index, object)));
            workloads.extend(gateways::proxies(cluster, of));
        }
        let services = services::places(&parts.clusters, &workloads);
        let catalogs = parts.clusters.iter().map(|it| Catalog::new(&it.objects)).collect();
        Self {
            stacks: parts.stacks,
            resources: parts.resources,
            clusters: parts.clusters,
            workloads,
            nodes: Node::read(&files.graph),
            edges: parts.edges,
            unread: files.unread,
            by_reference,
            by_type,
            catalogs,
            services,
        }
    }

    /// The same platform with one more pod, which nothing makes; none where it has no such cluster.
    pub fn with_pod(&self, cluster: &str, document: Value) -> Option<(Self, WorkloadId)> {
        let at = self.clusters.iter().position(|it| it.id == cluster)?;
        let mut world = self.clone();
        let objects = &mut world.clusters[at].objects;
        objects.push(Object::parse(document, At::default())?);
        let workload = Workload::of(at, objects.len() - 1, objects.last()?)?;
        world.catalogs[at].insert(objects.len() - 1, objects.last()?);
        world.workloads.push(workload);
        world.services.extend(services::places(&world.clusters, &world.workloads[self.workloads.len()..]));
        Some((world, WorkloadId(self.workloads.len())))
    }

    /// A resource.
    pub fn resource(&self, id: ResourceId) -> &Resource {
        &self.resources[id.0]
    }

    /// A workload.
    pub fn workload(&self, id: WorkloadId) -> &Workload {
        &self.workloads[id.0]
    }

    /// The object that makes a workload's pods.
    pub fn object_of(&self, id: WorkloadId) -> &Object {
        let workload = self.workload(id);
        &self.clusters[workload.cluster].objects[workload.object]
    }

    /// The objects of a kind in a cluster, in order.
    pub fn objects(&self, cluster: usize, kind: &str) -> impl Iterator<Item = &Object> {
        let objects = &self.clusters[cluster].objects;
        self.catalogs[cluster].kind(kind).iter().map(move |at| &objects[*at])
    }

    /// The first object of a kind, namespace and name in a cluster.
    pub fn object(&self, cluster: usize, kind: &str, namespace: &str, name: &str) -> Option<&Object> {
        let at = self.catalogs[cluster].find(kind, namespace, name)?;
        self.clusters[cluster].objects.get(at)
    }

    /// The positions of the objects of a kind in a cluster, in order.
    pub fn positions(&self, cluster: usize, kind: &str) -> &[usize] {
        self.catalogs[cluster].kind(kind)
    }

    /// The places of the Services that send to a workload, among the objects of its cluster.
    pub fn services_of(&self, id: WorkloadId) -> &[usize] {
        &self.services[id.0]
    }

    /// Every workload.
    pub fn workload_ids(&self) -> impl Iterator<Item = WorkloadId> + use<> {
        (0..self.workloads.len()).map(WorkloadId)
    }

    /// The resources of a type.
    pub fn of_type(&self, type_name: &str) -> &[ResourceId] {
        self.by_type.get(type_name).map_or(&[], Vec::as_slice)
    }

    /// The resource that a value names: its `Ref`, or any attribute of it.
    pub fn named_by(&self, value: &Value) -> Option<ResourceId> {
        self.referred(&Reference::of(value)?)
    }

    /// The resource behind a reference.
    pub fn referred(&self, reference: &Reference) -> Option<ResourceId> {
        self.by_reference.get(&(reference.stack.clone(), reference.resource.clone())).copied()
    }

    /// Every resource that a list, or one value, names.
    pub fn all_named_by(&self, value: &Value) -> Vec<ResourceId> {
        match value {
            Value::Array(items) => items.iter().filter_map(|item| self.named_by(item)).collect(),
            one => self.named_by(one).into_iter().collect(),
        }
    }

    /// The region and account of a resource's stack.
    pub fn place(&self, id: ResourceId) -> &Place {
        &self.stacks[self.resource(id).stack]
    }

    /// Whether two resources are in one account. Stacks that say no account are in that of whoever deploys.
    pub fn is_one_account(&self, a: ResourceId, b: ResourceId) -> bool {
        self.place(a).account == self.place(b).account
    }

    /// The workloads that people call so: by name, by namespace and name, or by the path of the construct.
    pub fn workloads_called(&self, name: &str) -> Vec<WorkloadId> {
        let is_called = |id: &WorkloadId| {
            let workload = self.workload(*id);
            let construct = &self.object_of(*id).at.construct;
            workload.name == name
                || workload.title() == name
                || format!("{}/{}", self.clusters[workload.cluster].id, workload.title()) == name
                || is_path(construct, name)
        };
        self.workload_ids().filter(is_called).collect()
    }

    /// The resources that people call so: by the path of the construct or its end, or by the logical id.
    pub fn resources_called(&self, name: &str) -> Vec<ResourceId> {
        let ids = || (0..self.resources.len()).map(ResourceId);
        let main = |id: &ResourceId| {
            let resource = self.resource(*id);
            resource.logical == name
                || format!("{}/{}", resource.stack_id, resource.logical) == name
                || resource.name() == name
                || resource.name().ends_with(&format!("/{name}"))
        };
        ids().filter(main).collect()
    }
}

/// Whether a path of a construct, or of what lies directly in it, is called so.
fn is_path(path: &str, name: &str) -> bool {
    let ends = |path: &str| path == name || path.ends_with(&format!("/{name}"));
    ends(path) || path.rsplit_once('/').is_some_and(|(parent, _)| name.contains('/') && ends(parent))
}
