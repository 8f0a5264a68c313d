//! Resources that serve requests, and their interruptions.

use meshsynth_assembly::verdict::Verdict;
use serde_json::Value;

use crate::change::{Change, Edit, Section};
use crate::fate::Fate;
use crate::interruption::Interruption;

/// Kinds whose pods run permanently.
pub const WORKLOADS: [&str; 4] = ["DaemonSet", "Deployment", "Rollout", "StatefulSet"];

/// Kinds that route requests to pods.
const ROUTES: [&str; 9] = [
    "GRPCRoute",
    "Gateway",
    "HTTPRoute",
    "Ingress",
    "Service",
    "TCPRoute",
    "TLSRoute",
    "TargetGroupBinding",
    "VirtualService",
];

/// Types that answer or forward requests, or run such programs. Types that only configure them are omitted.
const SERVING: [&str; 69] = [
    "AWS::AmazonMQ::Broker",
    "AWS::ApiGateway::DomainName",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Stage",
    "AWS::AppRunner::Service",
    "AWS::AppSync::GraphQLApi",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::CloudFront::Distribution",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolDomain",
    "AWS::DAX::Cluster",
    "AWS::DSQL::Cluster",
    "AWS::DocDB::DBCluster",
    "AWS::DocDB::DBInstance",
    "AWS::DocDBElastic::Cluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Instance",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::TransitGateway",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::VPNConnection",
    "AWS::ECS::Service",
    "AWS::EFS::FileSystem",
    "AWS::EFS::MountTarget",
    "AWS::EKS::Cluster",
    "AWS::EKS::FargateProfile",
    "AWS::EKS::Nodegroup",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::Elasticsearch::Domain",
    "AWS::FSx::FileSystem",
    "AWS::GlobalAccelerator::Accelerator",
    "AWS::GlobalAccelerator::EndpointGroup",
    "AWS::GlobalAccelerator::Listener",
    "AWS::Kinesis::Stream",
    "AWS::Lambda::Function",
    "AWS::Lambda::Url",
    "AWS::MSK::Cluster",
    "AWS::MSK::ServerlessCluster",
    "AWS::MemoryDB::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::Neptune::DBInstance",
    "AWS::NetworkFirewall::Firewall",
    "AWS::OpenSearchServerless::Collection",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBProxy",
    "AWS::Redshift::Cluster",
    "AWS::RedshiftServerless::Workgroup",
    "AWS::Route53::RecordSet",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::StepFunctions::StateMachine",
    "AWS::VpcLattice::Service",
];

/// Whether the pods of a kind run permanently.
pub fn is_workload(kind: &str) -> bool {
    WORKLOADS.contains(&kind)
}

/// Adds to each change its interruption, according to verdict and type. An interruption that is already set remains.
pub fn mark(changes: &mut [Change]) {
    for change in changes.iter_mut().filter(|change| change.interrupts.is_none()) {
        change.interrupts = of(change);
    }
}

fn of(change: &Change) -> Option<Interruption> {
    let serves = match &change.section {
        Section::Stack(_) => SERVING.contains(&change.kind.as_str()),
        Section::Namespace(..) => is_workload(&change.kind) || ROUTES.contains(&change.kind.as_str()),
        Section::Helm(_) => true,
        Section::Files => false,
    };
    match change.verdict {
        Verdict::Interruption => Some(Interruption::Restart),
        _ if !serves => None,
        // A release that leaves the platform stays in the cluster, and a retained resource stays in AWS.
        Verdict::DeleteRetained => None,
        _ if change.gone => Some(Interruption::Removed),
        Verdict::Rename => Some(Interruption::Renamed),
        Verdict::Replace | Verdict::KubernetesImmutable => Some(Interruption::Replaced),
        Verdict::MayReplace => Some(Interruption::MayBeReplaced),
        // Some data loss leaves the store in place, such as a shorter retention.
        Verdict::DataLoss => change.data.iter().any(is_of_another).then_some(Interruption::Replaced),
        _ => None,
    }
}

/// Whether the store is removed or replaced by another one.
fn is_of_another(fate: &Fate) -> bool {
    matches!(fate, Fate::Removed(_)) || fate.starts_empty()
}

/// Returns the interruption of a workload, beyond its verdict.
pub fn of_object(kind: &str, verdict: Verdict, before: &Value, after: &Value, edits: &[Edit]) -> Option<Interruption> {
    if !is_workload(kind) {
        return None;
    }
    let replicas = |document: &Value| document["spec"]["replicas"].as_u64();
    if replicas(before) == Some(0) {
        return None;
    }
    let is_count = |edit: &&Edit| edit.is_below(&["spec", "replicas"]);
    if replicas(after) == Some(0) && edits.iter().any(|edit| is_count(&edit)) {
        return Some(Interruption::ScaledToZero);
    }
    if verdict != Verdict::RolloutRestart {
        return None;
    }
    let spec = &after["spec"];
    match kind {
        "Deployment" if spec["strategy"]["type"] == "Recreate" => Some(Interruption::AllPods),
        "Deployment" => takes_all(&spec["strategy"]["rollingUpdate"]["maxUnavailable"], replicas(after), 0),
        "StatefulSet" => {
            takes_all(&spec["updateStrategy"]["rollingUpdate"]["maxUnavailable"], Some(replicas(after).unwrap_or(1)), 1)
        }
        "DaemonSet" => {
            let surge = &spec["updateStrategy"]["rollingUpdate"]["maxSurge"];
            let has_surge = !surge.is_null() && surge != 0 && surge != "0" && surge != "0%";
            (listens(spec) && !has_surge).then_some(Interruption::PodsOfNodes)
        }
        _ => None,
    }
}

/// Whether all pods may be unavailable at once. If the manifest has no number of replicas, a scaler decides it.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable>.
fn takes_all(unavailable: &Value, replicas: Option<u64>, default: u64) -> Option<Interruption> {
    let share = |text: &str| text.strip_suffix('%')?.parse::<u64>().ok();
    let takes_all = match (unavailable, replicas) {
        (Value::String(text), replicas) => {
            let share = share(text).unwrap_or_default();
            share >= 100 || replicas.is_some_and(|n| n * share / 100 >= n)
        }
        (unavailable, Some(n)) => unavailable.as_u64().unwrap_or(default) >= n,
        (_, None) => false,
    };
    takes_all.then_some(Interruption::AllPods)
}

/// Whether a container of the pods listens on a port.
fn listens(spec: &Value) -> bool {
    let containers = spec["template"]["spec"]["containers"].as_array().into_iter().flatten();
    containers.flat_map(|it| it["ports"].as_array()).any(|ports| !ports.is_empty())
}
