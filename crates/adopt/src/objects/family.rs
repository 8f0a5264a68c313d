//! Relation of objects to pods: by selectors, names, and route hosts.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_model::val::{Bag, Data};

use super::object::Read;
use super::workload_construct::{WORKLOAD_CONSTRUCTS, WorkloadConstruct};

/// A workload and its related objects, by object index.
pub struct Family {
    /// The workload that creates the pods. Its other versions are members.
    pub head: usize,
    /// The construct of the workload.
    pub workload: &'static WorkloadConstruct,
    /// The related objects, and the method that adds each of them, in source order.
    pub members: Vec<(usize, &'static str)>,
}

/// The method that adds a Service.
const SERVICE: &str = "mesh::Pods::add_service";

/// Labels that distinguish versions of the same pods.
const OF_VERSIONS: [&str; 5] = ["app.kubernetes.io/version", "color", "track", "variant", "version"];

/// A workload with the data to find its related objects.
struct Head<'a> {
    at: usize,
    workload: &'static WorkloadConstruct,
    namespace: &'a str,
    name: &'a str,
    labels: BTreeMap<&'a str, &'a str>,
    account: Option<&'a str>,
    /// The names that its pods refer to, by kind.
    uses: BTreeSet<(&'static str, &'a str)>,
    /// The index of its family.
    family: usize,
}

/// Groups objects into families. `is_typed` returns whether an object has a type.
pub fn families(objects: &[&Read], is_typed: &dyn Fn(usize) -> bool) -> Vec<Family> {
    let mut heads = heads(objects, is_typed);
    let services = services(objects, &heads, is_typed);
    join_versions(objects, &mut heads, &services);
    let mut families: BTreeMap<usize, Family> = BTreeMap::new();
    for head in &heads {
        let new = || Family { head: head.at, workload: head.workload, members: Vec::new() };
        let family = families.entry(head.family).or_insert_with(new);
        if head.at != family.head {
            family.members.push((head.at, "mesh::Pods::add_version"));
        }
    }
    let known = Known::of(objects, &heads, &services);
    for (at, object) in objects.iter().enumerate() {
        if is_typed(at)
            && let Some((family, method)) = known.owner(at, object)
            && let Some(family) = families.get_mut(&family)
        {
            family.members.push((at, method));
        }
    }
    let mut families: Vec<Family> = families.into_values().collect();
    for family in &mut families {
        let n_heads = 1 + family.members.iter().filter(|(at, _)| heads.iter().any(|head| head.at == *at)).count();
        // Calls use the address of the first Service. Prefer a Service that selects all pods and is not headless.
        let rank = |at: usize| {
            let selected = services.iter().find(|(service, _)| *service == at).map(|(_, selected)| selected.len());
            let is_headless = objects[at].body.at("spec.clusterIP").and_then(Data::as_str) == Some("None");
            selected.map_or((0, 0), |n| (u8::from(n < n_heads), u8::from(is_headless)))
        };
        family.members.sort_by_key(|(at, method)| (*method != SERVICE, rank(*at), *at));
    }
    families
}

fn heads<'a>(objects: &[&'a Read], is_typed: &dyn Fn(usize) -> bool) -> Vec<Head<'a>> {
    let mut heads: Vec<Head<'a>> = Vec::new();
    let mut taken = BTreeSet::new();
    for (at, object) in objects.iter().enumerate() {
        let Some(namespace) = object.namespace.as_deref() else { continue };
        let kind = (&*object.api_version, &*object.kind);
        let Some(workload) = WORKLOAD_CONSTRUCTS.iter().find(|it| it.kind == kind).filter(|_| is_typed(at)) else {
            continue;
        };
        let Some(template) = object.body.at(workload.template) else { continue };
        if !is_id(&object.name) || !taken.insert((namespace, object.name.as_str())) {
            continue;
        }
        let spec = template.at("spec");
        let account = spec.and_then(|it| it.at("serviceAccountName").or_else(|| it.at("serviceAccount")));
        let mut uses = BTreeSet::new();
        spec.into_iter().for_each(|it| names_in(it, &mut uses));
        let labels = template.at("metadata.labels").map(texts).unwrap_or_default();
        let family = heads.len();
        heads.push(Head {
            at,
            workload,
            namespace,
            name: &object.name,
            labels,
            account: account.and_then(Data::as_str),
            uses,
            family,
        });
    }
    heads
}

/// Whether a name is a valid construct ID and is not reserved.
fn is_id(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_whole = name.starts_with(is_plain) && name.chars().all(|c| is_plain(c) || "-.".contains(c));
    is_whole && name.len() <= 63 && name != OF_NAMESPACE
}

/// The ID of the namespace object below its construct.
const OF_NAMESPACE: &str = "namespace";

/// Returns the workloads that each Service selects.
fn services(objects: &[&Read], heads: &[Head<'_>], is_typed: &dyn Fn(usize) -> bool) -> Vec<(usize, Vec<usize>)> {
    let is_service = |object: &Read| object.api_version == "v1" && object.kind == "Service";
    let all = objects.iter().enumerate().filter(|(at, object)| is_service(object) && is_typed(*at));
    all.map(|(at, object)| (at, selected(heads, object, object.body.at("spec.selector")))).collect()
}

/// Returns the workloads whose pods match a non-empty selector in the namespace of an object.
fn selected(heads: &[Head<'_>], object: &Read, selector: Option<&Data>) -> Vec<usize> {
    let Some(wanted) = selector.map(texts).filter(|it| !it.is_empty()) else { return Vec::new() };
    let is_selected = |head: &Head<'_>| {
        Some(head.namespace) == object.namespace.as_deref()
            && wanted.iter().all(|(key, value)| head.labels.get(key) == Some(value))
    };
    heads.iter().enumerate().filter(|(_, head)| is_selected(head)).map(|(number, _)| number).collect()
}

/// Joins Deployments that one Service selects into one family if they are versions of the same pods.
fn join_versions(objects: &[&Read], heads: &mut [Head<'_>], services: &[(usize, Vec<usize>)]) {
    for (_, selected) in services {
        let Some((first, others)) = selected.split_first() else { continue };
        let is_version = |other: &usize| {
            let (one, other) = (&heads[*first], &heads[*other]);
            let common = |head: &Head<'_>| {
                let labels = head.labels.iter().filter(|(key, _)| !OF_VERSIONS.contains(*key));
                labels.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>()
            };
            [one, other].iter().all(|head| objects[head.at].kind == "Deployment") && common(one) == common(other)
        };
        if others.iter().all(is_version) {
            let family = heads[*first].family;
            others.iter().for_each(|other| heads[*other].family = family);
        }
    }
}

/// The data to find the family of an object.
struct Known<'a> {
    heads: &'a [Head<'a>],
    /// The families of Services, by namespace and name.
    services: BTreeMap<(&'a str, &'a str), usize>,
    /// The labels of these Services.
    labels: Vec<(&'a str, BTreeMap<&'a str, &'a str>, usize)>,
}

impl<'a> Known<'a> {
    fn of(objects: &[&'a Read], heads: &'a [Head<'a>], services: &[(usize, Vec<usize>)]) -> Self {
        let (mut by_name, mut labels) = (BTreeMap::new(), Vec::new());
        for (at, selected) in services {
            let object = &objects[*at];
            if let (Some(family), Some(namespace)) = (one_family(heads, selected), object.namespace.as_deref()) {
                by_name.insert((namespace, object.name.as_str()), family);
                let own = object.body.at("metadata.labels").map(texts).unwrap_or_default();
                labels.push((namespace, own, family));
            }
        }
        Self { heads, services: by_name, labels }
    }

    /// Returns the family of an object, and the method that adds it.
    fn owner(&self, at: usize, object: &Read) -> Option<(usize, &'static str)> {
        let namespace = object.namespace.as_deref()?;
        if self.heads.iter().any(|head| head.at == at) {
            return None;
        }
        let body = &object.body;
        let by_labels = |path: &str| one_family(self.heads, &selected(self.heads, object, body.at(path)));
        let by_use = |kind: &'static str, name: &str| {
            let uses = |head: &&Head<'_>| head.namespace == namespace && head.uses.contains(&(kind, name));
            one_of(self.heads.iter().filter(uses).map(|head| head.family))
        };
        let by_service = |names: Vec<&str>| {
            let family = |host: &&str| self.services.get(&service_of_host(host, namespace)?).copied();
            let found: Option<Vec<usize>> = names.iter().map(family).collect();
            one_of(found?)
        };
        let group = object.api_version.split('/').next().unwrap_or_default();
        let family = match (group, &*object.kind) {
            ("v1", "Service") => self.services.get(&(namespace, object.name.as_str())).copied(),
            ("v1", "ServiceAccount") => {
                let runs_as =
                    |head: &&Head<'_>| head.namespace == namespace && head.account == Some(object.name.as_str());
                one_of(self.heads.iter().filter(runs_as).map(|head| head.family))
            }
            ("v1", "ConfigMap") => by_use("ConfigMap", &object.name),
            ("v1", "PersistentVolumeClaim") => by_use("PersistentVolumeClaim", &object.name),
            ("v1", "Secret") => by_use("Secret", &object.name),
            ("external-secrets.io", "ExternalSecret") => {
                by_use("Secret", body.at("spec.target.name").and_then(Data::as_str).unwrap_or(&object.name))
            }
            ("autoscaling", "HorizontalPodAutoscaler") | ("keda.sh", "ScaledObject") => {
                let kind = body.at("spec.scaleTargetRef.kind").and_then(Data::as_str).unwrap_or("Deployment");
                let name = body.at("spec.scaleTargetRef.name").and_then(Data::as_str)?;
                let is_target = |head: &&Head<'_>| head.namespace == namespace && head.is(kind, name);
                one_of(self.heads.iter().filter(is_target).map(|head| head.family))
            }
            ("policy", "PodDisruptionBudget") => by_labels("spec.selector.matchLabels"),
            ("networking.k8s.io", "NetworkPolicy") => by_labels("spec.podSelector.matchLabels"),
            ("monitoring.coreos.com", "PodMonitor") => by_labels("spec.selector.matchLabels"),
            ("monitoring.coreos.com", "ServiceMonitor") => {
                let wanted = texts(body.at("spec.selector.matchLabels")?);
                let has =
                    |labels: &BTreeMap<&str, &str>| wanted.iter().all(|(key, value)| labels.get(key) == Some(value));
                let found = self.labels.iter().filter(|(own, labels, _)| *own == namespace && has(labels));
                one_of(found.map(|(_, _, family)| *family)).filter(|_| !wanted.is_empty())
            }
            ("security.istio.io" | "telemetry.istio.io", _) => by_labels("spec.selector.matchLabels"),
            ("networking.istio.io", "Sidecar") => by_labels("spec.workloadSelector.labels"),
            ("networking.istio.io", "DestinationRule") => by_service(vec![body.at("spec.host")?.as_str()?]),
            ("networking.istio.io", "VirtualService") => {
                let mut hosts = Vec::new();
                below(body.at("spec")?, &["destination", "mirror"], "host", &mut hosts);
                by_service(hosts)
            }
            ("gateway.networking.k8s.io", _) => {
                let mut names = Vec::new();
                below(body.at("spec")?, &["backendRefs", "backendRef"], "name", &mut names);
                by_service(names)
            }
            ("networking.k8s.io", "Ingress") => {
                let mut names = Vec::new();
                below(body.at("spec")?, &["service"], "name", &mut names);
                by_service(names)
            }
            _ => None,
        }?;
        let method = match &*object.kind {
            "NetworkPolicy" => "mesh::Pods::add_network_policy",
            "Service" => SERVICE,
            "ServiceAccount" => "mesh::Pods::add_service_account",
            _ => "mesh::Pods::add",
        };
        Some((family, method))
    }
}

impl Head<'_> {
    fn is(&self, kind: &str, name: &str) -> bool {
        self.workload.kind.1 == kind && self.name == name
    }
}

/// Returns the common family of some workloads, or `None` if there is no common family.
fn one_family(heads: &[Head<'_>], found: &[usize]) -> Option<usize> {
    one_of(found.iter().map(|number| heads[*number].family))
}

/// Returns the common value, or `None` if there are no values or different ones.
fn one_of(all: impl IntoIterator<Item = usize>) -> Option<usize> {
    let mut all = all.into_iter();
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

/// Returns the namespace and the name of a Service from a cluster host, as used by a route in a namespace.
fn service_of_host<'a>(host: &'a str, namespace: &'a str) -> Option<(&'a str, &'a str)> {
    let mut parts = host.split('.');
    let name = parts.next()?;
    match parts.next() {
        None => Some((namespace, name)),
        Some(other) => matches!(parts.next(), None | Some("svc")).then_some((other, name)),
    }
}

/// Collects the texts of `key` in the values of all `within` fields, at any depth.
fn below<'a>(data: &'a Data, within: &[&str], key: &str, found: &mut Vec<&'a str>) {
    match data {
        Data::Map(bag) => {
            for (name, value) in bag.iter() {
                if within.contains(&name) {
                    let all = value.as_list().unwrap_or(std::slice::from_ref(value));
                    found.extend(all.iter().filter_map(|it| it.at(key)).filter_map(Data::as_str));
                }
                below(value, within, key, found);
            }
        }
        Data::List(items) => items.iter().for_each(|item| below(item, within, key, found)),
        _ => {}
    }
}

/// References in pods: the field, the nested field with the name, and the kind.
const USES: [(&str, &str, &str); 9] = [
    ("configMap", "name", "ConfigMap"),
    ("configMapKeyRef", "name", "ConfigMap"),
    ("configMapRef", "name", "ConfigMap"),
    ("imagePullSecrets", "name", "Secret"),
    ("persistentVolumeClaim", "claimName", "PersistentVolumeClaim"),
    ("secret", "name", "Secret"),
    ("secret", "secretName", "Secret"),
    ("secretKeyRef", "name", "Secret"),
    ("secretRef", "name", "Secret"),
];

/// Collects the names that a pod refers to, by kind.
fn names_in<'a>(spec: &'a Data, found: &mut BTreeSet<(&'static str, &'a str)>) {
    for (key, field, kind) in USES {
        let mut names = Vec::new();
        below(spec, &[key], field, &mut names);
        found.extend(names.into_iter().map(|name| (kind, name)));
    }
}

/// Returns the entries of a map that are texts.
fn texts(map: &Data) -> BTreeMap<&str, &str> {
    let pairs = map.as_map().into_iter().flat_map(Bag::iter);
    pairs.filter_map(|(key, value)| Some((key, value.as_str()?))).collect()
}
