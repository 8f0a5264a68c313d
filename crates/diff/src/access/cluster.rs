//! Policies of a cluster: the changed objects, and unchanged objects that select the same workloads.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_access::istio::{Action, AuthorizationPolicy, PeerAuthentication, RequestAuthentication, Scope, Target};
use meshsynth_access::kubernetes::{Labels, NetworkPolicy, Traffic, load_balancer};
use meshsynth_access::sets::Region;
use meshsynth_assembly::Object;
use serde_json::Value;

use super::objects::{ClusterObjects, name_of, subject_of};
use super::subjects::{Asked, Topic};
use super::{pods, rbac};
use crate::change::About;
use crate::side::{Pair, Side};

/// The namespace of Istio policies that apply to a whole mesh.
///
/// Source: <https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-root_namespace>.
const ROOT: &str = "istio-system";

/// Returns the questions for all clusters.
pub(super) fn asked(pair: &Pair) -> Vec<Asked> {
    let ids = |side: &Side| side.manifest.clusters.iter().map(|it| it.id.clone()).collect::<BTreeSet<_>>();
    fn objects<'a>(side: &'a Side, id: &str) -> &'a [Object] {
        side.manifest.clusters.iter().find(|it| it.id == id).map_or(&[], |it| &it.objects)
    }
    let mut asked = Vec::new();
    for id in ids(pair.base).union(&ids(pair.head)) {
        let objects = [(pair.base, objects(pair.base, id)), (pair.head, objects(pair.head, id))];
        let cluster = ClusterObjects { pair, objects };
        asked.extend(cluster.asked());
    }
    asked
}

/// A kind of Istio policy.
struct Language<P> {
    kind: &'static str,
    topic: Topic,
    parse: fn(&Value) -> P,
    scope: fn(&P) -> &Scope,
    admits: fn(&[&P]) -> Region,
    /// Whether a policy allows explicitly listed callers.
    opens: fn(&P) -> bool,
}

/// A parsed policy, the name of its object, and whether the object differs.
struct Row<P> {
    policy: P,
    at: String,
    is_changed: bool,
}

impl ClusterObjects<'_> {
    fn asked(&self) -> Vec<Asked> {
        let mut asked = self.networks();
        asked.extend(self.istio(&Language {
            kind: "AuthorizationPolicy",
            topic: Topic::Calls,
            parse: AuthorizationPolicy::parse,
            scope: |it| &it.scope,
            admits: |policies| AuthorizationPolicy::admits(policies.iter().copied()),
            opens: |it| it.action == Action::Allow,
        }));
        asked.extend(self.istio(&Language {
            kind: "PeerAuthentication",
            topic: Topic::Certificates,
            parse: PeerAuthentication::parse,
            scope: |it| &it.scope,
            admits: |policies| PeerAuthentication::admits(policies.iter().copied(), ROOT),
            opens: |_| false,
        }));
        asked.extend(self.istio(&Language {
            kind: "RequestAuthentication",
            topic: Topic::Tokens,
            parse: RequestAuthentication::parse,
            scope: |it| &it.scope,
            admits: |policies| RequestAuthentication::admits(policies.iter().copied()),
            opens: |_| false,
        }));
        asked.extend(self.load_balancers());
        asked.extend(pods::asked(self));
        asked.extend(rbac::asked(self));
        asked
    }

    /// Returns the policies of a kind on one side: the changed ones, and related unchanged ones.
    fn policies<P>(&self, side: usize, kind: &str, words: &BTreeSet<String>, parse: fn(&Value) -> P) -> Vec<Row<P>> {
        let row = |document: &Value, is_changed| Row { policy: parse(document), at: name_of(document), is_changed };
        let changed = self.changed(side).filter(|it| it["kind"] == kind).map(|it| row(it, true));
        let is_near =
            |text: &str| !text.contains("matchLabels") || words.iter().any(|word| text.contains(word.as_str()));
        changed.chain(self.unchanged(&[kind], is_near).into_iter().map(|it| row(it, false))).collect()
    }

    /// Returns the namespace and labels of the pods whose workloads exist only on this side.
    fn pods(&self, side: usize) -> Vec<(String, Labels)> {
        let pods = |side: usize| -> BTreeMap<(String, String), (String, Labels)> {
            let workloads = self.changed(side).filter(|it| it["spec"]["template"]["spec"].is_object());
            workloads
                .map(|it| {
                    let labels = it["spec"]["template"]["metadata"]["labels"].as_object().into_iter().flatten();
                    let labels =
                        labels.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()));
                    let namespace = it["metadata"]["namespace"].as_str().unwrap_or("default").to_owned();
                    ((name_of(it), namespace.clone()), (namespace, labels.collect()))
                })
                .collect()
        };
        let other = pods(1 - side);
        pods(side).into_iter().filter(|(key, _)| !other.contains_key(key)).map(|(_, pod)| pod).collect()
    }

    /// Returns the allowed connections of pods, according to the network policies that select them.
    fn networks(&self) -> Vec<Asked> {
        let parse = |document: &Value| {
            (document["metadata"]["namespace"].as_str().unwrap_or("default").to_owned(), NetworkPolicy::parse(document))
        };
        let changed = [0, 1]
            .map(|side| self.changed(side).filter(|it| it["kind"] == "NetworkPolicy").map(parse).collect::<Vec<_>>());
        let targets: BTreeSet<(String, Labels)> =
            changed.iter().flatten().map(|(namespace, it)| (namespace.clone(), it.selector.example())).collect();
        if targets.is_empty() {
            return Vec::new();
        }
        let words: BTreeSet<String> = targets.iter().flat_map(|(_, labels)| labels.values().cloned()).collect();
        let sides = [0, 1].map(|side| self.policies(side, "NetworkPolicy", &words, parse));
        let pods = [0, 1].map(|side| self.pods(side));
        let mut asked = Vec::new();
        for (namespace, labels) in &targets {
            let about = |side: usize| {
                sides[side]
                    .iter()
                    .filter(|it| it.policy.0 == *namespace && it.policy.1.selects(labels))
                    .collect::<Vec<_>>()
            };
            let about = [about(0), about(1)];
            for traffic in [Traffic::Ingress, Traffic::Egress] {
                let region = |side: usize| {
                    let is_gone = about[side].iter().all(|it| !it.policy.1.isolates(traffic))
                        && comes_alone(&pods[1 - side], namespace, labels);
                    (!is_gone).then(|| NetworkPolicy::admits(about[side].iter().map(|it| &it.policy.1), traffic))
                };
                let isolated: [bool; 2] = [0, 1].map(|side| about[side].iter().any(|it| it.policy.1.isolates(traffic)));
                if isolated == [false; 2] {
                    continue;
                }
                asked.push(Asked {
                    question: (Topic::Pods(traffic), workload(namespace, labels)),
                    at: at_of(&about),
                    written: written(&about),
                    regions: [region(0), region(1)],
                    closed: isolated,
                    is_blocked: false,
                    about: About::Pods { namespace: namespace.clone(), labels: labels.clone() },
                });
            }
        }
        asked
    }

    /// Returns the questions about the workloads that changed Istio policies select.
    fn istio<P>(&self, language: &Language<P>) -> Vec<Asked> {
        let Language { kind, topic, parse, scope, admits, opens } = *language;
        let changed =
            [0, 1].map(|side| self.changed(side).filter(|it| it["kind"] == kind).map(parse).collect::<Vec<_>>());
        let targets: BTreeSet<Target> = changed.iter().flatten().map(|it| scope(it).example()).collect();
        if targets.is_empty() {
            return Vec::new();
        }
        let words: BTreeSet<String> =
            targets.iter().flat_map(|it| it.labels.values().cloned().chain([it.name.clone()])).collect();
        let sides = [0, 1].map(|side| self.policies(side, kind, &words, parse));
        let pods = [0, 1].map(|side| self.pods(side));
        let mut asked = Vec::new();
        for target in &targets {
            let about = |side: usize| {
                sides[side].iter().filter(|it| scope(&it.policy).selects(target, ROOT)).collect::<Vec<_>>()
            };
            let about = [about(0), about(1)];
            // A workload that exists on one side only is reported only if a policy allows callers explicitly.
            let is_alone = |side: usize| comes_alone(&pods[side], &target.namespace, &target.labels);
            if (0..2).any(|side| is_alone(side) && !about[side].iter().any(|it| opens(&it.policy))) {
                continue;
            }
            let region = |side: usize| {
                let is_gone = about[side].iter().all(|it| scope(&it.policy).is_general()) && is_alone(1 - side);
                (!is_gone).then(|| admits(&about[side].iter().map(|it| &it.policy).collect::<Vec<_>>()))
            };
            let name = match target.name.is_empty() {
                true => workload(&target.namespace, &target.labels),
                false => format!("{}/{}", target.namespace, target.name),
            };
            let (at, written) = (at_of(&about), written(&about));
            // A target with a name is a Service, or everything behind a waypoint.
            let about = match target.name.is_empty() {
                true => About::Pods { namespace: target.namespace.clone(), labels: target.labels.clone() },
                false => About::Other,
            };
            let regions = [region(0), region(1)];
            asked.push(Asked {
                question: (topic, name),
                at,
                written,
                regions,
                closed: [false; 2],
                is_blocked: false,
                about,
            });
        }
        asked
    }

    /// Returns the connections that load balancers of Services, Ingresses and Gateways accept.
    fn load_balancers(&self) -> Vec<Asked> {
        let kinds = ["Service", "Ingress", "Gateway", "IngressClassParams", "LoadBalancerConfiguration"];
        let mut found: BTreeMap<(String, String, About), [Option<Region>; 2]> = BTreeMap::new();
        for side in [0, 1] {
            for document in self.changed(side).filter(|it| kinds.iter().any(|kind| it["kind"] == *kind)) {
                let text = |key: &str| document["metadata"][key].as_str().unwrap_or_default().to_owned();
                let about = About::Door { namespace: text("namespace"), name: text("name") };
                let key = (subject_of(document), name_of(document), about);
                found.entry(key).or_default()[side] = Some(load_balancer(document));
            }
        }
        let row = |((subject, at, about), regions): ((String, String, About), [Option<Region>; 2])| Asked {
            question: (Topic::LoadBalancer, subject),
            written: BTreeSet::from([at.clone()]),
            at,
            regions,
            closed: [false; 2],
            is_blocked: false,
            about,
        };
        found.into_iter().map(row).collect()
    }
}

/// Whether the labels match pods that the same change creates or deletes, so that the other side has no such pods.
fn comes_alone(pods: &[(String, Labels)], namespace: &str, labels: &Labels) -> bool {
    let has = |pod: &Labels| labels.iter().all(|(key, value)| pod.get(key) == Some(value));
    !labels.is_empty() && pods.iter().any(|(of, pod)| of == namespace && has(pod))
}

/// Returns the name of the policy object: a changed one, preferably of the new side.
fn at_of<P>(about: &[Vec<&Row<P>>; 2]) -> String {
    let rows = about[1].iter().chain(&about[0]);
    rows.clone().find(|it| it.is_changed).or_else(|| rows.clone().next()).map(|it| it.at.clone()).unwrap_or_default()
}

/// Returns the names of all changed policy objects.
fn written<P>(about: &[Vec<&Row<P>>; 2]) -> BTreeSet<String> {
    about.iter().flatten().filter(|it| it.is_changed).map(|it| it.at.clone()).collect()
}

/// Returns the usual name of the pods with these labels.
fn workload(namespace: &str, labels: &Labels) -> String {
    match (labels.get("app.kubernetes.io/name").or_else(|| labels.get("app")), labels.len()) {
        (_, 0) => format!("{namespace} (all pods)"),
        (Some(name), 1) => format!("{namespace}/{name}"),
        _ => {
            let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
            format!("{namespace}/{}", labels.join(","))
        }
    }
}
