//! Compares manifests with the objects in a cluster, even if another tool applied them. Changes nothing.
//!
//! The old side has the live values of the manifest fields and of the last applied fields. The new side is the result
//! of a dry run. Neither side contains other fields from controllers, webhooks or defaults.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use super::applied::{Before, before, given_of, release, without_defaults};
use super::apply::{is_scaled, scaled};
use super::drift::{another, renamed};
use super::fields::{Fields, ours, union};
use super::look::{add, drop_empty, named};
use super::survey::{SIDE_BY_SIDE, rows};
use super::{Kube, KubeError, Object, Worker};
use crate::failure::Failure;

/// The result of a comparison with a cluster.
#[derive(Debug, Default)]
pub struct Applied {
    /// The live objects.
    pub live: Vec<Value>,
    /// The objects after applying the manifests.
    pub would: Vec<Value>,
    /// The objects of the same releases that are not among the manifests.
    pub others: Vec<String>,
    /// The reasons why the API server rejected dry runs.
    pub refused: Vec<String>,
}

/// The number of objects of a kind in a namespace from which they are read as a list.
const WORTH_A_LIST: usize = 2;

/// The listed objects of a cluster.
#[derive(Default)]
struct Listed {
    /// The objects by path.
    objects: BTreeMap<String, Value>,
    /// The listed collections.
    folders: BTreeSet<String>,
}

impl<K: Kube> Worker<'_, K> {
    /// Compares manifests with the live objects and with the result of applying them.
    pub async fn look_at(&self, wanted: &[Object]) -> Result<Applied, Failure> {
        self.doing(format!("comparing {} objects", wanted.len()));
        let mut paths = Vec::new();
        for object in wanted {
            self.check_stop("was not changed")?;
            // The API server generates a new name for each such object.
            let path = if object.name().is_empty() { Ok(None) } else { self.path(object).await };
            paths.push(path.map_err(|error| self.failed(&format!("{} cannot be read", object.called()), &error))?);
        }
        let listed = self.folders(paths.iter().flatten()).await?;
        let (scaled, known) = (&scaled(wanted), &listed);
        let looks = wanted.iter().zip(&paths).map(|(object, path)| async move {
            self.check_stop("was not changed")?;
            let Some(path) = path else { return Ok(None) };
            let Some(live) = self.there(object, path, known).await? else { return Ok(None) };
            let (found, would, refused) = self.both(object, path, is_scaled(object, scaled), &live).await?;
            Ok::<_, Failure>(Some((found, would, refused, live)))
        });
        let looks: Vec<_> = stream::iter(looks).buffered(SIDE_BY_SIDE).try_collect().await?;
        let mut out = Applied::default();
        let mut releases = BTreeSet::new();
        for (found, would, refused, live) in looks.into_iter().flatten() {
            releases.extend(release(&live));
            out.live.push(masked(found));
            out.would.push(masked(would));
            out.refused.extend(refused.map(|error| error.to_string()));
        }
        let paths: BTreeSet<&String> = paths.iter().flatten().collect();
        let others = listed.objects.iter().filter(|(path, object)| {
            let is_made = object["metadata"]["ownerReferences"].is_array();
            !paths.contains(path) && !is_made && release(object).is_some_and(|it| releases.contains(&it))
        });
        out.others = others.map(|(_, object)| called(object)).collect();
        Ok(out)
    }

    /// Returns all applied objects, and the kinds that cannot be listed. Omits Secret values.
    pub async fn everything(&self) -> Result<(Vec<Value>, Vec<String>), Failure> {
        let failed = |error: &KubeError| self.failed("its objects cannot be read", error);
        let groups = self.call(async || self.kube.get("/apis").await).await.map_err(|it| failed(&it))?;
        let groups = groups.unwrap_or_default();
        let version =
            |group: &Value| group["preferredVersion"]["groupVersion"].as_str().map(|it| format!("/apis/{it}"));
        let versions = groups["groups"].as_array().into_iter().flatten().filter_map(version);
        let mut folders = Vec::new();
        for root in ["/api/v1".to_owned()].into_iter().chain(versions) {
            self.check_stop("was not changed")?;
            let served = self.call(async || self.kube.get(&root).await).await;
            // The API server of this group is unavailable.
            let Ok(Some(served)) = served else { continue };
            for row in served["resources"].as_array().into_iter().flatten() {
                let (name, kind) = (row["name"].as_str().unwrap_or_default(), row["kind"].as_str().unwrap_or_default());
                let can_list = row["verbs"].as_array().is_none_or(|verbs| verbs.iter().any(|it| it == "list"));
                if can_list && !name.contains('/') && !MADE.contains(&kind) {
                    folders.push((format!("{root}/{name}"), kind.to_owned()));
                }
            }
        }
        let lists = folders.into_iter().map(|(folder, kind)| async move {
            self.check_stop("was not changed")?;
            Ok::<_, Failure>((self.all_of(&folder).await?, kind))
        });
        let lists: Vec<_> = stream::iter(lists).buffered(SIDE_BY_SIDE).try_collect().await?;
        let (mut objects, mut refused) = (Vec::new(), Vec::new());
        for (list, kind) in lists {
            match list {
                Some(rows) => {
                    objects.extend(rows.into_iter().map(|(_, object)| object).filter(is_applied).map(cleaned))
                }
                None => refused.push(kind),
            }
        }
        Ok((objects, refused))
    }

    /// Returns the object at a path, or `None` if it does not exist.
    async fn there(&self, object: &Object, path: &str, known: &Listed) -> Result<Option<Value>, Failure> {
        if let Some(live) = known.objects.get(path) {
            return Ok(Some(live.clone()));
        }
        if path.rsplit_once('/').is_some_and(|(folder, _)| known.folders.contains(folder)) {
            return Ok(None);
        }
        let live = self.call(async || self.kube.get(path).await).await;
        live.map_err(|error| self.failed(&format!("{} cannot be read", object.called()), &error))
    }

    /// Lists the collections that contain several of the objects.
    async fn folders(&self, paths: impl Iterator<Item = &String>) -> Result<Listed, Failure> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (folder, _) in paths.filter_map(|path| path.rsplit_once('/')) {
            *counts.entry(folder).or_default() += 1;
        }
        counts.retain(|_, count| *count >= WORTH_A_LIST);
        let lists = counts.keys().map(|folder| async move {
            self.check_stop("was not changed")?;
            Ok::<_, Failure>((*folder, self.all_of(folder).await?))
        });
        let lists: Vec<_> = stream::iter(lists).buffered(SIDE_BY_SIDE).try_collect().await?;
        let mut out = Listed::default();
        for (folder, rows) in lists {
            let Some(rows) = rows else { continue };
            out.folders.insert(folder.to_owned());
            out.objects.extend(rows);
        }
        Ok(out)
    }

    /// Returns the objects of a collection by path, or `None` if listing is forbidden.
    async fn all_of(&self, collection: &str) -> Result<Option<Vec<(String, Value)>>, Failure> {
        let (mut out, mut next) = (Vec::new(), String::new());
        loop {
            let page = if next.is_empty() { String::new() } else { format!("&continue={next}") };
            let path = format!("{collection}?limit=500{page}");
            let answer = self.call(async || self.kube.get(&path).await).await;
            let Ok(Some(mut list)) = self.answered(answer)? else { return Ok(None) };
            let Some(rows) = rows(collection, &mut list) else { return Ok(None) };
            out.extend(rows);
            match list["metadata"]["continue"].as_str() {
                Some(text) if !text.is_empty() => text.clone_into(&mut next),
                _ => return Ok(Some(out)),
            }
        }
    }

    /// Returns both sides of an object, restricted to the compared fields, and the error of the dry run.
    async fn both(
        &self,
        object: &Object,
        path: &str,
        is_scaled: bool,
        live: &Value,
    ) -> Result<(Value, Value, Option<KubeError>), Failure> {
        let mut body = encoded(self.body(object, is_scaled, Some(live)));
        let applied = before(live);
        match self.call(async || self.kube.would_apply(path, &body).await).await {
            Ok(would) => {
                let given = ours(&would).unwrap_or_default();
                let old = union(given.clone(), self.given_before(path, &body, live, applied).await);
                Ok((named(live, &old), named(&would, &given), None))
            }
            Err(error) if error.code == 401 => {
                Err(self.failed(&format!("{} cannot be compared", object.called()), &error))
            }
            Err(error) => {
                let known = if applied.has_defaults { Fields::new() } else { applied.fields };
                let mut old = named(live, &union(known, given_of(live, &body)));
                add(&mut old, &body, live);
                drop_empty(&mut body, &old);
                Ok((old, body, Some(error)))
            }
        }
    }

    /// Returns the applied fields that are not defaults. Fields that the manifest no longer contains are thus reported
    /// as removed.
    async fn given_before(&self, path: &str, body: &Value, live: &Value, applied: Before) -> Fields {
        if !applied.has_defaults {
            return applied.fields;
        }
        match self.kube.would_apply(&another(path), &renamed(body)).await {
            Ok(fresh) => without_defaults(&applied.fields, Some(live), Some(&fresh)),
            // Without a dry run, defaults cannot be distinguished from applied fields.
            Err(_) => Fields::new(),
        }
    }
}

/// The kinds that controllers create, or that are never applied.
const MADE: [&str; 14] = [
    "APIService",
    "ComponentStatus",
    "ControllerRevision",
    "CSINode",
    "CSIStorageCapacity",
    "Endpoints",
    "EndpointSlice",
    "Event",
    "Lease",
    "Node",
    "NodeMetrics",
    "PodMetrics",
    "ReplicaSet",
    "VolumeAttachment",
];

/// Whether an object was applied, instead of created by a controller for another object.
fn is_applied(object: &Value) -> bool {
    let is_owned = object["metadata"]["ownerReferences"].as_array().is_some_and(|owners| !owners.is_empty());
    let is_of_helm = object["kind"] == "Secret" && object["type"] == "helm.sh/release.v1";
    !is_owned && !is_of_helm
}

/// Removes the fields of the API server and the values of a Secret.
fn cleaned(mut object: Value) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.remove("status");
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    masked(object)
}

/// Replaces the values of a Secret by digests.
fn masked(mut object: Value) -> Value {
    if object["kind"] == "Secret" && object["apiVersion"] == "v1" {
        for key in ["data", "stringData"] {
            for value in object[key].as_object_mut().into_iter().flat_map(|map| map.values_mut()) {
                *value =
                    json!(format!("a value with the digest {}", &crate::assembly::digest(&value.to_string())[..12]));
            }
        }
        if let Some(annotations) = object["metadata"]["annotations"].as_object_mut() {
            annotations.remove(super::applied::LAST_APPLIED);
        }
    }
    object
}

/// Encodes `stringData` of a Secret as the API server does.
fn encoded(mut body: Value) -> Value {
    let is_secret = body["kind"] == "Secret" && body["apiVersion"] == "v1";
    let texts = body.as_object_mut().filter(|_| is_secret).and_then(|map| map.remove("stringData"));
    for (key, value) in texts.as_ref().and_then(Value::as_object).into_iter().flatten() {
        body["data"][key] = json!(STANDARD.encode(value.as_str().unwrap_or_default()));
    }
    body
}

fn called(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    match text("/metadata/namespace") {
        "" => format!("{} `{}`", text("/kind"), text("/metadata/name")),
        namespace => format!("{} `{namespace}/{}`", text("/kind"), text("/metadata/name")),
    }
}
