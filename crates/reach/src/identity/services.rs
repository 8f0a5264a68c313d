//! Permissions of AWS services on behalf of a load balancer, an API or a distribution.

use super::Identities;
use super::arn;
use super::permission::Caller;
use super::principal::Principal;
use super::session::{Session, base};
use super::stores;
use crate::link::{Layer, Link};
use crate::world::ResourceId;

impl Identities<'_> {
    /// Returns the source ARN of a service request from parts in template syntax.
    pub fn source_arn(&self, parts: &str) -> String {
        arn::text(self.world(), parts)
    }

    /// Returns whether a service may call an action on a resource if its request has a given source ARN.
    pub fn service_may(&self, service: &str, source_arn: &str, action: &str, id: ResourceId) -> Vec<Link> {
        let principal = Principal::Service(service.to_owned());
        let account = arn::account(self.world(), id);
        let context = base(&principal)
            .with("aws:PrincipalIsAWSService", "true")
            .with("aws:PrincipalServiceName", service)
            .with("aws:SourceArn", source_arn)
            .with("aws:SourceAccount", &account);
        self.asked(
            &Session { principal, identity: None, foreign: None, links: Vec::new(), is_for_secrets: false, context },
            action,
            id,
        )
    }

    /// Returns whether a principal outside the files, identified by its ARN, may call an action on a resource.
    pub fn principal_may(&self, arn: &str, action: &str, id: ResourceId) -> Vec<Link> {
        let principal = Principal::User { account: "cloudfront".to_owned(), arn: arn.to_owned() };
        let context = base(&principal);
        self.asked(
            &Session { principal, identity: None, foreign: None, links: Vec::new(), is_for_secrets: false, context },
            action,
            id,
        )
    }

    fn asked(&self, session: &Session, action: &str, id: ResourceId) -> Vec<Link> {
        let caller = Caller { world: self.world(), estate: self.estate(), session, endpoints: &[] };
        let on = stores::on(&self.world().resource(id).type_name, action);
        caller.may(action, id, on, Layer::Permission)
    }
}
