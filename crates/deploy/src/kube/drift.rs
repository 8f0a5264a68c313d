//! Detects drift in a cluster: changed, removed and added fields, with their field managers.
//!
//! A dry run returns the object as it would be if it were applied now. Fields that other managers changed or added are
//! drift. Defaults and fields of [known controllers](super::controllers) are not drift.

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::Value;

use super::apply::{is_scaled, scaled};
use super::compare::{Change, Row, rows};
use super::fields::Writer;
use super::survey::{Found, SIDE_BY_SIDE};
use super::{Kube, KubeError, MANAGER, Object, Worker};
use crate::failure::Failure;

/// An object that differs from its applied state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drifted {
    /// The display name.
    pub name: String,
    /// The path in the program.
    pub construct: String,
    /// The status: `MODIFIED`, `DELETED`, or `DELETING` while a finalizer delays the deletion.
    pub status: &'static str,
    /// The fields that differ, with their field managers.
    pub fields: Vec<Field>,
}

/// A field that differs from its applied state. Its values are not reported.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// The path, such as `spec.template.spec.containers[name=app].image`.
    pub path: String,
    /// The kind of change.
    pub change: Change,
    /// The field managers of the new value. Empty for a removed field.
    pub by: Vec<Writer>,
}

/// The result of a comparison with a cluster.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// The objects that differ.
    pub drifted: Vec<Drifted>,
    /// The objects that could not be compared, with the reason.
    pub unread: Vec<Failure>,
}

impl<K: Kube> Worker<'_, K> {
    /// Compares the applied objects with the live objects.
    pub async fn drift(&self, objects: &[Object]) -> Result<Compared, Failure> {
        let known = self.inventory().await?.rows;
        // An object that was never applied is not missing.
        let applied: Vec<&Object> = objects.iter().filter(|object| known.contains(&object.row())).collect();
        self.doing(format!("comparing {} objects", applied.len()));
        let answers = self.survey(&applied).await?;
        let scaled = scaled(objects);
        let scaled = &scaled;
        let looks = applied.into_iter().zip(answers).map(|(object, answer)| async move {
            self.check_stop("was not changed")?;
            let look = async { self.compare(object, answer?, is_scaled(object, scaled)).await };
            Ok::<_, Failure>((object, look.await))
        });
        let looks: Vec<(&Object, Result<Option<Drifted>, KubeError>)> =
            stream::iter(looks).buffered(SIDE_BY_SIDE).try_collect().await?;
        let mut out = Compared::default();
        for (object, look) in looks {
            match look {
                Ok(drifted) => out.drifted.extend(drifted),
                Err(error) => out
                    .unread
                    .push(self.at(object, self.failed(&format!("{} cannot be compared", object.called()), &error))),
            }
        }
        Ok(out)
    }

    async fn compare(&self, object: &Object, found: Found, is_scaled: bool) -> Result<Option<Drifted>, KubeError> {
        let (Some(path), Some(live)) = (found.path, found.live) else {
            return Ok(Some(drifted(object, "DELETED", Vec::new())));
        };
        let body = self.body(object, is_scaled, Some(&live));
        let would = self.call(async || self.kube.would_apply(&path, &body).await).await?;
        let mut rows = self.rows(&path, &body, &would, &live).await;
        rows.retain(|row| !(is_scaled && row.shown() == "spec.replicas"));
        let fields: Vec<Field> = rows.into_iter().map(Field::from).collect();
        if live["metadata"]["deletionTimestamp"].is_string() {
            return Ok(Some(drifted(object, "DELETING", fields)));
        }
        Ok(if fields.is_empty() { None } else { Some(drifted(object, "MODIFIED", fields)) })
    }

    /// Returns the fields of an object that differ from the result of applying it.
    pub(super) async fn rows(&self, path: &str, body: &Value, would: &Value, live: &Value) -> Vec<Row> {
        let found = rows(would, live, None);
        if found.iter().all(|row| row.change != Change::Added) {
            return found;
        }
        // The creator of an object also owns its defaults. A dry run of a new object with another name shows these
        // defaults.
        match self.kube.would_apply(&another(path), &renamed(body)).await {
            Ok(fresh) => rows(would, live, Some(&fresh)),
            // An added field of our own field manager can be a default.
            Err(_) => {
                let is_told = |row: &Row| row.change != Change::Added || row.by.iter().any(|it| it.manager != MANAGER);
                found.into_iter().filter(is_told).collect()
            }
        }
    }
}

fn drifted(object: &Object, status: &'static str, fields: Vec<Field>) -> Drifted {
    Drifted { name: object.called(), construct: object.construct.clone(), status, fields }
}

/// Returns an unused name that is short enough for every kind.
fn other_name(name: &str) -> String {
    let short: String = name.chars().take(30).collect();
    format!("{}-as-new", short.trim_end_matches(['-', '.']))
}

/// Returns the path of the object with another name.
pub(super) fn another(path: &str) -> String {
    path.rsplit_once('/').map_or_else(String::new, |(folder, name)| format!("{folder}/{}", other_name(name)))
}

pub(super) fn renamed(body: &Value) -> Value {
    let mut body = body.clone();
    let name = other_name(body["metadata"]["name"].as_str().unwrap_or_default());
    body["metadata"]["name"] = Value::from(name);
    body
}

impl From<Row> for Field {
    fn from(row: Row) -> Self {
        Self { path: row.shown(), change: row.change, by: row.by }
    }
}
