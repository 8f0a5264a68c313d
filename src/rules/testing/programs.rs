//! What the cases of several rules are laid in.

use crate::aws::{Vpc, VpcProps};
use crate::cfn;
use crate::eks::{Cluster, ClusterProps};
use crate::testing::{codes, stack};

/// What is said of a stack of so many queues.
pub fn queues(n: usize) -> Vec<&'static str> {
    codes(|app| {
        let stack = stack(app, "run");
        for idx in 0..n {
            cfn::sqs::Queue::new().define(&stack, &format!("jobs-{idx}"));
        }
    })
}

/// What is said of a cluster of a Kubernetes version.
pub fn with_version(version: &str) -> Vec<&'static str> {
    codes(|app| {
        let run = stack(app, "run");
        let vpc = Vpc::new(&run, "vpc", VpcProps::default());
        Cluster::new(&run, "main", &vpc, ClusterProps { version: version.to_owned(), ..ClusterProps::default() });
    })
}
