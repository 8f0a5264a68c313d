//! The identity of the credentials, according to STS.

use std::time::UNIX_EPOCH;

use super::Aws;
use crate::cloud::{AccountRegion, CloudError};

/// The identity of the credentials in an account and region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller {
    /// The ARN of the user or role session.
    pub arn: String,
    /// The account.
    pub account: String,
    /// The expiration time in seconds since 1970, or `None` if the credentials do not expire.
    pub expires: Option<u64>,
}

impl Aws {
    /// Queries the identity in an account and region.
    pub async fn caller(&self, place: &AccountRegion) -> Result<Caller, CloudError> {
        let cell = self.clients(place).await?;
        let clients = cell.get().expect("it was just filled");
        let identity = clients.identity("sts:GetCallerIdentity").await?;
        let expires = identity.expiration().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(Caller {
            arn: clients.arn.clone(),
            account: clients.account.clone(),
            expires: expires.map(|time| time.as_secs()),
        })
    }
}
