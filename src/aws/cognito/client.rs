//! User pool clients: applications that sign users in, and machines that sign in with a secret.

use crate::Resource;
use crate::aws::data;
use crate::cfn::cognito;
use crate::cfn::cognito::user_pool_client as shape;
use crate::cfn::secretsmanager;
use crate::node::OnDelete;
use crate::tree::{Construct, Scope};
use crate::units::Duration;
use crate::val::{Bag, Data, Val};

use super::UserPool;

/// The sign-in method of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Users sign in on the pages of the pool's domain, with an authorization code and PKCE.
    Browser {
        /// The callback URLs, to which the pages may redirect users.
        callbacks: Vec<String>,
        /// The URLs to which users may be redirected after sign-out.
        logouts: Vec<String>,
    },
    /// Users sign in on pages of the application, with the Secure Remote Password protocol.
    App,
    /// A machine signs in with a secret and requests scopes such as `orders/read`.
    Machine {
        /// The scopes.
        scopes: Vec<String>,
    },
}

/// Properties of a [`Client`].
#[derive(Clone, Debug)]
pub struct ClientProps {
    /// The sign-in method. Default: [`SignIn::App`].
    pub sign_in: SignIn,
    /// The lifetime of access and ID tokens, from 5 minutes to one day. Default: 1 hour.
    pub tokens_for: Duration,
    /// The session duration of users, from 1 hour to 10 years. Default: 30 days.
    pub signed_in_for: Duration,
}

impl Default for ClientProps {
    fn default() -> Self {
        Self { sign_in: SignIn::App, tokens_for: Duration::minutes(60), signed_in_for: Duration::days(30) }
    }
}

/// A client of a [`UserPool`]: an application that signs in to the pool.
///
/// Error messages do not reveal whether a user exists, and tokens can be revoked. The secret of a machine client is
/// stored only in Secrets Manager.
#[derive(Clone)]
pub struct Client {
    scope: Scope,
    pool: UserPool,
    id: Val<String>,
    secret: Option<crate::Secret>,
}

impl UserPool {
    /// Adds a client to the pool.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cognito};
    /// # let app = App::new("shop");
    /// # let run = Stack::new(&app, "people", Env::region("eu-west-1"));
    /// # let people = cognito::UserPool::new(&run, "people", cognito::UserPoolProps::default());
    /// people.add_scopes("orders", &[("read", "see orders")]);
    /// let reports = people.add_client("reports", cognito::ClientProps {
    ///     sign_in: cognito::SignIn::Machine { scopes: vec!["orders/read".into()] },
    ///     ..Default::default()
    /// });
    /// assert!(reports.secret().is_some());
    /// ```
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpoolclient.html>
    #[track_caller]
    pub fn add_client(&self, id: &str, props: ClientProps) -> Client {
        let scope = self.scope.construct(id);
        let units = shape::TokenValidityUnits::new()
            .access_token(shape::AccessToken::Minutes)
            .id_token(shape::IdToken::Minutes)
            .refresh_token(shape::RefreshToken::Minutes);
        let minutes = |time: Duration| (time.as_seconds() / 60) as i64;
        let client = cognito::UserPoolClient::new(self.id())
            .client_name(data::physical_name(&scope, 128))
            .access_token_validity(minutes(props.tokens_for))
            .id_token_validity(minutes(props.tokens_for))
            .refresh_token_validity(minutes(props.signed_in_for))
            .token_validity_units(units)
            .enable_token_revocation(true)
            .prevent_user_existence_errors(shape::PreventUserExistenceErrors::Enabled);
        let is_machine = matches!(props.sign_in, SignIn::Machine { .. });
        let client = match props.sign_in {
            SignIn::Browser { callbacks, logouts } => {
                let client = client
                    .allowed_oauth_flows([shape::AllowedOauthFlows::Code])
                    .allowed_oauth_flows_user_pool_client(true)
                    .allowed_oauth_scopes(["openid", "email", "profile"])
                    .callback_urls(callbacks)
                    .explicit_auth_flows([shape::ExplicitAuthFlows::AllowRefreshTokenAuth])
                    .supported_identity_providers(["COGNITO"]);
                if logouts.is_empty() { client } else { client.logout_urls(logouts) }
            }
            SignIn::App => client.explicit_auth_flows([
                shape::ExplicitAuthFlows::AllowUserSrpAuth,
                shape::ExplicitAuthFlows::AllowRefreshTokenAuth,
            ]),
            SignIn::Machine { scopes } => client
                .allowed_oauth_flows([shape::AllowedOauthFlows::ClientCredentials])
                .allowed_oauth_flows_user_pool_client(true)
                .allowed_oauth_scopes(scopes)
                .generate_secret(true),
        };
        let client = client.define(&scope, "resource");
        // Cognito rejects a client whose scopes do not exist yet.
        for server in self.scopes() {
            client.depends_on(&server);
        }
        let secret = is_machine.then(|| keep(&scope, &client));
        Client { id: client.reference(), pool: self.clone(), secret, scope }
    }
}

/// Stores the client ID and the client secret in Secrets Manager, as the fields `client_id` and `client_secret`.
fn keep(scope: &Scope, client: &Resource<cognito::UserPoolClient>) -> crate::Secret {
    let key = data::key_or_own(scope, None);
    let document = Bag::default().with("client_id", client.client_id()).with("client_secret", client.client_secret());
    let secret = secretsmanager::Secret::new()
        .description(format!("The client {}", scope.path()))
        .kms_key_id(Val::<String>::from(key.arn()))
        .secret_string(Data::from(document).to_json())
        .define(scope, "secret");
    secret.on_delete(OnDelete::Delete);
    crate::Secret::new(secret.reference()).encrypted_with(key.arn())
}

impl Client {
    pub(super) fn existing(scope: Scope, pool: UserPool, id: Val<String>) -> Self {
        Self { scope, pool, id, secret: None }
    }

    /// Returns the ID of the client. It is the claim `aud` of ID tokens, and `client_id` of access tokens.
    pub fn id(&self) -> Val<String> {
        self.id.clone()
    }

    /// Returns the pool of the client.
    pub fn pool(&self) -> &UserPool {
        &self.pool
    }

    /// Returns the secret of a machine client, with the fields `client_id` and `client_secret`.
    pub fn secret(&self) -> Option<crate::Secret> {
        self.secret.clone()
    }
}

impl Construct for Client {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientProps, SignIn};
    use crate::cognito::{UserPool, UserPoolProps};
    use crate::testing::{Platform, stack};

    fn with(sign_in: SignIn) -> Platform {
        Platform::synth("shop", |app| {
            let pool = UserPool::new(&stack(app, "people"), "people", UserPoolProps::default());
            pool.add_scopes("orders", &[("read", "see orders")]);
            pool.add_client("client", ClientProps { sign_in, ..ClientProps::default() });
        })
    }

    #[test]
    fn browser_client_uses_codes_and_has_no_secret() {
        let callbacks = vec!["https://shop.example.com/login".to_owned()];
        let platform = with(SignIn::Browser { callbacks, logouts: Vec::new() });
        let client = platform.resource("AWS::Cognito::UserPoolClient").props;
        assert_eq!(client["AllowedOAuthFlows"], serde_json::json!(["code"]));
        assert!(client["GenerateSecret"].is_null() && platform.resources("AWS::SecretsManager::Secret").is_empty());
        assert_eq!(client["PreventUserExistenceErrors"], "ENABLED");
    }

    #[test]
    fn machine_client_stores_secret_and_depends_on_scopes() {
        let platform = with(SignIn::Machine { scopes: vec!["orders/read".to_owned()] });
        let client = platform.resource("AWS::Cognito::UserPoolClient");
        assert!(client.entry["DependsOn"].to_string().contains("Scopes"), "{}", client.entry);
        let secret = platform.resource("AWS::SecretsManager::Secret").props["SecretString"].to_string();
        assert!(secret.contains("ClientSecret") && secret.contains("client_id"), "{secret}");
    }
}
