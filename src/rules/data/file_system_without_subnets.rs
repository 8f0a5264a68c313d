//! A file system has no subnet to be mounted from.
//!
//! A file system of EFS is reached by a mount target in each zone. In a VPC with
//! neither isolated nor private subnets it would have none, and nobody could
//! mount it.
//!
//! Give the VPC an isolated or a private tier, or name these subnets where the
//! VPC is imported.
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
    fn a_vpc_with_public_subnets_alone_is_an_error() {
        assert_eq!(in_vpc_with(vec![Tier::Public]), ["MS0321"]);
    }

    #[test]
    fn a_vpc_with_isolated_subnets_is_fine() {
        assert_eq!(in_vpc_with(vec![Tier::Isolated]), [""; 0]);
    }
}
