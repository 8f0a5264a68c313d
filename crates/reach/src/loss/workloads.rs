//! The effects of a loss on workloads.

use serde_json::Value;

use crate::eks;
use crate::world::{Cluster, Object, WorkloadId};

use super::nodes::Pool;
use super::outcome::{Cause, Judgement, Outcome, Stage, Step};
use super::pods::{Pods, ZONE};
use super::site::{Hit, Site};

/// Returns the cause if a cluster is lost with all its workloads, or `None` if it remains.
pub fn lost_cluster(site: &Site<'_>, at: usize) -> Option<Cause> {
    let cluster = &site.world.clusters[at];
    if site.event.clusters.contains(&at) {
        return Some(Cause::new("its cluster is lost"));
    }
    let cause = Cause::new(format!("its cluster is in {}", cluster.region));
    let resource = eks::resource_of(site.world, cluster).map(|it| site.resource(it));
    let cause = match resource {
        Some(resource) => cause.by(resource.title(), "", &resource.at),
        None => cause,
    };
    site.is_region_lost(&cluster.region).then_some(cause)
}

/// Returns the effects on a workload on the nodes of its cluster.
pub fn judge(site: &Site<'_>, pools: &[Pool], id: WorkloadId) -> Judgement {
    let world = site.world;
    let workload = world.workload(id);
    let object = world.object_of(id);
    if site.event.workloads.contains(&id) {
        return Judgement::new(Outcome::Lost, Cause::new("it is the lost resource"));
    }
    if let Some(cause) = lost_cluster(site, workload.cluster) {
        return Judgement::new(Outcome::Lost, cause);
    }
    if site.event.zones.is_empty() && site.event.node_groups.is_empty() {
        return Judgement::untouched();
    }
    let pods = Pods::of(world, id);
    let by = |field: &str, why: String| Cause::new(why).by(object.title(), field, &object.at);
    let wanted = pods.node_labels();
    let able: Vec<&Pool> = pools.iter().filter(|it| it.takes(&wanted)).collect();
    let mut zones: Vec<Option<String>> =
        able.iter().filter(|it| !it.is_lost).flat_map(|it| it.zones_for(&wanted)).collect();
    if able.is_empty() {
        // The files do not define the nodes. Their zones are unknown, unless the pods require a
        // zone.
        zones = match wanted.iter().find(|(key, _)| key == ZONE) {
            Some((_, values)) => values.iter().cloned().map(Some).collect(),
            None => vec![None],
        };
    }
    zones.sort();
    zones.dedup();
    let region = &world.clusters[workload.cluster].region;
    let is_other = |zone: &String| crate::world::region_of(zone).is_some_and(|of| !region.is_empty() && of != region);
    let is_elsewhere = site.event.zones.iter().all(is_other);
    let hit = if is_elsewhere { Hit { left: zones.len(), ..Hit::default() } } else { site.hit(zones.clone()) };
    let is_a_pool_lost = able.iter().any(|it| it.is_lost);
    if hit.is_none() && hit.left > 0 && !is_a_pool_lost {
        return Judgement::untouched();
    }
    if hit.left == 0 && hit.unknown == 0 {
        return nowhere(&able, &wanted, by);
    }
    if pods.is_on_each_node {
        return Judgement::new(Outcome::Left, by("spec", "a pod runs on each remaining node".to_owned()));
    }
    if pods.replicas == 0 {
        let why = if matches!(workload.kind.as_str(), "CronJob" | "Job") {
            "its runs in the lost zone stop, and restart in other zones if the restart policy allows it"
        } else {
            "its minimum is 0 pods; new pods start in other zones"
        };
        return Judgement::new(Outcome::FailsOver, by(pods.decides.1, why.to_owned()));
    }
    if let Some((field, why)) = bound(&world.clusters[workload.cluster], &object.document, &pods) {
        let why = format!("{why}: a pod with a volume in the lost zone cannot start until the zone is available again");
        let floor = floor(&pods, &workload.labels, hit).map_or(0, |it| it.0);
        let outcome = if floor > 0 && !is_a_pool_lost { Outcome::FailsOver } else { Outcome::Unknown };
        let why = if outcome == Outcome::FailsOver {
            format!("{floor} of {} pods remain; {why}", pods.replicas)
        } else {
            why
        };
        return Judgement::new(outcome, by(&field, why)).step(Step::new(
            Stage::Data,
            format!("find the zones of the volumes of {}", workload.title()),
            format!(
                "kubectl -n {} get pvc -o custom-columns=NAME:.metadata.name,VOLUME:.spec.volumeName",
                workload.namespace
            ),
        ));
    }
    if let Some((floor, field)) = floor(&pods, &workload.labels, hit)
        && floor > 0
        && !is_a_pool_lost
    {
        let why = format!("at least {floor} of {} pods are in other zones", pods.replicas);
        return Judgement::new(Outcome::Left, by(&field, why));
    }
    if hit.left == 0 && able.is_empty() {
        let why = format!("{}, but the zones of the nodes are not in the files", at_least(pods.replicas));
        return Judgement::new(Outcome::Unknown, Cause::new(why).by(pods.decides.0, pods.decides.1, &pods.decides.2));
    }
    if hit.left == 0 {
        let first = &able[0].decides;
        let why = format!("{}, but the zones of the node subnets are not in the files", at_least(pods.replicas));
        return Judgement::new(Outcome::Unknown, Cause::new(why).by(&first.0, &first.1, &first.2));
    }
    let why = match pods.replicas {
        1 => "its only pod may be in the lost zone; it restarts in another zone within minutes".to_owned(),
        many => format!("its {many} pods may all be in the lost zone; they restart in another zone within minutes"),
    };
    Judgement::new(Outcome::FailsOver, Cause::new(why).by(pods.decides.0, pods.decides.1, &pods.decides.2))
}

fn at_least(replicas: u64) -> String {
    if replicas == 1 { "1 pod runs".to_owned() } else { format!("at least {replicas} pods run") }
}

fn nowhere(able: &[&Pool], wanted: &[(String, Vec<String>)], by: impl Fn(&str, String) -> Cause) -> Judgement {
    if wanted.iter().any(|(key, _)| key == ZONE) {
        return Judgement::new(Outcome::Lost, by("nodeSelector", "its pods can run only in the lost zone".to_owned()));
    }
    let Some(first) = able.first() else {
        return Judgement::new(Outcome::Lost, by("", "no nodes remain for it".to_owned()));
    };
    let (what, field, at) = &first.decides;
    let why = "all nodes that its pods can run on are lost";
    Judgement::new(Outcome::Lost, Cause::new(why).by(what, field, at))
}

/// Returns the number of pods that certainly remain, and the field that separates them.
fn floor(pods: &Pods, labels: &meshsynth_access::kubernetes::Labels, hit: Hit) -> Option<(u64, String)> {
    if hit.unknown > 0 {
        return None;
    }
    let zones = (hit.lost + hit.left) as u64;
    let apart = pods.apart(labels, zones)?;
    Some((pods.replicas.saturating_sub(apart.in_a_zone * hit.lost as u64), apart.field))
}

/// The provisioners of zonal volumes.
const BOUND: [&str; 3] = ["ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs"];

/// Returns the volume that a claim refers to, or that refers to the claim.
fn volume_of<'a>(cluster: &'a Cluster, claim: &Value) -> Option<&'a Object> {
    let (metadata, name) = (&claim["metadata"], &claim["spec"]["volumeName"]);
    cluster.objects.iter().filter(|it| it.kind == "PersistentVolume").find(|it| {
        let of = &it.document["spec"]["claimRef"];
        let is_of =
            of["name"] == metadata["name"] && of["namespace"] == metadata["namespace"] && of["name"].is_string();
        *name == it.name.as_str() || is_of
    })
}

/// Returns the field and the reason if pods have a zonal volume.
fn bound(cluster: &Cluster, document: &Value, pods: &Pods) -> Option<(String, String)> {
    let claims = document["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten();
    let of_set = claims.enumerate().map(|(idx, it)| (format!("spec.volumeClaimTemplates[{idx}]"), it.clone()));
    let volumes = pods.spec["volumes"].as_array().into_iter().flatten().enumerate();
    let of_pod = volumes.filter_map(|(idx, it)| {
        let field = format!("{}.volumes[{idx}]", pods.prefix);
        if it["ephemeral"].is_object() {
            return None;
        }
        let name = it["persistentVolumeClaim"]["claimName"].as_str()?;
        let namespace = document["metadata"]["namespace"].as_str().unwrap_or("default");
        let mut claims = cluster.objects.iter().filter(|it| it.kind == "PersistentVolumeClaim");
        let claim = claims.find(|it| it.name == name && it.namespace == namespace)?;
        Some((field, claim.document.clone()))
    });
    of_set.chain(of_pod).find_map(|(field, claim)| {
        if let Some(volume) = volume_of(cluster, &claim) {
            let spec = &volume.document["spec"];
            let driver = spec["csi"]["driver"].as_str().unwrap_or_default();
            let is_bound = BOUND.contains(&driver) || spec["awsElasticBlockStore"].is_object();
            return is_bound.then(|| (field, format!("the volume `{}` is in one zone", volume.name)));
        }
        let class = claim["spec"]["storageClassName"].as_str();
        let classes = || cluster.objects.iter().filter(|it| it.kind == "StorageClass");
        let is_default = |document: &Value| {
            document["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] == "true"
        };
        let found = match class {
            Some(name) => classes().find(|it| it.name == name),
            None => classes().find(|it| is_default(&it.document)),
        };
        match found.map(|it| it.document["provisioner"].as_str().unwrap_or_default()) {
            Some(provisioner) if BOUND.contains(&provisioner) => {
                let class =
                    class.map_or("the default storage class".to_owned(), |it| format!("the storage class `{it}`"));
                Some((field, format!("a volume of {class} exists in only one zone")))
            }
            Some(_) => None,
            None if class.is_some_and(|it| it.starts_with("gp2") || it.starts_with("gp3")) => {
                Some((field, "an EBS volume exists in only one zone".to_owned()))
            }
            None => {
                let class = class.map_or("the default storage class".to_owned(), |it| format!("`{it}`"));
                Some((
                    field,
                    format!(
                        "the volume type of {class} is not in the files, and an EBS volume exists in only one zone"
                    ),
                ))
            }
        }
    })
}
