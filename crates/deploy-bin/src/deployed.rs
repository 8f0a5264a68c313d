//! The deployed state, as the old side of a comparison.
//!
//! Stacks are compared by template. Objects are compared by the fields that a deployment applied, with the new
//! manifests as they would be applied now, with resolved placeholders. Fields of controllers, webhooks and defaults are
//! therefore not changes.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use meshsynth_assembly::{Cluster, Object, Release, Stack};
use meshsynth_cli::deployer::Reach;
use meshsynth_cli::deployment::{Deployment, absolute};
use meshsynth_cli::shell::{Shell, count};
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::live::{Live, LiveCluster, LiveRelease, LiveStack};
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::{assembly, live};
use meshsynth_diff::side::{Side, unreadable};
use meshsynth_diff::stack;
use serde_json::{Value, json};

use crate::follow::Follow;
use crate::options;
use crate::report::not_begun;

/// Reads the deployed state. Replaces the manifests of the new side by the objects that would be applied.
pub fn read(shell: &Shell, deployment: &Deployment, reach: &Reach, head: &mut Side) -> Result<Side> {
    let here = std::env::current_dir().context("cannot determine the current folder")?;
    let follow = Follow::new(shell, false);
    let mut options = options::of(deployment, reach.role.as_deref(), Settings::default(), &follow);
    options.clusters = ClusterAccess {
        kubeconfig: absolute(reach.kubeconfig.as_ref(), &here),
        context: reach.context.clone(),
        helm: absolute(reach.helm.as_ref(), &here),
        stacks_only: !reach.clusters,
        ..ClusterAccess::default()
    };
    base(live::read(&options).map_err(not_begun)?, head)
}

/// Converts the deployed state into the old side. The new side gets the objects that would be applied, without the
/// unreadable clusters.
fn base(live: Live, head: &mut Side) -> Result<Side> {
    let Live { stacks, clusters, notes, unread } = live;
    let n_stacks = stacks.len();
    let mut base = Side::empty(String::new(), &head.manifest.app);
    for stack in stacks {
        add_stack(&mut base, head, stack).map_err(|error| unreadable("in the deployed state", &error))?;
    }
    let is_there = |objects: &Option<Vec<_>>| objects.is_some();
    let readable: BTreeSet<String> =
        clusters.iter().filter(|it| is_there(&it.objects)).map(|cluster| cluster.id.clone()).collect();
    for cluster in clusters.into_iter().filter(|cluster| readable.contains(&cluster.id)) {
        add_cluster(&mut base, head, cluster);
    }
    head.manifest.clusters.retain(|cluster| readable.contains(&cluster.id));
    base.bindings = head.bindings.clone();
    // A stack does not contain the findings of its synthesis.
    base.findings = None;
    // Plain files are not deployed, so the deployed state does not contain their old contents.
    base.take_plain_files(head);
    base.label = format!("the deployed state ({})", count(n_stacks, "stack"));
    (base.notes, base.unread) = (notes, unread);
    Ok(base)
}

fn add_stack(base: &mut Side, head: &Side, live: LiveStack) -> Result<()> {
    let LiveStack { id, name, account, region, template, tags } = live;
    let new = head.stack(&id).filter(|new| new.name == name && new.region == region);
    let path = new.map_or_else(|| format!("{name}.{region}.template.json"), |new| new.template.clone());
    let value =
        stack::parse(&template).map_err(|error| error.context(format!("the template of stack `{name}` ({region})")))?;
    // Templates with the same meaning count as the same file, even if AWS formats them differently.
    let text = new
        .filter(|new| *head.document(&new.template) == value)
        .map_or(template, |new| head.text(&new.template).to_owned());
    base.add(&path, text, value);
    base.manifest.files.push(path.clone());
    base.manifest.stacks.push(Stack {
        id,
        name,
        account,
        region,
        template: path,
        tags,
        needs: new.map(|new| new.needs.clone()).unwrap_or_default(),
        resources: new.map(|new| new.resources.clone()).unwrap_or_default(),
    });
    Ok(())
}

fn add_cluster(base: &mut Side, head: &mut Side, live: LiveCluster) {
    let LiveCluster { id, objects, releases } = live;
    let Some(place) = head.manifest.clusters.iter().position(|cluster| cluster.id == id) else { return };
    let new = &head.manifest.clusters[place];
    let mut cluster = Cluster {
        id: id.clone(),
        name: new.name.clone(),
        account: new.account.clone(),
        region: new.region.clone(),
        version: new.version.clone(),
        needs: new.needs.clone(),
        objects: Vec::new(),
        releases: Vec::new(),
    };
    let source = |path: &str| new.objects.iter().find(|object| object.path == path).map(|object| object.source.clone());
    let mut filled = Vec::new();
    for (path, seen) in objects.into_iter().flatten() {
        if let (Some(path), Some(wanted)) = (&path, seen.wanted) {
            filled.push((path.clone(), masked(wanted)));
        }
        let Some(found) = seen.found.map(masked) else { continue };
        let path = path.unwrap_or_else(|| gone(&id, &found));
        let source = source(&path).unwrap_or_default();
        cluster.objects.push(Object { source, path: path.clone(), ..Object::default() });
        base.manifest.files.push(path.clone());
        base.add(&path, found.to_string(), found);
    }
    match releases {
        Some(releases) => {
            for release in releases {
                let new = new.releases.iter().find(|new| Some(&new.values) == release.path.as_ref());
                filled.extend(new.and_then(|new| Some((new.values.clone(), release.wanted.clone()?))));
                let Some((row, values)) = installed(&id, new, release) else { continue };
                base.manifest.files.push(row.values.clone());
                base.add(&row.values, values.to_string(), values);
                cluster.releases.push(row);
            }
        }
        None => head.manifest.clusters[place].releases.clear(),
    }
    for (path, value) in filled {
        head.fill(&path, value);
    }
    base.manifest.clusters.push(cluster);
}

/// Converts an installed release into a manifest release.
fn installed(cluster: &str, new: Option<&Release>, live: LiveRelease) -> Option<(Release, Value)> {
    let (called, values) = live.found?;
    // `istio-cni-1.28.0` is version 1.28.0 of the chart `istio-cni`, from any repository.
    let named = new.and_then(|new| {
        let version = called.strip_prefix(new.chart.rsplit('/').next()?)?.strip_prefix('-')?;
        let is_same = version == new.version.trim_start_matches('v');
        Some((new.chart.clone(), if is_same { new.version.clone() } else { version.to_owned() }))
    });
    let cut = called.match_indices('-').find(|(at, _)| called[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    let (chart, version) = named.unwrap_or_else(|| match cut {
        Some((at, _)) => (called[..at].to_owned(), called[at + 1..].to_owned()),
        None => (called.clone(), String::new()),
    });
    let path = live.path.unwrap_or_else(|| format!("helm/{cluster}/{}.{}.values.json", live.namespace, live.name));
    let row = Release {
        name: live.name,
        namespace: live.namespace,
        chart,
        version,
        repository: new.map(|new| new.repository.clone()).unwrap_or_default(),
        after: new.map(|new| new.after.clone()).unwrap_or_default(),
        values: path,
        construct: new.map(|new| new.construct.clone()).unwrap_or_default(),
        source: new.map(|new| new.source.clone()).unwrap_or_default(),
    };
    Some((row, values))
}

/// Returns a file path for an object that is absent from the new side.
fn gone(cluster: &str, object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().replace('/', ".");
    let parts = ["/apiVersion", "/kind", "/metadata/namespace", "/metadata/name"].map(text);
    format!("k8s/{cluster}/deployed/{}.json", parts.join("-"))
}

/// Replaces Secret values by digests. A report then shows that a value differs without showing the value.
fn masked(mut object: Value) -> Value {
    if object["kind"] == "Secret" && object["apiVersion"] == "v1" {
        for key in ["data", "stringData"] {
            for value in object[key].as_object_mut().into_iter().flat_map(|map| map.values_mut()) {
                *value = json!(format!("a value with the digest {}", &assembly::digest(&value.to_string())[..12]));
            }
        }
    }
    object
}
