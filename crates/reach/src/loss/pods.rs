//! The minimum number of pods of a workload, their requests, and their placement.

use meshsynth_access::kubernetes::{Labels, Selector};
use meshsynth_facts::{self as facts, Runs};
use serde_json::Value;

use crate::world::{At, Object, WorkloadId, World};

use super::instances::Room;
use super::quantity::{mib, millicores};

/// The node label with the zone.
pub const ZONE: &str = "topology.kubernetes.io/zone";

/// The pods of a workload.
#[derive(Clone, Debug)]
pub struct Pods {
    /// The minimum number of replicas.
    pub replicas: u64,
    /// The object, the field and the location that specify it.
    pub decides: (String, &'static str, At),
    /// The requests of each pod.
    pub asks: Room,
    /// The pod spec.
    pub spec: Value,
    /// Whether one pod runs on each node.
    pub is_on_each_node: bool,
    /// The field of the pod template in the object.
    pub prefix: &'static str,
}

/// The separation of pods by zones.
pub struct Apart {
    /// The maximum number of pods in one zone.
    pub in_a_zone: u64,
    /// The field that specifies it.
    pub field: String,
}

impl Pods {
    /// Returns the pods of a workload.
    pub fn of(world: &World, id: WorkloadId) -> Self {
        let (workload, object) = (world.workload(id), world.object_of(id));
        let document = &object.document;
        if object.kind == "Release" || object.kind == "Gateway" {
            let values = &document["spec"];
            let scaled = values["autoscaling"]["enabled"] != false;
            let least = values["autoscaling"]["minReplicas"].as_u64().filter(|_| scaled);
            return Self {
                replicas: least.or_else(|| values["replicaCount"].as_u64()).unwrap_or(1),
                decides: (object.title(), "values.autoscaling.minReplicas", object.at.clone()),
                asks: asked(&values["resources"]["requests"]),
                spec: values.clone(),
                is_on_each_node: false,
                prefix: "values",
            };
        }
        let (spec, prefix) = match facts::kind(&object.kind).pods {
            Some("") => (&document["spec"], "spec"),
            Some("spec.jobTemplate.spec.template") => {
                (&document["spec"]["jobTemplate"]["spec"]["template"]["spec"], "spec.jobTemplate.spec.template.spec")
            }
            Some("spec.jobTargetRef.template") => {
                (&document["spec"]["jobTargetRef"]["template"]["spec"], "spec.jobTargetRef.template.spec")
            }
            _ => (&document["spec"]["template"]["spec"], "spec.template.spec"),
        };
        let (replicas, decides) = match facts::kind(&object.kind).runs {
            Some(Runs::ToCompletion) => (0, (object.title(), "spec", object.at.clone())),
            Some(Runs::Once) => (1, (object.title(), "spec", object.at.clone())),
            _ if object.kind == "DaemonSet" => (1, (object.title(), "spec", object.at.clone())),
            _ => scaled(world, workload.cluster, object).unwrap_or_else(|| {
                let replicas = document["spec"]["replicas"].as_u64().unwrap_or(1);
                (replicas, (object.title(), "spec.replicas", object.at.clone()))
            }),
        };
        Self {
            replicas,
            decides,
            asks: pod(spec),
            spec: spec.clone(),
            is_on_each_node: object.kind == "DaemonSet",
            prefix,
        }
    }

    /// Returns the required node labels, including those that a single required affinity term lists with `In`.
    pub fn node_labels(&self) -> Vec<(String, Vec<String>)> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let selector = self.spec["nodeSelector"].as_object().into_iter().flatten();
        let mut all: Vec<(String, Vec<String>)> =
            selector.map(|(key, value)| (key.clone(), vec![text(value)])).collect();
        let terms = &self.spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"];
        // Node selector terms are alternatives, so a term is required only if it is the only one.
        if let Some([term]) = terms.as_array().map(Vec::as_slice) {
            for expression in term["matchExpressions"].as_array().into_iter().flatten() {
                if expression["operator"] == "In" {
                    let values = expression["values"].as_array().into_iter().flatten().map(text).collect();
                    all.push((text(&expression["key"]), values));
                }
            }
        }
        all
    }

    /// Returns the maximum number of pods in one zone, if a strict constraint specifies it.
    pub fn apart(&self, labels: &Labels, zones: u64) -> Option<Apart> {
        let spreads = self.spec["topologySpreadConstraints"].as_array().into_iter().flatten();
        for (idx, spread) in spreads.enumerate() {
            let is_strict = spread["whenUnsatisfiable"].as_str().unwrap_or("DoNotSchedule") == "DoNotSchedule";
            let is_own = selects(&spread["labelSelector"], labels);
            if spread["topologyKey"] == ZONE && is_strict && is_own && zones > 1 {
                let skew = spread["maxSkew"].as_u64().unwrap_or(1).max(1);
                // In the worst case, one zone has `skew` more pods than each of the other zones.
                let most = (self.replicas + (zones - 1) * skew) / zones;
                return Some(Apart {
                    in_a_zone: most,
                    field: format!("{}.topologySpreadConstraints[{idx}]", self.prefix),
                });
            }
        }
        let required = &self.spec["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
        for (idx, term) in required.as_array().into_iter().flatten().enumerate() {
            let is_own = selects(&term["labelSelector"], labels);
            if term["topologyKey"] == ZONE && is_own {
                let field = format!(
                    "{}.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[{idx}]",
                    self.prefix
                );
                return Some(Apart { in_a_zone: 1, field });
            }
        }
        None
    }
}

/// Whether a pod selector matches labels. Without a selector, it does not match.
fn selects(selector: &Value, labels: &Labels) -> bool {
    !selector.is_null() && Selector::parse(selector).selects(labels)
}

/// Returns the minimum number of replicas of an object's scaler.
fn scaled(world: &World, cluster: usize, object: &Object) -> Option<(u64, (String, &'static str, At))> {
    let is_of = |target: &Value| {
        target["name"] == object.name.as_str() && target["kind"].as_str().unwrap_or("Deployment") == object.kind
    };
    world.clusters[cluster].objects.iter().filter(|it| it.namespace == object.namespace).find_map(|it| {
        let spec = &it.document["spec"];
        if !is_of(&spec["scaleTargetRef"]) {
            return None;
        }
        let (least, field) = match it.kind.as_str() {
            "HorizontalPodAutoscaler" => (spec["minReplicas"].as_u64().unwrap_or(1), "spec.minReplicas"),
            "ScaledObject" => (spec["minReplicaCount"].as_u64().unwrap_or(0), "spec.minReplicaCount"),
            _ => return None,
        };
        Some((least, (it.title(), field, it.at.clone())))
    })
}

fn asked(requests: &Value) -> Room {
    Room { millicores: millicores(&requests["cpu"]), mib: mib(&requests["memory"]) }
}

/// Returns the requests of a pod: the sum of its containers, or the largest init container.
fn pod(spec: &Value) -> Room {
    let list = |key: &str| spec[key].as_array().into_iter().flatten().collect::<Vec<_>>();
    let of = |it: &&Value| {
        asked(if it["resources"]["requests"].is_null() {
            &it["resources"]["limits"]
        } else {
            &it["resources"]["requests"]
        })
    };
    let (sidecars, before): (Vec<_>, Vec<_>) =
        list("initContainers").into_iter().partition(|it| it["restartPolicy"] == "Always");
    let together = list("containers").iter().chain(&sidecars).map(of).fold(Room::default(), Room::and);
    before
        .iter()
        .map(of)
        .fold(together, |most, it| Room { millicores: most.millicores.max(it.millicores), mib: most.mib.max(it.mib) })
}
