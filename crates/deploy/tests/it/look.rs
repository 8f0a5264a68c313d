//! Tests the read-only comparison with a cluster.

use meshsynth_deploy::kube::{Kube, Object, Seen, Settings, Worker};
use meshsynth_deploy::stop::Stop;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::kubernetes::{deploy, deployment, shop_objects};
use crate::platform::Notes;

/// Compares the applied objects with the manifests. Returns each name and the result.
async fn look(kube: &impl Kube, objects: &[Object]) -> Vec<String> {
    let (notes, stop, settings) = (Notes::default(), Stop::default(), Settings::default());
    let worker = Worker::new(kube, "run", "shop", &settings, &notes, &stop);
    let row = |seen: &Seen| {
        let name = |it: &Option<Value>| it.as_ref().map(|it| it["metadata"]["name"].as_str().unwrap().to_owned());
        let word = match (&seen.found, &seen.wanted) {
            (Some(found), Some(wanted)) if found == wanted => "same",
            (Some(_), Some(_)) => "other",
            (None, _) => "new",
            (_, None) => "gone",
        };
        format!("{} {word}", name(&seen.wanted).or(name(&seen.found)).unwrap())
    };
    worker.look(objects).await.unwrap().iter().map(row).collect()
}

#[tokio::test(start_paused = true)]
async fn compares_applied_objects_with_manifests() {
    let cluster = Cluster::default();
    let names = ["shop", "things.example.com", "settings", "one", "orders", "orders"];
    let all = |word: &str| names.map(|name| format!("{name} {word}")).to_vec();
    assert_eq!(look(&cluster, &shop_objects()).await, all("new"));
    deploy(&cluster, &shop_objects()).await.unwrap();
    assert_eq!(look(&cluster, &shop_objects()).await, all("same"), "status and defaults are nobody's change");
    let mut objects = shop_objects();
    objects[4] = deployment("orders:2");
    let settings = objects.remove(2);
    let seen = look(&cluster, &objects).await;
    assert_eq!(seen[..2], ["settings gone", "shop same"], "{seen:?}");
    assert!(seen.contains(&"orders other".to_owned()), "{seen:?}");
    // Removing the label keeps the object.
    let path = "/api/v1/namespaces/shop/configmaps/settings";
    cluster.objects.borrow_mut().get_mut(path).unwrap()["metadata"]["labels"] = json!({});
    assert!(!look(&cluster, &objects).await.contains(&"settings gone".to_owned()));
    // The object was deleted manually.
    cluster.objects.borrow_mut().remove(path);
    objects.insert(2, settings);
    assert!(look(&cluster, &objects).await.contains(&"settings new".to_owned()));
    assert!(cluster.log.borrow().iter().all(|line| !line.starts_with("delete")), "it only looks");
}

#[tokio::test(start_paused = true)]
async fn manual_change_is_old_side_and_addition_is_on_both() {
    let cluster = Cluster::default();
    deploy(&cluster, &shop_objects()).await.unwrap();
    let path = "/apis/apps/v1/namespaces/shop/deployments/orders";
    cluster.edit(path, "kubectl-edit", |object| object["spec"]["template"] = json!("orders:hotfix"));
    cluster.edit(path, "kubectl-annotate", |object| object["metadata"]["annotations"] = json!({ "by": "hand" }));
    let revision =
        |object: &mut Value| object["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = json!("2");
    cluster.edit(path, "kube-controller-manager", revision);
    for is_refused in [false, true] {
        cluster.no_dry_run.set(is_refused);
        let (notes, stop, settings) = (Notes::default(), Stop::default(), Settings::default());
        let worker = Worker::new(&cluster, "run", "shop", &settings, &notes, &stop);
        let seen = worker.look(&shop_objects()).await.unwrap();
        let (found, wanted) = (seen[4].found.clone().unwrap(), seen[4].wanted.clone().unwrap());
        assert_eq!(
            (&found["spec"]["template"], &wanted["spec"]["template"]),
            (&json!("orders:hotfix"), &json!("orders:1"))
        );
        assert_eq!(seen[4].refused.is_some(), is_refused);
        if !is_refused {
            let by_hand = json!({ "by": "hand" });
            assert_eq!((&found["metadata"]["annotations"], &wanted["metadata"]["annotations"]), (&by_hand, &by_hand));
            let told: Vec<&str> = seen[4].by_hand.iter().map(|field| field.path.as_str()).collect();
            assert_eq!(told, ["metadata.annotations.by", "spec.template"]);
        }
    }
}
