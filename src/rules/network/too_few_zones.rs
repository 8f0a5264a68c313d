//! A VPC has an unsupported number of zones, or a cluster has subnets in fewer than two zones.
//!
//! # What it reports
//!
//! `VpcProps::zones` is not between 2 and 6, or the subnets of an EKS cluster are in fewer than two zones. A subnet
//! with an unknown zone counts as a separate zone.
//!
//! # Why it matters
//!
//! EKS places the control plane in at least two Availability Zones, and rejects subnets in one zone. No region offers
//! an account more than six zones.
//!
//! # Fix
//!
//! Use three zones, so that two of three zones remain as a majority if one fails.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html>

use std::collections::BTreeSet;

use crate::policy::{Platform, Property, Report};

pub(super) fn check(platform: &Platform<'_>, report: &mut Report) {
    for cluster in platform.resources("AWS::EKS::Cluster") {
        let subnets = cluster.property("ResourcesVpcConfig.SubnetIds");
        if subnets.is_absent() || subnets.is_deferred() {
            continue;
        }
        // A subnet with an unknown zone counts as a separate zone.
        let zones: BTreeSet<String> = subnets.items().map(|subnet| zone(&subnet)).collect();
        if zones.len() < 2 {
            let message = format!("the cluster has subnets in {} availability zones; the minimum is 2", zones.len());
            report.at(&cluster, message).help("use a VPC with private subnets in 2 or more zones");
        }
    }
}

fn zone(subnet: &Property<'_>) -> String {
    let known = || Some(format!("{:?}", subnet.refers_to().first()?.property("AvailabilityZone").data()?));
    known().unwrap_or_else(|| format!("{:?}", subnet.data()))
}

#[cfg(test)]
mod tests {
    use crate::aws::vpc::{Tier, Vpc, VpcProps};
    use crate::eks::{Cluster, ClusterProps};
    use crate::testing::{codes, stack};

    fn with(props: VpcProps) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", props);
            Cluster::new(&run, "main", &vpc, ClusterProps::default());
        })
    }

    #[test]
    fn reports_one_zone_and_seven_zones() {
        assert_eq!(with(VpcProps { zones: 1, ..VpcProps::default() }), ["MS0205"]);
        assert_eq!(with(VpcProps { zones: 7, ..VpcProps::default() }), ["MS0205"]);
    }

    #[test]
    fn reports_a_cluster_without_private_subnets() {
        assert!(with(VpcProps { tiers: vec![Tier::Public], ..VpcProps::default() }).contains(&"MS0205"));
    }

    #[test]
    fn accepts_two_zones() {
        assert_eq!(with(VpcProps { zones: 2, ..VpcProps::default() }), [""; 0]);
    }
}
