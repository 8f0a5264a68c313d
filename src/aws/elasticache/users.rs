//! Users of caches.

use super::Engine;
use crate::aws::data;
use crate::aws::iam::{Grantee, Statement};
use crate::aws::kms::Key;
use crate::aws::secrets::{Secret, SecretProps};
use crate::cfn::elasticache;
use crate::cfn::elasticache::user::AuthenticationMode;
use crate::cfn::elasticache::{user, user_group};
use crate::text;
use crate::tree::Scope;
use crate::val::{Data, Val};

/// The authentication of services to a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// IAM: services use their role and tokens that are valid for 15 minutes. Supported by Valkey,
    /// and by Redis since 7.0.
    #[default]
    Iam,
    /// A generated password in Secrets Manager, for clients that cannot sign tokens.
    Password,
}

/// The user of a cache.
#[derive(Clone)]
pub(super) struct Users {
    pub arn: Val<String>,
    pub name: String,
    pub secret: Option<Secret>,
}

/// The permissions of the user: all keys, channels and commands, except the dangerous commands.
const ACCESS: &str = "on ~* &* +@all -@dangerous";

/// Returns the user of an imported cache.
pub(super) fn imported(scope: &Scope, name: String, secret: Option<Secret>) -> Users {
    let place = text![":elasticache:", scope.region(), ":", scope.account(), ":user:", name.clone()];
    Users { arn: text!["arn:", scope.partition(), place], name, secret }
}

/// Defines the user and the user group.
///
/// Redis requires a user named `default` in each group. Clients that send no user name log in as this user. Therefore,
/// this module defines a disabled `default` user. A Valkey group needs no such user.
///
/// Source: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html>
pub(super) fn define(scope: &Scope, engine: Engine, access: Access, key: &Key) -> (Users, Val<String>) {
    let name = data::physical_name(scope, 32);
    let (user_engine, group_engine) = match engine {
        Engine::Valkey => (user::Engine::Valkey, user_group::Engine::Valkey),
        Engine::Redis => (user::Engine::Redis, user_group::Engine::Redis),
    };
    let secret = (access == Access::Password).then(|| password(scope, &name, key));
    let mode = match &secret {
        None => AuthenticationMode::new("iam"),
        Some(secret) => {
            let password = Data::from(secret.secret().field("password"));
            AuthenticationMode::new("password").raw("Passwords", vec![password])
        }
    };
    // With IAM, the name and the ID of a user must be equal.
    let user = elasticache::User::new(user_engine.clone(), name.clone(), name.clone())
        .access_string(ACCESS)
        .authentication_mode(mode)
        .define(scope, "user");
    let nobody = (engine == Engine::Redis).then(|| {
        elasticache::User::new(user_engine, format!("{name}-default"), "default")
            .access_string("off -@all")
            .authentication_mode(AuthenticationMode::new("no-password-required"))
            .define(scope, "default-user")
    });
    let mut members = vec![name.clone()];
    members.extend(nobody.is_some().then(|| format!("{name}-default")));
    let group = elasticache::UserGroup::new(group_engine, format!("{name}-users"), members).define(scope, "users");
    // The group refers to its users by ID, which `Ref` does not return.
    group.depends_on(&user);
    if let Some(nobody) = &nobody {
        group.depends_on(nobody);
    }
    (Users { arn: user.arn(), name, secret }, group.reference())
}

/// Defines the secret with the user's name and password.
fn password(scope: &Scope, name: &str, key: &Key) -> Secret {
    Secret::new(
        scope,
        "password",
        SecretProps {
            description: format!("The user of {}", scope.path()),
            key: Some(key.clone()),
            fields: vec![("username".to_owned(), name.to_owned())],
            ..SecretProps::default()
        },
    )
}

/// Grants the IAM login, which requires the ARNs of the cache and of the user.
///
/// Source: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html>
#[track_caller]
pub(super) fn grant_connect(scope: &Scope, users: &Users, cache: (&'static str, Val<String>), grantee: &impl Grantee) {
    let (kind, name) = cache;
    let place = text![":elasticache:", scope.region(), ":", scope.account(), ":"];
    let cache = text!["arn:", scope.partition(), place, kind, ":", name];
    let statement = Statement::allow(["elasticache:Connect"]).on(cache).on(users.arn.clone());
    grantee.role().grant(grantee, scope, statement);
}
