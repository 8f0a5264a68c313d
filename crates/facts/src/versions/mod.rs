//! The versions that AWS and Kubernetes offer, and the end dates of their support.

pub mod calendar;
pub mod eks;
pub mod elasticache;
pub mod gateway_api;
pub mod istio;
pub mod kubernetes;
pub mod lambda;
pub mod mq;
pub mod msk;
pub mod mysql;
pub mod order;
pub mod product;
pub mod rds;
mod row;
pub mod served;
