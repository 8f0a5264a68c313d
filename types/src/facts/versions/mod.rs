//! Which versions AWS and Kubernetes offer, and until when they are supported.

pub mod eks;
pub mod elasticache;
pub mod gateway_api;
pub mod istio;
pub mod kubernetes;
pub mod lambda;
pub mod mq;
pub mod msk;
pub mod mysql;
pub mod rds;
mod row;
pub mod served;
