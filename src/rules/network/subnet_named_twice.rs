//! A subnet of an existing VPC is named twice.
//!
//! Two tiers or two zones would be one: a database whose standby is to lie in another zone gets the same subnet twice, which
//! AWS refuses, or a load balancer stands where databases do.
//!
//! Name each subnet once, in the tier that it is of.
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
    fn one_subnet_in_two_places_is_an_error() {
        assert_eq!(naming("subnet-0a1b2c3d"), ["MS0222"]);
    }

    #[test]
    fn two_subnets_are_fine() {
        assert_eq!(naming("subnet-0a1b2c3e"), [""; 0]);
    }
}
