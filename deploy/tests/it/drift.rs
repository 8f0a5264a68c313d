//! What of a cluster is not as it was applied, and by whose hand.

use meshsynth_deploy::kube::{Object, Settings, Worker};
use meshsynth_deploy::watch::Stop;
use serde_json::json;

use crate::cluster::Cluster;
use crate::kubernetes::{deploy, deployment, named, shop_objects};
use crate::platform::Notes;

const ORDERS: &str = "/apis/apps/v1/namespaces/shop/deployments/orders";

/// A line for each field that differs.
async fn drift(cluster: &Cluster, objects: &[Object]) -> Vec<String> {
    let (notes, settings, stop) = (Notes::default(), Settings::default(), Stop::default());
    let worker = Worker::new(cluster, "run", "shop", &settings, &notes, &stop);
    let n_changes = cluster.log.borrow().len();
    let drifted = worker.drift(objects).await.unwrap();
    assert_eq!(cluster.log.borrow().len(), n_changes, "a look changes nothing");
    let rows = drifted.iter().flat_map(|it| {
        let head = format!("{} {}", it.name, it.status);
        let fields = it.fields.iter().map(|field| format!("  {} by {}", field.path, field.by.join(", ")));
        std::iter::once(head).chain(fields).collect::<Vec<_>>()
    });
    rows.collect()
}

#[tokio::test(start_paused = true)]
async fn what_was_edited_or_deleted_by_hand_is_told_with_the_hand() {
    let cluster = Cluster::default();
    deploy(&cluster, &shop_objects()).await.unwrap();
    assert_eq!(drift(&cluster, &shop_objects()).await, [""; 0], "as it was deployed");
    let change = |object: &mut serde_json::Value| object["spec"]["template"] = json!("orders:hotfix");
    cluster.edit(ORDERS, "kubectl-edit", change, &json!({ "f:spec": { "f:template": {} } }));
    cluster.objects.borrow_mut().remove("/api/v1/namespaces/shop/configmaps/settings");
    let wanted =
        ["ConfigMap `shop/settings` DELETED", "Deployment `shop/orders` MODIFIED", "  spec.template by kubectl-edit"];
    assert_eq!(drift(&cluster, &shop_objects()).await, wanted);
    let cluster = Cluster::default();
    deploy(&cluster, &shop_objects()).await.unwrap();
    let label = |object: &mut serde_json::Value| object["metadata"]["labels"] = json!({});
    cluster.edit(ORDERS, "ann", label, &json!({ "f:metadata": { "f:labels": { "f:meshsynth/app": {} } } }));
    assert_eq!(drift(&cluster, &shop_objects()).await[1], "  metadata.labels.meshsynth/app by ann");
}

#[tokio::test(start_paused = true)]
async fn what_a_scaler_decides_and_what_is_not_deployed_yet_is_no_drift() {
    let cluster = Cluster::default();
    let mut objects = shop_objects();
    let mut scaler = named("60-scalers", "autoscaling/v2", "HorizontalPodAutoscaler", "orders");
    scaler.body["spec"] = json!({ "scaleTargetRef": { "kind": "Deployment", "name": "orders" } });
    objects.push(scaler);
    deploy(&cluster, &objects).await.unwrap();
    let change = |object: &mut serde_json::Value| object["spec"]["replicas"] = json!(7);
    cluster.edit(ORDERS, "kube-controller-manager", change, &json!({ "f:spec": { "f:replicas": {} } }));
    assert_eq!(drift(&cluster, &objects).await, [""; 0]);
    objects[4] = deployment("orders:2");
    objects.push(named("30-configuration", "v1", "ConfigMap", "new"));
    assert_eq!(drift(&cluster, &objects).await, [""; 0], "the next deployment brings it");
}
