//! API calls that are denied because the policies lack a statement that could allow them.
//!
//! Most API calls that a comparison evaluates have this verdict. The check needs only the actions and the resources of
//! statements, and builds no request context and no links.

use std::cell::LazyCell;

use super::Identities;
use super::arn;
use super::permission::{Caller, is_assumption};
use super::principal::Principal;
use super::session::Session;
use super::stores;
use super::truth::Truth;
use crate::ends::Source;
use crate::world::ResourceId;

impl Identities<'_> {
    /// Returns whether the policies of all credentials of a source lack a statement that could allow an action on a
    /// resource.
    ///
    /// `true` means that every way of [`Identities::ways_to_call`] is denied. `false` means that the policies must be
    /// evaluated.
    pub fn is_never_allowed(&self, source: &Source, action: &str, id: ResourceId) -> bool {
        // The trust policy can allow an action that assumes a role.
        if self.estate().resources.get(&id).is_some_and(|it| !it.is_empty()) || is_assumption(action) {
            return false;
        }
        arn::is_known(self.world(), id)
            && self.sessions(source).iter().all(|session| self.lacks_allowance(session, action, id))
    }

    /// Returns whether the policies of a session lack a statement that could allow an action on a resource without a
    /// policy.
    fn lacks_allowance(&self, session: &Session, action: &str, id: ResourceId) -> bool {
        // The root user needs no policy.
        if matches!(session.principal, Principal::Account(_)) {
            return false;
        }
        let caller = Caller { world: self.world(), estate: self.estate(), session, endpoints: &[] };
        let policies = caller.own_policies();
        if policies.iter().any(|it| it.body.may_be_about(action) != Truth::No) {
            return false;
        }
        let documents = policies.iter().filter_map(|it| it.body.document());
        let mut allowing =
            documents.flat_map(|it| &it.statements).filter(|it| !it.denies && it.may_name_action(action));
        let on = stores::on(&self.world().resource(id).type_name, action);
        let candidates = LazyCell::new(|| {
            let target = stores::target(self.world(), id, on);
            target.map_or_else(Vec::new, |it| caller.candidates(id, it))
        });
        !allowing.any(|statement| candidates.iter().any(|it| statement.may_name_resource(it)))
    }
}
