//! Serverless caches.

use super::existing::ExistingCache;
use super::users::{self, Users};
use super::{Access, Engine, PORT};
use crate::aws::connect::{Client, Endpoint};
use crate::aws::data;
use crate::aws::iam::Grantee;
use crate::aws::kms::Key;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::elasticache;
use crate::cfn::elasticache::serverless_cache::{CacheUsageLimits, DataStorage};
use crate::node::OnDelete;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::units::{Cidr, Gib};
use crate::val::Val;

/// Properties of a [`Serverless`] cache.
#[derive(Clone)]
pub struct ServerlessProps {
    /// The cache engine. Default: Valkey.
    pub engine: Engine,
    /// The maximum data storage. Default: 10 GiB (billed as GB).
    pub max_storage: Gib,
    /// The authentication of services. Default: IAM.
    pub access: Access,
    /// The key that encrypts data. Default: a separate key.
    pub key: Option<Key>,
    /// The retention of daily snapshots in days. 0 disables snapshots. Default: 7.
    pub snapshot_retention_days: u8,
    /// The deletion policy, which applies when the resource is removed from the stack. Default: the resource is kept.
    pub on_delete: OnDelete,
}

impl Default for ServerlessProps {
    fn default() -> Self {
        Self {
            engine: Engine::Valkey,
            max_storage: Gib(10),
            access: Access::Iam,
            key: None,
            snapshot_retention_days: 7,
            on_delete: OnDelete::Retain,
        }
    }
}

/// A serverless cache in the isolated subnets of a VPC. It is billed by use, and always replicated
/// and encrypted.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, elasticache};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// let sessions = elasticache::Serverless::new(&data, "sessions", &vpc, Default::default());
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticache-serverlesscache.html>
#[derive(Clone)]
pub struct Serverless {
    scope: Scope,
    name: Val<String>,
    address: Val<String>,
    reader_address: Val<String>,
    security_group: SecurityGroup,
    cidrs: Vec<Cidr>,
    users: Users,
}

/// The maximum number of zones of a serverless cache.
const MAX_ZONES: usize = 3;

impl Serverless {
    /// Defines a serverless cache in a VPC.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, props: ServerlessProps) -> Self {
        let scope = scope.scope().construct(id);
        let tier = data::tier(vpc);
        let key = data::key_or_own(&scope, props.key.clone());
        let security_group =
            SecurityGroup::answering(&scope, "security-group", vpc, &format!("Cache {}", scope.path()));
        let (users, user_group) = users::define(&scope, props.engine, props.access, &key);
        let storage = DataStorage::new("GB").maximum(props.max_storage.0);
        let version = match props.engine {
            Engine::Valkey => "8",
            Engine::Redis => "7",
        };
        let cache = elasticache::ServerlessCache::new(props.engine.word(), data::physical_name(&scope, 40))
            .major_engine_version(version)
            .cache_usage_limits(CacheUsageLimits::new().data_storage(storage))
            .kms_key_id(key.arn())
            .security_group_ids([security_group.id()])
            .snapshot_retention_limit(props.snapshot_retention_days)
            .subnet_ids(vpc.subnet_ids(tier).into_iter().take(MAX_ZONES).collect::<Vec<_>>())
            .user_group_id(user_group)
            .define(&scope, "resource");
        cache.on_delete(props.on_delete);
        let cidrs = vpc.subnet_cidrs(tier).into_iter().take(MAX_ZONES).collect();
        data::diagram(&scope, vpc, "cache", format!("{} Serverless", props.engine.name()));
        let (address, reader_address) = (cache.endpoint_address(), cache.reader_endpoint_address());
        Self { scope, name: cache.reference(), address, reader_address, security_group, cidrs, users }
    }

    /// Refers to an existing serverless cache.
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingCache) -> Self {
        let scope = scope.scope().construct(id);
        data::diagram(&scope, &existing.vpc, "cache", format!("{} Serverless", existing.engine.name()));
        existing.check(&scope);
        let users = users::imported(&scope, existing.user, existing.secret);
        let address = scope.read_here(existing.address);
        let reader_address = existing.reader_address.map_or_else(|| address.clone(), |it| scope.read_here(it));
        let security_group = SecurityGroup::import(&scope, "security-group", existing.security_group);
        let cidrs = existing.vpc.subnet_cidrs(data::tier(&existing.vpc));
        Self { name: scope.read_here(existing.name), scope, address, reader_address, security_group, cidrs, users }
    }

    /// Returns the name of the cache.
    pub fn name(&self) -> Val<String> {
        self.name.clone()
    }

    /// Returns the host name of the cache.
    pub fn address(&self) -> Val<String> {
        self.address.clone()
    }

    /// Returns the host name for eventually consistent reads. Its port is 6380.
    pub fn reader_address(&self) -> Val<String> {
        self.reader_address.clone()
    }

    /// Returns the port of the cache: 6379.
    pub fn port(&self) -> u16 {
        PORT
    }

    /// Returns the URL of the cache with TLS, without a user or a password.
    pub fn url(&self) -> Val<String> {
        text!["rediss://", self.address(), format!(":{PORT}")]
    }

    /// Returns the user name with which services log in.
    pub fn user(&self) -> &str {
        &self.users.name
    }

    /// Returns the secret with the user's name and password, or `None` with IAM access.
    pub fn secret(&self) -> Option<crate::Secret> {
        self.users.secret.as_ref().map(crate::secrets::Secret::secret)
    }

    /// Lets a client connect to the ports for writes and for reads.
    #[track_caller]
    pub fn allow_from(&self, client: &impl Client) {
        for port in [PORT, PORT + 1] {
            let security_group = self.security_group.id();
            Endpoint { owner: self.scope.clone(), security_group, port, cidrs: self.cidrs.clone() }.allow_from(client);
        }
    }

    /// Lets the grantee log in, either with its role or by reading the password.
    #[track_caller]
    pub fn grant_connect(&self, grantee: &impl Grantee) {
        match &self.users.secret {
            Some(secret) => secret.grant_read(grantee),
            None => {
                users::grant_connect(&self.scope, &self.users, ("serverlesscache", self.name()), grantee);
            }
        }
    }
}

impl Construct for Serverless {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::{Serverless, ServerlessProps};
    use crate::aws::{Vpc, VpcProps};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{Platform, stack};

    #[test]
    fn serverless_cache_is_encrypted_and_uses_iam_login() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let vpc = Vpc::new(&data, "vpc", VpcProps { zones: 4, flow_logs: None, ..Default::default() });
            let cache = Serverless::new(&data, "prices", &vpc, ServerlessProps::default());
            assert!(cache.secret().is_none());
            let role = Role::new(&data, "reader", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            cache.grant_connect(&role);
        });
        let cache = platform.resource("AWS::ElastiCache::ServerlessCache").props;
        assert_eq!(cache["SubnetIds"].as_array().map(Vec::len), Some(3));
        assert!(cache["KmsKeyId"]["Fn::GetAtt"].is_array());
        let policy = platform.resource("AWS::IAM::RolePolicy").props.to_string();
        assert!(policy.contains("elasticache:Connect") && policy.contains(":serverlesscache:"), "{policy}");
    }
}
