//! The CIDR block of a VPC is too large for AWS, or too small for its subnets.
//!
//! A VPC is at most a /16. Below a /20 a public subnet would have fewer
//! addresses than a load balancer needs, which takes eight.
//!
//! Give the network a /16 to /20; a /16 leaves room for the addresses of pods.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::testing::{codes, stack};
    use crate::units::Cidr;

    fn with(cidr: &'static str) -> Vec<&'static str> {
        codes(|app| {
            let props = VpcProps { cidr: Cidr::new(cidr), ..VpcProps::default() };
            Vpc::new(&stack(app, "network"), "vpc", props);
        })
    }

    #[test]
    fn a_block_out_of_bounds_is_an_error() {
        assert_eq!(with("10.0.0.0/12"), ["MS0207"]);
        assert_eq!(with("10.0.0.0/24"), ["MS0207"]);
    }

    #[test]
    fn the_smallest_block_is_fine() {
        assert_eq!(with("10.0.0.0/20"), [""; 0]);
    }
}
