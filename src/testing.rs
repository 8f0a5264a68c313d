//! Functions for tests of a platform: synthesize, find, compare.
//!
//! ```
//! use meshsynth::testing::Platform;
//! use meshsynth::{Env, Stack, aws};
//!
//! let platform = Platform::synth("shop", |app| {
//!     let net = Stack::new(app, "network", Env::region("ap-northeast-1"));
//!     aws::Vpc::new(&net, "vpc", aws::VpcProps::default());
//! });
//! let vpcs = platform.resources("AWS::EC2::VPC");
//! assert_eq!(vpcs.len(), 1);
//! assert_eq!(vpcs[0].props["EnableDnsSupport"], true);
//! ```
//!
//! These functions need no file, tool or network. `meshsynth_program::assert_written` compares the files in
//! `synth.out`.

mod object;

pub use object::Manifest;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diag::Diagnostic;
use crate::{App, Assembly, Construct, Env, Failure, Stack, aws, eks, mesh, policy, rules, synth};

/// A synthesized platform for tests.
pub struct Platform {
    /// The output of synthesis.
    pub assembly: Assembly,
    templates: BTreeMap<String, Value>,
    objects: BTreeMap<String, Value>,
}

/// A resource in a template.
#[derive(Debug)]
pub struct Found<'a> {
    /// The stack's file.
    pub template: &'a str,
    /// The logical id.
    pub logical_id: &'a str,
    /// The properties, or `null` without properties.
    pub props: &'a Value,
    /// The whole entry, with its policies.
    pub entry: &'a Value,
}

impl<'a> Found<'a> {
    /// Returns the property at a path, such as `LoggingInfo.BrokerLogs.S3.Enabled` or `Tags.0.Key`, or `null` if it is
    /// absent.
    pub fn get(&self, path: &str) -> &'a Value {
        at(self.props, path)
    }
}

/// Returns the value at a path: keys and list indices, separated by dots.
///
/// A key that contains dots is found only if it is equal to the rest of the path.
fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    static NOTHING: Value = Value::Null;
    if let Some(found) = value.get(path) {
        return found;
    }
    let Some((first, rest)) = path.split_once('.') else {
        return path.parse::<usize>().ok().and_then(|place| value.get(place)).unwrap_or(&NOTHING);
    };
    let inner = value.get(first).or_else(|| value.get(first.parse::<usize>().ok()?));
    inner.map_or(&NOTHING, |inner| at(inner, rest))
}

impl Platform {
    /// Synthesizes the definitions of `define`.
    ///
    /// # Panics
    ///
    /// Panics with every diagnostic if the program has errors.
    #[track_caller]
    pub fn synth(name: &str, define: impl FnOnce(&App)) -> Self {
        let app = App::new(name);
        define(&app);
        match app.synth_with_objects() {
            Ok((assembly, objects)) => Self::with(assembly, objects.into_iter().collect()),
            Err(failure) => panic!("the synthesis of the platform failed:\n{failure}"),
        }
    }

    /// Reads an assembly.
    ///
    /// # Panics
    ///
    /// Panics if a template or a manifest is not in the format of synthesis.
    #[track_caller]
    pub fn of(assembly: Assembly) -> Self {
        let manifests = assembly.files.iter().filter(|(path, _)| path.starts_with("k8s/"));
        let objects = manifests.map(|(path, text)| (path.clone(), read(path, text))).collect();
        Self::with(assembly, objects)
    }

    #[track_caller]
    fn with(assembly: Assembly, objects: BTreeMap<String, Value>) -> Self {
        let stem = |path: &str| {
            let path = path.strip_suffix(".template.json").or_else(|| path.strip_suffix(".template.yaml"))?;
            Some(format!("{path}.template.json"))
        };
        let templates = assembly.files.iter().filter_map(|(path, text)| Some((stem(path)?, read(path, text))));
        Self { templates: templates.collect(), assembly, objects }
    }

    /// Returns a template by its stack's id.
    ///
    /// # Panics
    ///
    /// Panics if there is no such stack.
    #[track_caller]
    pub fn template(&self, stack: &str) -> &Value {
        let path = format!("{stack}.template.json");
        self.templates.get(&path).unwrap_or_else(|| {
            panic!("the platform has no stack `{stack}`; its stacks are {:?}", self.templates.keys())
        })
    }

    /// Returns all resources of a type, such as `AWS::EC2::Subnet`, by template and logical id.
    pub fn resources(&self, type_name: &str) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        for (template, value) in &self.templates {
            for (logical_id, entry) in value["Resources"].as_object().into_iter().flatten() {
                if entry["Type"] == type_name {
                    found.push(Found { template, logical_id, props: &entry["Properties"], entry });
                }
            }
        }
        found
    }

    /// Returns the only resource of a type.
    ///
    /// # Panics
    ///
    /// Panics unless exactly one resource has the type.
    #[track_caller]
    pub fn resource(&self, type_name: &str) -> Found<'_> {
        let mut found = self.resources(type_name);
        assert_eq!(found.len(), 1, "expected one {type_name}, found {}", found.len());
        found.remove(0)
    }

    /// Returns the resources of a type with a value at a path of their properties:
    /// `resources_where("AWS::RDS::DBInstance", "MultiAZ", true)`.
    ///
    /// A deferred value is a reference, such as `{ "Ref": "VpcA2121C38" }`.
    pub fn resources_where(&self, type_name: &str, path: &str, value: impl Into<Value>) -> Vec<Found<'_>> {
        let value = value.into();
        self.resources(type_name).into_iter().filter(|found| found.get(path) == &value).collect()
    }

    /// Returns the text of a stack's template, for a snapshot.
    ///
    /// # Panics
    ///
    /// Panics if there is no such stack.
    #[track_caller]
    pub fn template_text(&self, stack: &str) -> &str {
        self.template(stack);
        let [json, yaml] =
            ["json", "yaml"].map(|format| self.assembly.files.get(&format!("{stack}.template.{format}")));
        json.or(yaml).map_or("", String::as_str)
    }

    /// Returns the text of a manifest, by kind and name, such as `deployment-orders`.
    ///
    /// # Panics
    ///
    /// Panics if there is no such manifest.
    #[track_caller]
    pub fn manifest(&self, kind_and_name: &str) -> &str {
        let end = format!("/{kind_and_name}.yaml");
        let found = self.assembly.files.iter().find(|(path, _)| path.ends_with(&end));
        match found {
            Some((_, text)) => text,
            None => panic!(
                "the platform has no manifest `{kind_and_name}`; its manifests are {:#?}",
                self.assembly.files.keys()
            ),
        }
    }

    /// Returns the logical ids of all stateful resources, one per line. A change to this list means data loss.
    pub fn stateful(&self) -> String {
        let manifest = self.assembly.files.get("manifest.json").map_or(Value::Null, |text| read("manifest.json", text));
        let mut lines = Vec::new();
        for stack in manifest["stacks"].as_array().into_iter().flatten() {
            for (id, entry) in stack["resources"].as_object().into_iter().flatten() {
                if entry["stateful"] == true {
                    lines.push(format!(
                        "{} {} {id}\n",
                        stack["id"].as_str().unwrap_or_default(),
                        entry["type"].as_str().unwrap_or_default()
                    ));
                }
            }
        }
        lines.sort();
        lines.concat()
    }
}

/// Reads a document of the assembly: JSON, or YAML, which is a superset of JSON.
#[track_caller]
fn read(path: &str, text: &str) -> Value {
    let read = match path.ends_with(".json") {
        true => serde_json::from_str(text).map_err(|error| error.to_string()),
        false => document(text),
    };
    read.unwrap_or_else(|error| panic!("`{path}` cannot be read: {error}"))
}

/// Reads the document of a YAML text. An empty text is `null`.
fn document(text: &str) -> Result<Value, String> {
    let documents = meshsynth_yaml::read(text).map_err(|wrong| format!("line {}: {}", wrong.line, wrong.message))?;
    Ok(documents.first().map_or(Value::Null, |it| meshsynth_yaml::json(&it.written())))
}

/// Synthesizes the definitions of `define`, and returns its errors as a value.
///
/// # Errors
///
/// Returns all errors of the program.
#[track_caller]
pub fn try_synth(name: &str, define: impl FnOnce(&App)) -> Result<Assembly, Failure> {
    let app = App::new(name);
    define(&app);
    app.synth()
}

/// Returns the codes of all diagnostics including warnings, in display order.
#[track_caller]
pub fn codes(define: impl FnOnce(&App)) -> Vec<&'static str> {
    diagnostics("app", define).into_iter().map(|diagnostic| diagnostic.code).collect()
}

/// Returns all diagnostics including warnings, in display order.
///
/// ```
/// use meshsynth::{Env, Stack, kms, testing};
///
/// let found = testing::diagnostics("shop", |app| {
///     let data = Stack::new(app, "data", Env::region("eu-west-1"));
///     kms::Key::new(&data, "orders", kms::KeyProps::default());
///     kms::Key::new(&data, "orders", kms::KeyProps::default());
/// });
/// assert_eq!(found[0].code, "MS0101");
/// assert_eq!(found[0].construct, "data/orders");
/// assert!(found[0].help.is_some());
/// ```
#[track_caller]
pub fn diagnostics(name: &str, define: impl FnOnce(&App)) -> Vec<Diagnostic> {
    match try_synth(name, define) {
        Ok(assembly) => assembly.warnings,
        Err(failure) => failure.diagnostics,
    }
}

/// Returns the findings of one custom rule for the definitions of `define`, in display order.
///
/// No other rule runs, and no files are written, so a case takes milliseconds.
///
/// ```
/// use meshsynth::policy::Rule;
/// use meshsynth::{kms, s3, testing};
///
/// let rule = Rule::new("ACME001", "buckets are encrypted with a key", |platform, report| {
///     for bucket in platform.resources("AWS::S3::Bucket") {
///         let encryption = bucket.property("BucketEncryption");
///         if encryption.refers_to().is_empty() {
///             report.at(&encryption, "the bucket is encrypted without a key").help("set `key`");
///         }
///     }
/// });
/// let found = testing::findings(&rule, |app| {
///     let data = testing::stack(app, "data");
///     let key = kms::Key::new(&data, "key", kms::KeyProps::default());
///     s3::Bucket::new(&data, "receipts", s3::BucketProps { key: Some(key), ..Default::default() });
///     s3::Bucket::new(&data, "uploads", s3::BucketProps::default());
/// });
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].construct, "data/uploads");
/// ```
#[track_caller]
pub fn findings(rule: &policy::Rule, define: impl FnOnce(&App)) -> Vec<Diagnostic> {
    let app = App::new("app");
    define(&app);
    let rules = rules::Company(std::slice::from_ref(rule));
    synth::check_rules(app.scope(), &rules).into_iter().filter(|it| it.code == rule.code()).collect()
}

/// Defines a stack in a test region.
#[track_caller]
pub fn stack(app: &App, id: &str) -> Stack {
    Stack::new(app, id, Env::new("111122223333", "ap-northeast-1"))
}

/// Defines a test cluster in a separate network. Rules treat every controller as installed.
#[track_caller]
pub fn cluster(app: &App) -> eks::Cluster {
    let platform = stack(app, "platform");
    let vpc = aws::Vpc::new(&platform, "vpc", aws::VpcProps::default());
    furnished(eks::Cluster::new(&platform, "cluster", &vpc, eks::ClusterProps::default()))
}

/// Marks every controller of a cluster as installed by another owner.
pub(crate) fn furnished(cluster: eks::Cluster) -> eks::Cluster {
    eks::Controller::ALL.into_iter().for_each(|controller| {
        cluster.comes_with(controller);
    });
    cluster
}

/// Defines a test namespace in a separate cluster.
#[track_caller]
pub fn namespace(app: &App) -> mesh::Namespace {
    let cluster = cluster(app);
    mesh::Namespace::new(&cluster.scope().stack(), "shop", &cluster, mesh::NamespaceProps::default())
}

/// Defines a test workload in a mesh.
#[track_caller]
pub fn mesh_workload(app: &App) -> mesh::Workload {
    workload_and_mesh(app).0
}

/// Defines a test workload in a mesh, and returns both.
#[track_caller]
pub fn workload_and_mesh(app: &App) -> (mesh::Workload, mesh::Istio) {
    let cluster = cluster(app);
    let istio = mesh::Istio::new(&cluster.scope().stack(), "istio", &cluster, mesh::IstioProps::default());
    let props = mesh::NamespaceProps { mesh: Some(istio.membership()), ..mesh::NamespaceProps::default() };
    let shop = mesh::Namespace::new(&cluster.scope().stack(), "shop", &cluster, props);
    let orders = mesh::Workload::new(&shop, "orders", "registry.example/orders:1.4.0", mesh::WorkloadProps::default());
    (orders, istio)
}

/// Defines a test workload.
#[track_caller]
pub fn workload(app: &App) -> mesh::Workload {
    mesh::Workload::new(&namespace(app), "orders", "registry.example/orders:1.4.0", mesh::WorkloadProps::default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_values_by_path_in_maps_and_lists() {
        let value = json!({ "a": [{ "b": 1 }], "meta": { "app.kubernetes.io/name": "web" } });
        assert_eq!(at(&value, "a.0.b"), 1);
        assert_eq!(at(&value, "meta.app.kubernetes.io/name"), "web");
        assert!(at(&value, "a.1.b").is_null() && at(&value, "a.b").is_null() && at(&value, "").is_null());
    }

    #[test]
    fn finds_resources_by_property() {
        let platform = Platform::synth("shop", |app| {
            aws::Vpc::new(&stack(app, "network"), "vpc", aws::VpcProps::default());
        });
        assert_eq!(platform.resources_where("AWS::EC2::VPC", "EnableDnsSupport", true).len(), 1);
        assert!(platform.resources_where("AWS::EC2::VPC", "EnableDnsSupport", false).is_empty());
        assert!(platform.template_text("network").contains("AWS::EC2::VPC"));
    }
}
