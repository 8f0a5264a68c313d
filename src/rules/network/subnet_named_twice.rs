//! A subnet of an imported VPC is listed twice.
//!
//! # What it reports
//!
//! Two entries of `ExistingVpc::subnets` have the same ID.
//!
//! # Why it matters
//!
//! Two tiers or two zones would be the same subnet. A database with a standby in another zone would get the same subnet
//! twice, which AWS rejects. Load balancers could be in the subnet of databases.
//!
//! # Fix
//!
//! List each subnet once, in its own tier.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html>

#[cfg(test)]
mod tests {
    use crate::aws::SecurityGroup;
    use crate::aws::vpc::{ExistingSubnet, ExistingVpc, Tier, Vpc};
    use crate::testing::{codes, stack};
    use crate::units::Cidr;

    fn naming(second: &'static str) -> Vec<&'static str> {
        codes(|app| {
            let network = stack(app, "network");
            let subnet = |id, zone| ExistingSubnet::new(Tier::Private, id, Cidr::new("10.0.0.0/24"), zone);
            let subnets = [subnet("subnet-0a1b2c3d", "ap-northeast-1a"), subnet(second, "ap-northeast-1c")];
            let existing = ExistingVpc::new("vpc-0a1b2c3d", Cidr::new("10.0.0.0/16"), subnets);
            SecurityGroup::new(&network, "group", &Vpc::import(&network, "vpc", existing), "a group");
        })
    }

    #[test]
    fn reports_a_subnet_id_that_is_used_twice() {
        assert_eq!(naming("subnet-0a1b2c3d"), ["MS0222"]);
    }

    #[test]
    fn accepts_two_subnets() {
        assert_eq!(naming("subnet-0a1b2c3e"), [""; 0]);
    }
}
