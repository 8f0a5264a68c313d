//! Kubernetes objects from YAML.

use meshsynth_yaml::Marked;

use crate::diag::Diagnostic;
use crate::manifest::Manifest;
use crate::tree::{At, Construct, Scope};

/// Kubernetes objects from a YAML text, defined unchanged.
///
/// Use it for objects that do not need types, such as the custom resource definitions of an operator or a policy of
/// another team. The text is part of the program (`include_str!`), so the program reads no files at run time. Objects
/// without a namespace belong to the cluster and namespace of `scope`. They are checked and compared like all other
/// objects. `status` and other fields that the cluster sets are omitted. If an object needs an address or a role of the
/// platform, define it in Rust instead.
///
/// # Diagnostics
///
/// - `MS0116`: the text is not valid YAML, or one of its documents is not a manifest.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, mesh, testing};
/// # let app = App::new("shop");
/// # let cluster = testing::cluster(&app);
/// let backups = r#"
/// apiVersion: apiextensions.k8s.io/v1
/// kind: CustomResourceDefinition
/// metadata:
///   name: backups.example.com
/// spec:
///   group: example.com
///   names: { kind: Backup, plural: backups, singular: backup }
///   scope: Namespaced
///   versions:
///   - name: v1
///     served: true
///     storage: true
///     schema:
///       openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true }
/// "#;
/// // In a program: `include_str!("crds/backups.example.com.yaml")`.
/// mesh::Manifests::new(&cluster, "backups", backups);
/// # let assembly = app.synth().expect("it synthesizes");
/// # let find = |end: &str| assembly.files.keys().any(|path| path.ends_with(end));
/// # assert!(find("10-crds/customresourcedefinition-backups.example.com.yaml"));
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/#describing-a-kubernetes-object>
#[derive(Clone)]
pub struct Manifests {
    scope: Scope,
}

impl Manifests {
    /// Defines the objects of a text, which may contain several documents and lists.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, yaml: &str) -> Self {
        let scope = scope.scope().construct(id);
        let at = scope.user_line(At::caller());
        match meshsynth_yaml::read(yaml) {
            Ok(documents) => documents.into_iter().for_each(|it| define(&scope, it, at)),
            Err(wrong) => {
                let message = format!("line {} of the text is not valid YAML: {}", wrong.line, wrong.message);
                let help = "correct the text, and check it with `kubectl create --dry-run=client -f`";
                scope.report(Diagnostic::error("MS0116", message).at(at).help(help));
            }
        }
        Self { scope }
    }
}

impl Construct for Manifests {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Defines an object, or the objects of a list.
fn define(scope: &Scope, document: Marked, at: At) {
    let document = match document.into_objects() {
        Ok(objects) => return objects.into_iter().for_each(|it| define(scope, it, at)),
        Err(document) => document,
    };
    match Manifest::new(document.written(), at) {
        Ok(manifest) => {
            let id = id(&manifest);
            manifest.define(scope, &id);
        }
        Err(field) => {
            let message =
                format!("the document in line {} is not a manifest, because it has no `{field}`", document.line);
            let help = format!("add `{field}`, or remove the document");
            scope.report(Diagnostic::error("MS0116", message).at(at).help(help));
        }
    }
}

/// Returns the id of an object: its kind, its namespace (if any) and its name.
fn id(manifest: &Manifest) -> String {
    let [_, kind, namespace, name] = manifest.identity();
    let parts: Vec<&str> = [kind, namespace, name].into_iter().filter(|it| !it.is_empty()).collect();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    parts.join("-").chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::Manifests;
    use crate::testing::{Platform, cluster, codes, try_synth, workload};

    const TWO: &str = "# A comment.\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings, uid: '1' }\ndata: { level: 'yes' }\n---\n\
                       apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: { name: more, namespace: shop }\n  data: { a: b }\n";

    #[test]
    fn defines_objects_of_yaml_text() {
        let platform = Platform::synth("shop", |app| {
            let orders = workload(app);
            Manifests::new(orders.namespace(), "settings", TWO);
        });
        let settings = platform.manifest("configmap-settings");
        assert!(settings.contains("level: \"yes\""), "{settings}");
        assert!(!settings.contains("uid"), "{settings}");
        assert!(platform.manifest("configmap-more").contains("namespace: shop"));
    }

    #[test]
    fn reports_line_of_invalid_yaml() {
        let failure = try_synth("shop", |app| {
            Manifests::new(&cluster(app), "settings", "a: [1, 2\nb: 3\n");
        });
        let text = failure.expect_err("it is not valid").to_string();
        assert!(text.contains("MS0116") && text.contains("line 2 of the text"), "{text}");
    }

    #[test]
    fn reports_document_without_manifest_fields() {
        let lacking = |yaml: &'static str| {
            codes(move |app| {
                Manifests::new(&cluster(app), "settings", yaml);
            })
        };
        for yaml in ["kind: ConfigMap\nmetadata: { name: a }\n", "apiVersion: v1\nkind: ConfigMap\n", "just text"] {
            assert_eq!(lacking(yaml), ["MS0116"], "{yaml}");
        }
    }

    #[test]
    fn reports_duplicate_object() {
        let twice = codes(|app| {
            let yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n---\n";
            Manifests::new(workload(app).namespace(), "settings", &yaml.repeat(2));
        });
        assert_eq!(twice, ["MS0101"]);
    }
}
