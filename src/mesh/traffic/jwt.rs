//! Token checks, which authenticate the user of a request in addition to the calling workload.

use crate::cognito;
use crate::kube::istio::{self, authorization_policy as authz, request_authentication as l1};
use crate::tree::{At, Construct, Scope};
use crate::val::{IntoVal, Val};

use super::super::{Mode, Workload, labels};
use super::{Gateway, VERSION_OF};

/// The tokens (JWT) that requests must contain.
///
/// The issuer may be known only after deployment, for example the issuer of a user pool that this platform defines.
#[derive(Clone, Debug, PartialEq)]
pub struct Tokens {
    /// The issuer: the claim `iss`.
    pub issuer: Val<String>,
    /// The https URL of the issuer's keys, which istiod fetches.
    pub jwks_uri: Val<String>,
    /// The allowed audiences: the claim `aud`. Default: any audience.
    pub audiences: Vec<Val<String>>,
    /// Required claims, each with its allowed values, such as `client_id`. Default: none.
    pub claims: Vec<(String, Vec<Val<String>>)>,
    /// Whether the token is forwarded to the workload. Default: `false`.
    pub forward: bool,
    /// Paths that need no token. A `*` at the start or at the end matches any text. Default: none.
    pub except: Vec<String>,
}

impl Tokens {
    /// Accepts tokens of an issuer whose keys are at a URL.
    pub fn of(issuer: impl IntoVal<String>, jwks_uri: impl IntoVal<String>) -> Self {
        Self {
            issuer: issuer.into_val(),
            jwks_uri: jwks_uri.into_val(),
            audiences: Vec::new(),
            claims: Vec::new(),
            forward: false,
            except: Vec::new(),
        }
    }

    fn rule(&self) -> l1::JwtRule {
        let rule = l1::JwtRule::new()
            .issuer(self.issuer.clone())
            .jwks_uri(self.jwks_uri.clone())
            .forward_original_token(self.forward);
        match self.audiences.is_empty() {
            true => rule,
            false => rule.audiences(self.audiences.clone()),
        }
    }

    /// Returns rules that reject requests without a token, and requests without a required claim. The token check
    /// itself accepts requests without a token.
    fn refusals(&self, port: u16) -> Vec<authz::Rule> {
        let mut operation = authz::Operation::new().ports([port.to_string()]);
        if !self.except.is_empty() {
            operation = operation.not_paths(self.except.clone());
        }
        let rule = || authz::Rule::new().to([authz::RuleTo::new().operation(operation.clone())]);
        let nobody = authz::Source::new().not_request_principals(["*"]);
        let mut rules = vec![rule().from_([authz::RuleFrom::new().source(nobody)])];
        for (claim, values) in &self.claims {
            let other = authz::Condition::new(format!("request.auth.claims[{claim}]")).not_values(values.clone());
            rules.push(rule().when([other]));
        }
        rules
    }
}

impl cognito::Client {
    /// Returns the description of the client's ID tokens, for the token check of a workload or a gateway. The client
    /// gets such a token when a user signs in.
    pub fn tokens(&self) -> Tokens {
        let pool = self.pool();
        Tokens { audiences: vec![self.id()], ..Tokens::of(pool.issuer(), pool.jwks_uri()) }
    }

    /// Returns the description of the client's access tokens, for machines. The tokens identify the client by the claim
    /// `client_id`, and have no `aud`.
    pub fn access_tokens(&self) -> Tokens {
        let (pool, of) = (self.pool(), |claim: &str, value: Val<String>| (claim.to_owned(), vec![value]));
        let claims = vec![of("client_id", self.id()), of("token_use", "access".into())];
        Tokens { claims, ..Tokens::of(pool.issuer(), pool.jwks_uri()) }
    }
}

impl Workload {
    /// Implements [`Workload::require_tokens`].
    #[track_caller]
    pub(in crate::mesh) fn define_token_check(&self, tokens: Tokens) -> &Self {
        self.wants_requests("a token", At::caller());
        self.needs_waypoint();
        let is_ambient = self.namespace().mesh().is_some_and(|istio| istio.mode() == Mode::Ambient);
        let labels = [(VERSION_OF, self.name().to_owned())];
        let (mut checked, mut refused) = (l1::Spec::new().jwt_rules([tokens.rule()]), authz::Spec::new());
        if !is_ambient {
            checked = checked.selector(l1::Selector::new().match_labels(labels.clone()));
            refused = refused.selector(authz::Selector::new().match_labels(labels));
        }
        let refused = refused.action(authz::Action::Deny).rules(tokens.refusals(self.port()));
        for object in define(self.scope(), self.name(), checked, refused) {
            labels::add(&object, self.name());
            if is_ambient {
                self.attach_to_services(&object);
            }
        }
        self
    }
}

impl Gateway {
    /// Accepts only requests with a valid token, for all hosts and paths.
    #[track_caller]
    pub fn require_tokens(&self, tokens: Tokens) -> &Self {
        let labels = self.ingress().labels();
        let checked = l1::Spec::new().jwt_rules([tokens.rule()]);
        let checked = checked.selector(l1::Selector::new().match_labels(labels.to_vec()));
        let refused = authz::Spec::new()
            .selector(authz::Selector::new().match_labels(labels.to_vec()))
            .action(authz::Action::Deny)
            .rules(tokens.refusals(self.port()));
        define(self.scope(), &self.scope().id(), checked, refused);
        self
    }
}

fn define(scope: &Scope, name: &str, checked: l1::Spec, refused: authz::Spec) -> [Scope; 2] {
    let scope = scope.construct("tokens");
    let checked = istio::RequestAuthentication::new().spec(checked).define(&scope, "checked", name);
    let name = format!("{name}-without-token");
    let refused = istio::AuthorizationPolicy::new().spec(refused).define(&scope, "refused", &name);
    [checked.scope().clone(), refused.scope().clone()]
}
