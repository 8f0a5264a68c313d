//! All subnets of a tier of an existing VPC are in one zone.
//!
//! EKS, subnet groups of databases and application load balancers need subnets
//! in two zones and are refused otherwise; and a zone that fails takes all of
//! the tier with it.
//!
//! Name a subnet of a second zone in `ExistingVpc::subnets`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html>
