//! Kinds whose definitions are published as TypeScript declarations.
//!
//! The npm packages `@kubernetes-models/*` contain one type in each file, with the
//! name in the source of the project. They contain types, required fields and
//! enums, but no patterns and limits.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::{Facts, Kind, reduce};

/// Module, package, folder, namespaced kinds, cluster-scoped kinds.
type Package = (&'static str, &'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const PACKAGES: [Package; 6] = [
    ("argocd", "argo-cd", "argoproj.io/v1alpha1", &["AppProject", "Application", "ApplicationSet"], &[]),
    ("cert_manager", "cert-manager", "cert-manager.io/v1", &["Certificate", "Issuer"], &["ClusterIssuer"]),
    (
        "external_secrets",
        "external-secrets",
        "external-secrets.io/v1",
        &["ExternalSecret", "SecretStore"],
        &["ClusterExternalSecret", "ClusterSecretStore"],
    ),
    ("flux", "flux-cd", "helm.toolkit.fluxcd.io/v2", &["HelmRelease"], &[]),
    ("flux", "flux-cd", "kustomize.toolkit.fluxcd.io/v1", &["Kustomization"], &[]),
    ("flux", "flux-cd", "source.toolkit.fluxcd.io/v1", &["GitRepository", "HelmRepository", "OCIRepository"], &[]),
];

/// Reads the packages below `node_modules/@kubernetes-models`.
pub fn read(facts: &mut Facts, npm: &Path) -> Result<()> {
    let mut reader = Reader { npm, module: "", definitions: BTreeMap::new(), files: BTreeMap::new() };
    for (module, package, api_version, namespaced, cluster) in PACKAGES {
        let root = npm.join(package);
        let about = fs::read_to_string(root.join("package.json"));
        let about = about.with_context(|| format!("cannot read the package in {}", root.display()))?;
        let about: Value = serde_json::from_str(&about)?;
        let source = format!("npm @kubernetes-models/{package} {}", about["version"].as_str().unwrap_or_default());
        reader.module = module;
        for name in namespaced.iter().chain(cluster) {
            let schema = reader.file(&root.join(api_version).join(format!("{name}.d.ts")), &["metadata", "status"])?;
            let kind = Kind {
                api_version: api_version.to_owned(),
                namespaced: namespaced.contains(name),
                schema: reduce::kind(&schema),
            };
            facts.module(module, &source).kinds.insert((*name).to_owned(), kind);
        }
        let read = reader.definitions.iter().filter(|(_, schema)| schema.get("properties").is_some());
        let read = read.map(|(name, schema)| (name.clone(), reduce::reduce(schema)));
        facts.module(module, &source).definitions.extend(read.filter(|(name, _)| of(name, module)));
    }
    Ok(())
}

/// Whether a definition belongs to a module.
fn of(name: &str, module: &str) -> bool {
    name.split_once('.').is_some_and(|(known, _)| known == module)
}

struct Reader<'a> {
    npm: &'a Path,
    module: &'static str,
    definitions: BTreeMap<String, Value>,
    /// The source file of each of our names.
    files: BTreeMap<String, PathBuf>,
}

impl Reader<'_> {
    /// Returns the schema of the type that a file declares.
    fn file(&mut self, path: &Path, skip: &[&str]) -> Result<Value> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = without_comments(&text);
        let imports = imports(&text);
        let folder = path.parent().unwrap_or(path);
        if let Some((_, rest)) = text.split_once("export type I").filter(|_| !text.contains("export interface ")) {
            let (_, rest) = rest.split_once(" = ").context("a type has no definition")?;
            let end = rest.find(";\nexport").or_else(|| rest.find("};").map(|end| end + 1)).unwrap_or(rest.len());
            return self.kind_of(rest[..end].trim(), &imports, folder);
        }
        let (_, rest) = text.split_once("export interface ").context("a file has no declaration")?;
        // If the interface extends another one, only the class in the same file declares all fields.
        let inherits = rest.split('{').next().is_some_and(|head| head.contains(" extends I"));
        let class = text.split_once("export declare class ").map(|(_, class)| class);
        let rest = class.filter(|_| inherits).unwrap_or(rest);
        let body = block(rest).context("a declaration has no end")?;
        self.object(body, skip, &imports, folder).with_context(|| format!("in {}", path.display()))
    }

    fn object(
        &mut self,
        body: &str,
        skip: &[&str],
        imports: &BTreeMap<String, String>,
        folder: &Path,
    ) -> Result<Value> {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for (key, optional, kind) in fields(body) {
            if skip.contains(&key.as_str()) {
                continue;
            }
            let schema = self.kind_of(&kind, imports, folder)?;
            required.extend((!optional).then(|| json!(key)));
            properties.insert(key, schema);
        }
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            schema["required"] = Value::Array(required);
        }
        Ok(schema)
    }

    fn kind_of(&mut self, kind: &str, imports: &BTreeMap<String, String>, folder: &Path) -> Result<Value> {
        if let Some(inner) = kind.strip_prefix("Array<").and_then(|kind| kind.strip_suffix('>')) {
            return Ok(json!({ "type": "array", "items": self.kind_of(inner, imports, folder)? }));
        }
        if kind.starts_with('"') {
            let values: Vec<&str> = kind.split(" | ").map(|value| value.trim_matches('"')).collect();
            return Ok(json!({ "type": "string", "enum": values }));
        }
        if kind.starts_with('{') {
            let inner = block(kind).unwrap_or_default().trim();
            return match inner.strip_prefix("[key: string]: ") {
                Some(value) => {
                    let value = self.kind_of(value.trim_end_matches(';'), imports, folder)?;
                    Ok(json!({ "type": "object", "additionalProperties": value }))
                }
                None => self.object(inner, &[], imports, folder),
            };
        }
        Ok(match kind {
            "string" => json!({ "type": "string" }),
            "boolean" => json!({ "type": "boolean" }),
            "number" => json!({ "type": "integer" }),
            "string | number" | "number | string" => json!({ "x-kubernetes-int-or-string": true }),
            "any" | "unknown" => json!({ "x-kubernetes-preserve-unknown-fields": true }),
            _ => return self.named(kind, imports, folder),
        })
    }

    fn named(&mut self, name: &str, imports: &BTreeMap<String, String>, folder: &Path) -> Result<Value> {
        if name.contains("ApiextensionsV1JSON") {
            return Ok(json!({ "x-kubernetes-preserve-unknown-fields": true }));
        }
        if name == "IIoK8sApimachineryPkgRuntimeRawExtension" {
            return Ok(json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true }));
        }
        if let Some(meta) = name.strip_prefix("IIoK8sApimachineryPkgApisMetaV1") {
            return Ok(match meta {
                "Duration" => json!({ "type": "string" }),
                "Time" | "MicroTime" => json!({ "type": "string", "format": "date-time" }),
                _ => json!({ "$ref": format!("meta.{meta}") }),
            });
        }
        if let Some(core) = name.strip_prefix("IIoK8sApiCoreV1") {
            return Ok(json!({ "$ref": format!("core.{core}") }));
        }
        let Some(place) = imports.get(name) else { bail!("`{name}` is not imported") };
        let path = match place.strip_prefix("@kubernetes-models/") {
            Some(place) => self.npm.join(place),
            None => folder.join(place),
        };
        let path = PathBuf::from(format!("{}.d.ts", path.to_string_lossy().trim_end_matches(".js")));
        let path = fs::canonicalize(&path).with_context(|| format!("cannot find {}", path.display()))?;
        let short = path.file_name().unwrap_or_default().to_string_lossy().trim_end_matches(".d.ts").to_owned();
        let mut key = format!("{}.{short}", self.module);
        if self.files.get(&key).is_some_and(|known| *known != path) {
            key = format!("{}.{}{short}", self.module, api_word(&path));
        }
        if self.files.get(&key) != Some(&path) {
            // Insert the name before the file is read, because types may contain themselves.
            self.files.insert(key.clone(), path.clone());
            let schema = self.file(&path, &[])?;
            self.definitions.insert(key.clone(), schema);
        }
        let schema = &self.definitions.get(&key);
        // Replace aliases of plain text, lists and maps by their types.
        match schema {
            Some(schema) if schema.get("properties").is_none() => Ok((*schema).clone()),
            _ => Ok(json!({ "$ref": key })),
        }
    }
}

/// Returns the first word of a file's API group: `Acme` for `acme.cert-manager.io/v1/X.d.ts`.
fn api_word(path: &Path) -> String {
    let group = path.parent().and_then(Path::parent).and_then(Path::file_name).unwrap_or_default();
    let word = group.to_string_lossy().split(['.', '-']).next().unwrap_or_default().to_owned();
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

/// Returns the names and files of imports.
fn imports(text: &str) -> BTreeMap<String, String> {
    let mut imports = BTreeMap::new();
    for line in text.lines() {
        let Some((names, place)) = line.strip_prefix("import { ").and_then(|line| line.split_once(" } from \"")) else {
            continue;
        };
        for name in names.split(", ") {
            imports.insert(name.to_owned(), place.trim_end_matches("\";").to_owned());
        }
    }
    imports
}

/// Returns the text between the first brace and its closing brace.
fn block(text: &str) -> Option<&str> {
    let start = text.find('{')? + 1;
    let mut depth = 1;
    for (idx, ch) in text[start..].char_indices() {
        depth += match ch {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        if depth == 0 {
            return Some(&text[start..start + idx]);
        }
    }
    None
}

/// Returns the name, whether it is optional, and the type of each field.
fn fields(body: &str) -> Vec<(String, bool, String)> {
    let mut fields = Vec::new();
    let mut rest = body;
    while let Some((_, next)) = rest.split_once('"') {
        let Some((key, next)) = next.split_once('"') else { break };
        let optional = next.starts_with('?');
        let kind = next.trim_start_matches('?').trim_start_matches(": ");
        let end = end_of_type(kind);
        fields.push((key.to_owned(), optional, kind[..end].to_owned()));
        rest = &kind[end..];
    }
    fields
}

/// Returns the end of a type: the first `;` outside all brackets.
fn end_of_type(text: &str) -> usize {
    let mut depth = 0;
    for (idx, ch) in text.char_indices() {
        match ch {
            '{' | '<' => depth += 1,
            '}' | '>' => depth -= 1,
            ';' if depth == 0 => return idx,
            _ => {}
        }
    }
    text.len()
}

fn without_comments(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/**") {
        plain.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    plain + rest
}
