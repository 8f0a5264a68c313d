//! A user pool: its users, its scopes, and the issuer of its tokens.

use crate::Resource;
use crate::aws::data;
use crate::aws::iam::{Grantee, Statement};
use crate::aws::lambda;
use crate::cfn::cognito;
use crate::cfn::cognito::user_pool as shape;
use crate::cfn::cognito::user_pool_resource_server::ResourceServerScopeType;
use crate::diagram::DiagramNode;
use crate::facts::regions::Partition;
use crate::node::OnDelete;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::Val;

/// Whether users need multi-factor authentication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mfa {
    /// Multi-factor authentication is disabled.
    Off,
    /// Each user decides.
    #[default]
    Optional,
    /// All users need a second factor.
    Required,
}

/// A Lambda trigger of a user pool.
///
/// Source: <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Before a user signs up.
    PreSignUp,
    /// After a user is confirmed.
    PostConfirmation,
    /// Before a user signs in.
    PreAuthentication,
    /// After a user signed in.
    PostAuthentication,
    /// Before tokens are issued. The function may change their claims.
    PreTokenGeneration,
    /// Before a message is sent.
    CustomMessage,
    /// When a user signs in who does not exist in the pool yet. The function can return the user from another
    /// directory.
    UserMigration,
}

impl Trigger {
    fn word(self) -> &'static str {
        match self {
            Trigger::PreSignUp => "PreSignUp",
            Trigger::PostConfirmation => "PostConfirmation",
            Trigger::PreAuthentication => "PreAuthentication",
            Trigger::PostAuthentication => "PostAuthentication",
            Trigger::PreTokenGeneration => "PreTokenGeneration",
            Trigger::CustomMessage => "CustomMessage",
            Trigger::UserMigration => "UserMigration",
        }
    }
}

/// Properties of a [`UserPool`].
#[derive(Clone, Debug)]
pub struct UserPoolProps {
    /// Whether users may sign up. Default: no, administrators invite them.
    pub self_sign_up: bool,
    /// Whether users need a second factor from an authenticator app. Default: each user decides.
    pub mfa: Mfa,
    /// The minimum password length, from 6 to 99 characters. Passwords also need digits, and upper-case and lower-case
    /// letters. Default: 12.
    pub password_length: u8,
    /// Additional text attributes of users, such as `tenant`. Default: none.
    pub attributes: Vec<String>,
    /// Whether Cognito blocks suspicious sign-ins, which requires the Plus tier. Default: no.
    pub threat_protection: bool,
    /// Whether deletion protection is enabled. Default: yes.
    pub deletion_protection: bool,
    /// The deletion policy, which applies when the resource is removed from the stack. Default: the resource is kept.
    pub on_delete: OnDelete,
}

impl Default for UserPoolProps {
    fn default() -> Self {
        Self {
            self_sign_up: false,
            mfa: Mfa::default(),
            password_length: 12,
            attributes: Vec::new(),
            threat_protection: false,
            deletion_protection: true,
            on_delete: OnDelete::Retain,
        }
    }
}

/// An Amazon Cognito user pool. Users sign in with their e-mail address.
///
/// Applications sign in through a [client](UserPool::add_client). Workloads and mesh gateways can require the tokens of
/// a client: pass the result of the client's method `tokens` to them.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, cognito, testing};
/// # let app = App::new("shop");
/// # let run = Stack::new(&app, "people", Env::region("eu-west-1"));
/// # let orders = testing::mesh_workload(&app);
/// let people = cognito::UserPool::new(&run, "people", cognito::UserPoolProps::default());
/// let web = people.add_client("web", cognito::ClientProps {
///     sign_in: cognito::SignIn::Browser { callbacks: vec!["https://shop.example.com/login".into()], logouts: vec![] },
///     ..Default::default()
/// });
/// people.add_domain("login", cognito::DomainName::Prefix("acme-shop".into()));
/// orders.require_tokens(web.tokens());
/// # app.synth().expect("it synthesizes");
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html>
#[derive(Clone)]
pub struct UserPool {
    pub(super) scope: Scope,
    pub(super) id: Val<String>,
    /// The resource of the pool, or `None` if the pool is imported.
    pub(super) pool: Option<Resource<cognito::UserPool>>,
}

impl UserPool {
    /// Defines a user pool.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: UserPoolProps) -> Self {
        let scope = scope.scope().construct(id);
        let password = shape::PasswordPolicy::new()
            .minimum_length(i64::from(props.password_length))
            .require_lowercase(true)
            .require_numbers(true)
            .require_uppercase(true)
            .temporary_password_validity_days(3);
        let recovery = shape::RecoveryOption::new().name(shape::Name::VerifiedEmail).priority(1);
        let mut pool = cognito::UserPool::new()
            .user_pool_name(data::physical_name(&scope, 128))
            .username_attributes([shape::UsernameAttributes::Email])
            .username_configuration(shape::UsernameConfiguration::new().case_sensitive(false))
            .auto_verified_attributes([shape::AutoVerifiedAttributes::Email])
            .account_recovery_setting(shape::AccountRecoverySetting::new().recovery_mechanisms([recovery]))
            .admin_create_user_config(
                shape::AdminCreateUserConfig::new().allow_admin_create_user_only(!props.self_sign_up),
            )
            .policies(shape::Policies::new().password_policy(password))
            .user_attribute_update_settings(shape::UserAttributeUpdateSettings::new([
                shape::AttributesRequireVerificationBeforeUpdate::Email,
            ]))
            .user_pool_tier(match props.threat_protection {
                true => shape::UserPoolTier::Plus,
                false => shape::UserPoolTier::Essentials,
            })
            .deletion_protection(match props.deletion_protection {
                true => shape::DeletionProtection::Active,
                false => shape::DeletionProtection::Inactive,
            });
        pool = match props.mfa {
            Mfa::Off => pool.mfa_configuration(shape::MfaConfiguration::Off),
            Mfa::Optional => pool.mfa_configuration(shape::MfaConfiguration::Optional),
            Mfa::Required => pool.mfa_configuration(shape::MfaConfiguration::On),
        };
        if props.mfa != Mfa::Off {
            pool = pool.enabled_mfas(["SOFTWARE_TOKEN_MFA"]);
        }
        if props.threat_protection {
            let enforced = shape::AdvancedSecurityMode::Enforced;
            pool = pool.user_pool_add_ons(shape::UserPoolAddOns::new().advanced_security_mode(enforced));
        }
        if !props.attributes.is_empty() {
            let attribute = |name: &String| {
                shape::SchemaAttribute::new()
                    .name(name)
                    .attribute_data_type(shape::AttributeDataType::String)
                    .mutable(true)
            };
            pool = pool.schema(props.attributes.iter().map(attribute).collect::<Vec<_>>());
        }
        let pool = pool.define(&scope, "resource");
        pool.on_delete(props.on_delete);
        scope.diagram(DiagramNode::new("user-pool").detail("Cognito"));
        Self { id: pool.reference(), pool: Some(pool), scope }
    }

    /// Returns the ID of the pool, such as `eu-west-1_abcdefghi`.
    pub fn id(&self) -> Val<String> {
        self.id.clone()
    }

    /// Returns the ARN of the pool.
    pub fn arn(&self) -> Val<String> {
        crate::aws::policy::own_arn(&self.scope, "cognito-idp", text!["userpool/", self.id()])
    }

    /// Returns the issuer of the tokens, which is their claim `iss`.
    pub fn issuer(&self) -> Val<String> {
        text![format!("https://{}/", self.host()), self.id()]
    }

    /// Returns the URL of the issuer's keys.
    pub fn jwks_uri(&self) -> Val<String> {
        text![self.issuer(), "/.well-known/jwks.json"]
    }

    /// Returns the host from which istiod fetches the keys.
    pub fn host(&self) -> String {
        let region = self.scope.region();
        format!("cognito-idp.{region}.{}", Partition::of(&region).dns_suffix)
    }

    /// Adds scopes of an API, as pairs of name and description. Machines request them as `<api>/<scope>`.
    #[track_caller]
    pub fn add_scopes(&self, api: &str, scopes: &[(&str, &str)]) -> &Self {
        let scopes: Vec<_> =
            scopes.iter().map(|(name, description)| ResourceServerScopeType::new(*description, *name)).collect();
        let id = format!("scopes-{}", crate::name::dns_label(api, 50));
        let server = cognito::UserPoolResourceServer::new(api, api, self.id()).scopes(scopes).define(&self.scope, &id);
        self.know(&server);
        self
    }

    /// Registers a resource server, so that clients that are added later depend on it.
    pub(super) fn know(&self, server: &Resource<cognito::UserPoolResourceServer>) {
        self.scope.keep(|servers: &mut Servers| servers.0.push(server.clone()));
    }

    /// Returns the resource servers that are defined so far.
    pub(super) fn scopes(&self) -> Vec<Resource<cognito::UserPoolResourceServer>> {
        self.scope.keep(|servers: &mut Servers| servers.0.clone())
    }

    /// Adds a Lambda trigger. An imported pool keeps its existing triggers.
    #[track_caller]
    pub fn add_trigger(&self, trigger: Trigger, function: &lambda::Function) -> &Self {
        if let Some(pool) = &self.pool {
            pool.scope().put("LambdaConfig", trigger.word(), function.arn());
            function.allow_service(&self.scope, "cognito-idp.amazonaws.com", self.arn());
        }
        self
    }

    /// Allows the grantee to read users.
    #[track_caller]
    pub fn grant_read(&self, grantee: &impl Grantee) {
        self.grant(grantee, &READ);
    }

    /// Allows the grantee to read, invite, change, block and delete users.
    #[track_caller]
    pub fn grant_manage(&self, grantee: &impl Grantee) {
        self.grant(grantee, &READ);
        self.grant(grantee, &MANAGE);
    }

    #[track_caller]
    fn grant(&self, grantee: &impl Grantee, actions: &[&str]) {
        let statement = Statement::allow(actions.iter().copied()).on(self.arn());
        grantee.role().grant(grantee, &self.scope, statement);
    }
}

/// The resource servers of a pool.
#[derive(Default)]
struct Servers(Vec<Resource<cognito::UserPoolResourceServer>>);

const READ: [&str; 5] = [
    "cognito-idp:AdminGetUser",
    "cognito-idp:AdminListGroupsForUser",
    "cognito-idp:ListGroups",
    "cognito-idp:ListUsers",
    "cognito-idp:ListUsersInGroup",
];
const MANAGE: [&str; 9] = [
    "cognito-idp:AdminAddUserToGroup",
    "cognito-idp:AdminCreateUser",
    "cognito-idp:AdminDeleteUser",
    "cognito-idp:AdminDisableUser",
    "cognito-idp:AdminEnableUser",
    "cognito-idp:AdminRemoveUserFromGroup",
    "cognito-idp:AdminResetUserPassword",
    "cognito-idp:AdminUpdateUserAttributes",
    "cognito-idp:AdminUserGlobalSignOut",
];

impl Construct for UserPool {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::{Mfa, Trigger, UserPool, UserPoolProps};
    use crate::testing::{Platform, stack};
    use crate::{ecr, lambda};

    #[test]
    fn pool_is_invite_only_and_retained() {
        let platform = Platform::synth("shop", |app| {
            let props =
                UserPoolProps { mfa: Mfa::Required, attributes: vec!["tenant".to_owned()], ..Default::default() };
            UserPool::new(&stack(app, "people"), "people", props);
        });
        let pool = platform.resource("AWS::Cognito::UserPool");
        assert_eq!(pool.props["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"], true);
        assert_eq!(
            (&pool.props["MfaConfiguration"], &pool.props["DeletionProtection"]),
            (&"ON".into(), &"ACTIVE".into())
        );
        assert_eq!(pool.entry["UpdateReplacePolicy"], "Retain");
    }

    #[test]
    fn adds_pre_token_generation_trigger() {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "people");
            let images = ecr::Repository::new(&run, "images", ecr::RepositoryProps::default());
            let code = lambda::Code::image(&images, "1.0.0");
            let claims = lambda::Function::new(&run, "claims", code, lambda::FunctionProps::default());
            let pool = UserPool::new(&run, "people", UserPoolProps::default());
            pool.add_trigger(Trigger::PreTokenGeneration, &claims).add_scopes("orders", &[("read", "see orders")]);
        });
        assert!(platform.resource("AWS::Cognito::UserPool").props["LambdaConfig"]["PreTokenGeneration"].is_object());
        assert_eq!(platform.resource("AWS::Lambda::Permission").props["Principal"], "cognito-idp.amazonaws.com");
        assert_eq!(platform.resource("AWS::Cognito::UserPoolResourceServer").props["Identifier"], "orders");
    }
}
