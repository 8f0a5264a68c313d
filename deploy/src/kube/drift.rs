//! What of a cluster is not as we applied it: changed, removed and added fields, each with its writer.
//!
//! The API server itself says what an object would be if it were applied now
//! (a dry run, which changes nothing). What differs by another's hand is drift, and so is what others
//! added; what [known controllers](super::controllers) write, and defaults, are not.

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::Value;

use super::apply::{is_scaled, scaled};
use super::compare::{Change, Row, rows};
use super::fields::Writer;
use super::survey::{Found, SIDE_BY_SIDE};
use super::{Kube, KubeError, MANAGER, Object, Worker};
use crate::failure::Failure;

/// An object that is not as it was applied.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drifted {
    /// How people call it.
    pub name: String,
    /// Its path in the program.
    pub construct: String,
    /// `MODIFIED`, `DELETED`, or `DELETING` while a finalizer holds it.
    pub status: &'static str,
    /// The fields that differ, and who wrote them.
    pub fields: Vec<Field>,
}

/// A field that is not as it was applied. Its values are not told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// Such as `spec.template.spec.containers[name=app].image`.
    pub path: String,
    /// What happened to it.
    pub change: Change,
    /// Who wrote it; nobody is known where it is gone.
    pub by: Vec<Writer>,
}

/// What a cluster was compared to.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// What is not as it was applied.
    pub drifted: Vec<Drifted>,
    /// What could not be compared, and why.
    pub unread: Vec<Failure>,
}

impl<K: Kube> Worker<'_, K> {
    /// Compares what was applied with what is there.
    pub async fn drift(&self, objects: &[Object]) -> Result<Compared, Failure> {
        let known = self.inventory().await?;
        // What was never applied is not missing.
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

    /// What of an object is not as it would be applied.
    pub(super) async fn rows(&self, path: &str, body: &Value, would: &Value, live: &Value) -> Vec<Row> {
        let found = rows(would, live, None);
        if found.iter().all(|row| row.change != Change::Added) {
            return found;
        }
        // Whoever created it wrote its defaults as well: they are what a new object of another name has.
        match self.kube.would_apply(&another(path), &renamed(body)).await {
            Ok(fresh) => rows(would, live, Some(&fresh)),
            // What is under our own name may be a default.
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

/// A name that no object has, short enough for every kind.
fn other_name(name: &str) -> String {
    let short: String = name.chars().take(30).collect();
    format!("{}-as-new", short.trim_end_matches(['-', '.']))
}

/// The path of an object with another name.
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
