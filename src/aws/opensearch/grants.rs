//! Grants for OpenSearch Service domains, by HTTP method and path.

use crate::aws::iam::{Grantee, Statement};
use crate::owner_task::OwnerTask;
use crate::text;
use crate::val::Bag;

use super::domain::{Access, Domain};

/// The paths for which POST requests only read data.
const SEARCHES: [&str; 3] = ["_search", "_msearch", "_count"];

impl Domain {
    /// Lets the grantee read and search every index.
    ///
    /// Source: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html>
    #[track_caller]
    pub fn grant_read(&self, grantee: &impl Grantee) {
        self.grant(grantee, &["es:ESHttpGet", "es:ESHttpHead"]);
        let searches = SEARCHES.iter().fold(Statement::allow(["es:ESHttpPost"]), |statement, path| {
            statement.on(text![self.arn(), format!("/{path}")]).on(text![self.arn(), format!("/*/{path}")])
        });
        grantee.role().grant(grantee, &self.scope, searches);
        self.map(grantee, "readall");
    }

    /// Lets the grantee write documents and change indexes, but not delete them.
    #[track_caller]
    pub fn grant_write(&self, grantee: &impl Grantee) {
        self.grant(grantee, &["es:ESHttpPatch", "es:ESHttpPost", "es:ESHttpPut"]);
        self.map(grantee, "all_access");
    }

    /// Lets the grantee delete documents and indexes.
    #[track_caller]
    pub fn grant_delete(&self, grantee: &impl Grantee) {
        self.grant(grantee, &["es:ESHttpDelete"]);
        self.map(grantee, "all_access");
    }

    #[track_caller]
    fn grant(&self, grantee: &impl Grantee, actions: &[&str]) {
        let statement = Statement::allow(actions.iter().copied()).on(text![self.arn(), "/*"]);
        grantee.role().grant(grantee, &self.scope, statement);
    }

    /// Adds an owner task to map the grantee's role within a domain with fine-grained access.
    #[track_caller]
    fn map(&self, grantee: &impl Grantee, role: &str) {
        if self.access == Access::FineGrained {
            self.scope.owner_task(OwnerTask {
                owner: self.arn(),
                what: format!("map the IAM role to {role}, or to a domain role with fewer permissions"),
                document: Some(Bag::default().with("backend_roles", vec![grantee.role().arn()]).into()),
            });
        }
    }
}
