//! The brokers of a Kafka cluster cannot be spread evenly over its zones.
//!
//! MSK puts the same number of brokers into each zone of a cluster, so their
//! number is a multiple of the number of client subnets, and there are two or
//! three of these. Anything else is refused when the cluster is created.
//!
//! Leave `brokers` out for one in each zone, or give a multiple of the zones.
//!
//! Source: <https://docs.aws.amazon.com/msk/latest/developerguide/msk-create-cluster.html>

use crate::policy::{Platform, Report};

pub(super) fn check(platform: &Platform<'_>, report: &mut Report) {
    for cluster in platform.resources("AWS::MSK::Cluster") {
        let n_zones = cluster.property("BrokerNodeGroupInfo.ClientSubnets").items().count() as i64;
        let Some(n_brokers) = cluster.property("NumberOfBrokerNodes").as_int() else { continue };
        if n_zones != 0 && !(2..=3).contains(&n_zones) {
            let message = format!("brokers in {n_zones} subnets, want 2 or 3, each in a different zone");
            report.at(&cluster, message).help("use a VPC with 2 or more zones");
        } else if n_zones != 0 && (n_brokers < n_zones || n_brokers % n_zones != 0) {
            let message = format!("{n_brokers} brokers in {n_zones} zones, want a multiple of {n_zones}");
            let next = (n_brokers.max(1) + n_zones - 1) / n_zones * n_zones;
            report.at(&cluster, message).help(format!("use {next} brokers"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::msk::{Cluster, ClusterProps};
    use crate::testing::{codes, stack};
    use crate::{App, Construct, aws};

    fn brokers(app: &App, brokers: u32) {
        let data = stack(app, "data");
        let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
        Cluster::new(data.scope(), "events", &vpc, ClusterProps { brokers: Some(brokers), ..Default::default() });
    }

    #[test]
    fn four_brokers_in_three_zones_are_an_error() {
        assert_eq!(codes(|app| brokers(app, 4)), ["MS0301"]);
    }

    #[test]
    fn six_brokers_in_three_zones_are_fine() {
        assert_eq!(codes(|app| brokers(app, 6)), [""; 0]);
    }
}
