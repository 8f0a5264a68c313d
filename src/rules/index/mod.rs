//! An index of the objects that routes, policies and scalers refer to, built once for all rules of a synthesis.
//!
//! Every lookup uses a key, so the rules have linear time in the number of services.

use std::collections::BTreeSet;

use crate::hash::{FastMap, FastSet};
use crate::node::Object;
use crate::synth::Model;
use crate::tree::NodeId;
use crate::val::Data;

pub(in crate::rules) mod ambient;
pub(in crate::rules) mod annotations;
pub(in crate::rules) mod credentials;
pub(in crate::rules) mod envoy_filters;
pub(in crate::rules) mod exports;
mod fields;
mod groups;
pub(in crate::rules) mod literals;
pub(in crate::rules) mod matches;
mod membership;
pub(in crate::rules) mod mutual_tls;
pub(in crate::rules) mod near;
pub(in crate::rules) mod node_pools;
pub(in crate::rules) mod nodes;
pub(in crate::rules) mod pods;
pub(in crate::rules) mod policies;
pub(in crate::rules) mod promql;
pub(in crate::rules) mod quantity;
pub(in crate::rules) mod references;
pub(in crate::rules) mod routes;
pub(in crate::rules) mod schedule;

pub(in crate::rules) use fields::{annotation, has_labels, items, label, named, texts};
use groups::OF_PROMETHEUS;
pub(in crate::rules) use groups::OF_THE_CLUSTER;
pub(in crate::rules) use groups::{ADMISSION, ARGO, CORE, EXTENSIONS, GATEWAY_API, NETWORKING, SECURITY, TELEMETRY};
pub(in crate::rules) use membership::{MESH_LABELS, Workloads, is_gateway};
use pods::Place;

/// An object with its cluster and namespace.
#[derive(Clone, Copy)]
pub(in crate::rules) struct Item<'a> {
    pub id: NodeId,
    pub object: &'a Object,
    pub place: Place<'a>,
}

impl Item<'_> {
    /// Whether another item is this one, or a second definition of the same object.
    pub fn is_same(&self, other: &Self) -> bool {
        self.id == other.id || self.place == other.place && self.object.name == other.object.name
    }
}

/// The meaning of a host in a route or a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Host<'a> {
    /// A `Service` of the mesh.
    Service { namespace: &'a str, name: &'a str },
    /// A name outside the clusters, or of a `ServiceEntry`.
    Outside(&'a str),
    /// A host with a wildcard.
    Wild(&'a str),
}

/// Whether an object or host exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Presence {
    Here,
    Missing,
    /// The input may omit it.
    Unknown,
}

/// The index of a model.
pub(in crate::rules) struct Mesh<'a> {
    pub model: &'a Model,
    pub pods: pods::Index<'a>,
    kinds: FastMap<(&'a str, &'a str), Vec<Item<'a>>>,
    names: FastMap<(&'a str, &'a str, Place<'a>, &'a str), Item<'a>>,
    services: FastMap<(&'a str, &'a str), Vec<Item<'a>>>,
    service_names: FastMap<&'a str, Vec<&'a str>>,
    services_in: FastMap<Place<'a>, Vec<Item<'a>>>,
    rules: FastMap<String, Vec<Item<'a>>>,
    entries: FastMap<&'a str, Vec<Item<'a>>>,
    wild_entries: Vec<&'a str>,
    namespaces: BTreeSet<&'a str>,
    with_helm: FastSet<Place<'a>>,
    namespaces_with_helm: FastSet<&'a str>,
    filled: FastSet<Place<'a>>,
    with_pods: FastSet<Place<'a>>,
    foreign: FastSet<Place<'a>>,
    known_in_part: FastSet<Place<'a>>,
}

impl<'a> Mesh<'a> {
    pub fn of(model: &'a Model) -> Self {
        let with_helm = pods::with_helm(model);
        let mut mesh = Self {
            model,
            pods: pods::Index::of(model),
            kinds: FastMap::default(),
            names: FastMap::default(),
            services: FastMap::default(),
            service_names: FastMap::default(),
            services_in: FastMap::default(),
            rules: FastMap::default(),
            entries: FastMap::default(),
            wild_entries: Vec::new(),
            namespaces: BTreeSet::new(),
            namespaces_with_helm: with_helm.iter().map(|(_, namespace)| *namespace).collect(),
            with_helm,
            filled: FastSet::default(),
            with_pods: FastSet::default(),
            foreign: FastSet::default(),
            known_in_part: pods::known_in_part(model),
        };
        for pods in mesh.pods.all() {
            mesh.with_pods.insert(pods::place(model, pods.id, pods.object));
        }
        mesh.filled.extend(&mesh.with_pods);
        // Collect all namespaces first, because they determine the meaning of a host with two parts.
        for (_, _, object) in model.objects() {
            match (group(object), object.kind.as_ref()) {
                (CORE, "Namespace") => mesh.namespaces.insert(&object.name),
                _ => object.namespaced && mesh.namespaces.insert(object.namespace.as_deref().unwrap_or_default()),
            };
        }
        for (id, _, object) in model.objects() {
            let item = Item { id, object, place: pods::place(model, id, object) };
            mesh.add(item);
        }
        mesh
    }

    fn add(&mut self, item: Item<'a>) {
        let (group, kind) = (group(item.object), item.object.kind.as_ref());
        self.kinds.entry((group, kind)).or_default().push(item);
        self.names.entry((group, kind, item.place, &item.object.name)).or_insert(item);
        match (group, kind) {
            (CORE, "Service") => {
                self.filled.insert(item.place);
                self.services_in.entry(item.place).or_default().push(item);
                self.service_names.entry(&item.object.name).or_default().push(item.place.1);
                self.services.entry((item.place.1, &item.object.name)).or_default().push(item);
            }
            (NETWORKING, "ServiceEntry") => {
                for host in texts(&item.object.body, "spec.hosts") {
                    if host.starts_with("*.") {
                        self.wild_entries.push(&host[1..]);
                    }
                    self.entries.entry(host).or_default().push(item);
                }
            }
            (NETWORKING, "DestinationRule") => {
                if let Some(host) = item.object.body.at("spec.host").and_then(Data::as_str) {
                    let key = self.key(host, item.place.1);
                    self.rules.entry(key).or_default().push(item);
                }
            }
            ("monitoring.coreos.com", kind) if OF_PROMETHEUS.contains(&kind) => drop(self.foreign.insert(item.place)),
            (ARGO, "Rollout") if labels_pods_anew(item.object) => drop(self.foreign.insert(item.place)),
            (group, _) if makes_pods_elsewhere(group) => drop(self.foreign.insert(item.place)),
            _ => {}
        }
    }

    /// Returns all objects of a group and kind.
    pub fn all(&self, group: &'static str, kind: &'static str) -> &[Item<'a>] {
        self.kinds.get(&(group, kind)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the object with this group, kind, place and name.
    pub fn find(&self, group: &'a str, kind: &'a str, place: Place<'a>, name: &'a str) -> Option<Item<'a>> {
        self.names.get(&(group, kind, place, name)).copied()
    }

    /// Returns the services with this namespace and name in all clusters.
    pub fn services(&self, namespace: &'a str, name: &'a str) -> &[Item<'a>] {
        self.services.get(&(namespace, name)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the services of a namespace.
    pub fn services_in(&self, place: Place<'a>) -> &[Item<'a>] {
        self.services_in.get(&place).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the sorted namespaces that have a service with this name.
    pub fn namespaces_with(&self, name: &str) -> Vec<&'a str> {
        let with: BTreeSet<&str> = self.service_names.get(name).into_iter().flatten().copied().collect();
        with.into_iter().collect()
    }

    /// Returns the meaning of a host in an object of a namespace.
    pub fn host<'h>(&self, host: &'h str, namespace: &'h str) -> Host<'h> {
        if host.contains('*') {
            return Host::Wild(host);
        }
        if !host.contains('.') {
            return Host::Service { namespace, name: host };
        }
        let short = host.strip_suffix(".svc.cluster.local").or_else(|| host.strip_suffix(".svc"));
        match short.unwrap_or(host).split_once('.') {
            Some((name, namespace)) if !namespace.contains('.') => {
                let is_known = short.is_some() || self.namespaces.contains(namespace);
                if is_known { Host::Service { namespace, name } } else { Host::Outside(host) }
            }
            _ => Host::Outside(host),
        }
    }

    /// Returns the canonical form of a host.
    pub fn key(&self, host: &str, namespace: &str) -> String {
        match self.host(host, namespace) {
            Host::Service { namespace, name } => format!("{name}.{namespace}.svc.cluster.local"),
            Host::Outside(host) | Host::Wild(host) => host.to_owned(),
        }
    }

    /// Returns the destination rules of a host, including rules with a wildcard that matches it.
    pub fn rules_of(&self, host: &str, namespace: &str) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let key = self.key(host, namespace);
        let patterns = key.match_indices('.').map(|(idx, _)| format!("*{}", &key[idx..])).chain(["*".to_owned()]);
        let keys: Vec<String> = std::iter::once(key.clone()).chain(patterns).collect();
        keys.into_iter().filter_map(|key| self.rules.get(&key)).flatten().copied().collect::<Vec<_>>().into_iter()
    }

    /// Returns the destination rules for services of a namespace without their own rule, the most specific pattern
    /// first.
    pub fn default_rules_of(&self, namespace: &str) -> impl Iterator<Item = Item<'a>> + use<'a> {
        // A name that no service has matches only wildcards.
        self.rules_of(&format!("-.{namespace}.svc.cluster.local"), namespace)
    }

    /// Returns the service entries of a host.
    pub fn entries_of(&self, host: &str) -> &[Item<'a>] {
        self.entries.get(host).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a service entry has a wildcard that matches a host.
    fn is_in_wild_entry(&self, host: &str) -> bool {
        self.wild_entries.iter().any(|end| host.ends_with(end))
    }

    /// Whether a host exists for an object in `place`.
    pub fn has_host(&self, host: &'a str, place: Place<'a>) -> Presence {
        let in_entry = |host: &str| self.entries.contains_key(host) || self.is_in_wild_entry(host);
        let is_here = match self.host(host, place.1) {
            Host::Wild(_) => return Presence::Unknown,
            Host::Service { namespace: "default", name: "kubernetes" } => true,
            Host::Service { namespace, name } => !self.services(namespace, name).is_empty(),
            Host::Outside(_) => false,
        };
        if is_here || in_entry(host) || in_entry(&self.key(host, place.1)) {
            return Presence::Here;
        }
        let is_known = match self.host(host, place.1) {
            Host::Service { namespace, .. } => self.is_whole((place.0, namespace)),
            _ => !self.model.is_open,
        };
        if is_known { Presence::Missing } else { Presence::Unknown }
    }

    /// Whether an object exists. The result is `Unknown` if its namespace is not completely known.
    pub fn has(&self, group: &str, kind: &str, place: Place<'a>, name: &str) -> Presence {
        match self.find(group, kind, place, name) {
            Some(_) => Presence::Here,
            None if self.exists_already(kind, place, name) => Presence::Here,
            None if self.is_whole(place) => Presence::Missing,
            None => Presence::Unknown,
        }
    }

    /// Whether all services and workloads of a namespace are known.
    pub fn is_whole(&self, place: Place<'a>) -> bool {
        let has_helm = self.namespaces_with_helm.contains(place.1) || OF_THE_CLUSTER.contains(&place.1);
        // The installation of Istio adds services to its namespace that other manifests do not contain.
        let is_told = !self.model.is_open
            || self.filled.contains(&place) && !self.foreign.contains(&place) && place.1 != "istio-system";
        is_told && !has_helm && !self.known_in_part.contains(&place)
    }

    /// Whether all workloads of a namespace are known.
    pub fn has_all_pods(&self, place: Place<'a>) -> bool {
        self.is_whole(place) && (!self.model.is_open || self.with_pods.contains(&place))
    }

    /// Whether a namespace may have pods without an object in the input, which an operator or the cluster creates.
    pub fn has_other_pods(&self, place: Place<'a>) -> bool {
        self.foreign.contains(&place) || self.known_in_part.contains(&place) || OF_THE_CLUSTER.contains(&place.1)
    }

    /// Whether the namespace has a Helm release.
    pub fn has_helm(&self, place: Place<'a>) -> bool {
        self.with_helm.contains(&place)
    }

    /// Returns the sorted names of all namespaces that are defined or contain an object.
    pub fn namespaces(&self) -> impl Iterator<Item = &'a str> + Clone {
        self.namespaces.iter().copied()
    }

    /// Returns the object of the namespace, or `None` if the input does not contain it.
    pub fn namespace(&self, place: Place<'a>) -> Option<Item<'a>> {
        self.find(CORE, "Namespace", (place.0, ""), place.1)
    }
}

/// Returns the API group of an object.
pub(in crate::rules) fn group(object: &Object) -> &str {
    object.api_version.rsplit_once('/').map_or("", |(group, _)| group)
}

/// Whether a rollout creates pods with other labels than those of its template.
fn labels_pods_anew(rollout: &Object) -> bool {
    let at = |path: &str| rollout.body.at(&format!("spec.strategy.{path}"));
    let steps = at("canary.steps").map(Data::items).unwrap_or_default();
    let metadata =
        ["blueGreen.activeMetadata", "blueGreen.previewMetadata", "canary.canaryMetadata", "canary.stableMetadata"];
    metadata.iter().any(|path| at(path).is_some()) || steps.iter().any(|step| step.at("experiment").is_some())
}

/// Whether a group belongs to an operator that creates services and pods for its objects.
fn makes_pods_elsewhere(group: &str) -> bool {
    !group.is_empty()
        && group.contains('.')
        && ![".istio.io", ".k8s.io", "keda.sh", "argoproj.io", "cert-manager.io", "monitoring.coreos.com"]
            .iter()
            .any(|known| group.ends_with(known))
        && !group.starts_with("external-secrets.io")
}
