//! Where a stack is.

use serde::{Deserialize, Serialize};

/// An account and a region.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct AccountRegion {
    /// The account; none for that of whoever deploys.
    pub account: Option<String>,
    /// The region.
    pub region: String,
}
