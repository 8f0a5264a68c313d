//! Actions that an identity's own policies allow, regardless of a boundary, a denial or a key.

use std::collections::BTreeSet;

use super::arn;
use super::permission::Caller;
use super::stores;
use super::truth::Truth;
use crate::world::ResourceId;

/// Representative login actions, which patterns can match.
const LOGINS: [&str; 8] = [
    "rds-db:connect",
    "kafka-cluster:Connect",
    "kafka-cluster:ReadData",
    "kafka-cluster:WriteData",
    "elasticache:Connect",
    "elasticfilesystem:ClientMount",
    "elasticfilesystem:ClientWrite",
    "es:ESHttpGet",
];

impl Caller<'_> {
    /// Returns the actions that statements of the identity allow on a resource. Patterns are replaced by representative
    /// actions that they match. A statement counts if it certainly names the resource and its conditions may match.
    pub fn granted(&self, id: ResourceId) -> BTreeSet<String> {
        let policies = self.own_policies();
        let statements = policies.iter().filter_map(|it| it.body.document()).flat_map(|it| &it.statements);
        let uses = stores::uses(&self.world.resource(id).type_name);
        let known: Vec<&str> = uses.iter().map(|it| it.action).chain(LOGINS).collect();
        // A statement about every resource also matches resources of other services.
        let arn = arn::of(self.world, id).unwrap_or_default();
        let own = arn.split(':').nth(2).unwrap_or_default();
        let used: BTreeSet<&str> = uses.iter().map(|it| service(it.action)).collect();
        // Data-plane services have the name of their service as a prefix: `rds-db`, `kafka-cluster`.
        let is_own = |service: &str| service.strip_prefix(own).is_some_and(|it| it.is_empty() || it.starts_with('-'));
        let is_of_service = |action: &&str| used.contains(service(action)) || is_own(service(action));
        let mut granted = BTreeSet::new();
        for statement in statements.filter(|it| !it.denies) {
            for pattern in statement.actions() {
                let meant: Vec<&str> = if pattern.is_of_many() { known.clone() } else { vec![pattern.text()] };
                let meant = meant.into_iter().filter(is_of_service);
                let meant = meant.filter(|action| self.allows(statement, action, id));
                granted.extend(meant.map(str::to_owned));
            }
        }
        granted
    }

    /// Whether an allow statement names exactly this resource, without a wildcard.
    pub fn is_named(&self, id: ResourceId) -> bool {
        let Some(arn) = arn::of(self.world, id) else { return false };
        let policies = self.own_policies();
        let statements = policies.iter().filter_map(|it| it.body.document()).flat_map(|it| &it.statements);
        let mut patterns = statements.filter(|it| !it.denies).flat_map(super::document::Statement::resources);
        let is_it = |it: &super::pattern::Pattern| it.matches(&arn, &self.session.context) == Truth::Yes;
        patterns.any(|it| !it.is_of_many() && is_it(it))
    }

    fn allows(&self, statement: &super::document::Statement, action: &str, id: ResourceId) -> bool {
        let on = stores::on(&self.world.resource(id).type_name, action);
        let Some(target) = stores::target(self.world, id, on) else { return false };
        self.candidates(id, target).into_iter().any(|target| {
            let request = self.request(action, id, target, String::new());
            statement.names(&request) == Truth::Yes && statement.fit(&request, false).truth != Truth::No
        })
    }
}

/// Returns the service of an action, such as `sqs`.
fn service(action: &str) -> &str {
    action.split_once(':').map_or(action, |it| it.0)
}
