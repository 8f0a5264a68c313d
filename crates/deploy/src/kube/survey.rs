//! Reads the live objects of a cluster: lists for frequent kinds, and single reads for other objects.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use super::{APP_LABEL, Kube, KubeError, Object, Worker};
use crate::failure::Failure;
use crate::retryable::Retryable;

/// The number of concurrent reads.
pub(super) const SIDE_BY_SIDE: usize = 16;

/// The number of objects of a kind from which they are read as a list.
const WORTH_A_LIST: usize = 3;

/// A live object.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// The path, or `None` if the cluster does not serve the kind.
    pub path: Option<String>,
    /// The object, or `None` if it does not exist.
    pub live: Option<Value>,
}

/// A live object, or the error of its read.
pub(super) type Answer = Result<Found, KubeError>;

impl<K: Kube> Worker<'_, K> {
    /// Reads the objects, and returns them in the same order. Fails if the API server does not answer.
    pub(super) async fn survey(&self, objects: &[&Object]) -> Result<Vec<Answer>, Failure> {
        let mut paths = Vec::new();
        for object in objects {
            self.check_stop("was not changed")?;
            paths.push(self.answered(self.path(object).await)?);
        }
        let known = self.listed(paths.iter().filter_map(|path| path.as_ref().ok()?.as_deref())).await?;
        let reads = paths.into_iter().map(|path| async {
            let path = match path {
                Ok(Some(path)) => path,
                Ok(None) => return Ok(Ok(Found::default())),
                Err(error) => return Ok(Err(error)),
            };
            if let Some(live) = known.get(&path) {
                return Ok(Ok(Found { live: Some(live.clone()), path: Some(path) }));
            }
            self.check_stop("was not changed")?;
            let live = self.answered(self.call(async || self.kube.get(&path).await).await)?;
            Ok(live.map(|live| Found { path: Some(path), live }))
        });
        stream::iter(reads).buffered(SIDE_BY_SIDE).try_collect().await
    }

    /// Reads the objects at these paths from lists. The lists contain only objects with the app label.
    async fn listed<'p>(&self, paths: impl Iterator<Item = &'p str>) -> Result<BTreeMap<String, Value>, Failure> {
        let mut kinds: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
        for (all, folder) in paths.filter_map(collection) {
            *kinds.entry(all).or_default().entry(folder).or_default() += 1;
        }
        kinds.retain(|_, folders| folders.values().sum::<usize>() >= WORTH_A_LIST);
        let lists = kinds.iter().map(|(all, folders)| async move {
            self.check_stop("was not changed")?;
            if let Some(rows) = self.list(all).await? {
                return Ok(rows);
            }
            // Without permission to list a kind in the cluster, namespaces can still allow it.
            let mut rows = Vec::new();
            for (folder, count) in folders {
                if *count >= WORTH_A_LIST && *folder != all.as_str() {
                    rows.extend(self.list(folder).await?.unwrap_or_default());
                }
            }
            Ok::<_, Failure>(rows)
        });
        let lists: Vec<Vec<(String, Value)>> = stream::iter(lists).buffered(SIDE_BY_SIDE).try_collect().await?;
        Ok(lists.into_iter().flatten().collect())
    }

    /// Returns the objects with the app label in a collection, by path. Returns `None` if listing is forbidden.
    async fn list(&self, collection: &str) -> Result<Option<Vec<(String, Value)>>, Failure> {
        let label = APP_LABEL.replace('/', "%2F");
        let (mut out, mut next) = (Vec::new(), String::new());
        loop {
            let page = if next.is_empty() { String::new() } else { format!("&continue={next}") };
            let path = format!("{collection}?labelSelector={label}%3D{}&limit=500{page}", self.app);
            let answer = self.answered(self.call(async || self.kube.get(&path).await).await)?;
            let Ok(Some(mut list)) = answer else { return Ok(None) };
            let Some(rows) = rows(collection, &mut list) else { return Ok(None) };
            out.extend(rows);
            match list["metadata"]["continue"].as_str() {
                Some(text) if !text.is_empty() => text.clone_into(&mut next),
                _ => return Ok(Some(out)),
            }
        }
    }

    /// Converts a missing response into a failure. A rejection is a response.
    pub(super) fn answered<T>(&self, result: Result<T, KubeError>) -> Result<Result<T, KubeError>, Failure> {
        match result {
            Err(error) if error.is_transient() || error.code == 401 => {
                Err(self.failed("its objects cannot be read", &error))
            }
            result => Ok(result),
        }
    }
}

/// Returns the objects of a list by path.
pub(super) fn rows(collection: &str, list: &mut Value) -> Option<Vec<(String, Value)>> {
    let (root, plural) = collection.rsplit_once('/')?;
    let kind = list["kind"].as_str()?.strip_suffix("List")?.to_owned();
    let version = list["apiVersion"].clone();
    let mut out = Vec::new();
    for mut item in list["items"].as_array_mut().map(std::mem::take)? {
        // The items of a list have no kind or API version.
        if item["kind"].is_null() {
            item["kind"] = Value::from(kind.clone());
            item["apiVersion"] = version.clone();
        }
        let name = item["metadata"]["name"].as_str()?;
        let path = match item["metadata"]["namespace"].as_str() {
            Some(namespace) if !root.contains("/namespaces/") => {
                format!("{root}/namespaces/{namespace}/{plural}/{name}")
            }
            _ => format!("{collection}/{name}"),
        };
        out.push((path, item));
    }
    Some(out)
}

/// Returns the collections of a kind: of the cluster, and of the namespace of an object.
fn collection(path: &str) -> Option<(String, &str)> {
    let (folder, _) = path.rsplit_once('/')?;
    match folder.split_once("/namespaces/").and_then(|(root, rest)| Some((root, rest.split_once('/')?.1))) {
        Some((root, plural)) => Some((format!("{root}/{plural}"), folder)),
        None => Some((folder.to_owned(), folder)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derives_collection_paths_of_namespace_and_cluster() {
        let of = |path| collection(path).unwrap();
        assert_eq!(
            of("/apis/apps/v1/namespaces/shop/deployments/orders"),
            ("/apis/apps/v1/deployments".to_owned(), "/apis/apps/v1/namespaces/shop/deployments")
        );
        assert_eq!(of("/api/v1/namespaces/shop"), ("/api/v1/namespaces".to_owned(), "/api/v1/namespaces"));
        assert_eq!(
            of("/api/v1/namespaces/shop/configmaps/a"),
            ("/api/v1/configmaps".to_owned(), "/api/v1/namespaces/shop/configmaps")
        );
    }
}
