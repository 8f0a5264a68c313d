//! Finds the objects of a text by their first lines, without parsing it. Most files are equal on both sides of a diff,
//! and only the identities of their objects are needed.
//!
//! Only the plain YAML form is supported, which most tools and people write. Other files are parsed.

use crate::yaml::is_mark;

/// An object in a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece<'t> {
    /// The first line of the object, from 1.
    pub line: usize,
    /// Its `apiVersion`.
    pub api: &'t str,
    /// Its kind.
    pub kind: &'t str,
    /// Its namespace, if it specifies one.
    pub namespace: Option<&'t str>,
    /// Its name.
    pub name: &'t str,
    /// Its text.
    pub text: &'t str,
}

/// Text that may change the meaning of a document, or requires a full parse.
const SUSPICIOUS: [&str; 7] =
    ["{{", "$patch", "helm.sh/hook", "AWSTemplateFormatVersion", "\nResources:", "<<:", "\n%"];

/// Returns the objects of a text, or `None` if a document has another form.
pub fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    if text.starts_with(['{', '[', '\u{feff}', '%']) || SUSPICIOUS.iter().any(|part| text.contains(part)) {
        return None;
    }
    let mut found = Vec::new();
    let (mut start, mut first, mut at) = (0, 1, 0);
    for (idx, line) in text.split_inclusive('\n').enumerate() {
        let plain = line.trim_end();
        if plain == "..." {
            return None;
        }
        if is_mark(plain) {
            let rest = plain[3..].trim_start();
            if !rest.is_empty() && !rest.starts_with('#') {
                return None;
            }
            found.extend(piece(&text[start..at], first)?);
            (start, first) = (at + line.len(), idx + 2);
        }
        at += line.len();
    }
    found.extend(piece(&text[start..], first)?);
    Some(found)
}

/// Returns the object of a document, `Some(None)` for an empty document, or `None` for another form.
fn piece(text: &str, first: usize) -> Option<Option<Piece<'_>>> {
    let (mut api, mut kind, mut name, mut namespace) = (None, None, None, None);
    let mut indent = 0;
    let mut is_in_metadata = false;
    let mut line_of = None;
    for (idx, line) in text.lines().enumerate() {
        let content = line.trim_start_matches(' ');
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if content.starts_with('\t') {
            return None;
        }
        line_of.get_or_insert(first + idx);
        let own = line.len() - content.len();
        if own == 0 {
            is_in_metadata = false;
            let (key, value) = content.split_once(':')?;
            match key {
                "apiVersion" => api = Some(once(api, scalar(value)?)?),
                "kind" => kind = Some(once(kind, scalar(value)?)?),
                "metadata" => {
                    let rest = value.trim();
                    if !(rest.is_empty() || rest.starts_with('#')) || name.is_some() {
                        return None;
                    }
                    (is_in_metadata, indent) = (true, 0);
                }
                _ => {}
            }
        } else if is_in_metadata {
            indent = if indent == 0 { own } else { indent };
            if own < indent {
                return None;
            }
            let pair = content.split_once(':').filter(|_| own == indent);
            match pair {
                Some(("name", value)) => name = Some(once(name, word(value)?)?),
                Some(("namespace", value)) => namespace = Some(once(namespace, word(value)?)?),
                Some(("generateName", _)) => return None,
                _ => {}
            }
        }
    }
    let Some(line) = line_of else { return Some(None) };
    let (api, kind, name) = (api?, kind?, name?);
    // A list contains several objects, a custom resource definition affects other objects, and some kinds are only
    // configuration files of tools.
    let is_plain = !kind.ends_with("List") && kind != "CustomResourceDefinition" && kind != "Config";
    let is_of_tool =
        ["kustomize.config.k8s.io", "builtin", "install.istio.io", "kind.x-k8s.io", "k3d.io", "minikube.sigs.k8s.io"];
    let is_of_tool = is_of_tool.iter().chain(&["eksctl.io", "skaffold", "kubeadm.k8s.io", "kubelet.config.k8s.io"]);
    let group = api.split('/').next().unwrap_or_default();
    (is_plain && !is_of_tool.into_iter().any(|tool| *tool == group)).then_some(Some(Piece {
        line,
        api,
        kind,
        namespace,
        name,
        text,
    }))
}

/// Returns the value if it is the first one.
fn once<'t>(known: Option<&str>, value: &'t str) -> Option<&'t str> {
    known.is_none().then_some(value)
}

/// Returns a plain or quoted scalar on one line.
fn scalar(value: &str) -> Option<&str> {
    let value = value.strip_prefix(' ')?.trim();
    let value = value.split(" #").next().unwrap_or_default().trim_end();
    let quoted = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    let value = quoted.unwrap_or(value);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/' | '_' | ':');
    (!value.is_empty() && value.chars().all(is_plain)).then_some(value)
}

/// Returns a scalar that is always a string: it begins with a letter and is not a YAML keyword.
fn word(value: &str) -> Option<&str> {
    let value = scalar(value)?;
    let is_word =
        ["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(&value.to_lowercase().as_str());
    (value.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_word).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn finds_objects_in_plain_yaml_text() {
        let text = "# one\napiVersion: v1\nkind: Service\nmetadata:\n  labels:\n    name: other\n  name: web # here\n  namespace: \"shop\"\n\
                    spec:\n  ports: []\n---\n# nothing\n---\nkind: ConfigMap\nmetadata:\n  name: a\napiVersion: v1\ndata:\n  a: |\n    kind: b\n";
        let found = pieces(text).unwrap();
        let told: Vec<_> = found.iter().map(|it| (it.line, it.kind, it.namespace, it.name)).collect();
        assert_eq!(told, [(2, "Service", Some("shop"), "web"), (14, "ConfigMap", None, "a")]);
        assert!(found[1].text.ends_with("kind: b\n"));
    }

    #[test]
    fn rejects_other_forms() {
        for text in [
            "{\"kind\": \"Service\"}",
            "apiVersion: v1\nkind: List\nmetadata:\n  name: a\nitems: []\n",
            "apiVersion: v1\nkind: Service\nmetadata: { name: a }\n",
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: 12\n",
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: yes\n",
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  name: b\n",
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .a }}\n",
            "apiVersion: v1\nkind: Service\n",
            "replicas: 3\n",
            "Resources:\n  A: { Type: AWS::SQS::Queue }\n",
        ] {
            assert_eq!(pieces(text), None, "{text}");
        }
    }
}
