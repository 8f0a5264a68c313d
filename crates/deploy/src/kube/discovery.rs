//! Finds the API paths of kinds.

use serde_json::Value;

use super::object::Served;
use super::{Kube, KubeError, Object, Worker};
use crate::failure::Failure;

impl<K: Kube> Worker<'_, K> {
    /// Returns the path of an object, or `None` if the cluster does not serve its kind yet.
    pub(super) async fn path(&self, object: &Object) -> Result<Option<String>, KubeError> {
        let version = object.text("/apiVersion").to_owned();
        let root = if version.contains('/') { format!("/apis/{version}") } else { format!("/api/{version}") };
        let find = || {
            let served = self.served.borrow();
            served.get(&version).and_then(|kinds| kinds.iter().find(|it| it.kind == object.kind()).cloned())
        };
        if find().is_none() {
            let list = self.call(async || self.kube.get(&root).await).await?.unwrap_or_default();
            let text = |it: &Value, key: &str| it[key].as_str().unwrap_or_default().to_owned();
            let rows = list["resources"].as_array().into_iter().flatten();
            let rows = rows.filter(|it| !text(it, "name").contains('/')).map(|it| Served {
                kind: text(it, "kind"),
                plural: text(it, "name"),
                is_namespaced: it["namespaced"] == true,
            });
            self.served.borrow_mut().insert(version.clone(), rows.collect());
        }
        Ok(find().map(|it| {
            let namespace = match (it.is_namespaced, object.namespace()) {
                (false, _) => String::new(),
                (true, "") => "/namespaces/default".to_owned(),
                (true, namespace) => format!("/namespaces/{namespace}"),
            };
            format!("{root}{namespace}/{}/{}", it.plural, object.name())
        }))
    }

    /// Adds the program line of the object to a failure.
    pub(super) fn at(&self, object: &Object, mut failure: Failure) -> Failure {
        failure.source.clone_from(&object.source);
        failure.construct.clone_from(&object.construct);
        failure
    }
}
