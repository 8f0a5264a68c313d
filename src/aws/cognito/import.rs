//! Imports of existing user pools and their clients.

use crate::aws::existing::NameForm;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::val::{IntoVal, Val};

use super::{Client, UserPool};

/// An existing user pool.
#[derive(Clone, Debug)]
pub struct ExistingUserPool {
    /// The ID of the pool, such as `eu-west-1_abcdefghi`.
    pub id: Val<String>,
}

impl ExistingUserPool {
    /// Refers to a pool by its ID.
    pub fn id(id: impl IntoVal<String>) -> Self {
        Self { id: id.into_val() }
    }
}

/// An existing client.
#[derive(Clone, Debug)]
pub struct ExistingClient {
    /// The ID of the client.
    pub id: Val<String>,
}

/// The format of a pool ID.
const POOL: NameForm = NameForm { what: "user pool", marks: "_-", longest: 55, example: "eu-west-1_abcdefghi" };

impl UserPool {
    /// Refers to an existing user pool of this account and region. Clients can be added to it.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, testing};
    /// use meshsynth::cognito::{ExistingClient, ExistingUserPool, UserPool};
    ///
    /// # let app = App::new("shop");
    /// # let run = Stack::new(&app, "people", Env::region("eu-west-1"));
    /// # let orders = testing::mesh_workload(&app);
    /// let people = UserPool::import(&run, "people", ExistingUserPool::id("eu-west-1_abcdefghi"));
    /// let web = people.import_client("web", ExistingClient { id: "1example23456789".into() });
    /// orders.require_tokens(web.tokens());
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingUserPool) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::new("user-pool").detail("Cognito, exists already"));
        POOL.check(&scope, &existing.id);
        Self { id: scope.read_here(existing.id), pool: None, scope }
    }

    /// Refers to an existing client of the pool.
    #[track_caller]
    pub fn import_client(&self, id: &str, existing: ExistingClient) -> Client {
        let scope = self.scope.construct(id);
        let id = scope.read_here(existing.id);
        Client::existing(scope, self.clone(), id)
    }
}
