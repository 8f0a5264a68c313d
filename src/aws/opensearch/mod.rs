//! Search domains of Amazon OpenSearch Service.

mod domain;
mod grants;
mod import;
mod logs;

pub use domain::{Access, Domain, DomainProps};
pub use import::ExistingDomain;
