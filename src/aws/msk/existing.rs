//! Imports of existing Kafka clusters.

use super::authentication::Authentication;
use crate::aws::existing::ArnForm;
use crate::aws::security::ExistingSecurityGroup;
use crate::aws::vpc::Vpc;
use crate::val::Val;

/// An existing provisioned Amazon MSK cluster.
///
/// # Example
///
/// ```
/// # use meshsynth::{msk, testing, App};
/// # let app = App::new("shop");
/// # let orders = testing::workload(&app);
/// # let data = testing::stack(&app, "data");
/// # let vpc = orders.namespace().cluster().vpc();
/// let existing = msk::ExistingCluster::new(
///     "arn:aws:kafka:ap-northeast-1:111122223333:cluster/events/1234abcd-12ab-34cd-56ef-1234567890ab-2",
///     "b-1.events.abc123.c2.kafka.ap-northeast-1.amazonaws.com:9098",
///     "sg-0123456789abcdef0",
///     vpc,
/// );
/// let events = msk::Cluster::import(&data, "events", existing);
/// events.allow_from(&orders);
/// events.topic("orders").grant_produce(&orders);
/// ```
#[derive(Clone)]
pub struct ExistingCluster {
    /// Its ARN.
    pub arn: Val<String>,
    /// The bootstrap brokers of each authentication mechanism, in the order of `authentication`.
    pub brokers: Vec<Val<String>>,
    /// Its security group.
    pub security_group: ExistingSecurityGroup,
    /// The VPC of the cluster.
    pub vpc: Vpc,
    /// The authentication mechanisms. `allow_from` allows connections to the port of the first mechanism.
    /// `ExistingCluster::new` sets only IAM.
    pub authentication: Vec<Authentication>,
    /// The number of brokers. A topic has replicas on at most three of them. `ExistingCluster::new` sets 3.
    pub n_brokers: u32,
}

impl ExistingCluster {
    /// Refers to a cluster with three brokers and IAM authentication.
    pub fn new(arn: &str, brokers: &str, security_group: &str, vpc: &Vpc) -> Self {
        Self {
            arn: arn.into(),
            brokers: vec![brokers.into()],
            security_group: ExistingSecurityGroup::id(security_group),
            vpc: vpc.clone(),
            authentication: vec![Authentication::Iam],
            n_brokers: 3,
        }
    }
}

/// The ARN format of a cluster.
pub(super) const FORM: ArnForm = ArnForm {
    what: "MSK cluster",
    service: "kafka",
    resource: "cluster/",
    example: "arn:aws:kafka:eu-west-1:111122223333:cluster/events/1234abcd-12ab-34cd-56ef-1234567890ab-2",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Construct;
    use crate::aws::VpcProps;
    use crate::msk::Cluster;
    use crate::testing::{Platform, codes, stack, workload};

    const ARN: &str = "arn:aws:kafka:ap-northeast-1:111122223333:cluster/events/1234abcd-12ab-34cd-56ef-1234567890ab-2";

    #[test]
    fn workload_writes_to_topic_of_imported_cluster() {
        let platform = Platform::synth("shop", |app| {
            let orders = workload(app);
            let vpc = orders.namespace().cluster().vpc();
            let existing = ExistingCluster::new(ARN, "b-1.events.example:9098", "sg-0123456789abcdef0", vpc);
            let events = Cluster::import(&orders.scope().stack(), "events", existing);
            assert_eq!(events.name(), Val::from("events"));
            events.allow_from(&orders);
            events.topic("orders").grant_produce(&orders);
            orders.env("BROKERS", events.brokers());
        });
        assert!(platform.resources("AWS::MSK::Cluster").is_empty());
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress");
        assert!(rules.iter().any(|it| it.props["FromPort"] == 9098 && it.props["GroupId"] == "sg-0123456789abcdef0"));
        let policies =
            platform.resources("AWS::IAM::RolePolicy").iter().map(|it| it.props.to_string()).collect::<String>();
        assert!(policies.contains("kafka-cluster:WriteData") && policies.contains("topic/events/"), "{policies}");
        assert!(platform.manifest("configmap-orders-config").contains("b-1.events.example:9098"));
    }

    #[test]
    fn reports_missing_bootstrap_brokers() {
        let found = |arn: &str, brokers: Vec<Val<String>>| {
            codes(|app| {
                let data = stack(app, "data");
                let vpc = Vpc::new(&data, "vpc", VpcProps::default());
                let existing = ExistingCluster::new(arn, "", "sg-0123456789abcdef0", &vpc);
                Cluster::import(&data, "events", ExistingCluster { brokers, ..existing });
            })
        };
        assert_eq!(found(ARN, Vec::new()), ["MS0132"]);
        assert_eq!(found("events", vec!["b-1.events.example:9098".into()]), ["MS0130"]);
    }
}
