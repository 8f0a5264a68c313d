//! Tests reports of long waits: the object and the reason, every half minute and after an interruption.

use std::time::Duration;

use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::event::Event;
use meshsynth_deploy::failure::Kind;
use meshsynth_deploy::kube::{Settings, Worker};
use meshsynth_deploy::stop::Stop;
use serde_json::json;

use crate::cluster::Cluster;
use crate::kubernetes::{deploy_as, shop_objects};
use crate::platform::Notes;

fn stuck() -> Cluster {
    let cluster = Cluster::default();
    cluster.never_ready.set(true);
    let waiting =
        json!({ "name": "app", "state": { "waiting": { "reason": "ImagePullBackOff", "message": "no such tag" } } });
    let pod = json!({ "metadata": { "name": "orders-x" }, "status": { "containerStatuses": [waiting] } });
    cluster.pods.borrow_mut().push(pod);
    cluster
}

#[tokio::test(start_paused = true)]
async fn reports_wait_with_reason_every_half_minute() {
    let (cluster, notes) = (stuck(), Notes::default());
    deploy_as(&cluster, &shop_objects(), &Settings::default(), Approval::Never, &notes).await.unwrap_err();
    let events = notes.events.borrow();
    let waits: Vec<(&str, &str, u64)> = events
        .iter()
        .filter_map(|event| match event {
            Event::Waiting { name, reason, waited, .. } => Some((name.as_str(), reason.as_str(), *waited)),
            _ => None,
        })
        .collect();
    assert!((26..=30).contains(&waits.len()), "in 15 minutes: {}", waits.len());
    let reason = "0 of 2 replicas are ready, 1 have the new template; container `app` of pod `orders-x`: \
         `ImagePullBackOff`: no such tag";
    assert_eq!((waits[0].0, waits[0].1), ("Deployment `shop/orders`", reason));
    assert!(waits[0].2 >= 30 && waits.windows(2).all(|two| two[1].2 - two[0].2 < 40), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn interrupted_wait_names_object_and_reason() {
    let (cluster, notes, stop) = (stuck(), Notes::default(), Stop::default());
    let settings = Settings::default();
    let worker = Worker::new(&cluster, "run", "shop", &settings, &notes, &stop);
    let end = async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        stop.cancel();
        std::future::pending::<()>().await;
    };
    let objects = shop_objects();
    let failure = tokio::select! {
        result = worker.deploy(&objects, async || Ok(())) => result.unwrap_err(),
        () = end => unreachable!("it waits for ever"),
    };
    insta::assert_snapshot!(failure, @"
    error: interrupted: cluster `run` is partly deployed: `40-workloads` is applied, but Deployment `shop/orders` is not ready: 0 of 2 replicas are ready, 1 have the new template
      --> src/main.rs:9:5
       = construct: run/orders
       = cause: container `app` of pod `orders-x`: `ImagePullBackOff`: no such tag
       = help: run the same command again: it continues from here
    ");
    assert_eq!(failure.kind, Kind::Interrupted);
}

#[tokio::test(start_paused = true)]
async fn failure_of_old_pods_does_not_end_wait() {
    let (cluster, notes) = (Cluster::default(), Notes::default());
    cluster.old_failures.set(3);
    deploy_as(&cluster, &shop_objects(), &Settings::default(), Approval::Never, &notes).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn persistent_failure_ends_wait_after_half_a_minute() {
    let (cluster, notes) = (Cluster::default(), Notes::default());
    cluster.old_failures.set(u32::MAX);
    let begin = tokio::time::Instant::now();
    let failure =
        deploy_as(&cluster, &shop_objects(), &Settings::default(), Approval::Never, &notes).await.unwrap_err();
    assert!(failure.to_string().contains("violates PodSecurity"), "{failure}");
    assert!((30..60).contains(&begin.elapsed().as_secs()), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn reports_wait_for_helm_with_pod_state() {
    let (cluster, notes, stop, settings) = (stuck(), Notes::default(), Stop::default(), Settings::default());
    let worker = Worker::new(&cluster, "run", "shop", &settings, &notes, &stop);
    worker.watch_release("istio-system", "istiod", tokio::time::sleep(Duration::from_secs(100))).await;
    let events = notes.events.borrow();
    let waits: Vec<(&str, &str)> = events
        .iter()
        .filter_map(|event| match event {
            Event::Waiting { name, reason, .. } => Some((name.as_str(), reason.as_str())),
            _ => None,
        })
        .collect();
    let reason = "container `app` of pod `orders-x`: `ImagePullBackOff`: no such tag";
    assert_eq!(waits, [("release `istio-system/istiod`", reason); 3]);
}
