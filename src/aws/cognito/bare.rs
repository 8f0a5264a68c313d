//! Bare user pools, each defined from a typed resource.

use super::user_pool::UserPool;
use crate::Resource;
use crate::cfn::cognito;
use crate::diagram::DiagramNode;
use crate::tree::Construct;

impl UserPool {
    /// Defines a user pool that is what its resource says. Clients, domains, triggers and grants are added as to every pool.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, cognito, testing};
    /// # let app = App::new("shop");
    /// # let orders = testing::mesh_workload(&app);
    /// # let run = Stack::new(&app, "people", Env::region("eu-west-1"));
    /// let people = cognito::UserPool::bare(&run, "people", cfn::cognito::UserPool::new().user_pool_name("people"));
    /// people.resource().logical_id("People").retain();
    /// let web = people.add_client_with("web", cfn::cognito::UserPoolClient::new(people.id()).client_name("web"));
    /// let web = people.import_client("web-tokens", cognito::ExistingClient { id: web.reference() });
    /// orders.require_tokens(web.tokens());
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, pool: cognito::UserPool) -> Self {
        let scope = scope.scope().construct(id);
        let pool = pool.define(&scope, "resource");
        scope.diagram(DiagramNode::new("user-pool").detail("Cognito"));
        Self { id: pool.reference(), pool: Some(pool), scope }
    }

    /// Returns the resource of the pool, to keep its logical ID or to set properties that have no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<cognito::UserPool> {
        Resource::of(self, "resource")
    }

    /// Defines a client of the pool, as its resource says. [`UserPool::import_client`] refers to it for the tokens that
    /// workloads ask for.
    #[track_caller]
    pub fn add_client_with(&self, id: &str, client: cognito::UserPoolClient) -> Resource<cognito::UserPoolClient> {
        client.define(self, id)
    }

    /// Defines a domain of the pool, as its resource says.
    #[track_caller]
    pub fn add_domain_with(&self, id: &str, domain: cognito::UserPoolDomain) -> Resource<cognito::UserPoolDomain> {
        domain.define(self, id)
    }

    /// Defines an API whose scopes machines ask for, as its resource says. Clients that are added from here on wait for it.
    #[track_caller]
    pub fn add_resource_server(
        &self,
        id: &str,
        server: cognito::UserPoolResourceServer,
    ) -> Resource<cognito::UserPoolResourceServer> {
        let server = server.define(self, id);
        self.know(&server);
        server
    }
}
