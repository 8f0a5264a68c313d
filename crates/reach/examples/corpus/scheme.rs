//! Scheme files of `IBM/network-config-analyzer`, which list the files of each configuration.

use std::fs;
use std::path::{Path, PathBuf};

use meshsynth_reach::World;
use meshsynth_reach::world::{At, Files, Object};
use serde_json::{Value, json};

/// A scheme file.
pub struct Scheme {
    pub path: PathBuf,
    pub document: Value,
}

/// The kinds in the lists of a scheme.
const POLICIES: [&str; 9] = [
    "NetworkPolicy",
    "AuthorizationPolicy",
    "Sidecar",
    "Gateway",
    "VirtualService",
    "Ingress",
    "GlobalNetworkPolicy",
    "Profile",
    "HTTPRoute",
];
/// URLs of corpus files that some schemes download.
const OWN: [&str; 3] = [
    "https://github.com/IBM/network-config-analyzer/tree/master/tests/",
    "https://github.com/IBM/network-config-analyzer/blob/master/tests/",
    "https://raw.githubusercontent.com/IBM/network-config-analyzer/master/tests/",
];

impl Scheme {
    /// Returns every scheme below a folder.
    pub fn all(folder: &Path) -> Vec<Self> {
        let mut found = Vec::new();
        for path in files(folder, true) {
            let mut one = Files::default();
            one.add_text("scheme.yaml", &fs::read_to_string(&path).unwrap_or_default());
            let document = one.documents["scheme.yaml"].first().map(|it| it.1.clone()).unwrap_or_default();
            if document["queries"].is_array() && document["networkConfigList"].is_array() {
                found.push(Self { path, document });
            }
        }
        found
    }

    /// Returns the world of a configuration, or of one of its policies: `name`, `name/namespace/policy` or
    /// `name/kind/namespace/policy`.
    pub fn world(&self, set: &str, tests: &Path) -> Result<World, String> {
        let mut parts = set.split('/');
        let name = parts.next().unwrap_or_default();
        let only: Vec<&str> = parts.collect();
        let configs = self.document["networkConfigList"].as_array().into_iter().flatten();
        let config = configs.into_iter().find(|it| it["name"] == name).ok_or("no such configuration")?;
        let objects = |key: &str| -> Result<Vec<Object>, String> {
            let list = if config[key].is_null() { &self.document[key] } else { &config[key] };
            self.read(list, tests)
        };
        let is_policy = |it: &Object| POLICIES.contains(&it.kind.as_str());
        let mut all: Vec<Object> = Vec::new();
        let topology = ["podList", "namespaceList"].map(objects);
        for list in topology {
            all.extend(list?.into_iter().filter(|it| !is_policy(it)));
        }
        let resources = objects("resourceList")?;
        let global = self.read(&self.document["resourceList"], tests)?;
        all.extend(global.into_iter().chain(resources.iter().cloned()).filter(|it| !is_policy(it)));
        let mut policies: Vec<Object> = resources.into_iter().filter(is_policy).collect();
        policies.extend(self.read(&config["networkPolicyList"], tests)?.into_iter().filter(is_policy));
        if let [.., namespace, policy] = only.as_slice() {
            policies.retain(|it| it.name == *policy && it.namespace == *namespace);
            if policies.is_empty() {
                return Err(format!("no policy `{set}`"));
            }
        }
        all.extend(policies);
        if let Some(calico) = all.iter().find(|it| it.group.contains("calico")) {
            return Err(format!("{} of Calico", calico.kind));
        }
        // Several lists may contain the same file.
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|it| seen.insert((it.kind.clone(), it.namespace.clone(), it.name.clone(), it.document.to_string())));
        let list = json!({ "kind": "List", "apiVersion": "v1", "items": all.iter().map(|it| &it.document).collect::<Vec<_>>() });
        let mut files = Files::default();
        files.documents.insert("objects.yaml".to_owned(), vec![(1, list)]);
        Ok(World::of(&files))
    }

    fn read(&self, list: &Value, tests: &Path) -> Result<Vec<Object>, String> {
        let list: Vec<&str> = match list {
            Value::String(one) => vec![one],
            other => other.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        };
        let mut found = Vec::new();
        for entry in list {
            let own = OWN.iter().find_map(|it| entry.strip_prefix(it)).map(|it| tests.join(it));
            if own.is_none() && (entry.contains("://") || ["k8s", "istio", "calico"].contains(&entry)) {
                return Err(format!("`{entry}` is not in the checkout"));
            }
            let entry = entry.replace('\\', "/");
            let folder = self.path.parent().unwrap_or(tests);
            let path = own.unwrap_or_else(|| folder.join(entry.trim_end_matches("/**")));
            for path in files(&path, entry.ends_with("/**")) {
                let mut one = Files::default();
                one.add_text("file.yaml", &fs::read_to_string(&path).unwrap_or_default());
                for (_, document) in one.documents.remove("file.yaml").unwrap_or_default() {
                    let documents = document.as_array().cloned().unwrap_or_else(|| vec![document]);
                    found.extend(documents.into_iter().flat_map(|it| Object::expand(it, &At::default())));
                }
            }
        }
        Ok(found)
    }
}

fn files(path: &Path, is_deep: bool) -> Vec<PathBuf> {
    let is_document = |it: &Path| it.extension().is_some_and(|it| it == "yaml" || it == "yml" || it == "json");
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut entries: Vec<PathBuf> = fs::read_dir(path).into_iter().flatten().flatten().map(|it| it.path()).collect();
    entries.sort();
    let each = entries.into_iter().flat_map(|it| match it.is_dir() {
        true if is_deep => files(&it, true),
        true => Vec::new(),
        false => vec![it],
    });
    each.filter(|it| is_document(it)).collect()
}
