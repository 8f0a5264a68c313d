//! Pod templates, autoscalers and selectors, for rules about workloads.

use std::sync::LazyLock;

use super::has_labels;
use crate::facts;
use crate::hash::{FastMap, FastSet};
use crate::node::Object;
use crate::synth::Model;
use crate::tree::NodeId;
use crate::val::{Bag, Data};

/// A namespace of a cluster.
pub(in crate::rules) type Place<'a> = (Option<NodeId>, &'a str);

/// Returns the cluster and namespace of an object.
pub(in crate::rules) fn place<'a>(model: &Model, id: NodeId, object: &'a Object) -> Place<'a> {
    (model.target_of(id), object.namespace.as_deref().unwrap_or_default())
}

/// Returns the namespaces with a Helm release, whose objects are unknown.
pub(in crate::rules) fn with_helm(model: &Model) -> FastSet<Place<'_>> {
    model.releases().map(|(id, release)| (model.target_of(id), release.namespace.as_str())).collect()
}

/// Returns the namespaces with objects that could not be read.
pub(in crate::rules) fn known_in_part(model: &Model) -> FastSet<Place<'_>> {
    let all =
        model.targets().flat_map(|(id, target)| target.known_in_part.iter().map(move |it| (Some(id), it.as_str())));
    all.collect()
}

/// An object that creates pods.
pub(in crate::rules) struct Pods<'a> {
    pub id: NodeId,
    pub object: &'a Object,
    /// The labels of its pods.
    pub labels: Option<&'a Bag>,
    annotations: Option<&'a Bag>,
    /// The `spec` of the pods.
    pub spec: &'a Bag,
    /// The path of the template in the object. Empty for a `Pod`.
    path: &'static str,
}

static NO_SPEC: LazyLock<Bag> = LazyLock::new(Bag::default);

impl<'a> Pods<'a> {
    fn of(id: NodeId, object: &'a Object) -> Option<Self> {
        let path = facts::kind(&object.kind).pods?;
        let template = match path {
            "" => &object.body,
            path => object.body.at(path)?.as_map()?,
        };
        let labels = template.at("metadata.labels").and_then(Data::as_map);
        let annotations = template.at("metadata.annotations").and_then(Data::as_map);
        // Selectors need only the labels, so a missing spec is allowed.
        let spec = template.get("spec").and_then(Data::as_map).unwrap_or(&NO_SPEC);
        Some(Self { id, object, labels, annotations, spec, path })
    }

    /// Returns a label of the pods.
    pub fn label(&self, key: &str) -> Option<&'a str> {
        self.labels?.get(key)?.as_str()
    }

    /// Whether the pods have all of these labels.
    pub fn has_labels(&self, wanted: &Bag) -> bool {
        wanted.is_empty() || self.labels.is_some_and(|own| has_labels(own, wanted))
    }

    /// Returns the annotations of the pods.
    pub fn annotations(&self) -> Option<&'a Bag> {
        self.annotations
    }

    /// Returns the path of a pod field in the object, such as `spec.template.spec.containers`.
    pub fn field(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    /// Returns the containers and init containers with their paths in the object.
    pub fn numbered(&self) -> impl Iterator<Item = (String, &'a Bag)> + '_ {
        ["initContainers", "containers"].into_iter().flat_map(move |key| {
            let items = self.spec.get(key).map(Data::items).unwrap_or_default();
            let numbered = items.iter().enumerate().filter_map(|(idx, item)| Some((idx, item.as_map()?)));
            numbered.map(move |(idx, item)| (self.field(&format!("spec.{key}[{idx}]")), item))
        })
    }

    /// Returns the containers and init containers.
    pub fn containers(&self) -> impl Iterator<Item = &'a Bag> + use<'a> {
        let spec = self.spec;
        ["initContainers", "containers"]
            .into_iter()
            .filter_map(move |key| spec.get(key))
            .flat_map(Data::items)
            .filter_map(Data::as_map)
    }
}

/// Returns all objects that create pods.
pub(in crate::rules) fn all(model: &Model) -> impl Iterator<Item = Pods<'_>> {
    model.objects().filter_map(|(id, _, object)| Pods::of(id, object))
}

/// An index of the objects that create pods, by name and by label.
pub(in crate::rules) struct Index<'a> {
    all: Vec<Pods<'a>>,
    by_name: FastMap<(Place<'a>, &'a str, &'a str), usize>,
    by_label: FastMap<(Place<'a>, &'a str, &'a str), Vec<usize>>,
    by_label_anywhere: FastMap<(Option<NodeId>, &'a str, &'a str), Vec<usize>>,
}

impl<'a> Index<'a> {
    pub fn of(model: &'a Model) -> Self {
        let mut index = Self {
            all: all(model).collect(),
            by_name: FastMap::default(),
            by_label: FastMap::default(),
            by_label_anywhere: FastMap::default(),
        };
        for (idx, pods) in index.all.iter().enumerate() {
            let place = place(model, pods.id, pods.object);
            index.by_name.insert((place, &pods.object.kind, &pods.object.name), idx);
            for (key, value) in pods.labels.into_iter().flat_map(Bag::iter) {
                if let Some(value) = value.as_str() {
                    index.by_label.entry((place, key, value)).or_default().push(idx);
                    index.by_label_anywhere.entry((place.0, key, value)).or_default().push(idx);
                }
            }
        }
        index
    }

    /// Returns all objects that create pods, in the order of definition.
    pub fn all(&self) -> impl Iterator<Item = &Pods<'a>> {
        self.all.iter()
    }

    /// Returns the object with this kind and name.
    pub fn named(&self, place: Place<'a>, kind: &'a str, name: &'a str) -> Option<&Pods<'a>> {
        self.by_name.get(&(place, kind, name)).map(|idx| &self.all[*idx])
    }

    /// Returns the objects that labels select. Returns `None` if there are no labels, or a value is not known yet.
    pub fn selected(&self, place: Place<'a>, labels: &'a Bag) -> Option<Vec<&Pods<'a>>> {
        self.matching(labels, |key, value| self.by_label.get(&(place, key, value)))
    }

    /// Returns the objects that labels select in all namespaces of a cluster.
    pub fn selected_anywhere(&self, target: Option<NodeId>, labels: &'a Bag) -> Option<Vec<&Pods<'a>>> {
        self.matching(labels, |key, value| self.by_label_anywhere.get(&(target, key, value)))
    }

    fn matching<'i>(
        &'i self,
        labels: &'a Bag,
        with: impl Fn(&'a str, &'a str) -> Option<&'i Vec<usize>>,
    ) -> Option<Vec<&'i Pods<'a>>> {
        let mut lists = Vec::new();
        for (key, value) in labels.iter() {
            lists.push(with(key, value.as_str()?).map(Vec::as_slice).unwrap_or_default());
        }
        // Start with the shortest list, because the list of a label that all pods have is long.
        lists.sort_by_key(|list| list.len());
        let (shortest, others) = lists.split_first()?;
        let in_all = |idx: &&usize| others.iter().all(|list| list.binary_search(idx).is_ok());
        Some(shortest.iter().filter(in_all).map(|idx| &self.all[*idx]).collect())
    }
}

/// An autoscaler and its target.
pub(in crate::rules) struct Scaler<'a> {
    pub id: NodeId,
    pub object: &'a Object,
    pub place: Place<'a>,
    /// The kind and name of the scaled workload.
    pub target: (&'a str, &'a str),
    /// The minimum number of pods.
    pub min: i64,
    /// The maximum number of pods.
    pub max: Option<i64>,
}

/// Returns all autoscalers of Kubernetes and KEDA.
pub(in crate::rules) fn scalers(model: &Model) -> impl Iterator<Item = Scaler<'_>> {
    model.objects().filter_map(|(id, _, object)| {
        let number = |path: &str| object.body.at(path).and_then(Data::as_int);
        let text = |path: &str| object.body.at(path).and_then(Data::as_str);
        let place = place(model, id, object);
        let name = text("spec.scaleTargetRef.name")?;
        let kind = text("spec.scaleTargetRef.kind").unwrap_or("Deployment");
        let (min, max) = match object.kind.as_ref() {
            "HorizontalPodAutoscaler" => (number("spec.minReplicas").unwrap_or(1), number("spec.maxReplicas")),
            "ScaledObject" => {
                (number("spec.minReplicaCount").unwrap_or(0), Some(number("spec.maxReplicaCount").unwrap_or(100)))
            }
            _ => return None,
        };
        Some(Scaler { id, object, place, target: (kind, name), min, max })
    })
}

/// Returns the name of an object in diagnostics: `Deployment` `orders`.
pub(in crate::rules) fn called(object: &Object) -> String {
    format!("{} `{}`", object.kind, object.name)
}
