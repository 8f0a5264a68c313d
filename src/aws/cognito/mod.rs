//! Amazon Cognito user pools, which issue tokens for users and machines.

mod bare;
mod client;
mod domain;
mod import;
mod user_pool;

pub use client::{Client, ClientProps, SignIn};
pub use domain::{Domain, DomainName};
pub use import::{ExistingClient, ExistingUserPool};
pub use user_pool::{Mfa, Trigger, UserPool, UserPoolProps};
