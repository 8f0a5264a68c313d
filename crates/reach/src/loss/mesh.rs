//! The behavior of a mesh for calls to lost workloads.
//!
//! Source: <https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/failover/>.

use serde_json::Value;

use crate::world::{Object, WorkloadId};

use super::known::Known;
use super::outcome::{Cause, Judgement, Outcome, Stage, Step};
use super::pods::Pods;

/// Returns the effects on calls that a route splits between versions of a service. Calls to a lost version fail until
/// the route is changed.
pub fn shared(known: &Known<'_>, at: usize, all: &[WorkloadId], alternatives: &str) -> Option<Judgement> {
    let world = known.site.world;
    let first = world.workload(*all.first()?);
    let theirs = &world.clusters[first.cluster].objects;
    let names: Vec<&str> = world.services_of(*all.first()?).iter().map(|it| theirs[*it].name.as_str()).collect();
    let objects = &world.clusters[at].objects;
    let is_own =
        |rule: &Object, host: &Value| host.as_str().is_some_and(|it| means(rule, it, &first.namespace, &names));
    // The pods of a subset, in every cluster.
    let of = |subset: &Value| -> Vec<WorkloadId> {
        let rules =
            objects.iter().filter(|it| it.kind == "DestinationRule" && is_own(it, &it.document["spec"]["host"]));
        let subsets = rules.flat_map(|it| it.document["spec"]["subsets"].as_array().into_iter().flatten());
        let Some(labels) = subsets.filter(|it| it["name"] == *subset).find_map(|it| it["labels"].as_object()) else {
            return Vec::new();
        };
        let has = |id: &&WorkloadId| {
            let own = &world.workload(**id).labels;
            labels.iter().all(|(key, value)| own.get(key).map(String::as_str) == value.as_str())
        };
        all.iter().filter(has).copied().collect()
    };
    for route in objects.iter().filter(|it| it.kind == "VirtualService") {
        for (idx, http) in route.document["spec"]["http"].as_array().into_iter().flatten().enumerate() {
            for to in http["route"].as_array().into_iter().flatten() {
                let subset = &to["destination"]["subset"];
                if !is_own(route, &to["destination"]["host"]) || to["weight"] == 0 || subset.is_null() {
                    continue;
                }
                let pods = of(subset);
                if !pods.is_empty() && pods.iter().all(|id| Known::is_down(known.workload(*id).outcome)) {
                    let subset = subset.as_str().unwrap_or_default();
                    let why = format!(
                        "the requests for the subset `{subset}` fail until the route sends them to {alternatives}"
                    );
                    let cause = Cause::new(why).by(route.title(), format!("spec.http[{idx}].route"), &route.at);
                    let text = format!(
                        "change the destination of the subset `{subset}`, in {} of {}",
                        route.title(),
                        world.clusters[at].id
                    );
                    return Some(Judgement::new(Outcome::ByHand, cause).step(Step::new(Stage::Calls, text, "")));
                }
            }
        }
    }
    None
}

/// Returns the effects if the caller's proxies eject enough unresponsive endpoints.
pub fn ejected(
    known: &Known<'_>,
    at: usize,
    down: &[WorkloadId],
    all: &[WorkloadId],
    alternatives: &str,
) -> Option<Judgement> {
    let world = known.site.world;
    let to = world.workload(down[0]);
    let names: Vec<&str> =
        world.services_of(down[0]).iter().map(|it| world.clusters[to.cluster].objects[*it].name.as_str()).collect();
    let rules = world.clusters[at].objects.iter().filter(|it| it.kind == "DestinationRule");
    let (rule, host) = rules
        .filter_map(|it| Some((it, it.document["spec"]["host"].as_str()?)))
        .filter(|(it, host)| means(it, host, &to.namespace, &names))
        .max_by_key(|(_, host)| host.trim_start_matches('*').len())?;
    let detection = &rule.document["spec"]["trafficPolicy"]["outlierDetection"];
    if detection.is_null() {
        return None;
    }
    let is_off = rule.document["spec"]["trafficPolicy"]["loadBalancer"]["localityLbSetting"]["enabled"] == false;
    let number = |value: &Value, default: u64| value.as_u64().unwrap_or(default);
    let pods = |ids: &[WorkloadId]| ids.iter().map(|id| Pods::of(world, *id).replicas.max(1)).sum::<u64>();
    let (lost, whole) = (pods(down), pods(all));
    let most = number(&detection["maxEjectionPercent"], 10);
    let field = "spec.trafficPolicy.outlierDetection";
    let by = |field: &str, why: String| Cause::new(why).by(rule.title(), field, &rule.at);
    if lost * 100 > most * whole {
        let why = format!(
            "of {whole} endpoints of {host}, {lost} are lost, but at most {most} % are ejected: some calls continue to fail"
        );
        return Some(Judgement::new(Outcome::Unknown, by(&format!("{field}.maxEjectionPercent"), why)));
    }
    let how = if is_off {
        "unresponsive endpoints are ejected"
    } else {
        "unresponsive endpoints are ejected, and the locality fails over"
    };
    Some(Judgement::new(Outcome::FailsOver, by(field, format!("{how}: calls go to {alternatives}"))))
}

/// Whether the host of a rule refers to a service.
fn means(rule: &Object, host: &str, namespace: &str, services: &[&str]) -> bool {
    services.iter().any(|service| {
        let whole = format!("{service}.{namespace}.svc.cluster.local");
        match host.strip_prefix('*') {
            Some(end) => whole.ends_with(end),
            None => {
                host == whole
                    || (host == *service && rule.namespace == namespace)
                    || host == format!("{service}.{namespace}")
                    || host == format!("{service}.{namespace}.svc")
            }
        }
    })
}
