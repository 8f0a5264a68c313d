//! A Kafka replicator cannot reach its source cluster.
//!
//! # What it reports
//!
//! The source is a provisioned MSK cluster in another region without multi-VPC private connectivity for IAM clients.
//! Serverless clusters and clusters in the same region do not need it.
//!
//! # Why it matters
//!
//! A replicator reads a provisioned cluster of another region over private links, which the cluster must offer to
//! clients with IAM authentication. MSK does not support this setting for a new cluster, only for an existing cluster.
//!
//! # Fix
//!
//! Deploy the cluster. Then set `private_links: true` and deploy again. Then define the replicator.
//!
//! Source: <https://docs.aws.amazon.com/msk/latest/developerguide/msk-replicator-prepare-clusters.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;
use crate::rules::index::references::{region, source_of};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, replicator) in model.of_type("AWS::MSK::Replicator") {
        let source = source_of(model, &replicator.props, "ReplicationInfoList.0.SourceKafkaClusterArn");
        let Some((of, cluster)) = source else { continue };
        let links = "BrokerNodeGroupInfo.ConnectivityInfo.VpcConnectivity.ClientAuthentication.Sasl.Iam.Enabled";
        let is_linked = cluster.props.at(links).and_then(Data::as_bool) == Some(true);
        let is_far = region(model, id).zip(region(model, of)).is_some_and(|(here, there)| here != there);
        if cluster.type_name == "AWS::MSK::Cluster" && !is_linked && is_far {
            let message = format!("the source cluster `{}` is in another region without multi-VPC private connectivity", model.path(of));
            out.push(
                model
                    .error(id, "MS0315", message)
                    .note_at("the source is defined here", model.node(of).at)
                    .help("deploy the cluster, then set `private_links: true` on it and deploy again"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::msk::{Cluster, ClusterProps, Replicator, ReplicatorProps};
    use crate::testing::codes;
    use crate::{Env, Stack};

    fn replicate(private_links: bool, region: &str) -> Vec<&'static str> {
        codes(|app| {
            let one = Stack::new(app, "one", Env::region("eu-west-1"));
            let two = Stack::new(app, "two", Env::region(region));
            let (here, there) = (Vpc::new(&one, "vpc", VpcProps::default()), Vpc::new(&two, "vpc", VpcProps::default()));
            let source = Cluster::new(&one, "events", &here, ClusterProps { private_links, ..Default::default() });
            let target = Cluster::new(&two, "events", &there, ClusterProps::default());
            Replicator::new(&two, "replicator", &source, &target, ReplicatorProps::default());
        })
    }

    #[test]
    fn reports_a_source_in_another_region_without_private_links() {
        assert_eq!(replicate(false, "eu-central-1"), ["MS0315"]);
    }

    #[test]
    fn accepts_private_links_to_another_region() {
        assert_eq!(replicate(true, "eu-central-1"), [""; 0]);
    }

    #[test]
    fn accepts_a_source_in_the_same_region_without_private_links() {
        assert_eq!(replicate(false, "eu-west-1"), [""; 0]);
    }
}
