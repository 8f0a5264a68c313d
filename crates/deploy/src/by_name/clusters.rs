//! Reads clusters by kubeconfig context.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use kube::config::Kubeconfig;
use meshsynth_assembly::deployed::{Deployed, DeployedCluster, Wanted, WantedCluster};
use serde_json::{Value, json};

use super::plain;
use crate::failure::{Failure, Kind};
use crate::kube::{Applied, Client, Connection, Object, Settings, Worker};
use crate::session::Session;

/// The maximum number of names in a note about objects that are not compared.
const MOST_NAMED: usize = 5;

/// Reads the requested clusters.
pub(super) async fn read(session: &Session<'_>, wanted: &Wanted) -> Result<Deployed> {
    let mut out = Deployed::default();
    if wanted.clusters.is_empty() {
        return Ok(out);
    }
    let file = &session.options.clusters.kubeconfig;
    let contexts = contexts(file.as_ref(), &wanted.clusters)?;
    for (cluster, context) in wanted.clusters.iter().zip(contexts) {
        let client =
            Client::new(session.aws(), Connection::Config { file: file.clone(), context: Some(context.clone()) });
        let settings = Settings { call_timeout: Duration::from_secs(10), ..Settings::default() };
        let watch = session.options.watch;
        let worker = Worker::new(&client, &cluster.name, "", &settings, watch, &session.stop);
        let path = |what: &str| format!("clusters/{}/{what}.json", plain(&cluster.name));
        let mut row = DeployedCluster {
            name: cluster.name.clone(),
            context: context.clone(),
            objects: path("objects"),
            applied: None,
        };
        let answer = match &cluster.objects {
            Some(objects) => {
                let objects: Vec<Object> = objects.iter().cloned().map(Object::of_body).collect();
                worker.look_at(&objects).await.map(|found| {
                    out.notes.extend(notes(&cluster.name, &found));
                    let Applied { live, would, .. } = found;
                    row.applied = Some(path("applied"));
                    out.files.insert(path("applied"), list(would));
                    live
                })
            }
            None => worker.everything().await.map(|(objects, refused)| {
                let text =
                    |kind: String| format!("{kind} of cluster `{}`: listing them is not permitted", cluster.name);
                out.unread.extend(refused.into_iter().map(text));
                objects
            }),
        };
        match answer {
            Ok(live) => {
                out.files.insert(row.objects.clone(), list(live));
                out.clusters.push(row);
            }
            // Missing credentials and interruptions end the command. After any other failure, the cluster is reported
            // as unread.
            Err(failure) if matches!(failure.kind, Kind::Interrupted | Kind::NotSignedIn) => {
                return Err(failure.into());
            }
            Err(failure) => {
                let cause = if failure.cause.is_empty() { String::new() } else { format!(": {}", failure.cause) };
                out.unread.push(format!("objects of {}{cause}", failure.text));
            }
        }
    }
    Ok(out)
}

fn list(items: Vec<Value>) -> String {
    format!("{:#}\n", json!({ "apiVersion": "v1", "kind": "List", "items": items }))
}

/// Returns notes about the objects of a cluster.
fn notes(cluster: &str, found: &Applied) -> Vec<String> {
    let mut out = Vec::new();
    if let [first, ..] = found.refused.as_slice() {
        let noun = if found.refused.len() == 1 { "object is" } else { "objects are" };
        out.push(format!(
            "cluster `{cluster}`: {} {noun} compared without the API server's defaults, because the API server \
             rejects a dry run: {first}",
            found.refused.len()
        ));
    }
    if !found.others.is_empty() {
        let named: Vec<&str> = found.others.iter().take(MOST_NAMED).map(String::as_str).collect();
        let n_more = found.others.len() - named.len();
        let more = if n_more > 0 { format!(" and {n_more} more") } else { String::new() };
        out.push(format!(
            "cluster `{cluster}`: not compared, because no file contains these objects of the same releases: {}{more}",
            named.join(", ")
        ));
    }
    out
}

/// Returns the context of each cluster. The failure lists all errors.
fn contexts(file: Option<&PathBuf>, clusters: &[WantedCluster]) -> Result<Vec<String>, Failure> {
    let called = file.map_or("the kubeconfig".to_owned(), |file| format!("`{}`", file.display()));
    let config = match file {
        Some(file) => Kubeconfig::read_from(file),
        None => Kubeconfig::read(),
    };
    let config = config.map_err(|error| {
        let names: Vec<String> = clusters.iter().map(|it| format!("`{}`", it.name)).collect();
        let text = format!("{called} cannot be read, so these clusters cannot be compared: {}", names.join(", "));
        let help = "specify a kubeconfig with `--kubeconfig`, or compare only the stacks with `--stacks-only`";
        Failure { cause: error.to_string(), ..Failure::new(text, help) }
    })?;
    let known: Vec<&str> = config.contexts.iter().map(|it| it.name.as_str()).collect();
    let mut wrong = Vec::new();
    let mut found = Vec::new();
    for cluster in clusters {
        let own = (cluster.is_named && cluster.context.is_none()).then_some(&cluster.name);
        let wanted = cluster.context.as_ref().or(own).or(config.current_context.as_ref());
        match wanted {
            Some(context) if known.contains(&context.as_str()) => found.push(context.clone()),
            Some(context) => wrong.push(format!("cluster `{}`: {called} has no context `{context}`", cluster.name)),
            None => wrong.push(format!("cluster `{}`: {called} has no current context", cluster.name)),
        }
    }
    let Some((first, rest)) = wrong.split_first() else { return Ok(found) };
    let has = if known.is_empty() {
        "the kubeconfig has no contexts".to_owned()
    } else {
        format!("the kubeconfig has `{}`", known.join("`, `"))
    };
    let help =
        format!("specify a context with `--context`, or one for each cluster with `--context CLUSTER=CONTEXT`: {has}");
    Err(rest.iter().fold(Failure::new(first.clone(), help), |failure, text| failure.note(text.clone())))
}
