//! Node access of pods, and protection outside of network policies.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_access::kubernetes::{pod_security, privileges, service_account};
use meshsynth_access::network::Exposure;
use meshsynth_access::sets::Region;
use serde_json::Value;

use super::objects::{ClusterObjects, name_of, subject_of};
use super::subjects::{Asked, Topic};
use crate::change::About;

/// A fact that an object states about a subject.
struct Said {
    topic: Topic,
    subject: String,
    region: Region,
    /// Whether the fact is reported only for an object that exists on both sides.
    is_change: bool,
}

/// The facts of both sides, by object name, topic, and whether only a change is reported.
type Pairs = BTreeMap<(String, Topic, bool), Pair>;

#[derive(Default)]
struct Pair {
    subject: String,
    regions: [Option<Region>; 2],
}

/// Returns the questions about changed workloads, namespaces and Ingresses.
pub(super) fn asked(cluster: &ClusterObjects<'_>) -> Vec<Asked> {
    let mut found = Pairs::new();
    for side in [0, 1] {
        for document in cluster.changed(side) {
            for said in said(document) {
                let pair = found.entry((name_of(document), said.topic, said.is_change)).or_default();
                pair.subject = said.subject;
                pair.regions[side] = Some(said.region);
            }
        }
    }
    found.retain(|(.., is_change), pair| !is_change || pair.regions.iter().all(Option::is_some));
    let row = |((at, topic, _), Pair { subject, regions }): ((String, Topic, bool), Pair)| Asked {
        question: (topic, subject),
        written: BTreeSet::from([at.clone()]),
        at,
        regions,
        closed: [false; 2],
        about: About::Other,
    };
    found.into_iter().map(row).collect()
}

fn said(document: &Value) -> Vec<Said> {
    let spec = &document["spec"];
    let templates = [&spec["template"]["spec"], &spec["jobTemplate"]["spec"]["template"]["spec"]];
    let pod = templates.into_iter().find(|it| it.is_object()).or_else(|| (document["kind"] == "Pod").then_some(spec));
    let of = |topic, region, is_change| Said { topic, subject: subject_of(document), region, is_change };
    match (pod, document["kind"].as_str()) {
        (Some(pod), _) => {
            vec![of(Topic::Privileges, privileges(pod), false), of(Topic::Privileges, service_account(pod), true)]
        }
        (None, Some("Namespace")) => {
            let subject = document["metadata"]["name"].as_str().unwrap_or_default().to_owned();
            vec![Said { topic: Topic::PodSecurity, subject, region: pod_security(document), is_change: true }]
        }
        (None, Some("Ingress")) => {
            let has = |key: &str| {
                let value = &document["metadata"]["annotations"][format!("alb.ingress.kubernetes.io/{key}")];
                value.as_str().is_some_and(|it| it != "none")
            };
            let unless = |is_there: bool| if is_there { Region::none() } else { Region::all() };
            let is_filtered = ["wafv2-acl-arn", "wafv2-acl-name", "waf-acl-id"].into_iter().any(has);
            vec![
                of(Topic::Exposure(Exposure::NoLogin), unless(has("auth-type")), true),
                of(Topic::Exposure(Exposure::NotFiltered), unless(is_filtered), true),
            ]
        }
        _ => Vec::new(),
    }
}
