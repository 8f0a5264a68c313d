//! How a world comes from files.

use std::collections::BTreeMap;

use meshsynth_access::kubernetes::Labels;
use serde_json::Value;

use super::at::At;
use super::edge::Edge;
use super::files::Files;
use super::object::{Cluster, Object, Release, labels};
use super::resolve::{Resolver, Template};
use super::resource::{Place, Resource};

/// What files say, in parts.
pub(super) struct Parts {
    pub stacks: Vec<Place>,
    pub resources: Vec<Resource>,
    pub clusters: Vec<Cluster>,
    pub edges: Vec<Edge>,
}

/// The label that every namespace has.
const NAME: &str = "kubernetes.io/metadata.name";

pub(super) fn parts(files: &Files) -> Parts {
    let (templates, rows) = match files.manifest["stacks"].as_array() {
        Some(stacks) => stacks.iter().filter_map(|stack| synthesized(files, stack)).unzip(),
        None => plain(files),
    };
    let templates: Vec<Template> = templates;
    let rows: Vec<Value> = rows;
    let resolver = Resolver::new(&templates);
    let mut resources = Vec::new();
    for (at, template) in templates.iter().enumerate() {
        for (logical, resource) in resolver.resources(at) {
            let row = &rows[at];
            let text = |key: &str| row["resources"][&logical][key].as_str().unwrap_or_default().to_owned();
            let file = row["template"].as_str().unwrap_or_default().to_owned();
            resources.push(Resource {
                stack: at,
                stack_id: template.place.id.clone(),
                type_name: resource["Type"].as_str().unwrap_or_default().to_owned(),
                properties: resource.get("Properties").cloned().unwrap_or_default(),
                at: At { source: text("source"), construct: text("construct"), file },
                logical,
            });
        }
    }
    let bindings = bindings(files, &templates, &resolver);
    let mut clusters = match files.manifest["clusters"].as_array() {
        Some(clusters) => clusters.iter().map(|it| cluster(files, it, &bindings)).collect(),
        None => plain_cluster(files).into_iter().collect::<Vec<_>>(),
    };
    clusters.iter_mut().for_each(name_namespaces);
    let edges = Edge::read(&files.graph);
    Parts { stacks: templates.into_iter().map(|it| it.place).collect(), resources, clusters, edges }
}

/// A stack of a manifest, and the manifest's row.
fn synthesized(files: &Files, stack: &Value) -> Option<(Template, Value)> {
    let text = |key: &str| stack[key].as_str().unwrap_or_default().to_owned();
    let document = files.documents.get(stack["template"].as_str()?)?.first()?.1.clone();
    let place = Place { id: text("id"), name: text("name"), account: text("account"), region: text("region") };
    Some((Template { place, document }, stack.clone()))
}

/// Every template among plain files.
fn plain(files: &Files) -> (Vec<Template>, Vec<Value>) {
    let documents = files.documents.iter().flat_map(|(name, all)| all.iter().map(move |(_, it)| (name, it)));
    let is_template = |document: &Value| {
        document["Resources"].as_object().is_some_and(|it| it.values().any(|it| it["Type"].is_string()))
    };
    let template = |(name, document): (&String, &Value)| {
        let id = name.rsplit_once('.').map_or(name.as_str(), |(id, _)| id).replace('/', "-");
        let place = Place { name: id.clone(), id, account: String::new(), region: String::new() };
        (Template { place, document: document.clone() }, serde_json::json!({ "template": name }))
    };
    documents.filter(|(_, document)| is_template(document)).map(template).unzip()
}

/// What each placeholder of manifests stands for.
fn bindings(files: &Files, templates: &[Template], resolver: &Resolver) -> BTreeMap<String, String> {
    let rows = files.bindings.as_object().into_iter().flatten();
    let value = |(name, row): (&String, &Value)| {
        let stack = templates.iter().position(|it| it.place.id == row["stack"])?;
        let value = resolver.output(stack, row["output"].as_str()?)?;
        Some((name.clone(), value.as_str()?.to_owned()))
    };
    rows.filter_map(value).collect()
}

fn filled(value: &Value, bindings: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) if text.contains("${") => fill(text, bindings).into(),
        Value::Array(items) => items.iter().map(|item| filled(item, bindings)).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), filled(value, bindings))).collect())
        }
        other => other.clone(),
    }
}

/// A text with what its placeholders stand for.
fn fill(text: &str, bindings: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = rest.find('}').map_or(rest, |end| &rest[..=end]);
        match bindings.get(name) {
            Some(value) => out.push_str(value),
            None => out.push_str("${"),
        }
        rest = &rest[if bindings.contains_key(name) { name.len() } else { 2 }..];
    }
    out + rest
}

fn cluster(files: &Files, row: &Value, bindings: &BTreeMap<String, String>) -> Cluster {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut cluster = Cluster {
        id: text(&row["id"]),
        name: text(&filled(&row["name"], bindings)),
        account: text(&row["account"]),
        region: text(&row["region"]),
        ..Cluster::default()
    };
    let at = |row: &Value, file: &str| At {
        source: text(&row["source"]),
        construct: text(&row["construct"]),
        file: file.to_owned(),
    };
    let documents = |path: &str| files.documents.get(path).into_iter().flatten().map(|(_, document)| document);
    for object in row["objects"].as_array().into_iter().flatten() {
        let path = object["path"].as_str().unwrap_or_default();
        for document in documents(path) {
            cluster.objects.extend(Object::expand(filled(document, bindings), &at(object, path)));
        }
    }
    for release in row["releases"].as_array().into_iter().flatten() {
        let path = release["values"].as_str().unwrap_or_default();
        cluster.releases.push(Release {
            name: text(&release["name"]),
            chart: text(&release["chart"]),
            namespace: text(&release["namespace"]),
            values: documents(path).next().map(|it| filled(it, bindings)).unwrap_or_default(),
            at: at(release, path),
        });
    }
    cluster
}

/// Every object among plain files: one cluster.
fn plain_cluster(files: &Files) -> Option<Cluster> {
    let mut cluster = Cluster { id: "cluster".to_owned(), ..Cluster::default() };
    for (name, documents) in &files.documents {
        for (line, document) in documents {
            let items = match document {
                Value::Array(items) => items.iter().collect(),
                one => vec![one],
            };
            let objects = items.into_iter().filter(|it| it["kind"].is_string() && it["apiVersion"].is_string());
            cluster.objects.extend(objects.flat_map(|it| Object::expand(it.clone(), &Files::at(name, *line))));
        }
    }
    (!cluster.objects.is_empty()).then_some(cluster)
}

/// Every namespace has its name as a label, also one that no object defines.
fn name_namespaces(cluster: &mut Cluster) {
    let mut namespaces: BTreeMap<String, Labels> = BTreeMap::new();
    for object in &cluster.objects {
        if object.kind == "Namespace" {
            namespaces.entry(object.name.clone()).or_default().extend(labels(&object.document["metadata"]["labels"]));
        } else if object.document["metadata"]["name"].is_string() {
            namespaces.entry(object.namespace.clone()).or_default();
        }
    }
    for (name, labels) in &mut namespaces {
        labels.entry(NAME.to_owned()).or_insert_with(|| name.clone());
    }
    cluster.namespaces = namespaces;
}
