//! Route 53 records: those in templates, and those that external-dns creates.
//!
//! Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-complex-configs.html>.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::world::{At, Reference, ResourceId};

use super::super::known::Known;
use super::super::outcome::{Cause, Finding, Judgement, Kind, Outcome, Stage, Step};
use super::super::workloads::lost_cluster;

/// A possible answer for a name.
struct Answer {
    what: String,
    at: At,
    /// The description of its target.
    to: String,
    judgement: Judgement,
    /// The field with which Route 53 detects that the target is lost.
    checked: Option<&'static str>,
    /// `PRIMARY` or `SECONDARY` for a failover record, otherwise empty.
    failover: String,
    is_simple: bool,
    step: Step,
}

/// Returns the effects on each name.
pub fn judge(known: &Known<'_>, of: &BTreeMap<ResourceId, Judgement>) -> Vec<Finding> {
    let mut names: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    let mut types: BTreeMap<String, String> = BTreeMap::new();
    for id in known.site.world.of_type("AWS::Route53::RecordSet") {
        let resource = known.site.resource(*id);
        let (name, kind) = (resource.property("Name"), resource.property("Type").as_str().unwrap_or_default());
        if !["A", "AAAA", "CNAME"].contains(&kind) {
            continue;
        }
        let name = name.as_str().unwrap_or_default().trim_end_matches('.').to_owned();
        // The answers for both address types are the same.
        if types.entry(name.clone()).or_insert_with(|| kind.to_owned()) == kind {
            names.entry(name).or_default().extend(answer(known, of, *id));
        }
    }
    written(known, &mut names);
    names
        .into_iter()
        .filter(|(_, all)| !all.is_empty())
        .map(|(name, all)| Finding::new(Kind::Entry, shown(&name), together(&all)))
        .collect()
}

fn shown(name: &str) -> String {
    crate::identity::shown(name)
}

/// Returns the answer of a template record, or `None` if its target is outside the files.
fn answer(known: &Known<'_>, of: &BTreeMap<ResourceId, Judgement>, id: ResourceId) -> Option<Answer> {
    let world = known.site.world;
    let resource = known.site.resource(id);
    let alias = resource.property("AliasTarget");
    let records = resource.property("ResourceRecords").as_array().into_iter().flatten();
    let values = records.chain([&alias["DNSName"]]).filter_map(Value::as_str);
    let to = values.flat_map(Reference::within).find_map(|it| world.referred(&it))?;
    let judgement = of.get(&to).unwrap_or_else(|| known.resource(to)).clone();
    let is_set = |field: &str| !resource.property(field).is_null();
    let checked = match (is_set("HealthCheckId"), alias["EvaluateTargetHealth"] == true) {
        (true, _) => Some("HealthCheckId"),
        (false, true) => Some("AliasTarget.EvaluateTargetHealth"),
        _ => None,
    };
    let zone = world.named_by(resource.property("HostedZoneId")).map_or_else(
        || {
            resource
                .property("HostedZoneId")
                .as_str()
                .filter(|it| !it.contains("${"))
                .unwrap_or("<hosted zone>")
                .to_owned()
        },
        |it| format!("<Id of {}>", world.resource(it).name()),
    );
    let name = resource.property("Name").as_str().unwrap_or_default();
    let set = resource.property("SetIdentifier").as_str();
    let text = match set {
        Some(set) => {
            format!("delete the record `{}` with the identifier `{set}`, or give it the weight 0", shown(name))
        }
        None => format!("change the target of `{}`", shown(name)),
    };
    Some(Answer {
        what: resource.title(),
        at: resource.at.clone(),
        to: known.site.resource(to).name(),
        judgement,
        checked,
        failover: resource.property("Failover").as_str().unwrap_or_default().to_owned(),
        is_simple: set.is_none(),
        step: Step::new(
            Stage::Entries,
            text,
            format!("aws route53 change-resource-record-sets --hosted-zone-id {zone} --change-batch <changes>"),
        ),
    })
}

/// The annotations that configure external-dns.
const HOSTNAME: &str = "external-dns.alpha.kubernetes.io/hostname";
const IDENTIFIER: &str = "external-dns.alpha.kubernetes.io/set-identifier";
const TARGET_HEALTH: &str = "external-dns.alpha.kubernetes.io/aws-evaluate-target-health";

/// Adds the DNS names that external-dns creates for Services, Ingresses, Gateways and the Services of Helm releases.
///
/// Source: <https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/aws/>.
fn written(known: &Known<'_>, names: &mut BTreeMap<String, Vec<Answer>>) {
    let world = known.site.world;
    for (at, cluster) in world.clusters.iter().enumerate() {
        for object in &cluster.objects {
            let annotations = match object.kind.as_str() {
                "Release" => &object.document["spec"]["service"]["annotations"],
                "Service" | "Ingress" | "Gateway" => &object.document["metadata"]["annotations"],
                _ => continue,
            };
            let Some(hosts) = annotations[HOSTNAME].as_str() else { continue };
            let lost = lost_cluster(&known.site, at);
            let pods: Vec<_> = world
                .workload_ids()
                .filter(|id| world.workload(*id).cluster == at && std::ptr::eq(world.object_of(*id), object))
                .collect();
            let judgement = match (lost, known.best(&pods)) {
                (Some(cause), _) => Judgement::new(Outcome::Lost, cause),
                (None, Some(proxies)) => proxies.clone(),
                (None, None) => Judgement::untouched(),
            };
            for host in hosts.split(',').map(str::trim).filter(|it| !it.is_empty()) {
                names.entry(host.to_owned()).or_default().push(Answer {
                    what: object.title(),
                    at: object.at.clone(),
                    to: format!("{} of {}", object.title(), cluster.id),
                    judgement: judgement.clone(),
                    checked: (annotations[TARGET_HEALTH] != "false").then_some(TARGET_HEALTH),
                    failover: String::new(),
                    is_simple: annotations[IDENTIFIER].is_null(),
                    step: Step::new(
                        Stage::Entries,
                        format!("delete the record `{host}` that points to {}", cluster.id),
                        "aws route53 change-resource-record-sets --hosted-zone-id <hosted zone> --change-batch <changes>",
                    ),
                });
            }
        }
    }
}

/// Returns the effects on a name with all its answers.
fn together(all: &[Answer]) -> Judgement {
    let is_down = |it: &&Answer| Known::is_down(it.judgement.outcome);
    let down: Vec<&Answer> = all.iter().filter(is_down).collect();
    let left: Vec<&Answer> = all.iter().filter(|it| !is_down(it)).collect();
    let (Some(first), Some(other)) = (down.first(), left.first()) else {
        let best = all.iter().min_by_key(|it| it.judgement.outcome);
        return best.map_or_else(Judgement::untouched, |it| {
            let mut judgement = Judgement { steps: Vec::new(), ..it.judgement.clone() };
            if let Some(cause) = judgement.causes.first_mut() {
                cause.why = format!("it points to {}: {}", it.to, cause.why);
            }
            judgement
        });
    };
    let by = |answer: &Answer, field: &str, why: String| Cause::new(why).by(&answer.what, field, &answer.at);
    if down.iter().all(|it| it.failover == "SECONDARY") {
        let why = format!("the primary points to {}; the secondary is lost", other.to);
        return Judgement::new(other.judgement.outcome, by(first, "Failover", why));
    }
    if all.iter().any(|it| it.is_simple) {
        let why = format!(
            "{} define it without set identifiers: the active record is known only after the deployment",
            all.len()
        );
        return Judgement::new(Outcome::Unknown, by(first, "SetIdentifier", why));
    }
    let names: Vec<&str> = left.iter().map(|it| it.to.as_str()).collect();
    let names = names.join(", ");
    if let Some(blind) = down.iter().find(|it| it.checked.is_none()) {
        let why =
            format!("Route 53 has no health check for {}: it continues to return it together with {names}", blind.to);
        return Judgement::new(Outcome::ByHand, by(blind, "HealthCheckId", why)).step(blind.step.clone());
    }
    let why = format!("Route 53 returns {names} after the health check of {} fails", first.to);
    Judgement::new(Outcome::FailsOver.and(other.judgement.outcome), by(first, first.checked.unwrap_or_default(), why))
}
