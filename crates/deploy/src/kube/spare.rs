//! Determines the contents of deleted namespaces and kinds, and the objects that prevent their deletion.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::prune::{Going, Gone};
use super::survey::SIDE_BY_SIDE;
use super::{APP_LABEL, Kube, Object, Worker};
use crate::event::Event;
use crate::failure::Failure;

/// The kinds that controllers manage, or that only describe other objects.
const MADE: [&str; 6] = ["ControllerRevision", "EndpointSlice", "Endpoints", "Event", "Lease", "PodMetrics"];
/// The objects that exist in every namespace.
const EVERYWHERE: [(&str, &str); 3] =
    [("ConfigMap", "istio-ca-root-cert"), ("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")];
/// The Secret types that other controllers manage.
const SECRETS: [&str; 2] = ["helm.sh/release.v1", "kubernetes.io/service-account-token"];
/// The maximum number of objects in a message.
const NAMED: usize = 10;

impl<K: Kube> Worker<'_, K> {
    /// Keeps a namespace or kind that contains a kept object, and reports this.
    pub(super) fn spare(&self, gone: &mut Gone) {
        let Gone { objects, kept, spared } = gone;
        objects.retain(|going| {
            let inside: Vec<String> = kept.iter().filter(|it| is_in(it, going)).map(Object::called).collect();
            if inside.is_empty() {
                return true;
            }
            let text = format!(
                "{} is not deleted: it contains {}, which no longer has the label `{APP_LABEL}` and is kept; delete \
                 that object, then run the command again",
                going.object.called(),
                inside.join(", ")
            );
            self.watch.say(&Event::Note { at: self.cluster.to_owned(), text });
            spared.insert(going.object.row());
            false
        });
    }

    /// Reports the objects of other owners in the namespaces to delete.
    pub(super) async fn tell_what_goes_along(&self, gone: &[Going]) -> Result<(), Failure> {
        let namespaces: Vec<&Going> = gone.iter().filter(|going| going.object.kind() == "Namespace").collect();
        if namespaces.is_empty() {
            return Ok(());
        }
        let ours: BTreeSet<&str> = gone.iter().filter_map(|going| going.live["metadata"]["uid"].as_str()).collect();
        let collections = self.collections().await;
        for namespace in namespaces {
            self.check_stop("was not changed")?;
            let name = namespace.object.name();
            self.doing(format!("listing the objects of the namespace `{name}`"));
            let lists = collections.iter().map(|(root, plural, kind)| async move {
                let path = format!("{root}/namespaces/{name}/{plural}?limit=500");
                let list = self.kube.get(&path).await.ok().flatten().unwrap_or_default();
                let items = list["items"].as_array().cloned().unwrap_or_default();
                items.into_iter().map(|item| (kind.clone(), item)).collect::<Vec<_>>()
            });
            let found: Vec<Vec<(String, Value)>> = stream::iter(lists).buffered(SIDE_BY_SIDE).collect().await;
            let is_told = |(kind, item): &(String, Value)| {
                let uid = item["metadata"]["uid"].as_str().unwrap_or_default();
                !ours.contains(uid) && self.is_of_others(kind, item)
            };
            let others: Vec<String> = found
                .into_iter()
                .flatten()
                .filter(is_told)
                .map(|(kind, item)| format!("{kind} `{}`", item["metadata"]["name"].as_str().unwrap_or_default()))
                .collect();
            if others.is_empty() {
                continue;
            }
            let more = others.len().saturating_sub(NAMED);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let named = others[..others.len().min(NAMED)].join(", ");
            let text = format!(
                "{} is deleted together with objects that other tools created in it: {named}{more}",
                namespace.object.called()
            );
            self.watch.say(&Event::Note { at: self.cluster.to_owned(), text });
        }
        Ok(())
    }

    /// Whether another owner created an object that no controller creates again.
    fn is_of_others(&self, kind: &str, item: &Value) -> bool {
        let meta = &item["metadata"];
        let is_owned = meta["ownerReferences"].as_array().is_some_and(|owners| !owners.is_empty());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let annotation = |name: &str| text(&meta["annotations"][name]);
        let release = (annotation("meta.helm.sh/release-namespace"), annotation("meta.helm.sh/release-name"));
        let is_made = EVERYWHERE.contains(&(kind, text(&meta["name"]).as_str()))
            || (kind == "Secret" && SECRETS.contains(&text(&item["type"]).as_str()));
        let is_ours = meta["labels"][APP_LABEL] == self.app || self.releases.contains(&release);
        !is_owned && !is_made && !is_ours
    }

    /// Returns all namespaced kinds with their paths and names.
    async fn collections(&self) -> Vec<(String, String, String)> {
        let read = async |path: String| self.kube.get(&path).await.ok().flatten().unwrap_or_default();
        let groups = read("/apis".to_owned()).await;
        let groups = groups["groups"].as_array().into_iter().flatten();
        let versions = groups.filter_map(|group| group["preferredVersion"]["groupVersion"].as_str());
        let roots = std::iter::once("/api/v1".to_owned()).chain(versions.map(|version| format!("/apis/{version}")));
        let mut out = Vec::new();
        for root in roots {
            let list = read(root.clone()).await;
            for row in list["resources"].as_array().into_iter().flatten() {
                let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
                let is_listed = row["verbs"].as_array().is_none_or(|verbs| verbs.iter().any(|verb| verb == "list"));
                let (plural, kind) = (text("name"), text("kind"));
                if row["namespaced"] == true && is_listed && !plural.contains('/') && !MADE.contains(&kind.as_str()) {
                    out.push((root.clone(), plural, kind));
                }
            }
        }
        out
    }
}

/// Whether an object belongs to a namespace or kind to delete.
fn is_in(object: &Object, going: &Going) -> bool {
    match going.object.kind() {
        "Namespace" => object.namespace() == going.object.name(),
        "CustomResourceDefinition" => {
            let spec = &going.live["spec"];
            let group = object.body["apiVersion"].as_str().and_then(|it| it.split_once('/')).map(|(group, _)| group);
            spec["names"]["kind"] == object.kind() && spec["group"].as_str() == group
        }
        _ => false,
    }
}
