//! Commands on a machine with a folder, a simulated AWS and simulated clusters, for fault schedules.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;

use meshsynth_deploy::aws::AwsAccess;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::deployment::deploy_with;
use meshsynth_deploy::destroy::destroy_with;
use meshsynth_deploy::executor::Report;
use meshsynth_deploy::session::Options;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::stop::Stop;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::fake::Fake;
use crate::platform::{Notes, settings, template};
use crate::world::Kept;

/// A stack of a scenario: ID, name, region, dependencies, and template.
pub type StackRow = (&'static str, &'static str, &'static str, &'static [&'static str], String);

/// The platform of a scenario.
#[derive(Clone)]
pub struct Platform {
    pub stacks: Vec<StackRow>,
    /// The clusters: ID, region, and the names of the configurations in it.
    pub clusters: Vec<(&'static str, &'static str, Vec<&'static str>)>,
    /// The Helm releases of the first cluster.
    pub releases: Vec<&'static str>,
}

/// A command.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Deploy,
    Destroy,
}

/// A machine that runs commands.
pub struct Machine {
    pub folder: PathBuf,
    pub fake: Rc<Fake>,
    pub notes: Notes,
}

impl Machine {
    /// Creates a machine, with an account in which `meshsynth bootstrap` ran in every region of the platform.
    pub fn new(name: &str, platform: &Platform) -> Self {
        // The state folder is written with `fsync`, which is fast only in memory.
        let memory = PathBuf::from("/dev/shm");
        let parent = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let folder = parent.join(format!("meshsynth-schedule-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let machine = Self { folder, fake: Rc::new(Fake::new(1)), notes: Notes::default() };
        machine.write(platform);
        for (_, _, region, _, _) in &platform.stacks {
            let mut kept = Kept::default();
            kept.stack.id = format!("stack-bootstrap-{region}");
            kept.stack.name = "meshsynth-bootstrap".to_owned();
            kept.stack.status = "CREATE_COMPLETE".to_owned();
            kept.stack.outputs.insert("Bucket".to_owned(), format!("templates-{region}"));
            let key = ((*region).to_owned(), "meshsynth-bootstrap".to_owned());
            machine.fake.world.borrow_mut().stacks.insert(key, kept);
        }
        for (id, ..) in &platform.clusters {
            machine.fake.clusters.borrow_mut().insert(format!("shop-{id}"), Rc::new(Cluster::default()));
        }
        machine
    }

    /// Writes the output of a platform.
    pub fn write(&self, platform: &Platform) {
        let folder = self.folder.join("shop");
        let _ = fs::remove_dir_all(&folder);
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        let stack = |(id, name, region, needs, text): &StackRow| {
            let resources: BTreeMap<String, Value> =
                crate::template::resources(text).keys().map(|it| (it.clone(), json!({ "stateful": false }))).collect();
            json!({
                "id": id, "name": name, "region": region, "needs": needs,
                "template": format!("{id}.template.json"), "resources": resources
            })
        };
        files.extend(platform.stacks.iter().map(|it| (format!("{}.template.json", it.0), it.4.clone())));
        let mut clusters = Vec::new();
        for (idx, (id, region, configs)) in platform.clusters.iter().enumerate() {
            let mut objects = Vec::new();
            for (path, body) in objects_of(id, configs) {
                objects.push(json!({ "path": path, "construct": "run/orders", "source": "src/main.rs:9:5" }));
                files.insert(path, body.to_string());
            }
            let releases = if idx == 0 { platform.releases.clone() } else { Vec::new() };
            let release = |name: &&str| {
                json!({
                    "name": name, "namespace": "shop", "chart": name, "version": "1.0.0",
                    "values": format!("values/{name}.yaml"), "construct": format!("run/{name}"), "after": []
                })
            };
            files.extend(releases.iter().map(|name| (format!("values/{name}.yaml"), "{\"a\": 1}".to_owned())));
            clusters.push(json!({
                "id": id, "name": format!("shop-{id}"), "region": region, "needs": [platform.stacks[idx].0],
                "objects": objects, "releases": releases.iter().map(release).collect::<Vec<_>>()
            }));
        }
        let manifest = json!({
            "format_version": 1, "app": "shop", "files": files.keys().collect::<Vec<_>>(),
            "stacks": platform.stacks.iter().map(stack).collect::<Vec<_>>(), "clusters": clusters
        });
        files.insert("manifest.json".to_owned(), manifest.to_string());
        files.insert("bindings.json".to_owned(), "{}".to_owned());
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    /// Returns the options of a command.
    pub fn options(&self, run: &str) -> Options<'_> {
        Options {
            folder: self.folder.join("shop"),
            output: self.folder.clone(),
            settings: Settings { run: run.to_owned(), ..settings(run) },
            aws: AwsAccess::default(),
            bucket: None,
            clusters: ClusterAccess::default(),
            who: "ann@laptop".to_owned(),
            refactors: false,
            breaks_lock: false,
            by_region: None,
            watch: &self.notes,
            is_interrupted: || false,
        }
    }

    /// Runs a command to its end. Returns `None` if the process is killed.
    pub async fn run(&self, verb: Verb, options: &Options<'_>) -> Option<Result<Report, String>> {
        let (fake, stop) = (Rc::clone(&self.fake), Stop::default());
        self.fake.dead.set(false);
        let work = async {
            let done = match verb {
                Verb::Deploy => deploy_with(options, fake, &stop, None).await,
                Verb::Destroy => destroy_with(options, fake, &stop).await.map(|(report, _)| report),
            };
            done.map_err(|error| format!("{error:#}"))
        };
        tokio::select! {
            biased;
            () = self.fake.death.notified() => None,
            done = work => Some(done),
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Returns the manifests of a cluster, by path.
pub fn objects_of(cluster: &str, configs: &[&str]) -> Vec<(String, Value)> {
    let object = |wave: &str, version: &str, kind: &str, name: &str, spec: Value| {
        let mut body = json!({
            "apiVersion": version, "kind": kind,
            "metadata": { "name": name, "namespace": "shop", "labels": { "meshsynth/app": "shop" } }
        });
        if kind == "Namespace" {
            body["metadata"].as_object_mut().unwrap().remove("namespace");
        }
        if !spec.is_null() {
            body[if kind == "ConfigMap" { "data" } else { "spec" }] = spec;
        }
        (format!("k8s/{cluster}/{wave}/{}-{name}.yaml", kind.to_lowercase()), body)
    };
    let mut out = vec![object("00-namespaces", "v1", "Namespace", "shop", Value::Null)];
    out.extend(configs.iter().map(|name| object("30-config", "v1", "ConfigMap", name, json!({ "a": "b" }))));
    let spec = json!({ "replicas": 1, "template": "orders:1" });
    out.push(object("40-workloads", "apps/v1", "Deployment", "orders", spec));
    out
}

/// Returns a stack row with resources of a version.
pub fn row(
    id: &'static str,
    name: &'static str,
    region: &'static str,
    needs: &'static [&'static str],
    resources: &[&str],
    version: u32,
) -> StackRow {
    (id, name, region, needs, template(resources, version))
}
