//! Amazon OpenSearch Service domains.

mod domain;
mod grants;
mod import;
mod logs;

pub use domain::{Access, Domain, DomainProps};
pub use import::ExistingDomain;
