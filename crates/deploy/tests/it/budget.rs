//! Counts the calls of a deployment without changes: 20 stacks and 1,000 objects.

use std::collections::BTreeMap;

use crate::fake::calls;
use crate::platform::{OSAKA, TOKYO};
use crate::scenario::{Machine, Platform, Verb, row};

const N_STACKS: usize = 20;
const N_OBJECTS: usize = 1_000;

/// Returns a text that lives as long as the test.
fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

#[tokio::test(start_paused = true)]
async fn unchanged_deployment_of_twenty_stacks_and_a_thousand_objects_needs_1162_calls() {
    let id = |idx: usize| leaked(format!("s{idx:02}"));
    let stack = |idx: usize| {
        let region = if idx.is_multiple_of(2) { TOKYO } else { OSAKA };
        row(id(idx), leaked(format!("shop-s{idx:02}")), region, &[], &["Queue"], 1)
    };
    // A namespace and a Deployment are also objects.
    let configs = (0..N_OBJECTS - 2).map(|idx| leaked(format!("c{idx:04}"))).collect();
    let platform = Platform {
        stacks: (0..N_STACKS).map(stack).collect(),
        clusters: vec![("run", TOKYO, configs)],
        releases: Vec::new(),
    };
    let machine = Machine::new("budget", &platform);
    assert!(machine.run(Verb::Deploy, &machine.options("run1")).await.unwrap().unwrap().is_fine());
    let before = calls(&machine.fake);
    let cluster = std::rc::Rc::clone(&machine.fake.clusters.borrow()["shop-run"]);
    cluster.calls.borrow_mut().clear();
    cluster.log.borrow_mut().clear();
    let begin = std::time::Instant::now();
    let report = machine.run(Verb::Deploy, &machine.options("run2")).await.unwrap().unwrap();
    assert!(report.is_fine() && begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
    let of_aws: BTreeMap<String, u32> = calls(&machine.fake)
        .into_iter()
        .map(|(name, n)| (name.clone(), n - before.get(&name).copied().unwrap_or_default()))
        .filter(|(_, n)| *n > 0)
        .collect();
    let mut of_cluster: BTreeMap<String, usize> = BTreeMap::new();
    for call in cluster.calls.borrow().iter() {
        let verb = call.split(' ').next().unwrap();
        let is_list = call.contains("labelSelector");
        *of_cluster.entry(if is_list { "LIST".to_owned() } else { verb.to_owned() }).or_default() += 1;
    }
    insta::assert_debug_snapshot!((&of_aws, &of_cluster), @r#"
    (
        {
            "CreateChangeSet": 20,
            "DeleteChangeSet": 20,
            "DescribeChangeSet": 60,
            "DescribeStacks": 42,
            "GetObject": 8,
            "PutObjectIf": 4,
        },
        {
            "GET": 5,
            "LIST": 1,
            "PATCH": 1002,
        },
    )
    "#);
    assert_eq!(cluster.log.borrow().len(), 0, "no object is written");
    let total = of_aws.values().sum::<u32>() as usize + of_cluster.values().sum::<usize>();
    assert_eq!(total, 1_162);
}
