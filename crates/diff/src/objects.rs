//! Changes of Kubernetes objects by kind, namespace and name, and of Helm releases by name.

use std::collections::BTreeMap;

use meshsynth_assembly::Cluster;
use meshsynth_facts as facts;
use serde_json::Value;

use crate::change::{Change, Edit, PathSegment, Section};
use crate::claims;
use crate::effect::Verdict;
use crate::fate::Fate;
use crate::hazard::order::wave;
use crate::refusal;
use crate::serving;
use crate::side::{Pair, Side};
use crate::tree::{self, Dialect};

/// The identity of an object: cluster, group, kind, namespace and name. The API version is not part of it.
type Key<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

/// An object with its construct, its source line and its wave.
struct Row<'a> {
    document: &'a Value,
    construct: &'a str,
    source: &'a str,
    wave: &'a str,
}

/// Returns the changes of all objects and releases.
pub fn compare(pair: &Pair) -> Vec<Change> {
    let Pair { base, head, .. } = pair;
    let (before, after) = (rows(pair, base), rows(pair, head));
    let rules = rules(head);
    let mut changes = Vec::new();
    for (key, row) in &after {
        match before.get(key) {
            None => changes.push(change(key, (row.construct, row.source), Verdict::Create)),
            Some(old) => {
                let of = (key.0, row.document["apiVersion"].as_str().unwrap_or_default().to_owned(), key.2);
                changes.extend(update(key, old, row, rules.get(&of).map(Vec::as_slice).unwrap_or_default()));
            }
        }
    }
    for (key, Row { document, construct, source, .. }) in before.iter().filter(|(key, _)| !after.contains_key(*key)) {
        let mut change = change(key, (construct, source), Verdict::Prune);
        change.reasons.push("the platform no longer contains it".into());
        let (verdict, fate) = pruned(key.2, document);
        change.verdict = verdict;
        change.gone = true;
        change.data.extend(fate);
        changes.push(change);
    }
    changes.extend(releases(base, head));
    changes.extend(bindings(base, head));
    changes.extend(clusters(base, head));
    changes
}

/// Returns the effect of pruning an object.
pub fn pruned(kind: &str, document: &Value) -> (Verdict, Option<Fate>) {
    let fate = match kind {
        "PersistentVolume" | "PersistentVolumeClaim" => Some(Fate::ClaimRemoved),
        "Namespace" => Some(Fate::NamespaceRemoved),
        "CustomResourceDefinition" => Some(Fate::KindRemoved),
        "StatefulSet" if claims::has_claims(document) && claims::deletes_claims(document, "whenDeleted") => {
            Some(Fate::ClaimsRemoved)
        }
        "StatefulSet" if claims::has_claims(document) => Some(Fate::ClaimsLeft),
        _ => None,
    };
    let is_loss = fate.as_ref().is_some_and(Fate::is_loss);
    (if is_loss { Verdict::DataLoss } else { Verdict::Prune }, fate)
}

/// Returns the paths that CEL rules in the definitions of a side make immutable, by cluster, `apiVersion` and kind.
fn rules(side: &Side) -> BTreeMap<(&str, String, &str), Vec<String>> {
    let mut rules = BTreeMap::new();
    for cluster in &side.manifest.clusters {
        // A cluster has thousands of objects, so texts are searched before a document is parsed.
        for object in cluster.objects.iter().filter(|object| side.text(&object.path).contains("oldSelf")) {
            let spec = &side.document(&object.path)["spec"];
            let (Some(group), Some(kind)) = (spec["group"].as_str(), spec["names"]["kind"].as_str()) else { continue };
            for version in spec["versions"].as_array().into_iter().flatten() {
                let api = format!("{group}/{}", version["name"].as_str().unwrap_or_default());
                let paths = facts::immutable_by_rules(&version["schema"]["openAPIV3Schema"]);
                rules.insert((cluster.id.as_str(), api, kind), paths);
            }
        }
    }
    rules
}

/// Returns the changed facts about the clusters themselves.
fn clusters(base: &Side, head: &Side) -> Vec<Change> {
    let facts = |cluster: &Cluster| serde_json::json!({ "name": cluster.name, "account": cluster.account, "region": cluster.region, "version": cluster.version });
    let moved = head.manifest.clusters.iter().filter_map(|cluster| {
        let old = base.manifest.clusters.iter().find(|old| old.id == cluster.id)?;
        let edits = tree::compare(&facts(old), &facts(cluster), Dialect::Plain);
        let key = (cluster.id.as_str(), "", "cluster", "", cluster.id.as_str());
        (!edits.is_empty()).then(|| Change {
            reasons: vec!["objects are validated for this cluster, and applied to it".into()],
            edits,
            ..change(&key, ("", ""), Verdict::InPlace)
        })
    });
    moved.collect()
}

/// Returns the placeholders that another output fills. Their manifests are unchanged, but get other values.
fn bindings(base: &Side, head: &Side) -> Vec<Change> {
    let rows = head.bindings.as_object().into_iter().flatten();
    let moved = rows.filter_map(|(placeholder, after)| {
        let before = base.bindings.get(placeholder)?;
        let edits = tree::compare(before, after, Dialect::Plain);
        let section = Section::Stack(after["stack"].as_str().unwrap_or_default().to_owned());
        (!edits.is_empty()).then(|| Change {
            reasons: vec!["manifests with this placeholder get their value from another source".into()],
            edits,
            ..Change::new(section, "binding", placeholder, Verdict::InPlace)
        })
    });
    moved.collect()
}

/// Returns the objects in changed files.
fn rows<'a>(pair: &'a Pair, side: &'a Side) -> BTreeMap<Key<'a>, Row<'a>> {
    let mut rows = BTreeMap::new();
    for cluster in &side.manifest.clusters {
        for object in cluster.objects.iter().filter(|object| !pair.is_same(&object.path)) {
            let document = side.document(&object.path);
            let api = document["apiVersion"].as_str().unwrap_or_default();
            let kind = document["kind"].as_str().unwrap_or_default();
            let group = facts::group_of(api, kind);
            let namespace = document["metadata"]["namespace"].as_str().unwrap_or_default();
            let name = document["metadata"]["name"].as_str().unwrap_or_default();
            let (construct, source) = (object.construct.as_str(), object.source.as_str());
            let row = Row { document, construct, source, wave: wave(&object.path) };
            rows.insert((cluster.id.as_str(), group, kind, namespace, name), row);
        }
    }
    rows
}

fn update(key: &Key, old: &Row, new: &Row, rules: &[String]) -> Option<Change> {
    let (before, after) = (old.document, new.document);
    let edits = tree::compare(before, after, Dialect::Kubernetes);
    let mut change = change(key, (new.construct, new.source), Verdict::InPlace);
    if old.wave != new.wave {
        change.reasons.push(format!("it is applied in wave `{}` instead of `{}`", new.wave, old.wave).into());
    }
    if edits.is_empty() {
        return (old.wave != new.wave).then_some(change);
    }
    if let Some(refusal) = refusal::find(before, after, &edits, rules) {
        change.verdict = Verdict::KubernetesImmutable;
        change.reasons.push(refusal.to_string().into());
        change.reasons.extend(claims::grown(before, after, &edits).map(Into::into));
        let fate = match key.2 {
            "PersistentVolumeClaim" => Some(Fate::ClaimReplaced),
            "CustomResourceDefinition" => Some(Fate::KindRemoved),
            "StatefulSet" if claims::has_claims(before) && claims::deletes_claims(before, "whenDeleted") => {
                Some(Fate::ClaimsRemoved)
            }
            _ => None,
        };
        if fate.is_some() {
            change.verdict = Verdict::DataLoss;
        }
        change.data.extend(fate);
    } else if let Some(first) = edits.iter().find(|edit| rolls(key.2) && refusal::is_in_template(key.2, edit)) {
        match waits(after) {
            Some(why) => change.reasons.push(why.into()),
            None => {
                change.verdict = Verdict::RolloutRestart;
                let why = restart_reason(key.2, &first.path, &edits);
                change.reasons.push(format!("its pods are replaced: {why}").into());
            }
        }
    }
    if let Some(fate) = claims::scaled_down(key.2, before, after) {
        change.verdict = Verdict::DataLoss;
        change.data.push(fate);
    }
    change.data.extend(unprotected(key.2, &edits));
    change.interrupts = serving::of_object(key.2, change.verdict, before, after, &edits);
    change.edits = edits;
    Some(change)
}

/// Returns a changed policy that now deletes volumes together with their users.
fn unprotected(kind: &str, edits: &[Edit]) -> Option<Fate> {
    let policy: &[&str] = match kind {
        "StatefulSet" => &["spec", "persistentVolumeClaimRetentionPolicy"],
        "PersistentVolume" => &["spec", "persistentVolumeReclaimPolicy"],
        _ => return None,
    };
    let deletes =
        |value: &Value| *value == "Delete" || value["whenDeleted"] == "Delete" || value["whenScaled"] == "Delete";
    let is_it = |edit: &&Edit| edit.is_below(policy) && edit.after.as_ref().is_some_and(deletes);
    edits.iter().find(is_it).map(|edit| Fate::Unprotected { attribute: edit.path.clone() })
}

/// Returns the reason why pods are not replaced although their template changes.
fn waits(after: &Value) -> Option<&'static str> {
    if after["spec"]["updateStrategy"]["type"] == "OnDelete" {
        return Some("its pods use the new template only after they are deleted (`OnDelete`)");
    }
    let is_paused = after["spec"]["paused"] == true;
    is_paused.then_some("its pods are not replaced while it is `paused`")
}

fn restart_reason(kind: &str, first: &str, edits: &[Edit]) -> String {
    let templates: Vec<&Edit> = edits.iter().filter(|edit| refusal::is_in_template(kind, edit)).collect();
    if templates.iter().all(|edit| is_checksum(edit)) {
        return "its configuration changes".to_owned();
    }
    if templates.iter().any(|edit| edit.names("image")) {
        return "its image changes".to_owned();
    }
    let short = first.trim_start_matches("spec.template.");
    if templates.iter().all(|edit| matches!(edit.trail.last(), Some(PathSegment::Order(_)))) {
        return format!("the order of `{short}` changes");
    }
    format!("`{short}` changes")
}

/// Whether an annotation contains a configuration digest, of this project or by the convention of charts.
///
/// Source: <https://helm.sh/docs/howto/charts_tips_and_tricks/#automatically-roll-deployments>.
fn is_checksum(edit: &Edit) -> bool {
    let is_it = |key: &String| key == "meshsynth/config" || key.starts_with("checksum/");
    matches!(edit.trail.last(), Some(PathSegment::Key(key)) if is_it(key))
}

/// Whether the controller of a kind replaces the pods when their template changes.
fn rolls(kind: &str) -> bool {
    facts::kind(kind).is_permanent()
}

fn change(key: &Key, (construct, source): (&str, &str), verdict: Verdict) -> Change {
    let &(cluster, group, kind, namespace, name) = key;
    // A namespace is listed together with its content.
    let space = if kind == "Namespace" { name } else { namespace };
    Change {
        id: if group.is_empty() { String::new() } else { format!("{kind}.{group}") },
        construct: construct.to_owned(),
        source: source.to_owned(),
        ..Change::new(Section::Namespace(cluster.to_owned(), space.to_owned()), kind, name, verdict)
    }
}

/// Cluster, namespace and name. Releases in different namespaces may have the same name.
type Release<'a> = (&'a str, &'a str, &'a str);

fn releases(base: &Side, head: &Side) -> Vec<Change> {
    let (mut before, after) = (charts(base), charts(head));
    let make = |key: &Release, verdict| {
        let source = |side: &Side| {
            let cluster = side.manifest.clusters.iter().find(|other| other.id == key.0)?;
            let mut named = cluster.releases.iter().filter(|release| release.name == key.2);
            Some(named.find(|release| release.namespace == key.1)?.source.clone())
        };
        Change {
            source: source(head).or_else(|| source(base)).unwrap_or_default(),
            ..Change::new(Section::Helm(key.0.to_owned()), "release", key.2, verdict)
        }
    };
    let mut changes = Vec::new();
    for (key, value) in &after {
        // A release is moved if its old namespace no longer has a release of this name.
        let is_it = |old: &&Release| (old.0, old.2) == (key.0, key.2) && !after.contains_key(*old);
        let moved = before.keys().find(is_it).copied();
        match before.remove(key).or_else(|| before.remove(&moved?)) {
            None => changes.push(make(key, Verdict::Create)),
            Some(old) => {
                let edits = tree::compare(&old, value, Dialect::Plain);
                if !edits.is_empty() {
                    changes.push(upgrade(make(key, Verdict::Upgrade), edits, value));
                }
            }
        }
    }
    for key in before.keys() {
        let mut change = make(key, Verdict::DeleteRetained);
        let text = format!("`deploy` does not remove it: run `helm uninstall {} --namespace {}`", key.2, key.1);
        change.reasons.push(text.into());
        changes.push(change);
    }
    changes
}

/// Returns the chart, version, namespace and values of each release.
fn charts(side: &Side) -> BTreeMap<Release<'_>, Value> {
    let mut rows = BTreeMap::new();
    for cluster in &side.manifest.clusters {
        for release in &cluster.releases {
            let chart = serde_json::json!({
                "chart": release.chart, "version": release.version, "namespace": release.namespace,
                "repository": release.repository, "after": release.after,
                "values": side.document(&release.values),
            });
            rows.insert((cluster.id.as_str(), release.namespace.as_str(), release.name.as_str()), chart);
        }
    }
    rows
}

/// Returns the effects of a release's new chart, version or values.
///
/// Source: <https://helm.sh/docs/helm/helm_upgrade/>.
fn upgrade(mut change: Change, edits: Vec<Edit>, after: &Value) -> Change {
    change.id = after["chart"].as_str().unwrap_or_default().to_owned();
    for edit in &edits {
        let reason = match edit.path.as_str() {
            "namespace" => {
                change.verdict = Verdict::KubernetesImmutable;
                "Helm cannot move a release to another namespace: it is uninstalled and installed again".to_owned()
            }
            "chart" => "the release uses a different chart, which manages the objects of the old one".to_owned(),
            "version" => "the chart version changes, and its objects can change with it".to_owned(),
            path if path.starts_with("values.") && path.to_lowercase().contains("crd") => {
                format!(
                    "`{path}` controls whether the chart installs its kinds: removing a kind deletes all its \
                     objects"
                )
            }
            path if path.ends_with("replicaCount") || path.ends_with("replicas") => {
                format!("`{path}` changes the number of pods")
            }
            _ => continue,
        };
        let reason = reason.into();
        if !change.reasons.contains(&reason) {
            change.reasons.push(reason);
        }
    }
    change.edits = edits;
    change
}
