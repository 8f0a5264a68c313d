//! A Kafka cluster uses an unknown broker type, or sets storage for brokers whose storage MSK manages.
//!
//! # What it reports
//!
//! The rule reports:
//!
//! - a broker type or size that MSK does not offer: an error
//! - a family that this version of meshsynth does not recognize: a warning
//! - `StorageInfo` for Express brokers: an error
//!
//! # Why it matters
//!
//! MSK broker types differ from EC2 instance types: they begin with `kafka.` or `express.`, and not every size exists.
//! MSK rejects other types when it creates the cluster. Express brokers do not have a storage setting.
//!
//! # Fix
//!
//! Use `kafka.m5.large`, `kafka.m7g.large` or a larger size. Remove `StorageInfo` for Express brokers.
//!
//! Source: <https://docs.aws.amazon.com/msk/latest/developerguide/broker-instance-sizes.html>

use crate::facts::versions::msk as versions;
use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, cluster) in model.of_type("AWS::MSK::Cluster") {
        let nodes = |path: &str| cluster.props.at(&format!("BrokerNodeGroupInfo.{path}"));
        let Some(broker) = nodes("InstanceType").and_then(Data::as_str) else { continue };
        match versions::has_broker(broker) {
            Some(true) => {}
            Some(false) => out.push(
                model
                    .error(id, "MS0303", format!("`{broker}` is not a broker type of MSK"))
                    .help("use `kafka.m5.large`, `kafka.m7g.large` or a larger size"),
            ),
            None => out.push(
                model
                    .warning(id, "MS0303", format!("this version of meshsynth does not recognize the broker type `{broker}`"))
                    .help("check that MSK offers this type in the region, and update meshsynth"),
            ),
        }
        if versions::is_express(broker) && nodes("StorageInfo").is_some() {
            out.push(
                model
                    .error(id, "MS0303", format!("storage is set for `{broker}`, but MSK manages the storage of this type"))
                    .help("remove `StorageInfo`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::aws;
    use crate::msk::{Cluster, ClusterProps};
    use crate::testing::{codes, stack};

    fn broker(app: &crate::App, instance_type: &str) {
        let data = stack(app, "data");
        let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
        let props = ClusterProps { instance_type: instance_type.to_owned(), ..Default::default() };
        Cluster::new(&data, "events", &vpc, props);
    }

    #[test]
    fn reports_an_ec2_type_without_the_kafka_prefix() {
        assert_eq!(codes(|app| broker(app, "m5.large")), ["MS0303"]);
    }

    #[test]
    fn reports_a_size_that_does_not_exist() {
        assert_eq!(codes(|app| broker(app, "kafka.t3.large")), ["MS0303"]);
    }

    #[test]
    fn warns_about_a_new_family() {
        assert!(crate::testing::try_synth("app", |app| broker(app, "kafka.m9g.large")).is_ok());
        assert_eq!(codes(|app| broker(app, "kafka.m9g.large")), ["MS0303"]);
    }

    #[test]
    fn accepts_known_types() {
        assert_eq!(codes(|app| broker(app, "kafka.m7g.xlarge")), [""; 0]);
        assert_eq!(codes(|app| broker(app, "express.m7g.large")), [""; 0]);
    }
}
