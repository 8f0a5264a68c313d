//! Tests deployments to clusters: waves, conflicts, rejections, readiness, pruning, and interruptions at every step.

use std::collections::BTreeMap;
use std::time::Duration;

use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::aws::{Aws, AwsAccess};
use meshsynth_deploy::bindings;
use meshsynth_deploy::executor::Outputs;
use meshsynth_deploy::failure::Failure;
use meshsynth_deploy::kube::{APP_LABEL, Client, Connection, Kube, Object, Settings, Worker};
use meshsynth_deploy::stop::Stop;
use meshsynth_deploy::watch::Answer;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::fake::Fake;
use crate::platform::{Notes, shop};
use crate::server::Server;

pub fn object(wave: &str, mut body: Value) -> Object {
    body["metadata"]["labels"] = json!({ APP_LABEL: "shop" });
    Object { wave: wave.to_owned(), body, construct: "run/orders".to_owned(), source: "src/main.rs:9:5".to_owned() }
}

pub fn deployment(image: &str) -> Object {
    object(
        "40-workloads",
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "orders", "namespace": "shop" },
            "spec": { "replicas": 2, "selector": { "matchLabels": { "app": "orders" } }, "template": image }
        }),
    )
}

pub fn named(wave: &str, version: &str, kind: &str, name: &str) -> Object {
    let mut body = json!({ "apiVersion": version, "kind": kind, "metadata": { "name": name } });
    if !["CustomResourceDefinition", "Namespace"].contains(&kind) {
        body["metadata"]["namespace"] = json!("shop");
    }
    object(wave, body)
}

pub fn shop_objects() -> Vec<Object> {
    vec![
        named("00-namespaces", "v1", "Namespace", "shop"),
        named("10-crds", "apiextensions.k8s.io/v1", "CustomResourceDefinition", "things.example.com"),
        named("30-configuration", "v1", "ConfigMap", "settings"),
        named("30-configuration", "example.com/v1", "Thing", "one"),
        deployment("orders:1"),
        named("50-routes", "v1", "Service", "orders"),
    ]
}

pub async fn deploy_as(
    kube: &impl Kube,
    objects: &[Object],
    settings: &Settings,
    approval: Approval,
    notes: &Notes,
) -> Result<String, Failure> {
    let stop = Stop::default();
    let worker = Worker::new(kube, "run", "shop", settings, notes, &stop).asking(approval);
    worker.deploy(objects, async || Ok(())).await
}

pub async fn deploy(kube: &impl Kube, objects: &[Object]) -> Result<String, Failure> {
    deploy_as(kube, objects, &Settings::default(), Approval::Never, &Notes::default()).await
}

#[tokio::test(start_paused = true)]
async fn applies_waves_in_order_and_is_idempotent() {
    let cluster = Cluster::default();
    assert_eq!(deploy(&cluster, &shop_objects()).await.unwrap(), "6 created");
    let log = cluster.log.borrow().clone();
    insta::assert_debug_snapshot!(log, @r#"
    [
        "apply /api/v1/namespaces/kube-system/configmaps/meshsynth-shop",
        "apply /api/v1/namespaces/shop",
        "apply /apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com",
        "apply /api/v1/namespaces/shop/configmaps/settings",
        "apply /apis/example.com/v1/namespaces/shop/things/one",
        "apply /apis/apps/v1/namespaces/shop/deployments/orders",
        "apply /api/v1/namespaces/shop/services/orders",
    ]
    "#);
    assert_eq!(deploy(&cluster, &shop_objects()).await.unwrap(), "6 unchanged");
    assert_eq!(cluster.log.borrow().len(), log.len());
}

#[tokio::test(start_paused = true)]
async fn conflict_names_owner_and_is_forced_on_request() {
    let cluster = Cluster::default();
    deploy(&cluster, &shop_objects()).await.unwrap();
    let path = "/apis/apps/v1/namespaces/shop/deployments/orders";
    cluster.edit(path, "kubectl-edit", |object| object["spec"]["template"] = json!("orders:hotfix"));
    let failure = deploy(&cluster, &shop_objects()).await.unwrap_err();
    insta::assert_snapshot!(failure, @"
    error: cluster `run`: Deployment `shop/orders` is not applied: field manager `kubectl-edit` manages some of its fields
      --> src/main.rs:9:5
       = construct: run/orders
       = cause: conflicting fields: `.spec.template`
       = note: a dry run found this conflict; the cluster was not changed
       = help: remove those fields from the platform, take over the fields with `--force-conflicts`, or take over whole objects with `--take-over kubectl`
    ");
    let forcing = Settings { force: true, ..Settings::default() };
    deploy_as(&cluster, &shop_objects(), &forcing, Approval::Never, &Notes::default()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn force_removes_manual_fields_but_keeps_controller_fields() {
    let cluster = Cluster::default();
    deploy(&cluster, &shop_objects()).await.unwrap();
    let settings = "/api/v1/namespaces/shop/configmaps/settings";
    let orders = "/apis/apps/v1/namespaces/shop/deployments/orders";
    let revision = "deployment.kubernetes.io/revision";
    cluster.edit(settings, "kubectl-patch", |object| object["data"]["added"] = json!("by hand"));
    cluster.edit(orders, "kube-controller-manager", |object| object["metadata"]["annotations"][revision] = json!("1"));
    cluster.edit(orders, "kubectl-annotate", |object| object["metadata"]["annotations"]["note"] = json!("by hand"));
    assert_eq!(deploy(&cluster, &shop_objects()).await.unwrap(), "6 unchanged");
    assert_eq!(cluster.objects.borrow()[settings]["data"]["added"], "by hand");
    let forcing = Settings { force: true, ..Settings::default() };
    let text = deploy_as(&cluster, &shop_objects(), &forcing, Approval::Never, &Notes::default()).await.unwrap();
    assert_eq!(text, "2 changed, 4 unchanged");
    let objects = cluster.objects.borrow();
    assert_eq!(objects[settings]["data"]["added"], Value::Null);
    assert_eq!(objects[orders]["metadata"]["annotations"], json!({ revision: "1" }));
}

#[tokio::test(start_paused = true)]
async fn waits_for_rollout_after_its_routes() {
    let cluster = Cluster::default();
    let mut objects = shop_objects();
    objects.insert(5, named("40-workloads", "argoproj.io/v1alpha1", "Rollout", "orders"));
    let alone = deploy(&cluster, &objects).await.unwrap_err();
    assert!(alone.text.contains("Rollout `shop/orders` is not ready: InvalidSpec"), "{alone}");
    objects.push(named("50-routes", "networking.istio.io/v1", "VirtualService", "orders"));
    assert_eq!(deploy(&Cluster::default(), &objects).await.unwrap(), "8 created");
}

#[tokio::test(start_paused = true)]
async fn rejections_include_a_fix() {
    let cases = [
        (
            422,
            "spec.selector: Invalid value: field is immutable",
            "delete Deployment `shop/orders`, then run the command again",
        ),
        (
            403,
            "admission webhook \"policy.example.com\" denied the request: no limits",
            "the admission webhook `policy.example.com` rejects the object",
        ),
        (
            403,
            "deployments.apps \"orders\" is forbidden: exceeded quota: pods",
            "a resource quota of the namespace is exhausted",
        ),
        (403, "User \"ann\" cannot patch resource", "grant the permission with an EKS access entry"),
    ];
    for (code, text, help) in cases {
        let cluster = Cluster::default();
        cluster.refusals.borrow_mut().insert("/deployments/orders".to_owned(), (code, text));
        let failure = deploy(&cluster, &shop_objects()).await.unwrap_err().to_string();
        assert!(
            failure.contains(help) && failure.contains(text) && failure.contains("--> src/main.rs:9:5"),
            "{failure}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn applies_release_dependencies_before_their_wave() {
    let (cluster, notes, stop, settings) = (Cluster::default(), Notes::default(), Stop::default(), Settings::default());
    let mut objects = shop_objects();
    objects[5].construct = "run/mesh/authority".to_owned();
    let worker = Worker::new(&cluster, "run", "shop", &settings, &notes, &stop);
    let after = ["run/mesh/authority".to_owned(), "run/another-release".to_owned()];
    worker.deploy(&objects, async || worker.ahead(&objects, &after).await).await.unwrap();
    let log = cluster.log.borrow();
    let at = |end: &str| log.iter().position(|line| line.ends_with(end)).unwrap();
    assert!(at("/things.example.com") < at("/services/orders") && at("/services/orders") < at("/configmaps/settings"));
    assert_eq!(log.len(), 7, "it is applied once: {log:?}");
}

#[tokio::test(start_paused = true)]
async fn reports_kind_that_is_never_served() {
    let cluster = Cluster::default();
    let objects: Vec<Object> =
        shop_objects().into_iter().filter(|object| object.kind() != "CustomResourceDefinition").collect();
    let failure = deploy(&cluster, &objects).await.unwrap_err();
    assert_eq!(
        failure.text,
        "cluster `run` does not serve the kind `Thing` of `example.com/v1`; Thing `shop/one` is not applied"
    );
}

#[tokio::test(start_paused = true)]
async fn explains_why_object_is_not_ready() {
    let waiting =
        |reason: &str| json!({ "name": "app", "state": { "waiting": { "reason": reason, "message": "no such tag" } } });
    let unscheduled = json!([{ "type": "PodScheduled", "status": "False", "message": "0/3 nodes are available" }]);
    let cases = [
        (
            json!({ "containerStatuses": [waiting("ImagePullBackOff")] }),
            "container `app` of pod `orders-x`: `ImagePullBackOff`: no such tag",
        ),
        (json!({ "conditions": unscheduled }), "pod `orders-x` is not scheduled: 0/3 nodes are available"),
        (
            json!({ "containerStatuses": [{ "name": "app", "ready": false, "state": { "running": {} } }] }),
            "container `app` of pod `orders-x` runs, but is not ready",
        ),
        (
            json!({ "containerStatuses": [waiting("CreateContainerConfigError")] }),
            "`CreateContainerConfigError`: no such tag",
        ),
    ];
    for (status, cause) in cases {
        let cluster = Cluster::default();
        cluster.never_ready.set(true);
        cluster.pods.borrow_mut().push(json!({ "metadata": { "name": "orders-x" }, "status": status }));
        let failure = deploy(&cluster, &shop_objects()).await.unwrap_err();
        assert!(failure.text.contains("Deployment `shop/orders` is not ready: 0 of 2 replicas are ready"), "{failure}");
        assert!(failure.cause.contains(cause), "{failure}");
    }
}

#[tokio::test(start_paused = true)]
async fn prunes_only_own_objects() {
    let cluster = Cluster::default();
    let mut objects = shop_objects();
    objects.push(named("30-configuration", "v1", "ConfigMap", "old"));
    objects.push(named("30-configuration", "v1", "ConfigMap", "kept"));
    deploy(&cluster, &objects).await.unwrap();
    let at = |name: &str| format!("/api/v1/namespaces/shop/configmaps/{name}");
    cluster.objects.borrow_mut().get_mut(&at("kept")).unwrap()["metadata"]["labels"] = json!({});
    cluster.objects.borrow_mut().insert(at("foreign"), json!({ "metadata": { "labels": { APP_LABEL: "shop" } } }));
    let (notes, asking) = (Notes::default(), Settings::default());
    notes.answer.set(Answer::No);
    let failure = deploy_as(&cluster, &shop_objects(), &asking, Approval::Always, &notes).await.unwrap_err();
    assert!(failure.text.contains("not approved"), "{failure}");
    assert!(cluster.objects.borrow().contains_key(&at("old")));
    let line = notes.asked.borrow()[0].judgement.changes[0].line();
    assert_eq!(line, "- prune            ConfigMap shop/old");
    assert_eq!(deploy(&cluster, &shop_objects()).await.unwrap(), "6 unchanged, 1 pruned");
    let left: Vec<bool> =
        ["old", "kept", "foreign"].iter().map(|name| cluster.objects.borrow().contains_key(&at(name))).collect();
    assert_eq!(left, [false, true, true]);
}

#[tokio::test(start_paused = true)]
async fn pruning_data_requires_approval() {
    let cluster = Cluster::default();
    let mut objects = shop_objects();
    objects.push(named("30-configuration", "v1", "PersistentVolumeClaim", "data"));
    deploy(&cluster, &objects).await.unwrap();
    let notes = Notes::default();
    notes.answer.set(Answer::Nobody);
    let asked = deploy_as(&cluster, &shop_objects(), &Settings::default(), Approval::DataLoss, &notes).await;
    let text = asked.unwrap_err().to_string();
    assert!(text.contains("has 1 change pending approval (puts data at risk"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn keeps_replicas_of_scaler() {
    let cluster = Cluster::default();
    let mut objects = shop_objects();
    let mut scaler = named("60-scalers", "autoscaling/v2", "HorizontalPodAutoscaler", "orders");
    scaler.body["spec"] = json!({ "scaleTargetRef": { "kind": "Deployment", "name": "orders" } });
    objects.push(scaler);
    deploy(&cluster, &objects).await.unwrap();
    let path = "/apis/apps/v1/namespaces/shop/deployments/orders";
    cluster.objects.borrow_mut().get_mut(path).unwrap()["spec"]["replicas"] = json!(7);
    objects[4] = deployment("orders:2");
    deploy(&cluster, &objects).await.unwrap();
    let spec = cluster.objects.borrow()[path]["spec"].clone();
    assert_eq!((&spec["replicas"], &spec["template"]), (&json!(7), &json!("orders:2")));
}

#[tokio::test(start_paused = true)]
async fn keeps_weights_of_canary() {
    let cluster = Cluster::default();
    let mut objects = shop_objects();
    let mut service = named("50-routes", "v1", "Service", "orders");
    service.body["metadata"]["annotations"] = json!({ "meshsynth/yields": "spec.routes[].weight" });
    service.body["spec"] =
        json!({ "routes": [{ "name": "stable", "weight": 100 }, { "name": "canary", "weight": 0 }] });
    objects[5] = service;
    deploy(&cluster, &objects).await.unwrap();
    let path = "/api/v1/namespaces/shop/services/orders";
    let weights = json!([{ "name": "stable", "weight": 90 }, { "name": "canary", "weight": 10 }]);
    cluster.objects.borrow_mut().get_mut(path).unwrap()["spec"]["routes"] = weights.clone();
    objects[5].body["spec"]["ports"] = json!([8080]);
    deploy(&cluster, &objects).await.unwrap();
    let spec = cluster.objects.borrow()[path]["spec"].clone();
    assert_eq!((&spec["routes"], &spec["ports"]), (&weights, &json!([8080])));
}

#[tokio::test(start_paused = true)]
async fn next_run_completes_interrupted_deployment() {
    let undisturbed = Cluster::default();
    let mut before = shop_objects();
    before.push(named("30-configuration", "v1", "ConfigMap", "old"));
    deploy(&undisturbed, &before).await.unwrap();
    deploy(&undisturbed, &shop_objects()).await.unwrap();
    for step in 0..60 {
        let cluster = Cluster::default();
        deploy(&cluster, &before).await.unwrap();
        cluster.n_calls.set(0);
        cluster.killed_at.set(Some(step));
        let cut = tokio::time::timeout(Duration::from_secs(3600), deploy(&cluster, &shop_objects())).await;
        cluster.killed_at.set(None);
        deploy(&cluster, &shop_objects()).await.unwrap();
        assert_eq!(cluster.end_state(), undisturbed.end_state(), "killed at call {step}");
        if cut.is_ok() {
            assert!(step > 15, "the last step was never reached: {step}");
            return;
        }
    }
    panic!("a run makes fewer than 60 calls");
}

#[tokio::test(start_paused = true)]
async fn prunes_objects_of_interrupted_run() {
    let undisturbed = Cluster::default();
    deploy(&undisturbed, &shop_objects()).await.unwrap();
    let mut more = shop_objects();
    more.push(named("30-configuration", "v1", "ConfigMap", "more"));
    for step in 0..60 {
        let cluster = Cluster::default();
        deploy(&cluster, &shop_objects()).await.unwrap();
        cluster.n_calls.set(0);
        cluster.killed_at.set(Some(step));
        let cut = tokio::time::timeout(Duration::from_secs(3600), deploy(&cluster, &more)).await;
        cluster.killed_at.set(None);
        deploy(&cluster, &shop_objects()).await.unwrap();
        let paths = |cluster: &Cluster| cluster.objects.borrow().keys().cloned().collect::<Vec<_>>();
        assert_eq!(paths(&cluster), paths(&undisturbed), "killed at call {step}");
        if cut.is_ok() {
            return;
        }
    }
    panic!("a run makes fewer than 60 calls");
}

#[tokio::test(start_paused = true)]
async fn missing_placeholder_value_stops_deployment() {
    let (fake, mut assembly) = (Fake::new(1), shop());
    let binding = |output: &str, lookup: Value| {
        serde_json::from_value(json!({ "stack": "data", "output": output, "lookup": lookup })).unwrap()
    };
    let lookup = json!({ "call": "kafka:GetBootstrapBrokers", "field": "BootstrapBrokerString" });
    assembly.bindings.insert("${data/db.Host}".to_owned(), binding("Host", Value::Null));
    assembly.bindings.insert("${data/kafka.Brokers}".to_owned(), binding("Name", lookup));
    let outputs: Outputs = [("data".to_owned(), BTreeMap::from([("Name".to_owned(), "arn".to_owned())]))].into();
    let wanted = assembly.bindings.keys().cloned().collect();
    let failure = bindings::values(&fake, &assembly, &outputs, &wanted).await.unwrap_err();
    assert_eq!(failure.notes, ["`${data/db.Host}` requires the output `Host` of stack `data`"]);
    let one = ["${data/kafka.Brokers}".to_owned()].into();
    let values = bindings::values(&fake, &assembly, &outputs, &one).await.unwrap();
    assert_eq!(values["${data/kafka.Brokers}"], "BootstrapBrokerString(arn)");
}

#[tokio::test]
async fn deploys_with_kube_rs_over_http() {
    let server = Server::start();
    let file = server.kubeconfig("http");
    let aws = Aws::new(AwsAccess::default());
    let client = Client::new(&aws, Connection::Config { file: Some(file.clone()), context: None });
    assert_eq!(deploy(&client, &shop_objects()).await.unwrap(), "6 created");
    let found = client.get("/api/v1/namespaces/shop/configmaps/settings").await.unwrap().unwrap();
    assert_eq!(found["metadata"]["labels"][APP_LABEL], "shop");
    assert_eq!(client.get("/api/v1/namespaces/shop/configmaps/none").await.unwrap(), None);
    std::fs::remove_file(file).unwrap();
}
