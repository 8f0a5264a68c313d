//! Bare user pools, each defined from a typed resource.

use super::user_pool::UserPool;
use crate::Resource;
use crate::cfn::cognito;
use crate::diagram::DiagramNode;
use crate::tree::Construct;

impl UserPool {
    /// Defines a bare user pool. It supports clients, domains, triggers and grants like every pool.
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

    /// Returns the resource of the pool, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<cognito::UserPool> {
        Resource::of(self, "resource")
    }

    /// Adds a bare client to the pool. If workloads require tokens of this client, refer to it with
    /// [`UserPool::import_client`].
    #[track_caller]
    pub fn add_client_with(&self, id: &str, client: cognito::UserPoolClient) -> Resource<cognito::UserPoolClient> {
        client.define(self, id)
    }

    /// Adds a bare domain to the pool.
    #[track_caller]
    pub fn add_domain_with(&self, id: &str, domain: cognito::UserPoolDomain) -> Resource<cognito::UserPoolDomain> {
        domain.define(self, id)
    }

    /// Adds a bare resource server, which defines the scopes of an API. Clients that are added later depend on this
    /// resource server.
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
