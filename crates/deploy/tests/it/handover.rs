//! Tests takeovers of objects from kubectl, Helm or Argo CD: reports, removed fields, and undo.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::kube::{Settings, Worker};
use meshsynth_deploy::stop::Stop;
use serde_json::{Value, json};

use crate::adopt::taken;
use crate::cluster::Cluster;
use crate::kubernetes::{deploy, deploy_as, shop_objects};
use crate::managed::{fields, leaves};
use crate::platform::Notes;

const ORDERS: &str = "/apis/apps/v1/namespaces/shop/deployments/orders";
const SETTINGS: &str = "/api/v1/namespaces/shop/configmaps/settings";

/// Adds an object that a tool applied.
pub fn applied(cluster: &Cluster, path: &str, writer: Value, mut object: Value) {
    let has: BTreeSet<_> = leaves(&object).into_keys().collect();
    let mut row = writer;
    row["apiVersion"] = object["apiVersion"].clone();
    row["fieldsV1"] = fields(&has);
    object["metadata"]["managedFields"] = json!([row]);
    object["metadata"]["uid"] = json!("uid-of-others");
    object["metadata"]["resourceVersion"] = json!("1");
    cluster.objects.borrow_mut().insert(path.to_owned(), object);
}

/// Returns a cluster with a namespace, a configuration, and a deployment with additional fields, which other tools
/// applied.
fn cluster() -> Cluster {
    let cluster = Cluster::default();
    let kubectl = || json!({ "manager": "kubectl-client-side-apply", "operation": "Update" });
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop" } });
    applied(&cluster, "/api/v1/namespaces/shop", kubectl(), namespace);
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": "orders", "namespace": "shop",
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{}",
                "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/orders"
            }
        },
        "spec": {
            "replicas": 1, "selector": { "matchLabels": { "app": "orders" } }, "template": "orders:0",
            "strategy": { "type": "Recreate" }
        }
    });
    applied(&cluster, ORDERS, kubectl(), deployment);
    let settings = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {
            "name": "settings", "namespace": "shop",
            "annotations": { "meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "shop" }
        },
        "data": { "old": "value" }
    });
    applied(&cluster, SETTINGS, json!({ "manager": "helm", "operation": "Update" }), settings);
    let application = json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": { "name": "shop" },
        "spec": { "syncPolicy": { "automated": { "selfHeal": true } } }
    });
    let list = json!({ "items": [application] });
    cluster.objects.borrow_mut().insert("/apis/argoproj.io/v1alpha1/applications".to_owned(), list);
    cluster
}

fn taking(managers: &[&str], keep: Option<PathBuf>) -> Settings {
    let take_over = managers.iter().map(|&name| name.to_owned()).collect();
    Settings { take_over, keep, ..Settings::default() }
}

fn managers(cluster: &Cluster, path: &str) -> Vec<String> {
    let objects = cluster.objects.borrow();
    let rows = objects[path]["metadata"]["managedFields"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["manager"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn reports_and_takes_over_objects_of_other_tools() {
    let (cluster, notes) = (cluster(), Notes::default());
    let keep = std::env::temp_dir().join(format!("meshsynth-handover-{}", std::process::id()));
    let refused = deploy(&cluster, &shop_objects()).await.unwrap_err();
    insta::assert_snapshot!(refused, @"
    error: cluster `run`: Deployment `shop/orders` is not applied: field manager `kubectl-client-side-apply` manages some of its fields
      --> src/main.rs:9:5
       = construct: run/orders
       = cause: conflicting fields: `.spec.replicas`, `.spec.template`
       = note: a dry run found this conflict; the cluster was not changed
       = help: remove those fields from the platform, take over the fields with `--force-conflicts`, or take over whole objects with `--take-over kubectl`
    ");
    let log = cluster.log.borrow().clone();
    assert_eq!(log, [""; 0], "nothing was changed");

    let settings = taking(&["kubectl", "helm"], Some(keep.clone()));
    deploy_as(&cluster, &shop_objects(), &settings, Approval::Never, &notes).await.unwrap();
    insta::assert_snapshot!(taken(&notes).replace(&keep.display().to_string(), "KEEP"), @"
    Namespace `shop` from `kubectl-client-side-apply`
      back: kubectl apply -f KEEP/run/cluster/namespace-shop.json
    ConfigMap `shop/settings` from `helm`
      - will be removed, because the program does not contain it: `data`, `metadata.annotations`
      - it remains in the Helm release `shop/shop`, and `helm uninstall` would delete it: remove only the release records instead, with `kubectl delete secret,configmap -n shop -l owner=helm,name=shop`
      back: kubectl apply -f KEEP/run/shop/configmap-settings.json
    Deployment `shop/orders` from `kubectl-client-side-apply`
      - will be removed, because the program does not contain it: `metadata.annotations`, `spec.strategy`
      - the Argo CD Application `shop` has `selfHeal`, and reverts the object within minutes: first add the annotation `argocd.argoproj.io/sync-options: Prune=false` to the object, and remove it from the Application's source
      back: kubectl apply -f KEEP/run/shop/deployment.apps-orders.json
    ");
    let deployment = cluster.objects.borrow()[ORDERS].clone();
    assert_eq!(deployment["spec"]["template"], "orders:1");
    assert_eq!(deployment["spec"]["strategy"], Value::Null, "what the program does not have is gone");
    assert_eq!(cluster.objects.borrow()[SETTINGS]["data"]["old"], Value::Null);
    for path in [ORDERS, SETTINGS, "/api/v1/namespaces/shop"] {
        assert_eq!(managers(&cluster, path), ["meshsynth"], "{path}");
    }

    // The backup is complete, and can be applied.
    let text = fs::read_to_string(keep.join("run/shop/deployment.apps-orders.json")).unwrap();
    let back: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&back["spec"]["template"], &back["spec"]["replicas"]), (&json!("orders:0"), &json!(1)));
    assert!(back["metadata"]["managedFields"].is_null() && back["metadata"]["resourceVersion"].is_null());
    assert!(keep.join("run/cluster/namespace-shop.json").exists());
    fs::remove_dir_all(keep).unwrap();

    // The object now belongs to the app, so the next run reports no takeover.
    let notes = Notes::default();
    let text =
        deploy_as(&cluster, &shop_objects(), &taking(&["kubectl"], None), Approval::Never, &notes).await.unwrap();
    assert_eq!((text.as_str(), taken(&notes).as_str()), ("6 unchanged", ""));
}

#[tokio::test(start_paused = true)]
async fn conflict_with_unlisted_manager_remains() {
    let cluster = cluster();
    cluster.edit(ORDERS, "my-operator", |object| object["spec"]["replicas"] = json!(5));
    let settings = taking(&["kubectl", "helm"], None);
    let failure =
        deploy_as(&cluster, &shop_objects(), &settings, Approval::Never, &Notes::default()).await.unwrap_err();
    insta::assert_snapshot!(failure, @"
    error: cluster `run`: Deployment `shop/orders` is not applied: field manager `kubectl-client-side-apply`, `my-operator` manages some of its fields
      --> src/main.rs:9:5
       = construct: run/orders
       = cause: conflicting fields: `.spec.template`, `.spec.replicas`
       = note: a dry run found this conflict; the cluster was not changed
       = help: remove those fields from the platform, or take them over with `--force-conflicts`
    ");
    assert_eq!(cluster.objects.borrow()[ORDERS]["spec"]["template"], "orders:0", "nothing was changed");
    let settings = taking(&["kubectl", "helm", "my-operator"], None);
    deploy_as(&cluster, &shop_objects(), &settings, Approval::Never, &Notes::default()).await.unwrap();
    assert_eq!(cluster.objects.borrow()[ORDERS]["spec"]["replicas"], 2);
}

#[tokio::test(start_paused = true)]
async fn does_not_back_up_secrets() {
    let (cluster, notes) = (Cluster::default(), Notes::default());
    let keep = std::env::temp_dir().join(format!("meshsynth-handover-secret-{}", std::process::id()));
    let secret = crate::kubernetes::named("30-configuration", "v1", "Secret", "login");
    let mut live = secret.body.clone();
    live["metadata"]["labels"] = json!({});
    live["stringData"] = json!({ "password": "hunter22" });
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop" } });
    cluster.objects.borrow_mut().insert("/api/v1/namespaces/shop".to_owned(), namespace);
    let writer = json!({ "manager": "kubectl-create", "operation": "Update" });
    applied(&cluster, "/api/v1/namespaces/shop/secrets/login", writer, live);
    let settings = taking(&["kubectl"], Some(keep.clone()));
    deploy_as(&cluster, &[secret], &settings, Approval::Never, &notes).await.unwrap();
    assert!(!taken(&notes).contains("hunter22") && taken(&notes).contains("are not saved"), "{}", taken(&notes));
    assert!(!keep.exists());
}

#[tokio::test(start_paused = true)]
async fn takeover_has_same_result_after_interruption() {
    let settings = taking(&["kubectl", "helm"], None);
    let undisturbed = cluster();
    deploy_as(&undisturbed, &shop_objects(), &settings, Approval::Never, &Notes::default()).await.unwrap();
    for step in 0..80 {
        let cluster = cluster();
        cluster.killed_at.set(Some(step));
        let notes = Notes::default();
        let objects = shop_objects();
        let run = deploy_as(&cluster, &objects, &settings, Approval::Never, &notes);
        let cut = tokio::time::timeout(Duration::from_secs(3600), run).await;
        cluster.killed_at.set(None);
        deploy_as(&cluster, &shop_objects(), &settings, Approval::Never, &Notes::default()).await.unwrap();
        assert_eq!(cluster.end_state(), undisturbed.end_state(), "killed at call {step}");
        assert_eq!(managers(&cluster, ORDERS), ["meshsynth"], "killed at call {step}");
        if cut.is_ok() {
            assert!(step > 15, "the last step was never reached: {step}");
            return;
        }
    }
    panic!("a run makes fewer than 80 calls");
}

#[tokio::test(start_paused = true)]
async fn plan_reports_takeovers_and_unknown_managers() {
    let (cluster, notes, stop) = (cluster(), Notes::default(), Stop::default());
    let settings = taking(&["kubectl", "helm", "kubeclt"], None);
    let worker = Worker::new(&cluster, "run", "shop", &settings, &notes, &stop);
    worker.handovers(&shop_objects()).await.unwrap();
    let told = taken(&notes);
    assert!(
        told.starts_with("Namespace `shop` from `kubectl-client-side-apply`\nConfigMap `shop/settings` from `helm`"),
        "{told}"
    );
    assert!(!told.contains("back:"), "nothing is written down: {told}");
    let strangers: Vec<String> =
        notes.notes().into_iter().filter(|it| it.contains("no object is taken over")).collect();
    insta::assert_snapshot!(strangers.join("\n"), @"no object is taken over from `kubeclt`: the other field managers \
         of the program's objects are `helm`, `kubectl-client-side-apply`");
    let log = cluster.log.borrow().clone();
    assert_eq!(log, [""; 0], "nothing was changed");
}
