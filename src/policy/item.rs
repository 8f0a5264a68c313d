//! Items of a platform: constructs, resources and objects.

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
    /// Whether both items are the same node of the platform.
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
    /// Returns the path of its construct, such as `data/orders-db`. A main resource has the path of its construct.
    pub fn path(&self) -> &'a str {
        self.place.path()
    }

    /// Returns the last part of the path.
    pub fn id(&self) -> &'a str {
        self.path().rsplit('/').next().unwrap_or_default()
    }

    /// Returns the line of the program that defines it.
    pub fn line(&self) -> At {
        self.place.node().at
    }

    /// Returns the type of a resource, such as `AWS::S3::Bucket`, or the kind of an object, such as `Deployment`. Empty
    /// for other items.
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

    /// Returns the `apiVersion` of an object.
    pub fn api_version(&self) -> Option<&'a str> {
        self.place.object().map(|object| object.api_version.as_ref())
    }

    /// Returns the name of an object, a stack or a release, or the id of another item.
    pub fn name(&self) -> &'a str {
        match &self.place.node().kind {
            Kind::Object(object) => &object.name,
            Kind::Stack(stack) => &stack.name,
            Kind::Release(release) => &release.name,
            _ => self.id(),
        }
    }

    /// Returns the namespace of an object or of a release.
    pub fn namespace(&self) -> Option<&'a str> {
        match &self.place.node().kind {
            Kind::Object(object) => object.namespace.as_deref(),
            Kind::Release(release) => Some(&release.namespace),
            _ => None,
        }
    }

    /// Returns the value at a path: a property of a resource, a field of an object, a value of a release.
    ///
    /// `spec.ports.0.name` and `spec.ports[0].name` are the same path.
    pub fn property(&self, path: &str) -> Property<'a> {
        Property::of(self.place, path)
    }

    /// Returns the deletion policy of a resource.
    pub fn on_delete(&self) -> OnDelete {
        self.place.resource().map(|resource| resource.on_delete).unwrap_or_default()
    }

    /// Whether a resource stores data that its deletion destroys. The result is `false` for queues, because their
    /// messages are only in transit. The data of an Aurora cluster belongs to the cluster, not to its instances.
    pub fn holds_data(&self) -> bool {
        let is_held = |resource: &node::Resource| {
            let is_member = resource.props.get("DBClusterIdentifier").is_some();
            let is_queue = resource.type_name == "AWS::SQS::Queue";
            // The resources of a nested stack have their own policies.
            let is_stack = resource.type_name == "AWS::CloudFormation::Stack";
            !is_member
                && !is_queue
                && !is_stack
                && self.place.model().facts(self.place.id).is_some_and(|facts| facts.stateful)
        };
        self.place.resource().is_some_and(is_held)
    }

    /// Returns the final tags of a resource, including the tags of its stack and of the app.
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

    /// Returns the final value of a resource's tag, or `None` if the tag is missing or deferred.
    pub fn tag(&self, key: &str) -> Option<&'a str> {
        let resource = self.place.resource()?;
        let is_it = |tag: &&Data| tag.at("Key").and_then(Data::as_str) == Some(key);
        match self.place.model().facts(self.place.id)?.tags.as_ref()? {
            Tags::List(property) => resource.props.get(property)?.items().iter().find(is_it)?.at("Value")?.as_str(),
            Tags::Map(property) => resource.props.get(property)?.as_map()?.get(key)?.as_str(),
        }
    }

    /// Whether resources of its type support tags.
    pub fn takes_tags(&self) -> bool {
        self.place.model().facts(self.place.id).is_some_and(|facts| facts.tags.is_some())
    }

    /// Returns a label of an object.
    pub fn label(&self, key: &str) -> Option<&'a str> {
        let object = self.place.object()?;
        object.body.at("metadata.labels")?.as_map()?.get(key)?.as_str()
    }

    /// Returns an annotation of an object.
    pub fn annotation(&self, key: &str) -> Option<&'a str> {
        let object = self.place.object()?;
        object.body.at("metadata.annotations")?.as_map()?.get(key)?.as_str()
    }

    /// Returns its stack.
    pub fn stack(&self) -> Option<Stack<'a>> {
        let stack = self.place.model().stack_of(self.place.id)?;
        Stack::of(self.place.at(stack))
    }

    /// Returns its cluster.
    pub fn cluster(&self) -> Option<Cluster<'a>> {
        let cluster = self.place.model().target_of(self.place.id)?;
        Cluster::of(self.place.at(cluster))
    }

    /// Returns the construct that contains it, or `None` for the app.
    pub fn parent(&self) -> Option<Item<'a>> {
        Some(Item { place: self.place.at(self.place.node().parent?) })
    }

    /// Returns the constructs that contain it, from the inside out, ending with the app.
    pub fn parents(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        std::iter::successors(self.parent(), Item::parent)
    }

    /// Returns the item and all items below it.
    pub fn below(&self) -> Vec<Item<'a>> {
        let mut found = vec![*self];
        let mut next = 0;
        while let Some(item) = found.get(next).copied() {
            found.extend(item.place.index.children(item.place.id).iter().map(|id| Item { place: item.place.at(*id) }));
            next += 1;
        }
        found
    }

    /// Returns the resources of a type, such as `AWS::RDS::DBInstance`, or the objects of a kind, in this item and
    /// below it.
    pub fn parts(&self, type_name: &str) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let found: Vec<_> = self.below().into_iter().filter(|item| item.type_name() == type_name).collect();
        found.into_iter()
    }

    /// Whether this item is the other item or below it.
    pub fn is_within(&self, other: &Item<'_>) -> bool {
        self == other || self.parents().any(|above| above == *other)
    }

    /// Returns its component in the graph: the service of a `Deployment`, or the database of a `DBInstance`.
    pub fn component(&self) -> Item<'a> {
        let id = self.place.index.graph().component(self.place.model(), self.place.id);
        Item { place: self.place.at(id) }
    }

    /// Returns the kind of the construct in the diagram, such as `workload`, `database` or `host`.
    pub fn diagram_kind(&self) -> Option<&'static str> {
        self.place.node().diagram.as_ref().map(|diagram| diagram.kind)
    }
}

impl<'a> Property<'a> {
    /// Returns the item of the property.
    pub fn item(&self) -> Item<'a> {
        Item { place: self.place }
    }

    /// Returns the resources and objects to which the value refers, in the order of the references. The list is empty
    /// if the value is completely known.
    pub fn refers_to(&self) -> Vec<Item<'a>> {
        self.references().into_iter().map(|id| Item { place: self.place.at(id) }).collect()
    }
}

macro_rules! items {
    ($($name:ident),+) => {$(
        impl<'a> $name<'a> {
            /// Returns the stack, the cluster or the release as an item.
            pub fn item(&self) -> Item<'a> {
                Item { place: self.place }
            }
        }
    )+};
}
items!(Stack, Cluster, Release);
