//! Tests the dry run before the first wave: its reports and its number of calls.

use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::event::Event;
use meshsynth_deploy::kube::{Settings, Worker};
use meshsynth_deploy::stop::Stop;
use serde_json::json;

use crate::cluster::Cluster;
use crate::kubernetes::{deploy, deploy_as, deployment, named, shop_objects};
use crate::platform::Notes;

const ORDERS: &str = "/apis/apps/v1/namespaces/shop/deployments/orders";
const SETTINGS: &str = "/api/v1/namespaces/shop/configmaps/settings";

/// Returns the reported state of each object.
fn states(notes: &Notes) -> Vec<String> {
    let events = notes.events.borrow();
    let state = |event: &Event| match event {
        Event::Reached { name, state, .. } => Some(format!("{name} {state}")),
        _ => None,
    };
    events.iter().filter_map(state).collect()
}

#[tokio::test(start_paused = true)]
async fn reports_all_conflicts_and_rejections_before_changes() {
    let cluster = Cluster::default();
    deploy(&cluster, &shop_objects()).await.unwrap();
    cluster.edit(ORDERS, "kubectl-edit", |object| object["spec"]["template"] = json!("orders:hotfix"));
    let label = |object: &mut serde_json::Value| object["metadata"]["labels"]["meshsynth/app"] = json!("other");
    cluster.edit(SETTINGS, "ann", label);
    cluster.refusals.borrow_mut().insert("/services/orders".to_owned(), (422, "spec.clusterIP: field is immutable"));
    let mut objects = shop_objects();
    objects[5].body["spec"] = json!({ "clusterIP": "10.0.0.7" });
    objects.push(named("30-configuration", "v1", "ConfigMap", "new"));
    let n_changes = cluster.log.borrow().len();
    let failure = deploy(&cluster, &objects).await.unwrap_err();
    insta::assert_snapshot!(failure, @"
    error: cluster `run`: the API server would reject 3 objects; no object was applied
      --> src/main.rs:9:5
       = construct: run/orders
       = note: ConfigMap `shop/settings` (src/main.rs:9:5): `ann` manages `.metadata.labels.meshsynth/app`
       = note: Deployment `shop/orders` (src/main.rs:9:5): `kubectl-edit` manages `.spec.template`
       = note: Service `shop/orders` (src/main.rs:9:5): 422 Invalid: spec.clusterIP: field is immutable
       = note: found by a dry run; the cluster was not changed
       = help: fix each of them, synthesize, and run the command again
    ");
    assert_eq!(cluster.log.borrow().len(), n_changes, "nothing was changed");
}

#[tokio::test(start_paused = true)]
async fn reports_objects_without_dry_run_and_continues() {
    let (cluster, notes) = (Cluster::default(), Notes::default());
    deploy_as(&cluster, &shop_objects(), &Settings::default(), Approval::Never, &notes).await.unwrap();
    insta::assert_debug_snapshot!(notes.notes(), @r#"
    [
        "the dry run omits 1 object whose kind the API server does not serve yet: Thing",
        "the dry run omits 3 objects whose namespace does not exist yet: ConfigMap, Deployment, Service",
    ]
    "#);
    // A changed CRD can accept objects that it rejects now.
    let notes = Notes::default();
    let mut objects = shop_objects();
    objects[1].body["spec"] = json!({ "group": "example.com" });
    objects[3].body["spec"] = json!({ "more": 1 });
    cluster
        .refusals
        .borrow_mut()
        .insert("/things/one".to_owned(), (400, "strict decoding error: unknown field \"spec.more\""));
    let failure = deploy_as(&cluster, &objects, &Settings::default(), Approval::Never, &notes).await.unwrap_err();
    assert!(failure.text.contains("Thing `shop/one` is not applied"), "{failure}");
    assert!(
        notes.notes()[0].starts_with("the API server rejects Thing `shop/one` in the current state of the cluster"),
        "{:?}",
        notes.notes()
    );
    assert!(cluster.log.borrow().last().unwrap().ends_with("/things.example.com"), "what comes ahead is applied");
}

#[tokio::test(start_paused = true)]
async fn distinguishes_created_changed_and_unchanged() {
    let cluster = Cluster::default();
    deploy(&cluster, &shop_objects()).await.unwrap();
    let mut objects = shop_objects();
    objects[4] = deployment("orders:2");
    objects.push(named("30-configuration", "v1", "ConfigMap", "new"));
    let notes = Notes::default();
    let text = deploy_as(&cluster, &objects, &Settings::default(), Approval::Never, &notes).await.unwrap();
    assert_eq!(text, "1 created, 1 changed, 5 unchanged");
    let wanted = [
        "Namespace `shop` unchanged",
        "CustomResourceDefinition `things.example.com` unchanged",
        "ConfigMap `shop/settings` unchanged",
        "Thing `shop/one` unchanged",
        "ConfigMap `shop/new` created",
        "Deployment `shop/orders` changed",
        "Service `shop/orders` unchanged",
    ];
    assert_eq!(states(&notes), wanted);
}

#[tokio::test(start_paused = true)]
async fn unchanged_objects_need_one_call_each() {
    let cluster = Cluster::default();
    let mut objects = shop_objects();
    for idx in 0..200 {
        objects.push(named("30-configuration", "v1", "ConfigMap", &format!("c{idx}")));
    }
    deploy(&cluster, &objects).await.unwrap();
    for no_lists in [false, true] {
        cluster.no_lists.set(no_lists);
        cluster.calls.borrow_mut().clear();
        assert_eq!(deploy(&cluster, &objects).await.unwrap(), "206 unchanged");
        let calls = cluster.calls.borrow();
        assert!(calls.iter().all(|call| !call.contains("dryRun")), "{calls:?}");
        let more = if no_lists { 2 * objects.len() } else { objects.len() };
        assert!(calls.len() <= more + 20, "{} calls", calls.len());
    }
}

#[tokio::test(start_paused = true)]
async fn ignores_default_in_list() {
    let (cluster, notes) = (Cluster::default(), Notes::default());
    let mut objects = shop_objects();
    objects[3].body["spec"] = json!({ "data": [{ "secretKey": "a" }] });
    deploy(&cluster, &objects).await.unwrap();
    let text = deploy_as(&cluster, &objects, &Settings::default(), Approval::Never, &notes).await.unwrap();
    assert_eq!(text, "6 unchanged");
    let (settings, stop) = (Settings::default(), Stop::default());
    let seen = Worker::new(&cluster, "run", "shop", &settings, &notes, &stop).look(&objects).await.unwrap();
    assert!(seen.iter().all(|seen| seen.found == seen.wanted), "{seen:#?}");
}
