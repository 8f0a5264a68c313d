//! Skipped files and documents, with reasons.

use crate::yaml::Marked;

/// A skipped file or folder, or skipped parts of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its path.
    pub path: String,
    /// The reason.
    pub why: String,
    /// The number of skipped parts with this reason.
    pub n: usize,
}

impl Skipped {
    /// Creates a skipped file or part.
    pub fn new(path: impl Into<String>, why: impl Into<String>) -> Self {
        Self { path: path.into(), why: why.into(), n: 1 }
    }

    /// Adds it to a list. Parts of one file with the same reason become one entry.
    pub fn add_to(self, all: &mut Vec<Self>) {
        match all.iter_mut().rev().take_while(|it| it.path == self.path).find(|it| it.why == self.why) {
            Some(known) => known.n += self.n,
            None => all.push(self),
        }
    }

    /// Returns the reason and the number of parts.
    pub fn shown(&self) -> String {
        match self.n {
            1 => self.why.clone(),
            n => format!("{} ({n} times)", self.why),
        }
    }
}

/// Returns why a text with invalid YAML is not an error: it is a template for other tools, or unrelated to Kubernetes.
pub fn no_manifest(text: &str) -> Option<&'static str> {
    match () {
        () if is_binary(text) && !(text.contains("apiVersion") && text.contains("kind")) => {
            Some("not a manifest: it is a binary file")
        }
        () if text.contains("AWSTemplateFormatVersion") => None,
        () if text.contains("{{") => {
            Some("a template: render it, for example with `helm template`, and specify the output")
        }
        () if has_token(text) => Some("a template: replace `@NAME@` with values, and specify the output"),
        // A CloudFormation template with a syntax error: its content is unknown.
        () if text.contains("Resources") && text.contains("AWS::") => None,
        () if !text.contains("kind") => Some("not a manifest: it is not valid YAML, and contains no kind"),
        () => None,
    }
}

/// Whether a text comes from binary data: it has control characters, and null bytes or invalid UTF-8.
fn is_binary(text: &str) -> bool {
    let is_control = |c: char| c.is_ascii_control() && !c.is_ascii_whitespace();
    let n_replaced = || text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    text.contains(is_control) && text.contains(['\0', char::REPLACEMENT_CHARACTER])
        || n_replaced() * 10 > text.chars().count()
}

/// Whether a value begins with a placeholder such as `@IMAGE@`, which is invalid in YAML.
fn has_token(text: &str) -> bool {
    let is_token = |text: &str| {
        let name = text.split('@').next().unwrap_or_default();
        name.len() < text.len()
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    text.lines().any(|line| line.split_once(": @").is_some_and(|(_, rest)| is_token(rest)))
}

/// Returns the reason for skipping documents that look like manifests, but are read by a tool outside of the cluster.
pub fn other_tool(document: &Marked) -> Option<&'static str> {
    let api_version = document.text("apiVersion").unwrap_or_default();
    let group = api_version.split('/').next().unwrap_or_default();
    match (group, document.text("kind").unwrap_or_default()) {
        ("kustomize.config.k8s.io" | "builtin", _) => Some("a configuration file of kustomize"),
        ("install.istio.io", _) => Some("a configuration file of `istioctl install`"),
        ("kind.x-k8s.io" | "k3d.io" | "minikube.sigs.k8s.io", _) => {
            Some("a configuration file of a tool for local clusters")
        }
        ("eksctl.io", _) => Some("a configuration file of eksctl"),
        ("skaffold", _) => Some("a configuration file of skaffold"),
        ("kubeadm.k8s.io" | "kubelet.config.k8s.io", _) => Some("a configuration file of kubeadm or the kubelet"),
        _ if is_test(document) => Some("a Helm test, which runs only with `helm test`"),
        _ if document.get("$patch").is_some() => Some("a kustomize patch: check the output of kustomize"),
        _ if api_version == "v1" && document.text("kind") == Some("Config") => Some("a configuration file of kubectl"),
        _ => None,
    }
}

/// Whether only `helm test` runs the object. Its pods may have the same labels as those of the release.
fn is_test(document: &Marked) -> bool {
    let annotations = document.get("metadata").and_then(|metadata| metadata.get("annotations"));
    annotations
        .and_then(|it| it.text("helm.sh/hook"))
        .is_some_and(|hooks| hooks.split(',').all(|it| it.starts_with("test")))
}

#[cfg(test)]
mod tests {
    use super::no_manifest;

    #[test]
    fn distinguishes_binary_files_from_templates() {
        let binary = Some("not a manifest: it is a binary file");
        assert_eq!(no_manifest("\u{89}PNG\r\n\u{1a}\n\0\0{{"), binary);
        assert_eq!(no_manifest("\u{fffd}\u{1}{{ a }} @B@ AWSTemplateFormatVersion"), binary);
        assert_eq!(no_manifest(&format!("{{{{ {}", "\u{fffd}x".repeat(9))), binary);
        assert_eq!(no_manifest("apiVersion: v1\nkind: A\nx: \0\n"), None);
        assert!(no_manifest("a: {{ b }} \u{fffd}").is_some_and(|why| why.starts_with("a template")));
        assert!(no_manifest("\u{1b}[31ma: {{ b }}").is_some_and(|why| why.starts_with("a template")));
    }
}
