//! Rules for load balancers, CloudFront, Global Accelerator and Route 53.

use super::Rule;

rules! {
    "MS0415" load_balancer_annotation_on_wrong_kind => model;
    "MS0416" load_balancer_without_scheme => model;
    "MS0417" duplicate_load_balancer_rule => model;
    "MS0601" resource_outside_cloudfront_region => model;
    "MS0602" conflicting_records => model;
    "MS0603" record_outside_zone => model;
    "MS0605" unknown_cloudfront_prefix_list in "aws::edge::clients";
    "MS0606" too_many_condition_values => model;
    "MS0608" client_address_preserved_with_tls => model;
    "MS0619" record_without_value in "aws::edge::record";
    "MS0620" delegation_outside_zone in "aws::edge::delegation";
    "MS0621" cname_of_domain => model;
    "MS0868" ingress_host_without_record => mesh;
}
