//! What the tests of a platform need: synthesize, find, compare.
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

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{App, Assembly, Construct, Env, Failure, Stack, aws, eks, mesh};

/// A synthesized platform to ask questions of.
pub struct Platform {
    /// What synthesis wrote.
    pub assembly: Assembly,
    templates: BTreeMap<String, Value>,
}

/// A resource in a template.
#[derive(Debug)]
pub struct Found<'a> {
    /// The stack's file.
    pub template: &'a str,
    /// The logical id.
    pub logical_id: &'a str,
    /// The properties; `null` where there are none.
    pub props: &'a Value,
    /// The whole entry, with its policies.
    pub entry: &'a Value,
}

impl Platform {
    /// Synthesizes what `define` defines.
    ///
    /// # Panics
    ///
    /// With every diagnostic, where the program has mistakes.
    #[track_caller]
    pub fn synth(name: &str, define: impl FnOnce(&App)) -> Self {
        match try_synth(name, define) {
            Ok(assembly) => Self::of(assembly),
            Err(failure) => panic!("the platform does not synthesize:\n{failure}"),
        }
    }

    /// Asks questions of an assembly.
    pub fn of(assembly: Assembly) -> Self {
        let is_template = |path: &str| path.ends_with(".template.json");
        let templates = assembly
            .files
            .iter()
            .filter(|(path, _)| is_template(path))
            .map(|(path, text)| (path.clone(), serde_json::from_str(text).expect("a template is JSON")))
            .collect();
        Self { assembly, templates }
    }

    /// A template by its stack's id.
    ///
    /// # Panics
    ///
    /// Where there is no such stack.
    #[track_caller]
    pub fn template(&self, stack: &str) -> &Value {
        let path = format!("{stack}.template.json");
        self.templates.get(&path).unwrap_or_else(|| panic!("no stack `{stack}`; there are {:?}", self.templates.keys()))
    }

    /// All resources of a type, such as `AWS::EC2::Subnet`, by template and logical id.
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

    /// The one resource of a type.
    ///
    /// # Panics
    ///
    /// Where there is none or more than one.
    #[track_caller]
    pub fn resource(&self, type_name: &str) -> Found<'_> {
        let mut found = self.resources(type_name);
        assert_eq!(found.len(), 1, "wanted one {type_name}, found {}", found.len());
        found.remove(0)
    }

    /// The text of a manifest, by kind and name, such as `deployment-orders`.
    ///
    /// # Panics
    ///
    /// Where there is none.
    #[track_caller]
    pub fn manifest(&self, kind_and_name: &str) -> &str {
        let end = format!("/{kind_and_name}.yaml");
        let found = self.assembly.files.iter().find(|(path, _)| path.ends_with(&end));
        match found {
            Some((_, text)) => text,
            None => panic!("no manifest `{kind_and_name}`; there are {:#?}", self.assembly.files.keys()),
        }
    }

    /// The logical ids of everything that holds data, a line each. A change here loses data.
    pub fn stateful(&self) -> String {
        let manifest: Value = serde_json::from_str(&self.assembly.files["manifest.json"]).expect("a manifest is JSON");
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

/// Synthesizes what `define` defines, with its mistakes as a value.
///
/// # Errors
///
/// Every mistake of the program.
#[track_caller]
pub fn try_synth(name: &str, define: impl FnOnce(&App)) -> Result<Assembly, Failure> {
    let app = App::new(name);
    define(&app);
    app.synth()
}

/// The codes of all diagnostics, warnings included, in the order in which they are shown.
#[track_caller]
pub fn codes(define: impl FnOnce(&App)) -> Vec<&'static str> {
    let diagnostics = match try_synth("app", define) {
        Ok(assembly) => assembly.warnings,
        Err(failure) => failure.diagnostics,
    };
    diagnostics.into_iter().map(|diagnostic| diagnostic.code).collect()
}

/// A stack in a region to test in.
#[track_caller]
pub fn stack(app: &App, id: &str) -> Stack {
    Stack::new(app, id, Env::new("111122223333", "ap-northeast-1"))
}

/// A cluster with a network of its own to test in.
#[track_caller]
pub fn cluster(app: &App) -> eks::Cluster {
    let platform = stack(app, "platform");
    let vpc = aws::Vpc::new(&platform, "vpc", aws::VpcProps::default());
    eks::Cluster::new(&platform, "cluster", &vpc, eks::ClusterProps::default())
}

/// A namespace in a cluster of its own to test in.
#[track_caller]
pub fn namespace(app: &App) -> mesh::Namespace {
    let cluster = cluster(app);
    mesh::Namespace::new(&cluster.scope().stack(), "shop", &cluster, mesh::NamespaceProps::default())
}

/// A workload of a mesh to test with.
#[track_caller]
pub fn mesh_workload(app: &App) -> mesh::Workload {
    let cluster = cluster(app);
    let istio = mesh::Istio::new(&cluster.scope().stack(), "istio", &cluster, mesh::IstioProps::default());
    let props = mesh::NamespaceProps { mesh: Some(istio), ..mesh::NamespaceProps::default() };
    let shop = mesh::Namespace::new(&cluster.scope().stack(), "shop", &cluster, props);
    mesh::Workload::new(&shop, "orders", "registry.example/orders:1.4.0", mesh::WorkloadProps::default())
}

/// A workload to test with.
#[track_caller]
pub fn workload(app: &App) -> mesh::Workload {
    mesh::Workload::new(&namespace(app), "orders", "registry.example/orders:1.4.0", mesh::WorkloadProps::default())
}
