//! Reads objects of Argo CD and Flux that deliver a folder.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::substitute::Substitution;

/// A folder that is delivered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delivery {
    /// The folder, below the root of the repository.
    pub folder: PathBuf,
    /// The namespace of objects that specify none.
    pub namespace: Option<String>,
    /// The name of the Helm release.
    pub release: Option<String>,
    /// The kustomization fields that are applied on top of the folder.
    pub overlay: Map<String, Value>,
    /// Files with values for a chart.
    pub value_files: Vec<PathBuf>,
    /// Values for a chart.
    pub values: Vec<Value>,
    /// The variables that are substituted at the end.
    pub substitution: Option<Substitution>,
    /// Single values for a chart: name, value, and whether the value is a string.
    pub parameters: Vec<(String, String, bool)>,
}

/// The fields of Flux that a kustomization has too.
const OF_FLUX: [&str; 6] = ["components", "commonMetadata", "images", "namePrefix", "nameSuffix", "patches"];

/// Returns the deliveries of an `Application`, or of its template.
pub fn argo(object: &Value, root: &Path) -> Vec<Delivery> {
    let spec = &object["spec"];
    let sources = spec["sources"].as_array().cloned().unwrap_or_else(|| vec![spec["source"].clone()]);
    sources.iter().filter_map(|source| argo_source(object, source, root)).collect()
}

fn argo_source(object: &Value, source: &Value, root: &Path) -> Option<Delivery> {
    let folder = below(root, source["path"].as_str()?)?;
    let (helm, kustomize) = (&source["helm"], &source["kustomize"]);
    let mut overlay = Map::new();
    for (name, value) in kustomize.as_object().into_iter().flatten() {
        match (name.as_str(), value) {
            ("images", Value::Array(images)) => {
                let images: Vec<Value> = images.iter().filter_map(|it| image(it.as_str()?)).collect();
                overlay.insert(name.clone(), Value::Array(images));
            }
            (
                "namePrefix" | "nameSuffix" | "namespace" | "commonLabels" | "commonAnnotations" | "patches"
                | "replicas",
                value,
            ) => {
                overlay.insert(name.clone(), value.clone());
            }
            _ => {}
        }
    }
    let file = |name: &str| match name.strip_prefix('$') {
        // `$values/…` refers to a file in another source of the Application. The file exists here only if that source
        // is this repository.
        Some(rest) => below(root, rest.split_once('/')?.1),
        None => below(root, &format!("{}/{name}", source["path"].as_str()?)),
    };
    let inline = helm["values"].as_str().map(yaml_values).into_iter().flatten();
    let parameter = |it: &Value| {
        let value = &it["value"];
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some((it["name"].as_str()?.to_owned(), text, it["forceString"] == true))
    };
    Some(Delivery {
        folder,
        namespace: text(&helm["namespace"]).or_else(|| text(&spec(object)["destination"]["namespace"])),
        release: text(&helm["releaseName"]).or_else(|| text(&object["metadata"]["name"])),
        overlay,
        value_files: texts(&helm["valueFiles"]).iter().filter_map(|name| file(name)).collect(),
        substitution: None,
        values: inline.chain(helm["valuesObject"].as_object().map(|it| Value::Object(it.clone()))).collect(),
        parameters: helm["parameters"].as_array().into_iter().flatten().filter_map(parameter).collect(),
    })
}

/// Returns the delivery of a Flux `Kustomization`.
pub fn flux_kustomization(object: &Value, root: &Path) -> Option<Delivery> {
    let spec = spec(object);
    let folder = below(root, spec["path"].as_str().unwrap_or("."))?;
    let named = OF_FLUX.iter().filter_map(|name| Some(((*name).to_owned(), spec.get(name)?.clone())));
    let mut overlay: Map<String, Value> = named.collect();
    if let Some(Value::Object(metadata)) = overlay.remove("commonMetadata") {
        if let Some(labels) = metadata.get("labels") {
            overlay.insert("labels".to_owned(), json!([{ "pairs": labels }]));
        }
        if let Some(annotations) = metadata.get("annotations") {
            overlay.insert("commonAnnotations".to_owned(), annotations.clone());
        }
    }
    let namespace = text(&spec["targetNamespace"]);
    if let Some(namespace) = &namespace {
        overlay.insert("namespace".to_owned(), json!(namespace));
    }
    Some(Delivery { folder, namespace, overlay, substitution: substitution(&spec["postBuild"]), ..Delivery::default() })
}

/// Returns the inline substitutions of `postBuild`.
fn substitution(post_build: &Value) -> Option<Substitution> {
    let post_build = post_build.as_object()?;
    let values = post_build.get("substitute").and_then(Value::as_object).into_iter().flatten();
    let values =
        values.map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
    let is_open = post_build.get("substituteFrom").and_then(Value::as_array).is_some_and(|from| !from.is_empty());
    Some(Substitution { values: values.collect(), is_open })
}

/// Returns the delivery of a Flux `HelmRelease`.
pub fn flux_release(object: &Value, root: &Path) -> Option<Delivery> {
    let spec = spec(object);
    let chart = &spec["chart"]["spec"];
    let is_of_repository = matches!(chart["sourceRef"]["kind"].as_str(), Some("GitRepository" | "Bucket"));
    let folder = below(root, chart["chart"].as_str().filter(|_| is_of_repository)?)?;
    let name = text(&object["metadata"]["name"])?;
    let target = text(&spec["targetNamespace"]);
    let release = text(&spec["releaseName"]);
    let release = release.unwrap_or_else(|| target.as_ref().map_or(name.clone(), |target| format!("{target}-{name}")));
    let files = texts(&chart["valuesFiles"]);
    Some(Delivery {
        folder,
        namespace: target.or_else(|| text(&object["metadata"]["namespace"])),
        release: Some(release),
        value_files: files.iter().filter_map(|name| below(root, name)).collect(),
        values: spec["values"].as_object().map(|it| Value::Object(it.clone())).into_iter().collect(),
        ..Delivery::default()
    })
}

fn spec(object: &Value) -> &Value {
    &object["spec"]
}

/// Returns a text that is not empty.
pub fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(text).collect()
}

fn yaml_values(text: &str) -> Option<Value> {
    let documents = crate::yaml::read(text).ok()?;
    Some(crate::yaml::json(&documents.first()?.literal()))
}

/// Returns an existing path below the root, or `None` if it is outside.
fn below(root: &Path, path: &str) -> Option<PathBuf> {
    let found = root.join(path.trim_start_matches("./").trim_start_matches('/')).canonicalize().ok()?;
    found.starts_with(root.canonicalize().ok()?).then_some(found)
}

/// Converts `name=new:tag`, `name:tag` or `name@digest` to the form of a kustomization.
fn image(text: &str) -> Option<Value> {
    let (name, image) = text.split_once('=').unwrap_or((text, text));
    let (image, digest) = image.split_once('@').map_or((image, None), |(image, digest)| (image, Some(digest)));
    let tag = image.rfind(':').filter(|at| !image[*at..].contains('/'));
    let (image, tag) = tag.map_or((image, None), |at| (&image[..at], Some(&image[at + 1..])));
    let name = if name == text { image } else { name };
    let mut entry = json!({ "name": name, "newName": image });
    if let Some(digest) = digest {
        entry["digest"] = json!(digest);
    } else if let Some(tag) = tag {
        entry["newTag"] = json!(tag);
    }
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_images_of_argo() {
        assert_eq!(
            image("shop=registry:5000/shop:1.2"),
            Some(json!({ "name": "shop", "newName": "registry:5000/shop", "newTag": "1.2" }))
        );
        assert_eq!(image("shop:1.2"), Some(json!({ "name": "shop", "newName": "shop", "newTag": "1.2" })));
        assert_eq!(image("shop@sha256:ab"), Some(json!({ "name": "shop", "newName": "shop", "digest": "sha256:ab" })));
    }

    #[test]
    fn ignores_paths_outside_of_repository() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(below(root, "./src").is_some() && below(root, "/src/manifests").is_some());
        assert!(below(root, "../src").is_none() && below(root, "nowhere").is_none());
    }
}
