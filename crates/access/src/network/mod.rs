//! AWS networks: the connections that security groups and lists admit, and public exposure.

mod cloudfront;
mod exposure;
mod network_acl;
mod rule;
mod security_group;

pub use cloudfront::CLOUDFRONT_LISTS;
pub use exposure::{Exposure, can_be_exposed, exposures, is_only_possible};
pub use network_acl::network_acl;
pub use rule::{addresses, ports, sources};
pub use security_group::{SecurityGroup, is_security_group_rule};
