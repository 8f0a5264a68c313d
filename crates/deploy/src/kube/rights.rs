//! Checks the permissions in a cluster before the deployment applies objects.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Kube, KubeError, Object, Worker};

/// The API path for access reviews.
///
/// Source: <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access>.
const REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/// The verbs of a deployment: it reads, applies (which can create) and prunes objects.
const VERBS: [&str; 4] = ["get", "create", "patch", "delete"];

/// The permissions for the objects of a platform.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rights {
    /// The number of checked combinations of kind and namespace. Zero if all actions are allowed.
    pub n_asked: usize,
    /// The missing permissions, such as ``create, patch Deployment in `shop` ``.
    pub missing: Vec<String>,
    /// The kinds that the cluster does not serve yet. The platform contains their definitions.
    pub unserved: Vec<String>,
}

impl<K: Kube> Worker<'_, K> {
    /// Checks whether these objects can be applied and pruned.
    pub async fn rights(&self, objects: &[Object]) -> Result<Rights, KubeError> {
        if self.may("*", ("*", "*"), "").await? {
            return Ok(Rights::default());
        }
        let (mut rows, mut unserved) = (BTreeMap::new(), BTreeSet::new());
        for object in objects {
            let group = object.body["apiVersion"].as_str().and_then(|version| version.split_once('/'));
            let group = group.map_or("", |(group, _)| group).to_owned();
            match self.path(object).await? {
                Some(path) => {
                    let plural = path.rsplit('/').nth(1).unwrap_or_default().to_owned();
                    let namespace = object.namespace().to_owned();
                    rows.entry((group, plural, namespace)).or_insert_with(|| object.kind().to_owned());
                }
                None => drop(unserved.insert(object.kind().to_owned())),
            }
        }
        let mut missing = Vec::new();
        for ((group, plural, namespace), kind) in &rows {
            let mut verbs = Vec::new();
            for verb in VERBS {
                if !self.may(verb, (group, plural), namespace).await? {
                    verbs.push(verb);
                }
            }
            if !verbs.is_empty() {
                let place = if namespace.is_empty() { String::new() } else { format!(" in `{namespace}`") };
                missing.push(format!("{} {kind}{place}", verbs.join(", ")));
            }
        }
        Ok(Rights { n_asked: rows.len(), missing, unserved: unserved.into_iter().collect() })
    }

    async fn may(&self, verb: &str, (group, plural): (&str, &str), namespace: &str) -> Result<bool, KubeError> {
        let mut attributes = json!({ "verb": verb, "group": group, "resource": plural });
        if !namespace.is_empty() {
            attributes["namespace"] = Value::from(namespace);
        }
        let question = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": { "resourceAttributes": attributes }
        });
        let answer = self.call(async || self.kube.ask(REVIEWS, &question).await).await?;
        Ok(answer["status"]["allowed"] == true)
    }
}
