//! Expands an `ApplicationSet` of Argo CD whose generators only need its repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use wildmatch::WildMatchPattern;

use super::delivery::{Delivery, argo, text};

/// The maximum depth of the folder search.
const MOST_DEEP: usize = 8;

/// The parameters of a template by name. Names of nested values are joined with dots.
type Parameters = BTreeMap<String, String>;

/// Returns the deliveries of an `ApplicationSet` from the repository at `root`, and the unsupported generators.
pub fn deliveries(object: &Value, root: &Path) -> (Vec<Delivery>, Vec<String>) {
    let spec = &object["spec"];
    let is_go = spec["goTemplate"] == true;
    let (mut found, mut left) = (Vec::new(), Vec::new());
    for generator in spec["generators"].as_array().into_iter().flatten() {
        let sets = match generator.as_object().and_then(|it| it.iter().find(|(name, _)| *name != "selector")) {
            Some((name, list)) if name == "list" && list["elements"].is_array() => Some(of_list(list)),
            Some((name, git)) if name == "git" && git["directories"].is_array() => Some(of_folders(git, root)),
            _ => None,
        };
        let Some(sets) = sets else {
            left.extend(generator.as_object().into_iter().flatten().map(|(name, _)| name.clone()).take(1));
            continue;
        };
        for parameters in sets {
            found.extend(argo(&filled(&spec["template"], &parameters, is_go), root));
        }
    }
    (found, left)
}

fn of_list(list: &Value) -> Vec<Parameters> {
    list["elements"].as_array().into_iter().flatten().map(flat).collect()
}

/// Returns the values of a map by their paths.
fn flat(value: &Value) -> Parameters {
    fn add(path: &str, value: &Value, out: &mut Parameters) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    add(&if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, value, out);
                }
            }
            Value::String(text) => drop(out.insert(path.to_owned(), text.clone())),
            other => drop(out.insert(path.to_owned(), other.to_string())),
        }
    }
    let mut out = Parameters::new();
    add("", value, &mut out);
    out
}

/// Returns the folders of a directory generator.
fn of_folders(git: &Value, root: &Path) -> Vec<Parameters> {
    let patterns = |is_excluded: bool| {
        let rows = git["directories"].as_array().into_iter().flatten();
        let rows = rows.filter(move |row| (row["exclude"] == true) == is_excluded);
        rows.filter_map(|row| text(&row["path"])).collect::<Vec<_>>()
    };
    let (wanted, excluded) = (patterns(false), patterns(true));
    let mut folders = Vec::new();
    collect(root, "", 0, &mut folders);
    let is_like = |patterns: &[String], folder: &str| patterns.iter().any(|pattern| is_match(pattern, folder));
    folders.retain(|folder| is_like(&wanted, folder) && !is_like(&excluded, folder));
    let parameters = |folder: &String| {
        let name = folder.rsplit('/').next().unwrap_or_default();
        let plain: String = name
            .to_ascii_lowercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' })
            .collect();
        let mut found: Parameters = [
            ("path", folder.as_str()),
            ("path.path", folder),
            ("path.basename", name),
            ("path.basenameNormalized", &plain),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for (idx, part) in folder.split('/').enumerate() {
            found.insert(format!("path[{idx}]"), part.to_owned());
        }
        found.extend(flat(&json!({ "values": git["values"] })));
        found
    };
    folders.iter().map(parameters).collect()
}

fn collect(root: &Path, below: &str, depth: usize, out: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(root.join(below)) else { return };
    let mut names: Vec<String> = entries
        .flatten()
        // Links are not followed, because they may be circular.
        .filter(|entry| entry.file_type().is_ok_and(|it| it.is_dir()))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    for name in names {
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if depth + 1 < MOST_DEEP {
            collect(root, &path, depth + 1, out);
        }
        out.push(path);
    }
}

/// Whether a path matches a pattern of Go's `path.Match`, in which `*` matches any text in one path segment.
fn is_match(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) =
        (pattern.trim_end_matches('/').split('/').collect(), path.split('/').collect());
    pattern.len() == path.len()
        && pattern.iter().zip(&path).all(|(pattern, part)| WildMatchPattern::<'*', '\0'>::new(pattern).matches(part))
}

/// Replaces the parameters in a template. Unknown parameters are kept.
fn filled(template: &Value, parameters: &Parameters, is_go: bool) -> Value {
    match template {
        Value::String(text) => Value::String(filled_text(text, parameters, is_go)),
        Value::Array(items) => items.iter().map(|item| filled(item, parameters, is_go)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), filled(value, parameters, is_go)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

fn filled_text(text: &str, parameters: &Parameters, is_go: bool) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        let Some(end) = rest[at..].find("}}").map(|end| at + end) else { break };
        let name = rest[at + 2..end].trim().trim_matches('-').trim();
        let known = match (is_go, name.strip_prefix('.')) {
            // `path` without a field is a map in a Go template.
            (true, Some("path")) | (true, None) => None,
            (true, Some(name)) => parameters.get(name),
            (false, _) => parameters.get(name),
        };
        out.push_str(&rest[..at]);
        out.push_str(known.map_or(&rest[at..end + 2], String::as_str));
        rest = &rest[end + 2..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_templates_like_argo() {
        let parameters = flat(&json!({ "cluster": "tokyo", "values": { "n": 3 } }));
        assert_eq!(filled_text("{{cluster}}-{{ values.n }}-{{other}}", &parameters, false), "tokyo-3-{{other}}");
        assert_eq!(filled_text("{{.cluster}}-{{ .values.n }}-{{cluster}}", &parameters, true), "tokyo-3-{{cluster}}");
        assert_eq!(filled_text("{{ cluster", &parameters, false), "{{ cluster");
    }

    #[test]
    fn star_matches_one_path_segment() {
        assert!(is_match("apps/*", "apps/orders") && is_match("*/overlays/prod-*", "a/overlays/prod-x"));
        assert!(!is_match("apps/*", "apps") && !is_match("apps/*", "apps/orders/base") && !is_match("a*b", "ac"));
    }
}
