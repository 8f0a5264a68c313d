//! Tests of Karpenter's objects.

use super::{Budget, Karpenter, Lifecycle, NodeClass, NodeClassProps, NodeImage, NodePool, NodePoolProps, PoolLimits};
use crate::eks::{Cluster, ClusterProps, Identity, NodeGroupProps};
use crate::mesh::{Toleration, TolerationEffect};
use crate::testing::{Platform, stack};
use crate::units::{Duration, Gib};
use crate::{App, aws};

fn cluster(app: &App, identity: Identity) -> Cluster {
    let run = stack(app, "run");
    let vpc = aws::Vpc::new(&run, "vpc", Default::default());
    let cluster = Cluster::new(&run, "cluster", &vpc, ClusterProps { identity, ..Default::default() });
    cluster.add_node_group("system", NodeGroupProps::default());
    cluster
}

fn platform(props: NodePoolProps) -> Platform {
    Platform::synth("shop", |app| {
        let cluster = cluster(app, Identity::Irsa);
        let karpenter = Karpenter::new(&stack(app, "nodes"), "karpenter", &cluster);
        let class = NodeClass::new(&karpenter, "default", NodeClassProps::default());
        NodePool::new(&karpenter, "general", &class, PoolLimits { cpu: 200, memory: Gib(800) }, props);
    })
}

#[test]
fn limits_instance_permissions_to_its_cluster() {
    let platform = platform(NodePoolProps::default());
    let policies = platform.resources("AWS::IAM::RolePolicy");
    let policy = policies.iter().find(|it| it.props.to_string().contains("ec2:RunInstances")).expect("its policy");
    let statements = policy.props["PolicyDocument"]["Statement"].as_array().expect("statements").clone();
    let ends = statements.iter().find(|it| it["Action"].to_string().contains("TerminateInstances")).expect("one");
    assert_eq!(ends["Condition"]["StringEquals"]["aws:ResourceTag/kubernetes.io/cluster/shop-cluster"], "owned");
    for statement in statements.iter().filter(|it| it["Resource"] == "[\"*\"]") {
        let action = statement["Action"].to_string();
        assert!(
            ["Describe", "GetProducts", "ListInstanceProfiles"].iter().any(|it| action.contains(it)),
            "{statement}"
        );
    }
}

#[test]
fn nodes_may_join_cluster_and_queue_receives_interruptions() {
    let platform = platform(NodePoolProps::default());
    let entries = platform.resources("AWS::EKS::AccessEntry");
    assert!(entries.iter().any(|it| it.props["Type"] == "EC2_LINUX"));
    assert_eq!(platform.resources("AWS::Events::Rule").len(), 5);
    let policy = platform.resource("AWS::SQS::QueuePolicy").props.to_string();
    assert!(policy.contains("aws:SourceArn") && policy.contains("aws:SecureTransport"), "{policy}");
    let values = &platform.assembly.files["helm/run-cluster/karpenter.values.yaml"];
    assert!(values.contains("interruptionQueue: ${nodes/karpenter/interruptions/queue.QueueName}"), "{values}");
    assert!(values.contains("clusterName: shop-cluster") && values.contains("role-arn"), "{values}");
}

#[test]
fn refers_to_subnets_and_groups_by_id() {
    let platform = platform(NodePoolProps::default());
    let class = platform.manifest("ec2nodeclass-default");
    for part in
        ["al2023@latest", "httpTokens: required", "encrypted: true", "instanceProfile: ${nodes/karpenter/node-profile"]
    {
        assert!(class.contains(part), "{part} in {class}");
    }
    assert!(class.matches("id: ${").count() > 2, "{class}");
}

#[test]
fn writes_pool_requirements_and_budgets() {
    let taint = Toleration { key: "spot".to_owned(), value: String::new(), effect: TolerationEffect::NoSchedule };
    let platform = platform(NodePoolProps {
        lifecycles: vec![Lifecycle::Spot, Lifecycle::OnDemand],
        taints: vec![taint],
        labels: vec![("team".to_owned(), "shop".to_owned())],
        weight: 10,
        budgets: vec![Budget::always("10%"), Budget::none_during("0 8 * * mon-fri", Duration::hours(10))],
        ..Default::default()
    });
    let pool = platform.manifest("nodepool-general");
    for part in
        ["- spot", "cpu: \"200\"", "memory: 800Gi", "expireAfter: 720h", "duration: 10h", "weight: 10", "team: shop"]
    {
        assert!(pool.contains(part), "{part} in {pool}");
    }
}

#[test]
fn associates_role_with_pod_identity() {
    let platform = Platform::synth("shop", |app| {
        let cluster = cluster(app, Identity::PodIdentity);
        let karpenter = Karpenter::new(&stack(app, "nodes"), "karpenter", &cluster);
        let image = NodeImage::Bottlerocket("v1.50.0".to_owned());
        NodeClass::new(&karpenter, "default", NodeClassProps { image, ..Default::default() });
    });
    let bound = platform.resources("AWS::EKS::PodIdentityAssociation");
    assert!(bound.iter().any(|it| it.props["ServiceAccount"] == "karpenter" && it.props["Namespace"] == "karpenter"));
    assert!(platform.manifest("ec2nodeclass-default").contains("deviceName: /dev/xvdb"));
}
