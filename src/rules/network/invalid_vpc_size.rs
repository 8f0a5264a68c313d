//! The CIDR block of a VPC is too large for AWS, or too small for its subnets.
//!
//! # What it reports
//!
//! The prefix of the block is not between /16 and /20.
//!
//! # Why it matters
//!
//! A VPC is at most a /16. With a block smaller than a /20, a public subnet has too few addresses for load balancers,
//! which need eight.
//!
//! # Fix
//!
//! Use a /16 to /20. A /16 has enough addresses for pods.
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
    fn reports_a_block_out_of_bounds() {
        assert_eq!(with("10.0.0.0/12"), ["MS0207"]);
        assert_eq!(with("10.0.0.0/24"), ["MS0207"]);
    }

    #[test]
    fn accepts_the_smallest_block() {
        assert_eq!(with("10.0.0.0/20"), [""; 0]);
    }
}
