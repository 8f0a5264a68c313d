//! Roles, the statements that grants add to them, and who may assume them.

mod role;
mod statement;

pub(crate) use role::web_identity_trust;
pub use role::{Grantee, Role, RoleProps, Trust};
pub use statement::Statement;
