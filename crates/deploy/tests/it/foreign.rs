//! Tests objects and fields of other owners: the deployment reports, records and keeps them.

use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::event::Event;
use meshsynth_deploy::kube::{Object, Settings, Worker};
use meshsynth_deploy::stop::Stop;
use meshsynth_deploy::watch::Answer;
use serde_json::json;

use crate::adopt::taken;
use crate::cluster::Cluster;
use crate::handover::applied;
use crate::kubernetes::{deploy, deploy_as, named, shop_objects};
use crate::platform::Notes;

const SETTINGS: &str = "/api/v1/namespaces/shop/configmaps/settings";
const ORDERS: &str = "/apis/apps/v1/namespaces/shop/deployments/orders";

/// Returns a cluster in which kubectl created the configuration of the program, with an additional key.
fn cluster() -> Cluster {
    let cluster = Cluster::default();
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop" } });
    let kubectl = || json!({ "manager": "kubectl-create", "operation": "Update" });
    applied(&cluster, "/api/v1/namespaces/shop", kubectl(), namespace);
    let mut body = named("30-configuration", "v1", "ConfigMap", "settings").body;
    body["metadata"].as_object_mut().unwrap().remove("labels");
    body["data"] = json!({ "theirs": "x" });
    applied(&cluster, SETTINGS, kubectl(), body);
    cluster
}

fn without(name: &str) -> Vec<Object> {
    shop_objects().into_iter().filter(|object| object.name() != name).collect()
}

#[tokio::test(start_paused = true)]
async fn object_with_equal_fields_is_taken_over_only_after_a_question() {
    for (answer, is_taken) in [(Answer::No, false), (Answer::Nobody, false), (Answer::Yes, true)] {
        let (cluster, notes) = (cluster(), Notes::default());
        notes.answer.set(answer);
        let before = cluster.objects.borrow()[SETTINGS].clone();
        let done = deploy_as(&cluster, &shop_objects(), &Settings::default(), Approval::Access, &notes).await;
        assert_eq!(done.is_ok(), is_taken, "{done:?}");
        assert!(taken(&notes).contains("ConfigMap `shop/settings` from `kubectl-create`"), "{}", taken(&notes));
        let why = notes.asked.borrow()[0].why.to_string();
        let wanted = "takes over Namespace `shop` from `kubectl-create`, takes over ConfigMap `shop/settings` from \
                      `kubectl-create`";
        assert!(why.contains(wanted), "{why}");
        assert_eq!(cluster.objects.borrow()[SETTINGS] != before, is_taken);
        if !is_taken {
            let log = cluster.log.borrow().clone();
            assert_eq!(log, [""; 0], "{answer:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn taken_over_object_is_pruned_only_after_a_question() {
    let (cluster, notes) = (cluster(), Notes::default());
    deploy_as(&cluster, &shop_objects(), &Settings::default(), Approval::Never, &notes).await.unwrap();
    // The next deployment does not report the takeover again.
    let notes = Notes::default();
    deploy_as(&cluster, &shop_objects(), &Settings::default(), Approval::Access, &notes).await.unwrap();
    assert_eq!((taken(&notes).as_str(), notes.asked.borrow().len()), ("", 0));
    notes.answer.set(Answer::No);
    let refused = deploy_as(&cluster, &without("settings"), &Settings::default(), Approval::Access, &notes).await;
    assert!(refused.unwrap_err().text.contains("were not approved"));
    let why = notes.asked.borrow()[0].why.to_string();
    assert!(why.contains("deletes ConfigMap `shop/settings`, which was taken over"), "{why}");
    assert!(cluster.objects.borrow().contains_key(SETTINGS));
    notes.answer.set(Answer::Yes);
    deploy_as(&cluster, &without("settings"), &Settings::default(), Approval::Access, &notes).await.unwrap();
    assert!(!cluster.objects.borrow().contains_key(SETTINGS));
}

#[tokio::test(start_paused = true)]
async fn content_of_other_managers_is_pruned_only_after_a_question() {
    let (cluster, notes) = (Cluster::default(), Notes::default());
    deploy(&cluster, &shop_objects()).await.unwrap();
    cluster.edit(SETTINGS, "kubectl-patch", |object| object["data"]["theirs"] = json!("x"));
    notes.answer.set(Answer::No);
    let refused = deploy_as(&cluster, &without("settings"), &Settings::default(), Approval::DataLoss, &notes).await;
    assert!(refused.is_err());
    let why = notes.asked.borrow()[0].why.to_string();
    assert!(why.contains("deletes ConfigMap `shop/settings` with content of `kubectl-patch`"), "{why}");
    assert!(cluster.objects.borrow().contains_key(SETTINGS));
    // `destroy` asks as well, and `--yes` does not.
    let (settings, stop) = (Settings::default(), Stop::default());
    let worker = |approval| Worker::new(&cluster, "run", "shop", &settings, &notes, &stop).asking(approval);
    assert!(worker(Approval::Foreign).destroy(async || Ok(())).await.is_err());
    assert!(cluster.objects.borrow().contains_key(SETTINGS));
    worker(Approval::Never).destroy(async || Ok(())).await.unwrap();
    assert!(cluster.objects.borrow().is_empty());
}

#[tokio::test(start_paused = true)]
async fn object_of_another_app_is_taken_over_only_after_a_question() {
    let (cluster, notes) = (Cluster::default(), Notes::default());
    deploy(&cluster, &shop_objects()).await.unwrap();
    let stop = Stop::default();
    let settings = Settings::default();
    let mut objects = vec![shop_objects().remove(2)];
    objects[0].body["metadata"]["labels"] = json!({ "meshsynth/app": "blog" });
    notes.answer.set(Answer::No);
    let worker = Worker::new(&cluster, "run", "blog", &settings, &notes, &stop).asking(Approval::Access);
    assert!(worker.deploy(&objects, async || Ok(())).await.is_err());
    let why = notes.asked.borrow()[0].why.to_string();
    assert!(why.contains("takes over ConfigMap `shop/settings` from the app `shop`"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn reports_privileged_container_that_another_manager_added() {
    let (cluster, notes) = (Cluster::default(), Notes::default());
    deploy(&cluster, &shop_objects()).await.unwrap();
    let sidecar = json!({ "name": "miner", "image": "miner:1", "securityContext": { "privileged": true } });
    cluster.edit(ORDERS, "kubectl-edit", |object| object["spec"]["sidecar"] = sidecar);
    let text = deploy_as(&cluster, &shop_objects(), &Settings::default(), Approval::Access, &notes).await.unwrap();
    assert_eq!(text, "6 unchanged");
    let told: Vec<String> = notes.notes().into_iter().filter(|it| it.contains("kubectl-edit")).collect();
    assert_eq!(told.len(), 1, "{:?}", notes.notes());
    assert!(
        told[0].starts_with(
            "Deployment `shop/orders` has fields that the program does not contain, added by `kubectl-edit`: `spec.sidecar"
        ),
        "{told:?}"
    );
    // Metadata and fields of controllers are not reported.
    let (cluster, notes) = (Cluster::default(), Notes::default());
    deploy(&cluster, &shop_objects()).await.unwrap();
    cluster.edit(ORDERS, "kubectl-annotate", |object| object["metadata"]["annotations"]["a"] = json!("b"));
    deploy_as(&cluster, &shop_objects(), &Settings::default(), Approval::Access, &notes).await.unwrap();
    assert_eq!(notes.notes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn conflicts_of_two_tools_name_both_in_the_hint() {
    let cluster = Cluster::default();
    deploy(&cluster, &shop_objects()).await.unwrap();
    cluster.edit(ORDERS, "kubectl-edit", |object| object["spec"]["template"] = json!("orders:hotfix"));
    cluster.edit(SETTINGS, "helm", |object| object["data"] = json!({ "a": "theirs" }));
    let mut objects = shop_objects();
    objects[2].body["data"] = json!({ "a": "ours" });
    let failure = deploy(&cluster, &objects).await.unwrap_err();
    assert!(failure.help.ends_with("with `--take-over helm,kubectl`"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn takeover_lists_all_removed_fields_without_defaults() {
    let (cluster, notes) = (Cluster::default(), Notes::default());
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop" } });
    let kubectl = || json!({ "manager": "kubectl-create", "operation": "Update" });
    applied(&cluster, "/api/v1/namespaces/shop", kubectl(), namespace);
    let keys: Vec<String> = (0..20).map(|idx| format!("key{idx:02}")).collect();
    let mut live = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "orders", "namespace": "shop" },
        // The API server sets this default in the simulated cluster.
        "spec": { "replicas": 2, "selector": { "matchLabels": { "app": "orders" } }, "template": "orders:1", "progressDeadlineSeconds": 600 }
    });
    for key in &keys {
        live["spec"][key] = json!(1);
    }
    applied(&cluster, ORDERS, kubectl(), live);
    let settings = Settings { take_over: vec!["kubectl".to_owned()], ..Settings::default() };
    deploy_as(&cluster, &shop_objects(), &settings, Approval::Never, &notes).await.unwrap();
    let events = notes.events.borrow();
    let removed = events.iter().find_map(|event| match event {
        Event::TakesOver { name, notes, .. } if name.contains("orders") => Some(notes.join("\n")),
        _ => None,
    });
    let removed = removed.unwrap();
    assert!(keys.iter().all(|key| removed.contains(&format!("`spec.{key}`"))), "{removed}");
    assert!(!removed.contains("progressDeadlineSeconds") && !removed.contains("more"), "{removed}");
}
