//! Request authentication: the accepted tokens.
//!
//! Source: <https://istio.io/latest/docs/reference/config/security/request_authentication/>.

use serde_json::Value;

use super::scope::Scope;
use crate::json::{field, items, text, texts};
use crate::sets::{Cube, Dimension, Key, Region, Set, Test};

/// A request authentication policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestAuthentication {
    /// The workloads that it applies to.
    pub scope: Scope,
    tokens: Vec<Cube>,
}

impl RequestAuthentication {
    /// Parses a policy.
    pub fn parse(document: &Value) -> Self {
        let tokens = items(&document["spec"]["jwtRules"]).iter().map(token).collect();
        Self { scope: Scope::parse(document), tokens }
    }

    /// Returns the admitted requests: those without a token, and those with a token that a rule accepts. If there is no
    /// rule, tokens are not validated.
    pub fn admits<'a>(policies: impl IntoIterator<Item = &'a Self>) -> Region {
        let tokens: Vec<&Cube> = policies.into_iter().flat_map(|policy| &policy.tokens).collect();
        if tokens.is_empty() {
            return Region::all();
        }
        let without = Cube::new().with(key(ISSUER), Set::of([Test::Absent]));
        tokens.into_iter().cloned().chain([without]).collect()
    }
}

const ISSUER: &str = "token issuer";

fn key(name: &str) -> Dimension {
    Dimension::Key(Key::new(name))
}

fn token(rule: &Value) -> Cube {
    let keys = ["jwksUri", "jwks"].iter().find_map(|key| rule.get(*key)).map(text);
    let mut cube = Cube::new().with(key(ISSUER), Set::literal(field(rule, "issuer")));
    // The same issuer name with other keys is a different issuer.
    cube = cube.with(key("token keys"), Set::literal(keys.as_deref().unwrap_or("of the issuer")));
    let audiences = texts(&rule["audiences"]);
    match audiences.is_empty() {
        true => cube,
        false => cube.with(key("token audience"), Set::literals(audiences.iter().map(String::as_str))),
    }
}
