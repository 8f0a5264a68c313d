//! Builds a world from files.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use meshsynth_access::kubernetes::Labels;
use serde_json::{Map, Value};

use super::assumption::Assumptions;
use super::at::At;
use super::choices::{Choice, choices};
use super::documents::Documents;
use super::edge::Edge;
use super::files::Files;
use super::object::{Cluster, Object, Release, labels};
use super::resolve::{Resolver, Template};
use super::resource::{Place, Resource};

/// The parsed parts of a world.
pub(super) struct Parts {
    pub stacks: Vec<Place>,
    pub resources: Vec<Resource>,
    pub clusters: Vec<Cluster>,
    pub edges: Vec<Edge>,
}

/// Returns the choices of the templates, and the ids of their stacks.
pub(super) fn open(files: &Files) -> (Vec<Choice>, Vec<String>) {
    // Templates without conditions are not copied.
    let has_conditions = |document: &Value| {
        document["Conditions"].as_object().is_some_and(|it| !it.is_empty()) && document["Resources"].is_object()
    };
    if !files.documents.values().flatten().any(|(_, document)| has_conditions(document)) {
        return (Vec::new(), Vec::new());
    }
    let mut all = files.documents.clone();
    let mut documents = Documents::new(&files.manifest, &mut all);
    let templates: Vec<Template> = match files.manifest["stacks"].as_array() {
        Some(stacks) => stacks.iter().filter_map(|it| Some(synthesized(&mut documents, it)?.0)).collect(),
        None => plain(&documents).0,
    };
    (choices(&templates), templates.into_iter().map(|it| it.place.id).collect())
}

/// The label that every namespace has.
const NAME: &str = "kubernetes.io/metadata.name";

/// Takes the documents out of the files, and builds the parts of a world. Parameters and conditions have the assumed
/// values.
pub(super) fn parts(files: &mut Files, assumed: Assumptions) -> Parts {
    let Files { manifest, bindings, graph, documents, .. } = files;
    let mut documents = Documents::new(manifest, documents);
    let (mut templates, rows) = match manifest["stacks"].as_array() {
        Some(stacks) => stacks.iter().filter_map(|stack| synthesized(&mut documents, stack)).unzip(),
        None => plain(&documents),
    };
    let templates: &mut Vec<Template> = &mut templates;
    let rows: Vec<Cow<'_, Value>> = rows;
    // Values can refer to all sections of a template except `Resources`, so resources are moved out of the template.
    let bodies: Vec<Map<String, Value>> =
        templates.iter_mut().map(|it| object(&mut it.document["Resources"])).collect();
    let resolver = Resolver::new(templates, &assumed);
    let mut resources = Vec::new();
    for (at, mut body) in bodies.into_iter().enumerate() {
        let (template, row) = (&templates[at], &rows[at]);
        let file = row["template"].as_str().unwrap_or_default();
        resolver.resolve(at, &mut body);
        for (logical, mut resource) in body {
            let known = &row["resources"][&logical];
            let text = |key: &str| known[key].as_str().unwrap_or_default().to_owned();
            resources.push(Resource {
                stack: at,
                stack_id: template.place.id.clone(),
                type_name: resource["Type"].as_str().unwrap_or_default().to_owned(),
                properties: resource.get_mut("Properties").map(Value::take).unwrap_or_default(),
                at: At { source: text("source"), construct: text("construct"), file: file.to_owned() },
                logical,
            });
        }
    }
    let bindings = placeholders(bindings, templates, &resolver);
    let mut clusters = match manifest["clusters"].as_array() {
        Some(clusters) => clusters.iter().map(|it| cluster(&mut documents, it, &bindings)).collect(),
        None => plain_cluster(&mut documents).into_iter().collect::<Vec<_>>(),
    };
    clusters.iter_mut().for_each(name_namespaces);
    let edges = Edge::read(graph);
    Parts { stacks: templates.drain(..).map(|it| it.place).collect(), resources, clusters, edges }
}

/// Returns the template of a stack, and its manifest row.
fn synthesized<'a>(documents: &mut Documents<'_>, stack: &'a Value) -> Option<(Template, Cow<'a, Value>)> {
    let text = |key: &str| stack[key].as_str().unwrap_or_default().to_owned();
    let document = documents.take(stack["template"].as_str()?).into_iter().next()?;
    let place = Place { id: text("id"), name: text("name"), account: text("account"), region: text("region") };
    Some((Template { place, document }, Cow::Borrowed(stack)))
}

/// Returns every template among plain files.
fn plain<'a>(documents: &Documents<'_>) -> (Vec<Template>, Vec<Cow<'a, Value>>) {
    let all = documents.all.iter().flat_map(|(name, all)| all.iter().map(move |(_, it)| (name, it)));
    let is_template = |document: &Value| {
        document["Resources"].as_object().is_some_and(|it| it.values().any(|it| it["Type"].is_string()))
    };
    let template = |(name, document): (&String, &Value)| {
        let id = name.rsplit_once('.').map_or(name.as_str(), |(id, _)| id).replace('/', "-");
        let place = Place { name: id.clone(), id, account: String::new(), region: String::new() };
        (Template { place, document: document.clone() }, Cow::Owned(serde_json::json!({ "template": name })))
    };
    all.filter(|(_, document)| is_template(document)).map(template).unzip()
}

/// Returns the values of placeholders in manifests.
fn placeholders(bindings: &Value, templates: &[Template], resolver: &Resolver) -> BTreeMap<String, String> {
    let rows = bindings.as_object().into_iter().flatten();
    let value = |(name, row): (&String, &Value)| {
        let stack = templates.iter().position(|it| it.place.id == row["stack"])?;
        let value = resolver.output(stack, row["output"].as_str()?)?;
        Some((name.clone(), value.as_str()?.to_owned()))
    };
    rows.filter_map(value).collect()
}

/// Replaces the placeholders in a value.
fn filled(mut value: Value, bindings: &BTreeMap<String, String>) -> Value {
    fill_in(&mut value, bindings);
    value
}

fn fill_in(value: &mut Value, bindings: &BTreeMap<String, String>) {
    match value {
        // Searching for a character is faster than searching for a text.
        Value::String(text) if text.contains('$') => *text = fill(text, bindings),
        Value::Array(items) => items.iter_mut().for_each(|item| fill_in(item, bindings)),
        Value::Object(map) => map.values_mut().for_each(|value| fill_in(value, bindings)),
        _ => {}
    }
}

/// Moves a map out of a value; empty if the value is not a map.
fn object(value: &mut Value) -> Map<String, Value> {
    match value.take() {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Replaces the placeholders in a text.
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

fn cluster(documents: &mut Documents<'_>, row: &Value, bindings: &BTreeMap<String, String>) -> Cluster {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut cluster = Cluster {
        id: text(&row["id"]),
        name: fill(row["name"].as_str().unwrap_or_default(), bindings),
        account: text(&row["account"]),
        region: text(&row["region"]),
        ..Cluster::default()
    };
    let at = |row: &Value, file: &str| At {
        source: text(&row["source"]),
        construct: text(&row["construct"]),
        file: file.to_owned(),
    };
    for object in row["objects"].as_array().into_iter().flatten() {
        let path = object["path"].as_str().unwrap_or_default();
        for document in documents.take(path) {
            cluster.objects.extend(Object::expand(filled(document, bindings), &at(object, path)));
        }
    }
    for release in row["releases"].as_array().into_iter().flatten() {
        let path = release["values"].as_str().unwrap_or_default();
        cluster.releases.push(Release {
            name: text(&release["name"]),
            chart: text(&release["chart"]),
            namespace: text(&release["namespace"]),
            values: documents.take(path).into_iter().next().map(|it| filled(it, bindings)).unwrap_or_default(),
            at: at(release, path),
        });
    }
    cluster
}

/// Returns one cluster with every object in plain files.
fn plain_cluster(documents: &mut Documents<'_>) -> Option<Cluster> {
    let mut cluster = Cluster { id: "cluster".to_owned(), ..Cluster::default() };
    for (name, documents) in documents.all.iter_mut() {
        for (line, document) in documents {
            let items = match document.take() {
                Value::Array(items) => items,
                one => vec![one],
            };
            let objects = items.into_iter().filter(|it| it["kind"].is_string() && it["apiVersion"].is_string());
            cluster.objects.extend(objects.flat_map(|it| Object::expand(it, &Files::at(name, *line))));
        }
    }
    (!cluster.objects.is_empty()).then_some(cluster)
}

/// Adds the name label to every namespace, including namespaces without an object.
fn name_namespaces(cluster: &mut Cluster) {
    let mut namespaces: BTreeMap<String, Labels> = BTreeMap::new();
    let is_namespace = |it: &&Object| it.kind == "Namespace";
    let known: BTreeSet<String> = cluster.objects.iter().filter(is_namespace).map(|it| it.name.clone()).collect();
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
    cluster.open_namespaces = namespaces.keys().filter(|it| !known.contains(*it)).cloned().collect();
    cluster.namespaces = namespaces;
}
