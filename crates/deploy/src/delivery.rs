//! Delivery with Argo CD or Flux: the same waves and releases, as objects that these tools apply from a repository.
//!
//! Sources: <https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/>,
//! <https://fluxcd.io/flux/components/kustomize/kustomizations/>.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::assembly::{Assembly, Release};
use crate::plan::{ClusterStep, Plan};
use crate::render::yaml;

/// The delivery tool and its repository.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The tool that applies the objects.
    pub tool: Tool,
    /// The repository that contains the rendered folder.
    pub repository: String,
    /// The branch or tag.
    pub revision: String,
    /// The path of the rendered folder in the repository.
    pub path: String,
}

/// A delivery tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Argo CD, with one Application for each wave and release.
    ArgoCd,
    /// Flux, with one Kustomization for each wave and release. Each one depends on the previous one.
    Flux,
}

/// An item in the deployment order.
enum Item<'a> {
    Wave(&'a str),
    /// Objects of later waves that a release depends on.
    Ahead(&'a Release, Vec<&'a str>),
    Release(&'a Release),
}

impl Delivery {
    /// Returns all files of the repository:
    ///
    /// - the rendered files,
    /// - a folder for the objects that a release depends on,
    /// - the Argo CD or Flux objects that deploy these files, `delivery/<cluster>/<NN>-<name>.yaml`.
    pub fn files(
        &self,
        assembly: &Assembly,
        plan: &Plan,
        mut rendered: BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>> {
        for step in &plan.clusters {
            let mut before: Option<String> = None;
            for (idx, item) in items(assembly, step)?.iter().enumerate() {
                let name = format!("{}-{}-{}", plan.app, step.id, item.name(step));
                let (path, namespace) = match item {
                    Item::Wave(wave) => (format!("k8s/{}/{wave}", step.id), ""),
                    Item::Ahead(_, objects) => {
                        let folder = format!("k8s/{}/{}", step.id, item.name(step));
                        for path in objects {
                            let text = rendered.remove(*path).context("it is rendered once")?;
                            // A wave can contain a folder for each namespace.
                            let below: Vec<&str> = path.split('/').skip(3).collect();
                            rendered.insert(format!("{folder}/{}", below.join("/")), text);
                        }
                        (folder, "")
                    }
                    Item::Release(release) => {
                        (format!("releases/{}/{}", step.id, item.name(step)), release.namespace.as_str())
                    }
                };
                let object = match (self.tool, item) {
                    (Tool::ArgoCd, Item::Release(release)) => {
                        self.application(&name, idx, chart_source(release, &values(&rendered, release)?), namespace)
                    }
                    (Tool::ArgoCd, _) => self.application(&name, idx, self.path_source(&path), namespace),
                    (Tool::Flux, item) => {
                        if let Item::Release(release) = item {
                            let objects = helm_release(&name, release, &values(&rendered, release)?);
                            let texts = objects.iter().map(yaml).collect::<Result<Vec<_>>>()?;
                            rendered.insert(format!("{path}/release.yaml"), texts.join("---\n"));
                        }
                        self.kustomization(&plan.app, &name, &path, before.as_deref())
                    }
                };
                rendered.insert(format!("delivery/{}/{idx:02}-{name}.yaml", step.id), yaml(&object)?);
                before = Some(name);
            }
            if self.tool == Tool::Flux {
                let source = json!({
                    "apiVersion": "source.toolkit.fluxcd.io/v1",
                    "kind": "GitRepository",
                    "metadata": { "name": plan.app, "namespace": "flux-system" },
                    "spec": { "interval": "5m", "url": self.repository, "ref": { "branch": self.revision } }
                });
                rendered.insert(format!("delivery/{}/source.yaml", step.id), yaml(&source)?);
            }
        }
        Ok(rendered)
    }

    fn path_source(&self, path: &str) -> Value {
        json!({
            "repoURL": self.repository,
            "targetRevision": self.revision,
            "path": self.below(path),
            "directory": { "recurse": true }
        })
    }

    fn below(&self, path: &str) -> String {
        format!("{}/{path}", self.path.trim_matches('/')).trim_start_matches('/').to_owned()
    }

    fn application(&self, name: &str, idx: usize, source: Value, namespace: &str) -> Value {
        let mut destination = json!({ "server": "https://kubernetes.default.svc" });
        if !namespace.is_empty() {
            destination["namespace"] = json!(namespace);
        }
        json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {
                "name": name,
                "namespace": "argocd",
                "annotations": { "argocd.argoproj.io/sync-wave": idx.to_string() }
            },
            "spec": {
                "project": "default",
                "source": source,
                "destination": destination,
                "syncPolicy": {
                    "automated": { "prune": true, "selfHeal": true },
                    "syncOptions": ["CreateNamespace=true", "ServerSideApply=true"]
                }
            }
        })
    }

    fn kustomization(&self, app: &str, name: &str, path: &str, before: Option<&str>) -> Value {
        let mut object = json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": { "name": name, "namespace": "flux-system" },
            "spec": {
                "interval": "10m",
                "path": format!("./{}", self.below(path)),
                "prune": true,
                "wait": true,
                "timeout": "15m",
                "sourceRef": { "kind": "GitRepository", "name": app }
            }
        });
        if let Some(before) = before {
            object["spec"]["dependsOn"] = json!([{ "name": before }]);
        }
        object
    }
}

impl Item<'_> {
    /// Returns a name that is unique in the cluster.
    fn name(&self, step: &ClusterStep) -> String {
        let called = |release: &Release| {
            // Releases in different namespaces can have the same name.
            let is_one = step.releases.iter().filter(|it| it.name == release.name).count() == 1;
            if is_one { release.name.clone() } else { format!("{}-{}", release.namespace, release.name) }
        };
        match self {
            Item::Wave(wave) => (*wave).to_owned(),
            Item::Ahead(release, _) => format!("ahead-of-{}", called(release)),
            Item::Release(release) => called(release),
        }
    }
}

/// Returns the waves and releases in deployment order.
fn items<'a>(assembly: &'a Assembly, step: &'a ClusterStep) -> Result<Vec<Item<'a>>> {
    let cluster = assembly.manifest.clusters.iter().find(|cluster| cluster.id == step.id);
    let cluster = cluster.context("the plan and the assembly describe the same cluster")?;
    let mut out: Vec<Item<'_>> =
        step.waves.iter().filter(|wave| wave.name.as_str() < "20").map(|wave| Item::Wave(&wave.name)).collect();
    let mut taken: Vec<&str> = Vec::new();
    for it in &step.releases {
        let release =
            cluster.releases.iter().find(|release| release.name == it.name && release.namespace == it.namespace);
        let release = release.context("the plan and the assembly contain the same releases")?;
        // Objects of early waves already exist.
        let late = |path: &str| path.split('/').nth(2).is_some_and(|wave| wave >= "20");
        let ahead = cluster.objects.iter().filter(|object| release.after.contains(&object.construct));
        let ahead: Vec<&str> =
            ahead.map(|object| object.path.as_str()).filter(|path| late(path) && !taken.contains(path)).collect();
        if !ahead.is_empty() {
            taken.extend(&ahead);
            out.push(Item::Ahead(release, ahead));
        }
        out.push(Item::Release(release));
    }
    // An empty wave has no folder.
    let late = step.waves.iter().filter(|wave| wave.name.as_str() >= "20");
    let late = late.filter(|wave| wave.objects.iter().any(|path| !taken.contains(&path.as_str())));
    out.extend(late.map(|wave| Item::Wave(&wave.name)));
    Ok(out)
}

fn values(rendered: &BTreeMap<String, String>, release: &Release) -> Result<Value> {
    crate::assembly::parse(&release.values, &rendered[&release.values])
}

fn chart_source(release: &Release, values: &Value) -> Value {
    json!({
        "repoURL": release.repository.trim_start_matches("oci://"),
        "chart": release.chart,
        "targetRevision": release.version,
        "helm": { "releaseName": release.name, "valuesObject": values }
    })
}

fn helm_release(name: &str, release: &Release, values: &Value) -> Vec<Value> {
    let metadata = json!({ "name": name, "namespace": "flux-system" });
    let mut source = json!({ "interval": "1h", "url": release.repository });
    if release.repository.starts_with("oci://") {
        source["type"] = json!("oci");
    }
    let spec = json!({
        "interval": "10m",
        "releaseName": release.name,
        "targetNamespace": release.namespace,
        "storageNamespace": release.namespace,
        "install": { "createNamespace": true },
        "chart": {
            "spec": {
                "chart": release.chart,
                "version": release.version,
                "sourceRef": { "kind": "HelmRepository", "name": name }
            }
        },
        "values": values
    });
    vec![
        json!({ "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "HelmRepository", "metadata": metadata, "spec": source }),
        json!({ "apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": metadata, "spec": spec }),
    ]
}
