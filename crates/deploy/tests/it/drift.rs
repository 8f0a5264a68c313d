//! Tests drift detection in clusters, with the field managers of the changes.

use std::fs;
use std::path::Path;

use meshsynth_deploy::kube::{self, Change, Kube, Object, Settings, Worker};
use meshsynth_deploy::stop::Stop;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::kubernetes::{deploy, deployment, named, shop_objects};
use crate::platform::Notes;

const ORDERS: &str = "/apis/apps/v1/namespaces/shop/deployments/orders";
const SERVICE: &str = "/api/v1/namespaces/shop/services/orders";
const SETTINGS: &str = "/api/v1/namespaces/shop/configmaps/settings";

/// Returns a line for each field that differs.
async fn drift(cluster: &Cluster, objects: &[Object]) -> Vec<String> {
    let (notes, settings, stop) = (Notes::default(), Settings::default(), Stop::default());
    let worker = Worker::new(cluster, "run", "shop", &settings, &notes, &stop);
    let n_changes = cluster.log.borrow().len();
    let compared = worker.drift(objects).await.unwrap();
    assert_eq!(cluster.log.borrow().len(), n_changes, "a look changes nothing");
    assert!(compared.unread.is_empty(), "{:?}", compared.unread);
    let rows = compared.drifted.iter().flat_map(|it| {
        let head = format!("{} {}", it.name, it.status);
        let fields = it.fields.iter().map(|field| {
            assert!(field.by.iter().all(|by| by.time.starts_with("2026-11-21T")), "{field:?}");
            let by: Vec<&str> = field.by.iter().map(|by| by.manager.as_str()).collect();
            format!("  {} {:?} by {}", field.path, field.change, by.join(", "))
        });
        std::iter::once(head).chain(fields).collect::<Vec<_>>()
    });
    rows.collect()
}

/// Returns the objects of the shop with additional fields, such as containers and labels.
fn objects() -> Vec<Object> {
    let mut objects = shop_objects();
    objects[2].body["data"] = json!({ "LEVEL": "info" });
    objects[3].body["spec"] = json!({ "data": [{ "secretKey": "a" }] });
    let pod = json!({ "containers": [{ "name": "app", "image": "orders:1", "ports": [{ "containerPort": 80 }] }] });
    objects[4].body["spec"]["template"] = json!({ "metadata": { "labels": { "app": "orders" } }, "spec": pod });
    objects[5].body["spec"] = json!({ "selector": { "app": "orders" }, "ports": [{ "port": 80 }] });
    objects
}

async fn deployed() -> Cluster {
    let cluster = Cluster::default();
    deploy(&cluster, &objects()).await.unwrap();
    assert_eq!(drift(&cluster, &objects()).await, [""; 0], "no drift");
    cluster
}

#[tokio::test(start_paused = true)]
async fn reports_manual_changes_with_field_manager() {
    let cluster = Cluster::default();
    deploy(&cluster, &shop_objects()).await.unwrap();
    assert_eq!(drift(&cluster, &shop_objects()).await, [""; 0], "no drift");
    cluster.edit(ORDERS, "kubectl-edit", |object| object["spec"]["template"] = json!("orders:hotfix"));
    cluster.objects.borrow_mut().remove(SETTINGS);
    let wanted = [
        "ConfigMap `shop/settings` DELETED",
        "Deployment `shop/orders` MODIFIED",
        "  spec.template Changed by kubectl-edit",
    ];
    assert_eq!(drift(&cluster, &shop_objects()).await, wanted);
    let cluster = Cluster::default();
    deploy(&cluster, &shop_objects()).await.unwrap();
    cluster.edit(ORDERS, "ann", |object| object["metadata"]["labels"] = json!({ "meshsynth/app": "other" }));
    assert_eq!(drift(&cluster, &shop_objects()).await[1], "  metadata.labels.meshsynth/app Changed by ann");
    cluster.edit(ORDERS, "ann", |object| object["metadata"]["labels"] = json!({ "team": "a" }));
    let wanted = ["  metadata.labels.meshsynth/app Removed by ", "  metadata.labels.team Added by ann"];
    assert_eq!(drift(&cluster, &shop_objects()).await[1..], wanted);
}

#[tokio::test(start_paused = true)]
async fn manual_additions_are_drift() {
    let pod = |object: &mut Value| object["spec"]["template"]["spec"].take();
    let with = |object: &mut Value, key: &str, value: Value| {
        let mut spec = pod(object);
        spec[key] = value;
        object["spec"]["template"]["spec"] = spec;
    };
    type Edit<'a> = Box<dyn Fn(&mut Value) + 'a>;
    let cases: Vec<(&str, Edit<'_>, &str)> = vec![
        (ORDERS, Box::new(|it| with(it, "hostNetwork", json!(true))), "spec.template.spec.hostNetwork"),
        (
            ORDERS,
            Box::new(|it| {
                it["spec"]["template"]["spec"]["containers"][0]["securityContext"] =
                    json!({ "privileged": true, "runAsUser": 0 })
            }),
            "spec.template.spec.containers[name=app].securityContext.privileged",
        ),
        (
            ORDERS,
            Box::new(|it| {
                let list = it["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap();
                list.push(json!({ "name": "shell", "image": "busybox", "imagePullPolicy": "Always" }));
            }),
            "spec.template.spec.containers[name=shell]",
        ),
        (
            ORDERS,
            Box::new(|it| {
                it["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{ "name": "DEBUG", "value": "1" }])
            }),
            "spec.template.spec.containers[name=app].env[name=DEBUG]",
        ),
        (
            ORDERS,
            Box::new(|it| with(it, "volumes", json!([{ "name": "host", "hostPath": {} }]))),
            "spec.template.spec.volumes[name=host]",
        ),
        (
            ORDERS,
            Box::new(|it| it["spec"]["template"]["metadata"]["labels"]["x"] = json!("y")),
            "spec.template.metadata.labels.x",
        ),
        (ORDERS, Box::new(|it| it["metadata"]["finalizers"] = json!(["by/hand"])), "metadata.finalizers[by/hand]"),
        (
            SERVICE,
            Box::new(|it| it["spec"]["ports"].as_array_mut().unwrap().push(json!({ "port": 9090, "protocol": "TCP" }))),
            "spec.ports[port=9090,protocol=TCP]",
        ),
        (
            SERVICE,
            Box::new(|it| it["metadata"]["annotations"] = json!({ "eks.amazonaws.com/role-arn": "x" })),
            "metadata.annotations[eks.amazonaws.com/role-arn]",
        ),
        (SETTINGS, Box::new(|it| it["data"]["FEATURE"] = json!("on")), "data.FEATURE"),
    ];
    for (path, edit, field) in cases {
        let cluster = deployed().await;
        cluster.edit(path, "kubectl-edit", |object| edit(object));
        let told = drift(&cluster, &objects()).await;
        assert!(told.contains(&format!("  {field} Added by kubectl-edit")), "{field}: {told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn reports_item_added_to_atomic_list() {
    let cluster = deployed().await;
    let path = "/apis/example.com/v1/namespaces/shop/things/one";
    let add = |object: &mut Value| {
        object["spec"]["data"].as_array_mut().unwrap().push(json!({ "secretKey": "b", "decoding": "None" }));
    };
    cluster.edit(path, "kubectl-edit", add);
    assert_eq!(drift(&cluster, &objects()).await[1..], ["  spec.data[1] Added by kubectl-edit"]);
}

#[tokio::test(start_paused = true)]
async fn ignores_known_controllers_but_not_manual_changes() {
    let cluster = deployed().await;
    let finalizer = |object: &mut Value| object["metadata"]["finalizers"] = json!(["service.k8s.aws/resources"]);
    cluster.edit(SERVICE, "controller", finalizer);
    let revision =
        |object: &mut Value| object["metadata"]["annotations"] = json!({ "deployment.kubernetes.io/revision": "2" });
    cluster.edit(ORDERS, "kube-controller-manager", revision);
    let writer = json!({ "manager": "kube-controller-manager", "operation": "Update", "subresource": "status" });
    cluster.edit_as(ORDERS, writer, |object| object["status"] = json!({ "replicas": 2 }));
    assert_eq!(drift(&cluster, &objects()).await, [""; 0]);
    let cluster = deployed().await;
    cluster.edit(SERVICE, "kubectl-patch", finalizer);
    assert_eq!(
        drift(&cluster, &objects()).await[1],
        "  metadata.finalizers[service.k8s.aws/resources] Added by kubectl-patch"
    );
    cluster.edit(ORDERS, "kube-controller-manager", |object| object["spec"]["paused"] = json!(true));
    assert!(drift(&cluster, &objects()).await.contains(&"  spec.paused Added by kube-controller-manager".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn shared_field_with_same_value_is_not_drift() {
    let cluster = deployed().await;
    // Another tool applies the same manifest with the defaults of the server.
    let writer = json!({ "manager": "kubectl-client-side-apply", "operation": "Update" });
    let body = cluster.objects.borrow()[ORDERS].clone();
    cluster.edit_as(ORDERS, writer, |object| object["spec"] = json!({}));
    cluster.edit(ORDERS, "kubectl-client-side-apply", |object| {
        object["spec"] = body["spec"].clone();
        object["metadata"]["annotations"] = json!({ "kubectl.kubernetes.io/last-applied-configuration": "{}" });
    });
    assert_eq!(drift(&cluster, &objects()).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn reports_deletion_and_missing_ownership_record() {
    let cluster = deployed().await;
    cluster.edit(SERVICE, "kubectl-patch", |object| object["metadata"]["finalizers"] = json!(["by/hand"]));
    let uid = cluster.objects.borrow()[SERVICE]["metadata"]["uid"].as_str().unwrap().to_owned();
    cluster.is_stuck.set(true);
    cluster.delete(SERVICE, &uid).await.unwrap();
    assert_eq!(drift(&cluster, &objects()).await[0], "Service `shop/orders` DELETING");
    let cluster = deployed().await;
    cluster.objects.borrow_mut().get_mut(SETTINGS).unwrap()["metadata"]["managedFields"] = json!([]);
    let told = drift(&cluster, &objects()).await;
    assert_eq!(told, ["ConfigMap `shop/settings` MODIFIED", "  metadata.managedFields Removed by "]);
}

#[tokio::test(start_paused = true)]
async fn ignores_scaled_replicas_and_undeployed_changes() {
    let cluster = Cluster::default();
    let mut objects = shop_objects();
    let mut scaler = named("60-scalers", "autoscaling/v2", "HorizontalPodAutoscaler", "orders");
    scaler.body["spec"] = json!({ "scaleTargetRef": { "kind": "Deployment", "name": "orders" } });
    objects.push(scaler);
    deploy(&cluster, &objects).await.unwrap();
    let writer = json!({ "manager": "kube-controller-manager", "operation": "Update", "subresource": "scale" });
    cluster.edit_as(ORDERS, writer, |object| object["spec"]["replicas"] = json!(7));
    assert_eq!(drift(&cluster, &objects).await, [""; 0]);
    objects[4] = deployment("orders:2");
    objects.push(named("30-configuration", "v1", "ConfigMap", "new"));
    assert_eq!(drift(&cluster, &objects).await, [""; 0], "the next deployment brings it");
}

#[tokio::test(start_paused = true)]
async fn manual_scaling_without_scaler_is_drift() {
    let cluster = deployed().await;
    let writer = json!({ "manager": "kubectl", "operation": "Update", "subresource": "scale" });
    cluster.edit_as(ORDERS, writer, |object| object["spec"]["replicas"] = json!(7));
    assert_eq!(drift(&cluster, &objects()).await[1], "  spec.replicas Changed by kubectl");
}

#[tokio::test(start_paused = true)]
async fn failed_comparison_does_not_affect_other_objects() {
    let cluster = deployed().await;
    cluster.edit(SETTINGS, "kubectl-edit", |object| object["data"]["FEATURE"] = json!("on"));
    cluster.refusals.borrow_mut().insert("/deployments/orders".to_owned(), (422, "it is immutable"));
    let (notes, settings, stop) = (Notes::default(), Settings::default(), Stop::default());
    let worker = Worker::new(&cluster, "run", "shop", &settings, &notes, &stop);
    let compared = worker.drift(&objects()).await.unwrap();
    assert_eq!(compared.unread.len(), 1);
    assert!(compared.unread[0].text.contains("Deployment `shop/orders` cannot be compared"), "{:?}", compared.unread);
    assert_eq!(compared.drifted[0].fields[0].change, Change::Added);
}

/// Checks the table in the documentation. `UPDATE_DOCS=1` writes it.
#[test]
fn docs_contain_table_of_known_controllers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/controllers.md");
    let text = fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- controllers: crates/deploy/src/kube/controllers.rs -->\n", "<!-- /controllers -->\n");
    let (head, rest) = text.split_once(begin).unwrap();
    let (_, tail) = rest.split_once(end).unwrap();
    let wanted = format!("{head}{begin}{}{end}{tail}", kube::controllers());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    let stale = "docs/controllers.md is stale: run `UPDATE_DOCS=1 cargo test -p meshsynth-deploy controllers`";
    assert!(fs::read_to_string(&path).unwrap() == wanted, "{stale}");
}
