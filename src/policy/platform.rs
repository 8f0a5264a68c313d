//! The platform that rules check.

use crate::cfn::ResourceType;
use crate::facts::{self, resources::Holds};
use crate::kube::Kind;
use crate::node::EdgeKind;
use crate::tree::NodeId;

use super::deployed::{Cluster, Release, Stack};
use super::edge::Edge;
use super::exposures::Exposure;
use super::grant::Grant;
use super::index::{Index, Place};
use super::item::Item;

/// The whole platform that a rule checks. References are linked, and names are final.
///
/// Lookups by type, by kind and by the edges of a construct use indexes. All results are in the order of the program.
#[derive(Clone, Copy)]
pub struct Platform<'a> {
    index: &'a Index<'a>,
}

impl<'a> Platform<'a> {
    pub(crate) fn of(index: &'a Index<'a>) -> Self {
        Self { index }
    }

    fn item(self, id: NodeId) -> Item<'a> {
        Item { place: self.place(id) }
    }

    fn place(self, id: NodeId) -> Place<'a> {
        Place { index: self.index, id }
    }

    /// Returns the name of the app with its environment, such as `shop-production`.
    pub fn name(&self) -> &'a str {
        &self.index.model.app
    }

    /// Returns the app, for findings without a specific construct.
    pub fn app(&self) -> Item<'a> {
        self.item(self.index.model.root())
    }

    /// Returns the resources of a type by its name, such as `AWS::S3::Bucket`.
    pub fn resources(&self, type_name: &str) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let this = *self;
        self.index.model.ids_of_type(Some(type_name)).map(move |id| this.item(id))
    }

    /// Returns the resources of a type, such as `cfn::s3::Bucket`.
    pub fn resources_of<T: ResourceType>(&self) -> impl Iterator<Item = Item<'a>> + use<'a, T> {
        let this = *self;
        self.index.model.ids_of_type(Some(T::TYPE)).map(move |id| this.item(id))
    }

    /// Returns all CloudFormation resources.
    pub fn all_resources(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let this = *self;
        self.index.model.ids_of_type(None).map(move |id| this.item(id))
    }

    /// Returns the Kubernetes objects of a kind by its name, such as `Deployment`.
    pub fn objects(&self, kind: &str) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let this = *self;
        self.index.model.ids_of_kind(Some(kind)).map(move |id| this.item(id))
    }

    /// Returns the Kubernetes objects of a kind and its API group, such as `kube::apps::Deployment`, in any version.
    pub fn objects_of<T: Kind>(&self) -> impl Iterator<Item = Item<'a>> + use<'a, T> {
        let group = |version: &str| version.rsplit_once('/').map_or(String::new(), |(group, _)| group.to_owned());
        let wanted = group(T::API_VERSION);
        self.objects(T::KIND).filter(move |item| item.api_version().is_some_and(|it| group(it) == wanted))
    }

    /// Returns all Kubernetes objects.
    pub fn all_objects(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let this = *self;
        self.index.model.ids_of_kind(None).map(move |id| this.item(id))
    }

    /// Returns the objects that run pods: deployments, stateful sets, daemon sets, jobs, rollouts, scaled jobs, replica
    /// sets and single pods.
    pub fn workloads(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let this = *self;
        let kinds = facts::kinds().iter().filter(|kind| kind.runs_pods());
        kinds.flat_map(move |kind| this.objects(kind.name))
    }

    /// Returns the constructs that store data. A database, its replicas and its logs are one construct.
    pub fn stores(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let mut last = None;
        let data = self.all_resources().filter(|item| item.holds_data() && is_of_store(item.type_name()));
        data.map(|item| item.component()).filter(move |item| last.replace(*item) != Some(*item))
    }

    /// Returns all items in the order of definition, including constructs and stacks.
    pub fn items(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let this = *self;
        self.index.model.nodes().map(move |(id, _)| this.item(id))
    }

    /// Returns all stacks.
    pub fn stacks(&self) -> impl Iterator<Item = Stack<'a>> + use<'a> {
        let this = *self;
        self.index.model.stacks().filter_map(move |(id, _)| Stack::of(this.place(id)))
    }

    /// Returns all Kubernetes clusters.
    pub fn clusters(&self) -> impl Iterator<Item = Cluster<'a>> + use<'a> {
        let this = *self;
        self.index.model.targets().filter_map(move |(id, _)| Cluster::of(this.place(id)))
    }

    /// Returns all Helm releases.
    pub fn releases(&self) -> impl Iterator<Item = Release<'a>> + use<'a> {
        let this = *self;
        self.index.model.releases().filter_map(move |(id, _)| Release::of(this.place(id)))
    }

    /// Returns all edges of the graph.
    pub fn edges(&self) -> impl Iterator<Item = Edge<'a>> + use<'a> {
        let place = self.place(self.index.model.root());
        (0..self.index.graph().rows.len()).map(move |idx| Edge::of(place, idx))
    }

    /// Returns the edges of a kind.
    pub fn edges_of(&self, kind: EdgeKind) -> impl Iterator<Item = Edge<'a>> + use<'a> {
        self.edges().filter(move |edge| edge.kind() == kind)
    }

    /// Returns the permissions that IAM policies grant to identities of the platform, with one [`Grant`] for each
    /// resource.
    pub fn grants(&self) -> impl Iterator<Item = Grant<'a>> + use<'a> {
        let place = self.place(self.index.model.root());
        self.index.grants().iter().map(move |row| Grant::of(place, row))
    }

    /// Returns the resources and objects whose own properties expose them to the internet, as in `diff`, with the kind
    /// of exposure.
    pub fn exposures(&self) -> impl Iterator<Item = (Item<'a>, Exposure)> + use<'a> {
        let this = *self;
        self.index.exposures().iter().map(move |(id, exposure)| (this.item(*id), *exposure))
    }

    /// Returns the constructs that receive traffic from the internet, without duplicates: public load balancers,
    /// distributions, accelerators, and other [`exposures`](Self::exposures).
    pub fn public_entries(&self) -> Vec<Item<'a>> {
        let drawn = self.items().filter(|item| item.diagram_kind() == Some("entry"));
        let exposed = self.exposures().filter(|(_, exposure)| ENTRIES.contains(exposure));
        let mut found: Vec<Item<'a>> = drawn.chain(exposed.map(|(item, _)| item.component())).collect();
        found.sort_by_key(|item| item.place.id);
        found.dedup();
        found
    }
}

/// Whether the content of a resource is data of the platform. Credentials, logs, DNS zones and images do not count.
fn is_of_store(type_name: &str) -> bool {
    let holds = facts::resource(type_name).holds;
    holds.is_some_and(|it| !it.is_access() && !matches!(it, Holds::Logs | Holds::Zone | Holds::Registry))
}

/// The exposures that receive requests.
const ENTRIES: [Exposure; 4] =
    [Exposure::PublicAddress, Exposure::InternetFacing, Exposure::NoLogin, Exposure::PublicAccess];
