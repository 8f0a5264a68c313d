//! The inventory: the objects of an app in a cluster, and the objects among them that were taken over. A ConfigMap in
//! the cluster stores it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{APP_LABEL, Kube, Worker};
use crate::failure::Failure;

/// The objects of an app, in the form of [`Object::row`](super::Object::row).
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Inventory {
    /// The objects.
    pub(super) rows: BTreeSet<String>,
    /// The objects that another owner created.
    pub(super) taken: BTreeSet<String>,
}

impl Inventory {
    fn read(object: &Value) -> Self {
        let rows = |key: &str| object["data"][key].as_str().unwrap_or_default().lines().map(str::to_owned).collect();
        Self { rows: rows("objects"), taken: rows("taken-over") }
    }

    /// Returns the object that stores the inventory.
    fn object(&self, name: &str, app: &str) -> Value {
        let text = |rows: &BTreeSet<String>| rows.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
        let mut object = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": { "name": name, "namespace": "kube-system", "labels": { APP_LABEL: app } },
            "data": { "objects": text(&self.rows) }
        });
        if !self.taken.is_empty() {
            object["data"]["taken-over"] = json!(text(&self.taken));
        }
        object
    }
}

impl<K: Kube> Worker<'_, K> {
    fn inventory_name(&self) -> String {
        format!("meshsynth-{}", self.app)
    }

    fn inventory_path(&self) -> String {
        format!("/api/v1/namespaces/kube-system/configmaps/{}", self.inventory_name())
    }

    /// Returns the objects of an earlier deployment.
    pub(super) async fn inventory(&self) -> Result<Inventory, Failure> {
        let path = self.inventory_path();
        let found = self.call(async || self.kube.get(&path).await).await;
        let found = found.map_err(|error| self.failed("its inventory cannot be read", &error))?;
        Ok(found.map(|it| Inventory::read(&it)).unwrap_or_default())
    }

    pub(super) async fn write_inventory(&self, inventory: &Inventory) -> Result<(), Failure> {
        let (path, body) = (self.inventory_path(), inventory.object(&self.inventory_name(), self.app));
        let done = self.call(async || self.kube.apply(&path, &body, true).await).await;
        done.map(|_| ()).map_err(|error| self.failed("its inventory cannot be written", &error))
    }

    pub(super) async fn delete_inventory(&self) -> Result<(), Failure> {
        let path = self.inventory_path();
        let done = async {
            match self.call(async || self.kube.get(&path).await).await? {
                Some(found) => {
                    let uid = found["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
                    self.call(async || self.kube.delete(&path, &uid).await).await.map(|_| ())
                }
                None => Ok(()),
            }
        };
        done.await.map_err(|error| self.failed("its inventory cannot be deleted", &error))
    }
}
