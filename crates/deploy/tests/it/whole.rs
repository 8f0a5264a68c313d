//! Tests whole commands from an assembly on disk to AWS and a cluster: roles, EKS tokens, locks, drift and deletion.

use std::fs;
use std::path::{Path, PathBuf};

use aws_credential_types::Credentials;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use meshsynth_deploy::aws::AwsAccess;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::executor::Report;
use meshsynth_deploy::session::Options;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::{commands, destroy};
use meshsynth_deploy::{drift, lock};
use serde_json::json;

use crate::endpoint::Endpoint;
use crate::platform::{Notes, TOKYO, settings, template};
use crate::server::Server;
use crate::world::Kept;

const DEPLOYMENT: &str = "/apis/apps/v1/namespaces/shop/deployments/orders";

/// A machine with a folder for the assembly of a shop, which has one stack and one cluster.
struct Machine {
    folder: PathBuf,
    endpoint: String,
    notes: Notes,
    role: Option<String>,
    account: Option<String>,
}

impl Machine {
    fn new(name: &str, endpoint: &Endpoint) -> Self {
        let folder = std::env::temp_dir().join(format!("meshsynth-whole-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let machine =
            Self { folder, endpoint: endpoint.address.clone(), notes: Notes::default(), role: None, account: None };
        machine.write(true);
        machine
    }

    fn write(&self, has_cluster: bool) {
        let namespace = "k8s/run/00-namespaces/namespace-shop.yaml";
        let deployment = "k8s/run/40-workloads/deployment-orders.yaml";
        let object = |path: &str| json!({ "path": path, "construct": "run/orders", "source": "src/main.rs:9:5" });
        let cluster = json!({
            "id": "run", "name": "shop-run", "account": self.account, "region": TOKYO, "needs": ["data"],
            "objects": [object(namespace), object(deployment)], "releases": []
        });
        let files = [
            ("data.template.json", template(&["OrdersDb"], 1)),
            (namespace, json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop" } }).to_string()),
            (
                deployment,
                json!({
                    "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "orders", "namespace": "shop" },
                    "spec": { "replicas": 2, "template": "${data/db.Host}" }
                })
                .to_string(),
            ),
            ("bindings.json", json!({ "${data/db.Host}": { "stack": "data", "output": "Name" } }).to_string()),
        ];
        let manifest = json!({
            "format_version": 1, "app": "shop", "files": files.iter().map(|(path, _)| path).collect::<Vec<_>>(),
            "stacks": [{
                "id": "data", "name": "shop-data", "account": self.account, "region": TOKYO,
                "template": "data.template.json", "resources": { "OrdersDb": { "stateful": true } }
            }],
            "clusters": if has_cluster { vec![cluster] } else { Vec::new() }
        });
        for (path, text) in
            files.iter().map(|(path, text)| (*path, text.clone())).chain([("manifest.json", manifest.to_string())])
        {
            let path = self.folder.join("shop").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn options(&self, run: &str) -> Options<'_> {
        Options {
            folder: self.folder.join("shop"),
            output: self.folder.clone(),
            settings: Settings { protect: Some(false), ..settings(run) },
            aws: AwsAccess {
                role: self.role.clone(),
                external_id: self.role.as_ref().map(|_| "shop-external".to_owned()),
                endpoint: Some(self.endpoint.clone()),
                credentials: Some(Credentials::new("AKIDEXAMPLE", "not a secret", None, None, "test")),
                ..AwsAccess::default()
            },
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

    fn deploy(&self, run: &str) -> Report {
        commands::deploy(&self.options(run), None).unwrap()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Returns a bootstrapped account with a cluster.
fn world(server: Option<&Server>) -> Endpoint {
    let endpoint = Endpoint::start();
    {
        let mut world = endpoint.world.lock().unwrap();
        let mut kept = Kept::default();
        kept.stack.name = "meshsynth-bootstrap".to_owned();
        kept.stack.status = "CREATE_COMPLETE".to_owned();
        kept.stack.outputs.insert("Bucket".to_owned(), "templates".to_owned());
        world.stacks.insert((TOKYO.to_owned(), "meshsynth-bootstrap".to_owned()), kept);
        world.clusters.extend(server.map(|server| ("shop-run".to_owned(), server.address.clone())));
    }
    endpoint
}

#[test]
fn deploys_compares_and_destroys_eks_cluster() {
    let server = Server::start();
    let endpoint = world(Some(&server));
    let machine = Machine::new("eks", &endpoint);
    let report = machine.deploy("run1");
    assert!(report.is_fine(), "{report:#?}");
    let token = server.tokens.lock().unwrap()[0].clone();
    let address = URL_SAFE_NO_PAD.decode(token.strip_prefix("Bearer k8s-aws-v1.").unwrap()).unwrap();
    let address = String::from_utf8(address).unwrap();
    for part in
        ["/?Action=GetCallerIdentity&Version=2011-06-15", "X-Amz-Expires=60", "X-Amz-SignedHeaders=host%3Bx-k8s-aws-id"]
    {
        assert!(
            address.starts_with("https://sts.ap-northeast-1.amazonaws.com/") && address.contains(part),
            "{address}"
        );
    }
    let live = server.cluster.lock().unwrap().objects.borrow()[DEPLOYMENT].clone();
    assert_eq!(live["spec"]["template"], "shop-data.Name", "the placeholder is filled");
    assert!(drift::drift(&machine.options("run2")).unwrap().is_none());
    let edit = |object: &mut serde_json::Value| object["spec"]["template"] = json!("by hand");
    server.cluster.lock().unwrap().edit(DEPLOYMENT, "kubectl-edit", edit);
    let drifts = drift::drift(&machine.options("run3")).unwrap();
    assert_eq!(drifts.clusters[0].1[0].fields[0].by[0].manager, "kubectl-edit");
    // Failed comparisons are reported in addition to successful ones.
    endpoint.world.lock().unwrap().stacks.remove(&(TOKYO.to_owned(), "shop-data".to_owned()));
    let partly = drift::drift(&machine.options("run3")).unwrap();
    assert!(!partly.is_none() && partly.stacks[0].1[0].status == "DELETED");
    assert_eq!(partly.unread[0].0, "run");
    assert!(partly.unread[0].1.text.contains("the outputs of the stack `data` are unknown"), "{:?}", partly.unread);
    assert!(machine.deploy("run3").failed[0].1.text.contains("is not applied: field manager `kubectl-edit` manages"));
    // A rejected token is replaced once.
    *server.refused.lock().unwrap() = 1;
    let failure = machine.deploy("run4").failed.remove(0).1;
    assert!(failure.cause.starts_with("401 Unauthorized"), "what is refused from the first is told: {failure}");
    let (report, _) = destroy::destroy(&machine.options("run5")).unwrap();
    assert!(report.is_fine() && report.done == ["run", "data"], "{report:#?}");
    assert_eq!(server.cluster.lock().unwrap().objects.borrow().len(), 0);
    assert!(!endpoint.world.lock().unwrap().stacks.keys().any(|(_, name)| name == "shop-data"));
}

#[cfg(unix)]
#[test]
fn region_is_complete_after_its_smoke_test() {
    use std::os::unix::fs::PermissionsExt;

    let server = Server::start();
    let endpoint = world(Some(&server));
    let machine = Machine::new("smoke", &endpoint);
    // A fake kubectl that prints the current context and checks whether the cluster is healthy.
    let kubectl = machine.folder.join("bin/kubectl");
    fs::create_dir_all(kubectl.parent().unwrap()).unwrap();
    let text = "#!/bin/sh\ncase $1 in version) exit 0;; esac\ngrep -o '\"current-context\":\"[^\"]*\"' \
         \"$KUBECONFIG\"\ntest -e \"$(dirname \"$0\")/well\"\n";
    fs::write(&kubectl, text).unwrap();
    fs::set_permissions(&kubectl, fs::Permissions::from_mode(0o755)).unwrap();
    let script =
        "kubectl get pods > said || { cat said; echo FAIL pods; rm said; exit 1; }\nrm said\necho 1 passed, 0 failed\n";
    let folder = machine.folder.join("shop");
    fs::create_dir_all(folder.join("smoke")).unwrap();
    fs::write(folder.join("smoke/run.sh"), script.replace("said", &folder.join("said").display().to_string())).unwrap();
    let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
    fs::write(folder.join("manifest.json"), manifest.replace("\"files\":[", "\"files\":[\"smoke/run.sh\",")).unwrap();
    let deploy = |run: &str, path: &str| {
        let mut options = machine.options(run);
        options.by_region = Some(Vec::new());
        options.clusters.path = Some(path.into());
        commands::deploy(&options, None)
    };
    let bin = format!("{}:/usr/bin:/bin", kubectl.parent().unwrap().display());
    let report = deploy("run1", &bin).unwrap();
    let failure = &report.failed[0].1;
    assert_eq!(failure.text, "the smoke test of cluster `run` failed");
    assert_eq!(
        failure.cause, "\"current-context\":\"shop-run\"; FAIL pods",
        "the configuration is that of the cluster"
    );
    fs::write(kubectl.with_file_name("well"), "").unwrap();
    let report = deploy("run2", &bin).unwrap();
    assert!(report.is_fine(), "{report:#?}");
    assert!(machine.notes.notes().iter().any(|note| note == "the smoke test passed: 1 passed, 0 failed"));
    let left: Vec<_> =
        fs::read_dir(machine.folder.join(".deploy/shop")).unwrap().flatten().map(|it| it.file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("smoke")), "{left:?}");
    // Without the required tools, the deployment does not start.
    let told = deploy("run3", "/nowhere").unwrap_err().to_string();
    assert!(told.contains("the smoke tests between regions require `bash`, which cannot be started"), "{told}");
}

#[test]
fn accesses_each_account_only_with_its_role() {
    let endpoint = world(None);
    let mut machine = Machine::new("role", &endpoint);
    machine.role = Some("arn:aws:iam::{account}:role/deployer".to_owned());
    machine.account = Some("999988887777".to_owned());
    machine.write(false);
    let report = machine.deploy("run1");
    assert!(report.is_fine(), "{report:#?}");
    let world = endpoint.world.lock().unwrap();
    assert_eq!(world.assumed, ["arn:aws:iam::999988887777:role/deployer meshsynth shop-external"]);
    for (what, key) in &world.signers {
        let wanted = if what == "AssumeRole" { "AKIDEXAMPLE" } else { "ASIA0" };
        assert_eq!(key, wanted, "`{what}` is signed by whoever was assumed");
    }
    assert!(world.signers.iter().any(|(what, _)| what == "CreateChangeSet"));
}

#[test]
fn only_one_of_two_machines_deploys() {
    let endpoint = world(None);
    let (ann, bob) = (Machine::new("ann", &endpoint), Machine::new("bob", &endpoint));
    ann.write(false);
    bob.write(false);
    assert!(ann.deploy("run1").is_fine());
    let key = format!("{}/templates/meshsynth/shop/lock.json", endpoint.address);
    let put = |text: &str| {
        let mut world = endpoint.world.lock().unwrap();
        let was = world.objects.get(&key).map(|(_, version, _)| format!("\"{version}\""));
        world.put_object(&key, text, was.as_deref()).unwrap();
    };
    assert!(endpoint.world.lock().unwrap().objects[&key].0.contains("\"is_over\":true"), "it is released");
    put(r#"{"who":"eve@ci (process 7)","since":"2026-11-21T06:30:00Z","token":"another"}"#);
    let told = [
        commands::deploy(&bob.options("run2"), None).unwrap_err().to_string(),
        destroy::destroy(&bob.options("run3")).err().unwrap().to_string(),
    ];
    let told = told.map(|text| {
        let (before, after) = text.split_once("renewed ").unwrap();
        format!("{before}renewed 12{}", &after[after.find(" s ago").unwrap()..])
    });
    assert_eq!(told[0], told[1]);
    insta::assert_snapshot!(told[0], @r"
    error: another process deploys `shop`: eve@ci (process 7) since 2026-11-21T06:30:00Z
       = cause: it was last renewed 12 s ago, in the bucket `templates` (ap-northeast-1)
       = help: wait until that run ends, then run the command again; if that run was aborted, its lock expires after 10 minutes, or pass `--break-lock`
    ");
    let standing = commands::states(&bob.options("run4")).unwrap();
    assert_eq!(standing.holders[0].0.who, "eve@ci (process 7)");
    let mut options = bob.options("run5");
    options.breaks_lock = true;
    assert!(commands::deploy(&options, None).unwrap().is_fine());
    assert!(bob.notes.notes().iter().any(|note| note.contains(", because of `--break-lock`")));
    // A run from the same folder takes over the lock of the killed run immediately.
    fs::write(ann.folder.join(".deploy/shop/held"), "killed\n").unwrap();
    put(r#"{"who":"ann@laptop (process 9)","since":"2026-11-21T06:40:00Z","token":"killed"}"#);
    assert!(ann.deploy("run6").is_fine());
    assert!(!ann.folder.join(".deploy/shop/held").exists());
    assert_eq!(lock::key("shop"), "meshsynth/shop/lock.json");
}

#[test]
fn secrets_are_neither_printed_nor_written() {
    let endpoint = world(None);
    let machine = Machine::new("secret", &endpoint);
    machine.write(false);
    let mut text: serde_json::Value = serde_json::from_str(&template(&["OrdersDb", "Queue"], 1)).unwrap();
    text["Parameters"] = json!({ "Password": { "Type": "String", "NoEcho": true } });
    fs::write(machine.folder.join("shop/data.template.json"), text.to_string()).unwrap();
    endpoint.world.lock().unwrap().failing.insert("Queue".to_owned(), (1, crate::world::Badly::RolledBack));
    let secret = "hunter2-hunter2";
    let options = || {
        let mut options = machine.options("run1");
        let parameters = commands::parameters(&json!({ "data": { "Password": secret } }).to_string()).unwrap();
        options.settings.parameters = parameters;
        options
    };
    assert!(!format!("{:?}", options().settings).contains(secret));
    let failed = commands::deploy(&options(), None).unwrap();
    assert!(!failed.is_fine() && !format!("{failed:?}").contains(secret));
    assert!(commands::deploy(&options(), None).unwrap().is_fine());
    let kept = endpoint.world.lock().unwrap().find(TOKYO, "shop-data").unwrap().clone();
    assert_eq!(kept.stack.parameters, ["Password"], "it did come to AWS");
    assert!(!format!("{:?} {:?}", machine.notes.events.borrow(), machine.notes.asked.borrow()).contains(secret));
    let mut n_files = 0;
    let mut folders = vec![machine.folder.clone()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                n_files += 1;
                assert!(!fs::read_to_string(&path).unwrap().contains(secret), "{}", path.display());
                #[cfg(unix)]
                assert_private(&path);
            }
        }
    }
    assert!(n_files > 4);
}

/// Checks that only the owner can read the written files.
#[cfg(unix)]
fn assert_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    if path.parent().unwrap().ends_with(".deploy/shop") {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn does_not_report_emptied_stack_as_orphan() {
    let endpoint = world(None);
    let machine = Machine::new("renamed", &endpoint);
    machine.write(false);
    assert!(machine.deploy("run1").is_fine());
    let path = machine.folder.join("shop/manifest.json");
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("shop-data", "shop-store")).unwrap();
    let report = commands::deploy(&Options { refactors: true, ..machine.options("run2") }, None).unwrap();
    assert!(report.is_fine(), "{report:#?}");
    let notes = machine.notes.notes();
    assert!(notes.iter().any(|it| it.starts_with("deleted the empty stack `shop-data`")), "{notes:?}");
    assert!(notes.iter().all(|it| !it.contains("is no longer in the output")), "{notes:?}");
    let world = endpoint.world.lock().unwrap();
    let data = &world.find(TOKYO, "shop-store").unwrap().resources["OrdersDb"];
    assert_eq!(data.physical, "shop-data-OrdersDb", "it is the same database");
}
