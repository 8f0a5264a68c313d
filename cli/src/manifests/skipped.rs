//! What is left out of a check, and why.

use crate::yaml::Marked;

/// A file or folder that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its path.
    pub path: String,
    /// Why.
    pub why: String,
}

impl Skipped {
    /// Says what was left out, and why.
    pub fn new(path: impl Into<String>, why: impl Into<String>) -> Self {
        Self { path: path.into(), why: why.into() }
    }
}

/// Whether a text that is no YAML is a template of YAML.
pub fn template(text: &str) -> Option<&'static str> {
    text.contains("{{").then_some("a template: render it, such as by `helm template`, and give the output")
}

/// Documents that look like manifests and are read by a tool on this side of the cluster.
pub fn other_tool(document: &Marked) -> Option<&'static str> {
    let api_version = document.text("apiVersion").unwrap_or_default();
    let group = api_version.split('/').next().unwrap_or_default();
    match (group, document.text("kind").unwrap_or_default()) {
        ("kustomize.config.k8s.io", _) => Some("read by kustomize"),
        ("kind.x-k8s.io" | "k3d.io" | "minikube.sigs.k8s.io", _) => Some("read by a tool for local clusters"),
        ("eksctl.io", _) => Some("read by eksctl"),
        ("skaffold", _) => Some("read by skaffold"),
        ("kubeadm.k8s.io" | "kubelet.config.k8s.io", _) => Some("read by kubeadm or the kubelet"),
        _ if api_version == "v1" && document.text("kind") == Some("Config") => Some("the configuration of kubectl"),
        _ => None,
    }
}
