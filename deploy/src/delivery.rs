//! Delivery by Argo CD or Flux: the same waves and releases, as objects that those apply from a repository.
//!
//! Sources: <https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/>,
//! <https://fluxcd.io/flux/components/kustomize/kustomizations/>.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::assembly::{Assembly, Release};
use crate::plan::{ClusterStep, Plan};
use crate::render::yaml;

/// Who applies, and from where.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Who applies.
    pub tool: Tool,
    /// The repository that the rendered folder is committed to.
    pub repository: String,
    /// Its branch or tag.
    pub revision: String,
    /// Where the rendered folder is in it.
    pub path: String,
}

/// Who applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Argo CD, by an Application for each wave and release.
    ArgoCd,
    /// Flux, by a Kustomization for each wave and a HelmRelease for each release.
    Flux,
}

/// What comes at a place in the order.
enum Item<'a> {
    Wave(&'a str),
    Release(&'a Release),
}

impl Delivery {
    /// The objects, by path: `delivery/<cluster>/<NN>-<name>.yaml`.
    pub fn files(
        &self,
        assembly: &Assembly,
        plan: &Plan,
        rendered: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>> {
        let mut out = BTreeMap::new();
        for step in &plan.clusters {
            let mut before: Option<(String, bool)> = None;
            for (idx, item) in items(assembly, step)?.iter().enumerate() {
                let name = match item {
                    Item::Wave(wave) => format!("{}-{}-{wave}", plan.app, step.id),
                    Item::Release(release) => format!("{}-{}-{}", plan.app, step.id, release.name),
                };
                let objects = match (self.tool, item) {
                    (Tool::ArgoCd, Item::Wave(wave)) => {
                        vec![self.application(&name, idx, self.path_source(step, wave), "")]
                    }
                    (Tool::ArgoCd, Item::Release(release)) => {
                        let source = chart_source(release, &values(rendered, release)?);
                        vec![self.application(&name, idx, source, &release.namespace)]
                    }
                    (Tool::Flux, Item::Wave(wave)) => vec![self.kustomization(&name, step, wave, before.as_ref())],
                    (Tool::Flux, Item::Release(release)) => {
                        helm_release(&name, release, &values(rendered, release)?, before.as_ref())
                    }
                };
                before = Some((name.clone(), matches!(item, Item::Release(_))));
                let texts = objects.iter().map(yaml).collect::<Result<Vec<_>>>()?;
                out.insert(format!("delivery/{}/{idx:02}-{name}.yaml", step.id), texts.join("---\n"));
            }
            if self.tool == Tool::Flux {
                let source = json!({
                    "apiVersion": "source.toolkit.fluxcd.io/v1",
                    "kind": "GitRepository",
                    "metadata": { "name": plan.app, "namespace": "flux-system" },
                    "spec": { "interval": "5m", "url": self.repository, "ref": { "branch": self.revision } }
                });
                out.insert(format!("delivery/{}/source.yaml", step.id), yaml(&source)?);
            }
        }
        Ok(out)
    }

    fn path_source(&self, step: &ClusterStep, wave: &str) -> Value {
        json!({
            "repoURL": self.repository,
            "targetRevision": self.revision,
            "path": self.below(step, wave),
            "directory": { "recurse": true }
        })
    }

    fn below(&self, step: &ClusterStep, wave: &str) -> String {
        let path = format!("{}/k8s/{}/{wave}", self.path.trim_matches('/'), step.id);
        path.trim_start_matches('/').to_owned()
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

    fn kustomization(&self, name: &str, step: &ClusterStep, wave: &str, before: Option<&(String, bool)>) -> Value {
        let mut object = json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": { "name": name, "namespace": "flux-system" },
            "spec": {
                "interval": "10m",
                "path": format!("./{}", self.below(step, wave)),
                "prune": true,
                "wait": true,
                "timeout": "15m",
                "sourceRef": { "kind": "GitRepository", "name": name.split(&format!("-{}-", step.id)).next().unwrap_or(name) }
            }
        });
        // A Kustomization can wait for Kustomizations alone; behind releases it is tried again until their kinds are there.
        if let Some((before, false)) = before {
            object["spec"]["dependsOn"] = json!([{ "name": before }]);
        }
        object
    }
}

/// Waves and releases in the order in which a deployment does them.
fn items<'a>(assembly: &'a Assembly, step: &'a ClusterStep) -> Result<Vec<Item<'a>>> {
    let cluster = assembly.manifest.clusters.iter().find(|cluster| cluster.id == step.id);
    let cluster = cluster.context("the plan and the assembly are of one cluster")?;
    let early = step.waves.iter().filter(|wave| wave.name.as_str() < "20").map(|wave| Item::Wave(&wave.name));
    let late = step.waves.iter().filter(|wave| wave.name.as_str() >= "20").map(|wave| Item::Wave(&wave.name));
    let releases = step.releases.iter().filter_map(|it| {
        cluster.releases.iter().find(|release| release.name == it.name && release.namespace == it.namespace)
    });
    Ok(early.chain(releases.map(Item::Release)).chain(late).collect())
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

fn helm_release(name: &str, release: &Release, values: &Value, before: Option<&(String, bool)>) -> Vec<Value> {
    let metadata = json!({ "name": name, "namespace": "flux-system" });
    let mut source = json!({ "interval": "1h", "url": release.repository });
    if release.repository.starts_with("oci://") {
        source["type"] = json!("oci");
    }
    let mut spec = json!({
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
    if let Some((before, true)) = before {
        spec["dependsOn"] = json!([{ "name": before }]);
    }
    vec![
        json!({ "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "HelmRepository", "metadata": metadata, "spec": source }),
        json!({ "apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": metadata, "spec": spec }),
    ]
}
