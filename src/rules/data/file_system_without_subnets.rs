//! A file system has no subnet for a mount target.
//!
//! # What it reports
//!
//! An EFS file system is defined in a VPC that has neither isolated nor private subnets.
//!
//! # Why it matters
//!
//! Clients reach an EFS file system through a mount target in each zone. Without subnets there is no mount target, so
//! no client can mount the file system.
//!
//! # Fix
//!
//! Add an isolated or a private tier to the VPC, or list these subnets in the import of the VPC.
//!
//! Source: <https://docs.aws.amazon.com/efs/latest/ug/accessing-fs.html>

#[cfg(test)]
mod tests {
    use crate::aws::vpc::{Nat, Tier};
    use crate::aws::{Vpc, VpcProps};
    use crate::efs::{FileSystem, FileSystemProps};
    use crate::testing::{codes, stack};

    fn in_vpc_with(tiers: Vec<Tier>) -> Vec<&'static str> {
        codes(|app| {
            let data = stack(app, "data");
            let props = VpcProps { tiers, nat: Nat::None, endpoints: Vec::new(), ..Default::default() };
            let vpc = Vpc::new(&data, "vpc", props);
            FileSystem::new(&data, "media", &vpc, FileSystemProps::default());
        })
    }

    #[test]
    fn reports_a_vpc_with_only_public_subnets() {
        assert_eq!(in_vpc_with(vec![Tier::Public]), ["MS0321"]);
    }

    #[test]
    fn accepts_a_vpc_with_isolated_subnets() {
        assert_eq!(in_vpc_with(vec![Tier::Isolated]), [""; 0]);
    }
}
