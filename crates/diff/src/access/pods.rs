//! Node access of pods, and protection outside of network policies.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_access::kubernetes::{pod_security, privileges, service_account};
use meshsynth_access::network::Exposure;
use meshsynth_access::sets::Region;
use serde_json::Value;

use super::objects::{ClusterObjects, name_of, subject_of};
use super::runs_with;
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
            for said in said(document)
                .into_iter()
                .filter(|it| it.topic != Topic::Privileges || !it.is_change || has_rights(cluster, document))
            {
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
        is_blocked: false,
        about: About::Other,
    };
    found.into_iter().map(row).collect()
}

/// Whether the service account of a workload may have rights on either side. An account outside of the files may have
/// any rights. An account of the files has rights through bindings, an IAM role, or a pod identity association.
fn has_rights(cluster: &ClusterObjects<'_>, document: &Value) -> bool {
    let namespace = document["metadata"]["namespace"].as_str().unwrap_or("default");
    let accounts: BTreeSet<String> = [0, 1]
        .into_iter()
        .flat_map(|side| cluster.changed(side))
        .filter(|it| name_of(it) == name_of(document))
        .map(|it| account_of(it).to_owned())
        .collect();
    let is_near = |text: &str| accounts.iter().any(|account| text.contains(account.as_str()));
    let others = cluster.unchanged(&["ServiceAccount", "RoleBinding", "ClusterRoleBinding"], is_near);
    let objects: Vec<&Value> = [0, 1].into_iter().flat_map(|side| cluster.changed(side)).chain(others).collect();
    accounts.iter().any(|account| {
        let is_account = |it: &&&Value| {
            it["kind"] == "ServiceAccount"
                && it["metadata"]["name"] == account.as_str()
                && it["metadata"]["namespace"] == namespace
        };
        let own: Vec<&&Value> = objects.iter().filter(is_account).collect();
        let is_subject = |it: &Value| {
            it["kind"] == "Group"
                || (it["kind"] == "ServiceAccount" && it["name"] == account.as_str() && it["namespace"] == namespace)
        };
        let is_bound = objects.iter().any(|it| it["subjects"].as_array().into_iter().flatten().any(is_subject));
        let has_role = own.iter().any(|it| !it["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].is_null());
        let is_external = own.is_empty() && account != "default";
        is_bound || has_role || is_external || cluster.has_association(namespace, account)
    })
}

fn account_of(document: &Value) -> &str {
    let spec = &document["spec"];
    let templates = [&spec["template"]["spec"], &spec["jobTemplate"]["spec"]["template"]["spec"], spec];
    let pod = templates.into_iter().find(|it| it.is_object()).unwrap_or(spec);
    pod["serviceAccountName"].as_str().or_else(|| pod["serviceAccount"].as_str()).unwrap_or("default")
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
        (None, Some("ServiceAccount")) => {
            let role = document["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].as_str();
            // The reach engine evaluates a role of the platform.
            let role = role.filter(|role| !role.contains("${"));
            let region = role.map_or_else(Region::none, runs_with::region);
            let subject = format!("ServiceAccount {}", subject_of(document));
            vec![Said { topic: Topic::RunsWith, subject, region, is_change: true }]
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
