//! Who may log in to a cache.

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

/// How services authenticate to a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// By their IAM role: tokens of 15 minutes instead of a password. Valkey, and Redis from 7.0 on.
    #[default]
    Iam,
    /// By a generated password in Secrets Manager, for clients that cannot sign tokens.
    Password,
}

/// The one user of a cache, and the group that the cache admits.
#[derive(Clone)]
pub(super) struct Users {
    pub arn: Val<String>,
    pub name: String,
    pub secret: Option<Secret>,
}

/// What the user may do: all data and commands but those that endanger the server.
const ACCESS: &str = "on ~* &* +@all -@dangerous";

/// Returns the user of a cache that exists already.
pub(super) fn imported(scope: &Scope, name: String, secret: Option<Secret>) -> Users {
    let place = text![":elasticache:", scope.region(), ":", scope.account(), ":user:", name.clone()];
    Users { arn: text!["arn:", scope.partition(), place], name, secret }
}

/// Defines the user and the group.
///
/// Redis wants a user named `default` in each group, and everybody who gives
/// no name is that user: ours is switched off. A group of Valkey has none.
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
    // With IAM the name of a user must be its id.
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
    // The group names its users by id, which `Ref` does not return.
    group.depends_on(&user);
    if let Some(nobody) = &nobody {
        group.depends_on(nobody);
    }
    (Users { arn: user.arn(), name, secret }, group.reference())
}

/// Defines the secret that holds the user's name and password.
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

/// What it takes to log in with IAM: the cache and the user, both by ARN.
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
