//! Imports of existing caches.

use super::Engine;
use crate::aws::existing::{NameForm, check_host};
use crate::aws::secrets::Secret;
use crate::aws::security::ExistingSecurityGroup;
use crate::aws::vpc::Vpc;
use crate::tree::Scope;
use crate::val::Val;

/// An existing cache with TLS: a replication group or a serverless cache.
///
/// # Example
///
/// ```
/// # use meshsynth::{aws, elasticache, testing, App};
/// # let app = App::new("shop");
/// # let data = testing::stack(&app, "data");
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// let host = "master.sessions.abc123.apne1.cache.amazonaws.com";
/// let existing = elasticache::ExistingCache::new("sessions", host, "orders", "sg-0123456789abcdef0", &vpc);
/// let sessions = elasticache::ReplicationGroup::import(&data, "sessions", existing);
/// let url = sessions.url(); // rediss://<host>:6379
/// ```
#[derive(Clone)]
pub struct ExistingCache {
    /// Its name in ElastiCache. Clients sign IAM tokens for this name.
    pub name: Val<String>,
    /// The host name of the primary node or of the serverless cache.
    pub address: Val<String>,
    /// The user name with which services log in.
    pub user: String,
    /// Its security group.
    pub security_group: ExistingSecurityGroup,
    /// The VPC of the cache.
    pub vpc: Vpc,
    /// The host name for reads. `ExistingCache::new` leaves the field empty, so reads use `address`.
    pub reader_address: Option<Val<String>>,
    /// The secret with the fields `username` and `password`. `ExistingCache::new` leaves the field empty, so services
    /// log in with IAM.
    pub secret: Option<Secret>,
    /// The cache engine. `ExistingCache::new` sets Valkey.
    pub engine: Engine,
    /// The number of its nodes, for metrics. `ExistingCache::new` sets 2.
    pub nodes: u8,
}

impl ExistingCache {
    /// Refers to a Valkey cache whose user logs in with IAM.
    pub fn new(name: &str, address: &str, user: &str, security_group: &str, vpc: &Vpc) -> Self {
        Self {
            name: name.into(),
            address: address.into(),
            user: user.to_owned(),
            security_group: ExistingSecurityGroup::id(security_group),
            vpc: vpc.clone(),
            reader_address: None,
            secret: None,
            engine: Engine::default(),
            nodes: 2,
        }
    }

    /// Validates the names.
    #[track_caller]
    pub(super) fn check(&self, scope: &Scope) {
        NAME.check(scope, &self.name);
        check_host(scope, &self.address);
        self.reader_address.iter().for_each(|host| check_host(scope, host));
    }
}

/// The format of a cache name.
const NAME: NameForm = NameForm { what: "cache", marks: "-", longest: 40, example: "sessions" };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Construct;
    use crate::aws::VpcProps;
    use crate::elasticache::{ReplicationGroup, Serverless};
    use crate::secrets::ExistingSecret;
    use crate::testing::{Platform, codes, stack, workload};

    fn existing(vpc: &Vpc) -> ExistingCache {
        ExistingCache::new("sessions", "sessions.example", "orders", "sg-0123456789abcdef0", vpc)
    }

    #[test]
    fn workload_connects_to_imported_cache_with_iam() {
        let platform = Platform::synth("shop", |app| {
            let orders = workload(app);
            let data = orders.scope().stack();
            let vpc = orders.namespace().cluster().vpc();
            let sessions = ReplicationGroup::import(&data, "sessions", existing(vpc));
            sessions.allow_from(&orders);
            sessions.grant_connect(&orders);
            orders.env("CACHE_URL", sessions.url());
        });
        assert!(platform.resources("AWS::ElastiCache::ReplicationGroup").is_empty());
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress");
        let rule = rules.iter().find(|it| it.props["FromPort"] == 6379).expect("the rule");
        assert_eq!(rule.props["GroupId"], "sg-0123456789abcdef0");
        let policy =
            platform.resources("AWS::IAM::RolePolicy").iter().map(|it| it.props.to_string()).collect::<String>();
        assert!(policy.contains("replicationgroup:sessions") && policy.contains(":user:orders"), "{policy}");
        assert!(platform.manifest("configmap-orders-config").contains("rediss://sessions.example:6379"));
    }

    #[test]
    fn connect_grant_reads_secret_of_imported_cache() {
        let arn = "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:sessions-AbCdEf";
        let platform = Platform::synth("shop", |app| {
            let orders = workload(app);
            let data = orders.scope().stack();
            let secret = Secret::import(&data, "login", ExistingSecret::arn(arn));
            let vpc = orders.namespace().cluster().vpc();
            let existing = ExistingCache { secret: Some(secret), ..existing(vpc) };
            Serverless::import(&data, "sessions", existing).grant_connect(&orders);
        });
        let policy =
            platform.resources("AWS::IAM::RolePolicy").iter().map(|it| it.props.to_string()).collect::<String>();
        assert!(policy.contains("secretsmanager:GetSecretValue") && policy.contains(arn), "{policy}");
    }

    #[test]
    fn reports_group_name_instead_of_id() {
        let found = codes(|app| {
            let data = stack(app, "data");
            let vpc = Vpc::new(&data, "vpc", VpcProps::default());
            let security_group = ExistingSecurityGroup::id("cache-group");
            ReplicationGroup::import(&data, "sessions", ExistingCache { security_group, ..existing(&vpc) });
        });
        assert_eq!(found, ["MS0130"]);
    }
}
