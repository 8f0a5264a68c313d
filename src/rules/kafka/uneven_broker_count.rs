//! The brokers of a Kafka cluster cannot be distributed evenly over its zones.
//!
//! # What it reports
//!
//! The number of brokers is not a multiple of the number of client subnets, or there are not two or three client
//! subnets.
//!
//! # Why it matters
//!
//! MSK places the same number of brokers in each zone of a cluster. It rejects other numbers when it creates the
//! cluster.
//!
//! # Fix
//!
//! Omit `brokers` to get one broker in each zone, or set a multiple of the number of zones.
//!
//! Source: <https://docs.aws.amazon.com/msk/latest/developerguide/msk-create-cluster.html>

use crate::policy::{Platform, Report};

pub(super) fn check(platform: &Platform<'_>, report: &mut Report) {
    for cluster in platform.resources("AWS::MSK::Cluster") {
        let n_zones = cluster.property("BrokerNodeGroupInfo.ClientSubnets").items().count() as i64;
        let Some(n_brokers) = cluster.property("NumberOfBrokerNodes").as_int() else { continue };
        if n_zones != 0 && !(2..=3).contains(&n_zones) {
            let message = format!("the brokers are in {n_zones} subnets; MSK requires 2 or 3, each in a different zone");
            report.at(&cluster, message).help("use a VPC with 2 or more availability zones");
        } else if n_zones != 0 && (n_brokers < n_zones || n_brokers % n_zones != 0) {
            let message = format!("the cluster has {n_brokers} brokers in {n_zones} zones; the number must be a multiple of {n_zones}");
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
    fn reports_four_brokers_in_three_zones() {
        assert_eq!(codes(|app| brokers(app, 4)), ["MS0301"]);
    }

    #[test]
    fn accepts_six_brokers_in_three_zones() {
        assert_eq!(codes(|app| brokers(app, 6)), [""; 0]);
    }
}
