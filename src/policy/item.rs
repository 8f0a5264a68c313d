//! Whatever a platform consists of: a construct, a resource, an object.

use std::collections::BTreeMap;

use crate::facts::Tags;
use crate::node::{self, Kind, OnDelete};
use crate::tree::At;
use crate::val::Data;

use super::deployed::{Cluster, Release, Stack};
use super::index::Place;
use super::property::Property;

/// A node of the platform: a construct, a resource, an object, a stack.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    pub(super) place: Place<'a>,
}

impl PartialEq for Item<'_> {
    /// Whether both are one node of one platform.
    fn eq(&self, other: &Self) -> bool {
        self.place.id == other.place.id
    }
}

impl Eq for Item<'_> {}

impl std::fmt::Debug for Item<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} ({})", self.path(), self.type_name())
    }
}

impl<'a> Item<'a> {
    /// The path of its construct, such as `data/orders-db`; a construct's main resource goes by the construct's path.
    pub fn path(&self) -> &'a str {
        self.place.path()
    }

    /// The last part of the path.
    pub fn id(&self) -> &'a str {
        self.path().rsplit('/').next().unwrap_or_default()
    }

    /// The user's line that defined it.
    pub fn line(&self) -> At {
        self.place.node().at
    }

    /// The type of a resource, such as `AWS::S3::Bucket`, or the kind of an object, such as `Deployment`; empty for anything else.
    pub fn type_name(&self) -> &'a str {
        match &self.place.node().kind {
            Kind::Resource(resource) => &resource.type_name,
            Kind::Object(object) => &object.kind,
            _ => "",
        }
    }

    /// Whether it is a CloudFormation resource.
    pub fn is_resource(&self) -> bool {
        self.place.resource().is_some()
    }

    /// Whether it is a Kubernetes object.
    pub fn is_object(&self) -> bool {
        self.place.object().is_some()
    }

    /// The `apiVersion` of an object.
    pub fn api_version(&self) -> Option<&'a str> {
        self.place.object().map(|object| object.api_version.as_ref())
    }

    /// The name of an object, a stack or a release; the id of anything else.
    pub fn name(&self) -> &'a str {
        match &self.place.node().kind {
            Kind::Object(object) => &object.name,
            Kind::Stack(stack) => &stack.name,
            Kind::Release(release) => &release.name,
            _ => self.id(),
        }
    }

    /// The namespace of an object or of a release.
    pub fn namespace(&self) -> Option<&'a str> {
        match &self.place.node().kind {
            Kind::Object(object) => object.namespace.as_deref(),
            Kind::Release(release) => Some(&release.namespace),
            _ => None,
        }
    }

    /// What stands at a path: a property of a resource, a field of an object, a value of a release.
    ///
    /// `spec.ports.0.name` and `spec.ports[0].name` are one path.
    pub fn property(&self, path: &str) -> Property<'a> {
        Property::of(self.place, path)
    }

    /// What happens to a resource when it leaves its stack.
    pub fn on_delete(&self) -> OnDelete {
        self.place.resource().map(|resource| resource.on_delete).unwrap_or_default()
    }

    /// Whether a resource holds data, which is lost with it. A queue does not: it holds what is on its way. Of an
    /// Aurora cluster the data is the cluster's, and not that of its instances.
    pub fn holds_data(&self) -> bool {
        let is_held = |resource: &node::Resource| {
            let is_member = resource.props.get("DBClusterIdentifier").is_some();
            let is_queue = resource.type_name == "AWS::SQS::Queue";
            !is_member && !is_queue && self.place.model().facts(self.place.id).is_some_and(|facts| facts.stateful)
        };
        self.place.resource().is_some_and(is_held)
    }

    /// The tags of a resource as they will be written, those of its stack and of the app included.
    pub fn tags(&self) -> BTreeMap<&'a str, Property<'a>> {
        let facts = self.place.model().facts(self.place.id);
        match facts.and_then(|facts| facts.tags.as_ref()) {
            Some(Tags::List(property)) => {
                let key = |tag: &Property<'a>| tag.data().and_then(|data| data.at("Key")).and_then(Data::as_str);
                self.property(property).items().filter_map(|tag| Some((key(&tag)?, tag.get("Value")))).collect()
            }
            Some(Tags::Map(property)) => self.property(property).entries().collect(),
            None => BTreeMap::new(),
        }
    }

    /// A tag of a resource as it will be written; none where there is no such tag or only the deployment knows it.
    pub fn tag(&self, key: &str) -> Option<&'a str> {
        let resource = self.place.resource()?;
        let is_it = |tag: &&Data| tag.at("Key").and_then(Data::as_str) == Some(key);
        match self.place.model().facts(self.place.id)?.tags.as_ref()? {
            Tags::List(property) => resource.props.get(property)?.items().iter().find(is_it)?.at("Value")?.as_str(),
            Tags::Map(property) => resource.props.get(property)?.as_map()?.get(key)?.as_str(),
        }
    }

    /// Whether resources of its type take tags.
    pub fn takes_tags(&self) -> bool {
        self.place.model().facts(self.place.id).is_some_and(|facts| facts.tags.is_some())
    }

    /// A label of an object.
    pub fn label(&self, key: &str) -> Option<&'a str> {
        let object = self.place.object()?;
        object.body.at("metadata.labels")?.as_map()?.get(key)?.as_str()
    }

    /// An annotation of an object.
    pub fn annotation(&self, key: &str) -> Option<&'a str> {
        let object = self.place.object()?;
        object.body.at("metadata.annotations")?.as_map()?.get(key)?.as_str()
    }

    /// The stack that it belongs to.
    pub fn stack(&self) -> Option<Stack<'a>> {
        let stack = self.place.model().stack_of(self.place.id)?;
        Stack::of(self.place.at(stack))
    }

    /// The cluster that it goes to.
    pub fn cluster(&self) -> Option<Cluster<'a>> {
        let cluster = self.place.model().target_of(self.place.id)?;
        Cluster::of(self.place.at(cluster))
    }

    /// The construct that it was defined in; none for the app.
    pub fn parent(&self) -> Option<Item<'a>> {
        Some(Item { place: self.place.at(self.place.node().parent?) })
    }

    /// The constructs that it lies in, from the inside out; the app is the last.
    pub fn parents(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        std::iter::successors(self.parent(), Item::parent)
    }

    /// Itself and all that is defined below it.
    pub fn below(&self) -> Vec<Item<'a>> {
        let mut found = vec![*self];
        let mut next = 0;
        while let Some(item) = found.get(next).copied() {
            found.extend(item.place.index.children(item.place.id).iter().map(|id| Item { place: item.place.at(*id) }));
            next += 1;
        }
        found
    }

    /// The resources of a type, such as `AWS::RDS::DBInstance`, and the objects of a kind, at it and below it.
    pub fn parts(&self, type_name: &str) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let found: Vec<_> = self.below().into_iter().filter(|item| item.type_name() == type_name).collect();
        found.into_iter()
    }

    /// Whether it is another item, or was defined below it.
    pub fn is_within(&self, other: &Item<'_>) -> bool {
        self == other || self.parents().any(|above| above == *other)
    }

    /// The construct that it is a part of, as the graph knows it: the service of a `Deployment`, the database of a `DBInstance`.
    pub fn component(&self) -> Item<'a> {
        let id = self.place.index.graph().component(self.place.model(), self.place.id);
        Item { place: self.place.at(id) }
    }

    /// What the construct is in the diagram of the platform, such as `workload`, `database` or `host`.
    pub fn diagram_kind(&self) -> Option<&'static str> {
        self.place.node().diagram.as_ref().map(|diagram| diagram.kind)
    }
}

impl<'a> Property<'a> {
    /// The item that it is a property of.
    pub fn item(&self) -> Item<'a> {
        Item { place: self.place }
    }

    /// The resources and objects that it refers to, in its order; none where all of it is known.
    pub fn refers_to(&self) -> Vec<Item<'a>> {
        self.references().into_iter().map(|id| Item { place: self.place.at(id) }).collect()
    }
}

macro_rules! items {
    ($($name:ident),+) => {$(
        impl<'a> $name<'a> {
            /// The same as an item.
            pub fn item(&self) -> Item<'a> {
                Item { place: self.place }
            }
        }
    )+};
}
items!(Stack, Cluster, Release);
