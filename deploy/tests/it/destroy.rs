//! Taking away: objects of a cluster in order, and what keeps one from going.

use std::time::Duration;

use meshsynth_deploy::failure::Failure;
use meshsynth_deploy::kube::{APP_LABEL, Object, Settings, Worker};
use meshsynth_deploy::watch::Stop;
use serde_json::json;

use crate::cluster::Cluster;
use crate::kubernetes::{deploy, named, shop_objects};
use crate::platform::Notes;

async fn destroy(cluster: &Cluster, stop: &Stop) -> Result<usize, Failure> {
    let (notes, settings) = (Notes::default(), Settings::default());
    let worker = Worker::new(cluster, "run", "shop", &settings, &notes, stop);
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
    // Its controller made a load balancer, and takes it away first.
    objects[5].body["metadata"]["finalizers"] = json!(["service.k8s.aws/resources"]);
    objects
}

#[tokio::test(start_paused = true)]
async fn objects_go_before_releases_and_namespaces_after_them() {
    let cluster = Cluster::default();
    deploy(&cluster, &objects()).await.unwrap();
    let foreign = "/api/v1/namespaces/shop/configmaps/foreign".to_owned();
    cluster.objects.borrow_mut().insert(foreign.clone(), json!({ "metadata": { "labels": { APP_LABEL: "shop" } } }));
    cluster.log.borrow_mut().clear();
    assert_eq!(destroy(&cluster, &Stop::default()).await.unwrap(), 7);
    insta::assert_debug_snapshot!(cluster.log.borrow(), @r#"
    [
        "delete /apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/orders",
        "finalize /api/v1/namespaces/shop/services/orders",
        "delete /apis/apps/v1/namespaces/shop/deployments/orders",
        "delete /apis/example.com/v1/namespaces/shop/things/one",
        "delete /api/v1/namespaces/shop/configmaps/settings",
        "delete /api/v1/namespaces/shop/services/orders",
        "helm uninstall",
        "delete /apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com",
        "delete /api/v1/namespaces/shop",
        "delete /api/v1/namespaces/kube-system/configmaps/meshsynth-shop",
    ]
    "#);
    let left: Vec<String> = cluster.objects.borrow().keys().cloned().collect();
    assert_eq!(left, [foreign], "what no inventory names stays");
    assert_eq!(destroy(&cluster, &Stop::default()).await.unwrap(), 0, "and a second run finds nothing");
}

#[tokio::test(start_paused = true)]
async fn a_finalizer_that_is_never_done_is_named_and_nothing_behind_it_goes() {
    let cluster = Cluster::default();
    deploy(&cluster, &objects()).await.unwrap();
    cluster.is_stuck.set(true);
    let failure = destroy(&cluster, &Stop::default()).await.unwrap_err();
    insta::assert_snapshot!(failure, @"
    error: cluster `run`: Service `shop/orders` is deleted and does not go: it waits for `service.k8s.aws/resources`
       = help: the controller that put the finalizer there must run: see why it does not do its work, then run again
    ");
    assert!(cluster.objects.borrow().contains_key("/api/v1/namespaces/shop"));
    assert!(!cluster.log.borrow().contains(&"helm uninstall".to_owned()), "its controller may be of a release");
    cluster.is_stuck.set(false);
    assert_eq!(destroy(&cluster, &Stop::default()).await.unwrap(), 3, "the next run goes on");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_killed_at_any_step_is_finished_by_the_next() {
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
