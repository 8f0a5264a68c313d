//! A load balancer is restricted to CloudFront in a region whose prefix list of CloudFront is not known.
//!
//! AWS keeps the addresses of CloudFront in a prefix list with another id in
//! each region, and CloudFormation cannot look it up by its name.
//!
//! Look it up once with `aws ec2 describe-managed-prefix-lists --filters
//! Name=prefix-list-name,Values=com.amazonaws.global.cloudfront.origin-facing`, and name it with
//! `elbv2::Clients::PrefixLists`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html>
