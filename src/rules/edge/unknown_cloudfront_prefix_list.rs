//! A load balancer is restricted to CloudFront in a region whose CloudFront prefix list is not known.
//!
//! # What it reports
//!
//! `elbv2::Clients::CloudFront` is used in a region that is not in the built-in list of prefix list IDs.
//!
//! # Why it matters
//!
//! AWS maintains the addresses of CloudFront in a prefix list that has another ID in each region. CloudFormation cannot
//! look up the ID by name.
//!
//! # Fix
//!
//! Look up the ID once with `aws ec2 describe-managed-prefix-lists --filters
//! Name=prefix-list-name,Values=com.amazonaws.global.cloudfront.origin-facing`, and specify it with
//! `elbv2::Clients::PrefixLists`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html>
