//! Tests the deletion of cluster objects: the order and the obstacles.

use std::time::Duration;

use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::event::Event;
use meshsynth_deploy::failure::Failure;
use meshsynth_deploy::kube::{Object, Settings, Worker};
use meshsynth_deploy::stop::Stop;
use serde_json::json;

use crate::cluster::Cluster;
use crate::kubernetes::{deploy, deploy_as, named, shop_objects};
use crate::platform::Notes;

async fn destroy(cluster: &Cluster, stop: &Stop) -> Result<usize, Failure> {
    destroy_and_tell(cluster, stop, &Notes::default()).await
}

async fn destroy_and_tell(cluster: &Cluster, stop: &Stop, notes: &Notes) -> Result<usize, Failure> {
    let settings = Settings::default();
    let worker = Worker::new(cluster, "run", "shop", &settings, notes, stop);
    let releases = async || {
        cluster.log.borrow_mut().push("helm uninstall".to_owned());
        Ok(())
    };
    worker.destroy(releases).await
}

fn objects() -> Vec<Object> {
    let mut objects = shop_objects();
    let mut scaler = named("60-scalers", "autoscaling/v2", "HorizontalPodAutoscaler", "orders");
    scaler.body["spec"] = json!({ "scaleTargetRef": { "kind": "Deployment", "name": "orders" } });
    objects.push(scaler);
    // The controller created a load balancer, and deletes it first.
    objects[5].body["metadata"]["finalizers"] = json!(["service.k8s.aws/resources"]);
    objects
}

#[tokio::test(start_paused = true)]
async fn deletes_objects_then_releases_then_namespaces() {
    let cluster = Cluster::default();
    deploy(&cluster, &objects()).await.unwrap();
    cluster.log.borrow_mut().clear();
    assert_eq!(destroy(&cluster, &Stop::default()).await.unwrap(), 7);
    insta::assert_debug_snapshot!(cluster.log.borrow(), @r#"
    [
        "delete /apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/orders",
        "finalize /api/v1/namespaces/shop/services/orders",
        "delete /api/v1/namespaces/shop/services/orders",
        "delete /apis/apps/v1/namespaces/shop/deployments/orders",
        "delete /apis/example.com/v1/namespaces/shop/things/one",
        "delete /api/v1/namespaces/shop/configmaps/settings",
        "helm uninstall",
        "delete /apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com",
        "finalize /api/v1/namespaces/shop",
        "delete /api/v1/namespaces/shop",
        "delete /api/v1/namespaces/kube-system/configmaps/meshsynth-shop",
    ]
    "#);
    assert!(cluster.objects.borrow().is_empty());
    assert_eq!(destroy(&cluster, &Stop::default()).await.unwrap(), 0, "and a second run finds nothing");
}

#[tokio::test(start_paused = true)]
async fn stuck_finalizer_stops_the_deletion() {
    let cluster = Cluster::default();
    deploy(&cluster, &objects()).await.unwrap();
    cluster.is_stuck.set(true);
    let failure = destroy(&cluster, &Stop::default()).await.unwrap_err();
    insta::assert_snapshot!(failure, @"
    error: cluster `run`: the deletion of Service `shop/orders` has not finished: it waits for `service.k8s.aws/resources`
       = help: check that the controller of the finalizer runs, and why it does not remove the finalizer; then run the command again
    ");
    assert!(cluster.objects.borrow().contains_key("/api/v1/namespaces/shop"));
    assert!(!cluster.log.borrow().contains(&"helm uninstall".to_owned()), "its controller may be of a release");
    cluster.is_stuck.set(false);
    assert_eq!(destroy(&cluster, &Stop::default()).await.unwrap(), 6, "the next run goes on");
}

#[tokio::test(start_paused = true)]
async fn next_run_completes_interrupted_deletion() {
    for step in 0..80 {
        let cluster = Cluster::default();
        deploy(&cluster, &objects()).await.unwrap();
        cluster.n_calls.set(0);
        cluster.killed_at.set(Some(step));
        let cut = tokio::time::timeout(Duration::from_secs(3600), destroy(&cluster, &Stop::default())).await;
        cluster.killed_at.set(None);
        destroy(&cluster, &Stop::default()).await.unwrap();
        assert_eq!(cluster.objects.borrow().len(), 0, "killed at call {step}");
        if cut.is_ok() {
            assert!(step > 20, "the last step was never reached: {step}");
            return;
        }
    }
    panic!("a run makes fewer than 80 calls");
}

#[tokio::test(start_paused = true)]
async fn keeps_namespace_of_kept_object_and_reports_it() {
    let cluster = Cluster::default();
    deploy(&cluster, &objects()).await.unwrap();
    let (kept, namespace) = ("/api/v1/namespaces/shop/configmaps/settings", "/api/v1/namespaces/shop");
    cluster.edit(kept, "kubectl-label", |object| object["metadata"]["labels"] = json!({}));
    let notes = Notes::default();
    destroy_and_tell(&cluster, &Stop::default(), &notes).await.unwrap();
    let left: Vec<String> = cluster.objects.borrow().keys().cloned().collect();
    assert_eq!(left, ["/api/v1/namespaces/kube-system/configmaps/meshsynth-shop", namespace, kept]);
    let told = "Namespace `shop` is not deleted: it contains ConfigMap `shop/settings`, which no longer has the label \
         `meshsynth/app` and is kept; delete that object, then run the command again";
    assert_eq!(notes.notes(), [told]);
    // A deployment also keeps the remaining objects in the inventory.
    deploy(&cluster, &objects()).await.unwrap();
    cluster.objects.borrow_mut().remove(kept);
    destroy(&cluster, &Stop::default()).await.unwrap();
    assert!(cluster.objects.borrow().is_empty(), "once it is gone, its namespace goes");
}

#[tokio::test(start_paused = true)]
async fn reports_objects_of_other_owners_in_namespace() {
    let cluster = Cluster::default();
    deploy(&cluster, &objects()).await.unwrap();
    let put = |path: &str, body: serde_json::Value| drop(cluster.objects.borrow_mut().insert(path.to_owned(), body));
    put(
        "/api/v1/namespaces/shop/configmaps/foreign",
        json!({ "kind": "ConfigMap", "metadata": { "name": "foreign" } }),
    );
    put("/api/v1/namespaces/shop/configmaps/kube-root-ca.crt", json!({ "metadata": { "name": "kube-root-ca.crt" } }));
    let owned = json!({ "metadata": { "name": "made", "ownerReferences": [{ "kind": "ExternalSecret" }] } });
    put("/api/v1/namespaces/shop/secrets/made", owned);
    let notes = Notes::default();
    destroy_and_tell(&cluster, &Stop::default(), &notes).await.unwrap();
    assert_eq!(
        notes.notes(),
        ["Namespace `shop` is deleted together with objects that other tools created in it: ConfigMap `foreign`"]
    );
}

#[tokio::test(start_paused = true)]
async fn object_with_finalizer_remains_in_inventory() {
    let cluster = Cluster::default();
    deploy(&cluster, &objects()).await.unwrap();
    cluster.is_stuck.set(true);
    let mut fewer = objects();
    fewer.remove(5);
    let notes = Notes::default();
    let text = deploy_as(&cluster, &fewer, &Settings::default(), Approval::Never, &notes).await.unwrap();
    assert_eq!(text, "6 unchanged, 1 still being deleted");
    let held = notes.events.borrow().iter().any(|event| {
        matches!(event, Event::Reached { state, reason, .. }
            if state == "still being deleted" && reason == "waits for `service.k8s.aws/resources`")
    });
    assert!(held, "{:?}", notes.events.borrow());
    cluster.is_stuck.set(false);
    destroy(&cluster, &Stop::default()).await.unwrap();
    assert!(cluster.objects.borrow().is_empty(), "it is waited for");
}
