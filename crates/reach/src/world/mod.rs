//! A platform as data: resources with resolved references, and objects.

mod assumption;
mod at;
mod catalog;
mod choices;
mod documents;
mod edge;
mod files;
mod gateways;
mod incomplete;
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

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use assumption::Assumptions;
use catalog::Catalog;

pub use at::At;
pub use edge::Edge;
pub use files::Files;
pub use meshsynth_template::zones::{partition, region_of, zones};
pub use node::Node;
pub use object::{Cluster, Object, Release, labels};
pub use reference::{Reference, is_unknown, unknown_names};
pub use resource::{Place, Resource, ResourceId, values};
pub use unasked::UNASKED;
pub use workload::{ContainerPort, Workload, WorkloadId};

/// A platform.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The environments of its stacks.
    pub stacks: Vec<Place>,
    /// The resources of all stacks.
    pub resources: Vec<Resource>,
    /// The clusters.
    pub clusters: Vec<Cluster>,
    /// The workloads of all clusters.
    pub workloads: Vec<Workload>,
    /// The constructs in the platform graph.
    pub nodes: Vec<Node>,
    /// The relations that the program declares.
    pub edges: Vec<Edge>,
    /// Unreadable parts, with the reasons.
    pub unread: Vec<String>,
    /// The templates that can contain further resources, with the reasons.
    pub incomplete: BTreeMap<String, String>,
    /// The same platform for each combination of the values that the files do not determine; empty if they determine
    /// all conditions.
    pub variants: Vec<Variant>,
    /// Whether there are too many combinations to evaluate.
    pub has_too_many_variants: bool,
    /// The parameter names of each template.
    parameters: Vec<BTreeSet<String>>,
    by_reference: HashMap<(String, String), ResourceId>,
    by_type: HashMap<String, Vec<ResourceId>>,
    /// The objects of each cluster, indexed.
    catalogs: Vec<Catalog>,
    /// The positions of each workload's Services among the objects of its cluster.
    services: Vec<Vec<usize>>,
}

/// A platform for one combination of parameter values.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The values, such as "`Env` of stack `shop` is `prod`". All variants have the same order.
    pub words: Vec<String>,
    /// The platform.
    pub world: World,
}

impl World {
    /// Reads an assembly, a folder of templates and manifests, or one such file.
    pub fn read(path: &Path) -> Result<Self> {
        Ok(Self::new(Files::read(path)?))
    }

    /// Creates the world of documents that the caller keeps.
    pub fn of(files: &Files) -> Self {
        Self::new(files.clone())
    }

    /// Creates the world of documents in memory.
    pub fn new(files: Files) -> Self {
        let incomplete = incomplete::templates(&files);
        let (choices, stacks) = read::open(&files);
        if choices.is_empty() {
            return Self { incomplete, ..Self::assuming(files, Assumptions::new()) };
        }
        let combinations = choices::combinations(&choices);
        let variant = |assumed: Assumptions| Variant {
            words: choices::words(&assumed, &stacks),
            world: Self::assuming(files.clone(), assumed),
        };
        let has_too_many_variants = combinations.is_none();
        let variants = combinations.into_iter().flatten().map(variant).collect();
        Self { incomplete, variants, has_too_many_variants, ..Self::assuming(files, Assumptions::new()) }
    }

    fn assuming(mut files: Files, assumed: Assumptions) -> Self {
        let parameters = incomplete::parameters(&files);
        let mut parts = read::parts(&mut files, assumed);
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
            incomplete: BTreeMap::new(),
            variants: Vec::new(),
            has_too_many_variants: false,
            parameters,
            by_reference,
            by_type,
            catalogs,
            services,
        }
    }

    /// Returns the same world with one more pod, which no workload creates, or `None` if the cluster does not exist.
    pub fn with_pod(&self, cluster: &str, document: Value) -> Option<(Self, WorkloadId)> {
        let at = self.clusters.iter().position(|it| it.id == cluster)?;
        let mut world = self.clone();
        for variant in &mut world.variants {
            variant.world = variant.world.with_pod(cluster, document.clone())?.0;
        }
        let objects = &mut world.clusters[at].objects;
        objects.push(Object::parse(document, At::default())?);
        let workload = Workload::of(at, objects.len() - 1, objects.last()?)?;
        world.catalogs[at].insert(objects.len() - 1, objects.last()?);
        world.workloads.push(workload);
        world.services.extend(services::places(&world.clusters, &world.workloads[self.workloads.len()..]));
        Some((world, WorkloadId(self.workloads.len())))
    }

    /// Whether a template among the files has all parameters to which a nested stack passes values.
    pub fn is_template_read(&self, passed: &Value) -> bool {
        let passed = || passed.as_object().into_iter().flatten().map(|(name, _)| name);
        self.parameters.iter().any(|declared| passed().all(|name| declared.contains(name)))
    }

    /// Returns a resource.
    pub fn resource(&self, id: ResourceId) -> &Resource {
        &self.resources[id.0]
    }

    /// Returns a workload.
    pub fn workload(&self, id: WorkloadId) -> &Workload {
        &self.workloads[id.0]
    }

    /// Returns the object that creates a workload's pods.
    pub fn object_of(&self, id: WorkloadId) -> &Object {
        let workload = self.workload(id);
        &self.clusters[workload.cluster].objects[workload.object]
    }

    /// Returns the objects of a kind in a cluster, in order.
    pub fn objects(&self, cluster: usize, kind: &str) -> impl Iterator<Item = &Object> {
        let objects = &self.clusters[cluster].objects;
        self.catalogs[cluster].kind(kind).iter().map(move |at| &objects[*at])
    }

    /// Returns the first object with a kind, namespace and name in a cluster.
    pub fn object(&self, cluster: usize, kind: &str, namespace: &str, name: &str) -> Option<&Object> {
        let at = self.catalogs[cluster].find(kind, namespace, name)?;
        self.clusters[cluster].objects.get(at)
    }

    /// Returns the positions of the objects of a kind in a cluster, in order.
    pub fn positions(&self, cluster: usize, kind: &str) -> &[usize] {
        self.catalogs[cluster].kind(kind)
    }

    /// Returns the positions of a workload's Services among the objects of its cluster.
    pub fn services_of(&self, id: WorkloadId) -> &[usize] {
        &self.services[id.0]
    }

    /// Returns all workloads.
    pub fn workload_ids(&self) -> impl Iterator<Item = WorkloadId> + use<> {
        (0..self.workloads.len()).map(WorkloadId)
    }

    /// Returns the resources of a type.
    pub fn of_type(&self, type_name: &str) -> &[ResourceId] {
        self.by_type.get(type_name).map_or(&[], Vec::as_slice)
    }

    /// Returns the resource that a value refers to, by its `Ref` or any of its attributes.
    pub fn named_by(&self, value: &Value) -> Option<ResourceId> {
        self.referred(&Reference::of(value)?)
    }

    /// Returns the resource of a reference.
    pub fn referred(&self, reference: &Reference) -> Option<ResourceId> {
        self.by_reference.get(&(reference.stack.clone(), reference.resource.clone())).copied()
    }

    /// Returns the resource with the same stack and logical ID as a resource of another variant.
    pub fn counterpart(&self, of: &Self, id: ResourceId) -> Option<ResourceId> {
        let resource = of.resource(id);
        self.by_reference.get(&(resource.stack_id.clone(), resource.logical.clone())).copied()
    }

    /// Returns every resource that a list, or a single value, refers to.
    pub fn all_named_by(&self, value: &Value) -> Vec<ResourceId> {
        match value {
            Value::Array(items) => items.iter().filter_map(|item| self.named_by(item)).collect(),
            one => self.named_by(one).into_iter().collect(),
        }
    }

    /// Returns the region and account of a resource's stack.
    pub fn place(&self, id: ResourceId) -> &Place {
        &self.stacks[self.resource(id).stack]
    }

    /// Whether two resources are in the same account. Stacks without an account are in the account of the deployment.
    pub fn is_one_account(&self, a: ResourceId, b: ResourceId) -> bool {
        self.place(a).account == self.place(b).account
    }

    /// Returns the workloads with a name: the plain name, namespace and name, or the construct path.
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

    /// Returns the resources with a name: the construct path or its end, or the logical ID.
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

/// Whether a name matches the path of a construct, or of its direct child.
fn is_path(path: &str, name: &str) -> bool {
    let ends = |path: &str| path == name || path.ends_with(&format!("/{name}"));
    ends(path) || path.rsplit_once('/').is_some_and(|(parent, _)| name.contains('/') && ends(parent))
}
