//! Programs that the tests of several rules use.

use crate::App;
use crate::aws::{Vpc, VpcProps};
use crate::cfn;
use crate::eks::{Cluster, ClusterProps, NodeGroupProps};
use crate::mesh::addons::{Karpenter, NodeClass, NodeClassProps, NodeImage, NodePool, NodePoolProps, PoolLimits};
use crate::testing::{codes, stack};
use crate::units::Gib;

/// Returns the findings for a stack with `n` queues.
pub fn queues(n: usize) -> Vec<&'static str> {
    codes(|app| {
        let stack = stack(app, "run");
        for idx in 0..n {
            cfn::sqs::Queue::new().define(&stack, &format!("jobs-{idx}"));
        }
    })
}

/// Returns the findings for a cluster with a Kubernetes version.
pub fn with_version(version: &str) -> Vec<&'static str> {
    codes(|app| {
        let run = stack(app, "run");
        let vpc = Vpc::new(&run, "vpc", VpcProps::default());
        Cluster::new(&run, "main", &vpc, ClusterProps { version: version.to_owned(), ..ClusterProps::default() });
    })
}

/// Defines a cluster with Karpenter, a node class and these pools.
pub fn pools(app: &App, props: Vec<NodePoolProps>) -> Cluster {
    let (cluster, karpenter) = karpenter(app);
    let class = NodeClass::new(&karpenter, "default", NodeClassProps::default());
    for (number, props) in props.into_iter().enumerate() {
        let limits = PoolLimits { cpu: 100, memory: Gib(400) };
        NodePool::new(&karpenter, &format!("pool-{number}"), &class, limits, props);
    }
    cluster
}

/// Returns the findings for a pool.
pub fn with_pool(props: NodePoolProps) -> Vec<&'static str> {
    with_pools(vec![props])
}

/// Returns the findings for pools.
pub fn with_pools(props: Vec<NodePoolProps>) -> Vec<&'static str> {
    codes(|app| drop(pools(app, props)))
}

/// Returns the findings for nodes with an image.
pub fn with_image(image: NodeImage) -> Vec<&'static str> {
    codes(|app| {
        let (_, karpenter) = karpenter(app);
        NodeClass::new(&karpenter, "default", NodeClassProps { image, ..Default::default() });
    })
}

fn karpenter(app: &App) -> (Cluster, Karpenter) {
    let run = stack(app, "run");
    let vpc = Vpc::new(&run, "vpc", VpcProps::default());
    let cluster = Cluster::new(&run, "main", &vpc, ClusterProps::default());
    cluster.add_node_group("system", NodeGroupProps::default());
    let karpenter = Karpenter::new(&run, "karpenter", &cluster);
    (cluster, karpenter)
}
