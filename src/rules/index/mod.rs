//! What routes, policies and scalers refer to, indexed once for all rules of a synthesis.
//!
//! Every look-up is by key, so the rules stay linear in the number of services.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::node::Object;
use crate::synth::Model;
use crate::tree::NodeId;
use crate::val::{Bag, Data};

pub(in crate::rules) mod credentials;
mod groups;
mod near;
pub(in crate::rules) mod pods;
pub(in crate::rules) mod policies;
pub(in crate::rules) mod quantity;
pub(in crate::rules) mod references;
pub(in crate::rules) mod routes;

pub(in crate::rules) use groups::{ARGO, CORE, GATEWAY_API, NETWORKING, SECURITY};
use groups::{OF_PROMETHEUS, OF_THE_CLUSTER};
use pods::{Place, Pods};

/// An object and where it lies.
#[derive(Clone, Copy)]
pub(in crate::rules) struct Item<'a> {
    pub id: NodeId,
    pub object: &'a Object,
    pub place: Place<'a>,
}

/// What a host of a route or a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Host<'a> {
    /// A `Service` of the mesh.
    Service { namespace: &'a str, name: &'a str },
    /// A name outside of the clusters, or of a `ServiceEntry`.
    Outside(&'a str),
    /// A pattern.
    Wild(&'a str),
}

/// Whether something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Presence {
    Here,
    Missing,
    /// It may be somewhere that the model does not tell of.
    Unknown,
}

/// The index.
pub(in crate::rules) struct Mesh<'a> {
    pub model: &'a Model,
    pub pods: pods::Index<'a>,
    kinds: HashMap<(&'a str, &'a str), Vec<Item<'a>>>,
    names: HashMap<(&'a str, &'a str, Place<'a>, &'a str), Item<'a>>,
    services: HashMap<(&'a str, &'a str), Vec<Item<'a>>>,
    service_names: HashMap<&'a str, Vec<&'a str>>,
    services_in: HashMap<Place<'a>, Vec<Item<'a>>>,
    rules: HashMap<String, Vec<Item<'a>>>,
    entries: HashMap<&'a str, Vec<Item<'a>>>,
    wild_entries: Vec<&'a str>,
    namespaces: HashSet<&'a str>,
    with_helm: HashSet<Place<'a>>,
    namespaces_with_helm: HashSet<&'a str>,
    filled: HashSet<Place<'a>>,
    with_pods: HashSet<Place<'a>>,
    foreign: HashSet<Place<'a>>,
}

impl<'a> Mesh<'a> {
    pub fn of(model: &'a Model) -> Self {
        let with_helm = pods::with_helm(model);
        let mut mesh = Self {
            model,
            pods: pods::Index::of(model),
            kinds: HashMap::new(),
            names: HashMap::new(),
            services: HashMap::new(),
            service_names: HashMap::new(),
            services_in: HashMap::new(),
            rules: HashMap::new(),
            entries: HashMap::new(),
            wild_entries: Vec::new(),
            namespaces: HashSet::new(),
            namespaces_with_helm: with_helm.iter().map(|(_, namespace)| *namespace).collect(),
            with_helm,
            filled: HashSet::new(),
            with_pods: HashSet::new(),
            foreign: HashSet::new(),
        };
        for pods in mesh.pods.all() {
            mesh.with_pods.insert(pods::place(model, pods.id, pods.object));
        }
        mesh.filled.extend(&mesh.with_pods);
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
        if item.object.namespaced {
            self.namespaces.insert(item.place.1);
        }
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

    /// All objects of a group and kind.
    pub fn all(&self, group: &'static str, kind: &'static str) -> &[Item<'a>] {
        self.kinds.get(&(group, kind)).map(Vec::as_slice).unwrap_or_default()
    }

    /// An object by its group, kind, place and name.
    pub fn find(&self, group: &'a str, kind: &'a str, place: Place<'a>, name: &'a str) -> Option<Item<'a>> {
        self.names.get(&(group, kind, place, name)).copied()
    }

    /// The services of a name in all clusters.
    pub fn services(&self, namespace: &'a str, name: &'a str) -> &[Item<'a>] {
        self.services.get(&(namespace, name)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The services of a namespace.
    pub fn services_in(&self, place: Place<'a>) -> &[Item<'a>] {
        self.services_in.get(&place).map(Vec::as_slice).unwrap_or_default()
    }

    /// The namespaces that have a service of a name, sorted.
    pub fn namespaces_with(&self, name: &str) -> Vec<&'a str> {
        let with: BTreeSet<&str> = self.service_names.get(name).into_iter().flatten().copied().collect();
        with.into_iter().collect()
    }

    /// What a host means to an object of a namespace.
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

    /// A host in the one way in which all its writings are equal.
    pub fn key(&self, host: &str, namespace: &str) -> String {
        match self.host(host, namespace) {
            Host::Service { namespace, name } => format!("{name}.{namespace}.svc.cluster.local"),
            Host::Outside(host) | Host::Wild(host) => host.to_owned(),
        }
    }

    /// The destination rules of a host, those of a pattern over it included.
    pub fn rules_of(&self, host: &str, namespace: &str) -> impl Iterator<Item = Item<'a>> {
        let key = self.key(host, namespace);
        let patterns = key.match_indices('.').map(|(idx, _)| format!("*{}", &key[idx..])).chain(["*".to_owned()]);
        let keys: Vec<String> = std::iter::once(key.clone()).chain(patterns).collect();
        keys.into_iter().filter_map(|key| self.rules.get(&key)).flatten().copied().collect::<Vec<_>>().into_iter()
    }

    /// The service entries of a host.
    pub fn entries_of(&self, host: &str) -> &[Item<'a>] {
        self.entries.get(host).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a host is there for an object that lies in `place`.
    pub fn has_host(&self, host: &'a str, place: Place<'a>) -> Presence {
        let in_entry =
            |host: &str| self.entries.contains_key(host) || self.wild_entries.iter().any(|end| host.ends_with(end));
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

    /// Whether an object is there: by name, or in a namespace that is not wholly known.
    pub fn has(&self, group: &str, kind: &str, place: Place<'a>, name: &str) -> Presence {
        match self.find(group, kind, place, name) {
            Some(_) => Presence::Here,
            None if self.is_whole(place) => Presence::Missing,
            None => Presence::Unknown,
        }
    }

    /// Whether all services and workloads of a namespace are known.
    pub fn is_whole(&self, place: Place<'a>) -> bool {
        let has_helm = self.namespaces_with_helm.contains(place.1) || OF_THE_CLUSTER.contains(&place.1);
        // An installation puts services into the namespace of Istio that manifests beside it do not show.
        let is_told = !self.model.is_open
            || self.filled.contains(&place) && !self.foreign.contains(&place) && place.1 != "istio-system";
        is_told && !has_helm
    }

    /// Whether all workloads of a namespace are known.
    pub fn has_all_pods(&self, place: Place<'a>) -> bool {
        self.is_whole(place) && (!self.model.is_open || self.with_pods.contains(&place))
    }

    /// Whether there may be pods in a namespace that no object describes: an operator runs them, or the cluster itself.
    pub fn has_other_pods(&self, place: Place<'a>) -> bool {
        self.foreign.contains(&place) || OF_THE_CLUSTER.contains(&place.1)
    }

    /// Whether a Helm release lies in the namespace.
    pub fn has_helm(&self, place: Place<'a>) -> bool {
        self.with_helm.contains(&place)
    }

    /// The namespace's labels, where its object is there.
    pub fn namespace(&self, place: Place<'a>) -> Option<Item<'a>> {
        self.find(CORE, "Namespace", (place.0, ""), place.1)
    }

    /// Whether a workload is part of the mesh; none where the namespace does not tell.
    pub fn in_mesh(&self, pods: &Pods<'a>) -> Option<bool> {
        let place = pods::place(self.model, pods.id, pods.object);
        let of_pods = |key: &str| pods.labels.and_then(|labels| labels.get(key)).and_then(Data::as_str);
        match (of_pods("sidecar.istio.io/inject"), of_pods("istio.io/dataplane-mode")) {
            (Some(inject), _) => return Some(inject == "true"),
            (_, Some(mode)) => return Some(mode == "ambient"),
            _ => {}
        }
        if pods.spec.at("hostNetwork").and_then(Data::as_bool) == Some(true) {
            return Some(false);
        }
        self.meshes(place)
    }

    /// Whether workloads of a namespace are part of the mesh by default; none where nothing tells.
    pub fn meshes(&self, place: Place<'a>) -> Option<bool> {
        let namespace = self.namespace(place);
        let Some(namespace) = namespace else { return (!self.model.is_open).then_some(false) };
        let label = |key: &str| label(&namespace.object.body, key);
        let is_injected = match label("istio-injection") {
            Some(word) => word == "enabled",
            None => label("istio.io/rev").is_some() || label("istio.io/dataplane-mode") == Some("ambient"),
        };
        Some(is_injected)
    }

    /// The pods of each construct that has some, by the construct that edges name.
    pub fn workloads(&self) -> HashMap<NodeId, &Pods<'a>> {
        let mut found = HashMap::new();
        for pods in self.pods.all() {
            if let Some(construct) = self.model.node(pods.id).parent {
                found.entry(construct).or_insert(pods);
            }
        }
        found
    }

    /// The gateways' workloads that a selector of an Istio `Gateway` means: their namespaces, and their pods where
    /// manifests make them. None where a gateway may be there that nothing tells of.
    pub fn gateways<'m>(&'m self, target: Option<NodeId>, selector: &'a Bag) -> Option<Workloads<'m, 'a>> {
        let mut found = Workloads::default();
        found.pods = self.pods.selected_anywhere(target, selector)?;
        found.namespaces = found.pods.iter().map(|pods| pods::place(self.model, pods.id, pods.object).1).collect();
        for (id, release) in self.model.releases().filter(|(_, release)| release.chart.ends_with("gateway")) {
            if self.model.target_of(id) != target {
                continue;
            }
            let own = release.values.at("labels").and_then(Data::as_map);
            let istio = release.name.strip_prefix("istio-").unwrap_or(&release.name);
            let has = |(key, value): (&str, &Data)| match own.and_then(|own| own.get(key)) {
                Some(own) => own == value,
                None => match key {
                    "istio" => value.as_str() == Some(istio),
                    "app" => value.as_str() == Some(&release.name),
                    _ => false,
                },
            };
            if selector.iter().all(has) {
                found.namespaces.insert(&release.namespace);
                found.releases.push(id);
            }
        }
        let is_told = !self.model.is_open || self.pods.all().any(|pods| is_gateway(pods));
        (is_told || !found.namespaces.is_empty()).then_some(found)
    }
}

/// Workloads that something selects.
#[derive(Default)]
pub(in crate::rules) struct Workloads<'m, 'a> {
    pub pods: Vec<&'m Pods<'a>>,
    pub namespaces: BTreeSet<&'a str>,
    pub releases: Vec<NodeId>,
}

/// Whether pods are a gateway of Istio.
pub(in crate::rules) fn is_gateway(pods: &Pods<'_>) -> bool {
    let template = pods.annotations().and_then(|it| it.get("inject.istio.io/templates")).and_then(Data::as_str);
    let istio = pods.labels.and_then(|labels| labels.get("istio")).and_then(Data::as_str);
    template == Some("gateway") || istio.is_some_and(|istio| istio.ends_with("gateway"))
}

/// The group of an object's API.
pub(in crate::rules) fn group(object: &Object) -> &str {
    object.api_version.rsplit_once('/').map_or("", |(group, _)| group)
}

/// Whether a rollout makes pods with other labels than those of its template.
fn labels_pods_anew(rollout: &Object) -> bool {
    let at = |path: &str| rollout.body.at(&format!("spec.strategy.{path}"));
    let steps = at("canary.steps").map(Data::items).unwrap_or_default();
    let metadata =
        ["blueGreen.activeMetadata", "blueGreen.previewMetadata", "canary.canaryMetadata", "canary.stableMetadata"];
    metadata.iter().any(|path| at(path).is_some()) || steps.iter().any(|step| step.at("experiment").is_some())
}

/// Groups of operators whose objects become services and pods.
fn makes_pods_elsewhere(group: &str) -> bool {
    !group.is_empty()
        && group.contains('.')
        && ![".istio.io", ".k8s.io", "keda.sh", "argoproj.io", "cert-manager.io", "monitoring.coreos.com"]
            .iter()
            .any(|known| group.ends_with(known))
        && !group.starts_with("external-secrets.io")
}

/// A label of an object.
pub(in crate::rules) fn label<'a>(body: &'a Bag, key: &str) -> Option<&'a str> {
    body.at("metadata.labels")?.as_map()?.get(key)?.as_str()
}

/// An annotation of an object.
pub(in crate::rules) fn annotation<'a>(body: &'a Bag, key: &str) -> Option<&'a str> {
    body.at("metadata.annotations")?.as_map()?.get(key)?.as_str()
}

/// The texts of a list.
pub(in crate::rules) fn texts<'a>(body: &'a Bag, path: &str) -> impl Iterator<Item = &'a str> {
    body.at(path).map(Data::items).unwrap_or_default().iter().filter_map(Data::as_str)
}

/// The items of a list, each with its path.
pub(in crate::rules) fn items<'a>(data: Option<&'a Data>, path: &str) -> impl Iterator<Item = (String, &'a Data)> {
    let path = path.to_owned();
    let items = data.map(Data::items).unwrap_or_default();
    items.iter().enumerate().map(move |(idx, item)| (format!("{path}[{idx}]"), item))
}

/// Names in backticks, with commas; at most eight of them.
pub(in crate::rules) fn named<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: BTreeSet<&str> = names.into_iter().collect();
    let more = if names.len() > 8 { ", …" } else { "" };
    let shown: Vec<_> = names.into_iter().take(8).map(|name| format!("`{name}`")).collect();
    shown.join(", ") + more
}
