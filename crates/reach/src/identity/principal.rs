//! Principals of requests, and principals that statements name.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.

use serde_json::Value;

use super::pattern::same;
use super::truth::Truth;
use crate::identity::texts;

/// The principal of a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// A role session.
    Role {
        /// The account of the role.
        account: String,
        /// The ARN of the role.
        arn: String,
        /// The ARN of the session, or `None` if its name is unknown.
        session: Option<String>,
    },
    /// An IAM user.
    User {
        /// The account of the user.
        account: String,
        /// The ARN of the user.
        arn: String,
    },
    /// The root user of an account, or a principal with full permissions there.
    Account(String),
    /// An AWS service, such as `logs.amazonaws.com`.
    Service(String),
    /// A client with a token of an identity provider, by the provider's ARN or name.
    Federated(String),
    /// A client without a login.
    Anonymous,
}

impl Principal {
    /// Returns the account, if the principal belongs to one.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Role { account, .. } | Self::User { account, .. } | Self::Account(account) => Some(account),
            Self::Service(_) | Self::Federated(_) | Self::Anonymous => None,
        }
    }

    /// Returns the ARN or the name.
    pub fn name(&self) -> &str {
        match self {
            Self::Role { arn, .. } | Self::User { arn, .. } => arn,
            Self::Account(name) | Self::Service(name) | Self::Federated(name) => name,
            Self::Anonymous => "anonymous",
        }
    }

    /// Creates a role session from the ARN of the role.
    pub fn role(arn: &str) -> Self {
        Self::Role { account: account_of(arn).to_owned(), arn: arn.to_owned(), session: None }
    }
}

/// Returns the account in an ARN; empty if there is none.
pub fn account_of(arn: &str) -> &str {
    // `${AWS::AccountId}` also contains colons.
    let mut rest = arn;
    for _ in 0..4 {
        rest = part(rest).1;
    }
    part(rest).0
}

/// Returns the text before the next colon outside of `${}`, and the text after it.
fn part(text: &str) -> (&str, &str) {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

/// The form in which a statement names a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum As {
    /// `*`
    Everybody,
    /// By the account, whose own policies then decide.
    Account,
    /// By the ARN of the role or user, or by the name of the service or provider.
    Itself,
    /// By the ARN of the session.
    Session,
}

/// The principals of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The element is missing: the policy belongs to an identity.
    Owner,
    /// `Principal`
    In(Vec<Name>),
    /// `NotPrincipal`
    NotIn(Vec<Name>),
}

/// A name in `Principal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    kind: Kind,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Everybody,
    Account,
    Aws,
    Service,
    Federated,
    Canonical,
}

impl Who {
    /// Parses the elements of a statement.
    pub fn parse(statement: &Value) -> Self {
        match (&statement["Principal"], &statement["NotPrincipal"]) {
            (Value::Null, Value::Null) => Self::Owner,
            (Value::Null, names) => Self::NotIn(names_of(names)),
            (names, _) => Self::In(names_of(names)),
        }
    }

    /// Whether all principals or an identity are named, and not only an account or a service.
    pub fn is_somebody(&self) -> bool {
        match self {
            Self::Owner => false,
            Self::In(names) => names.iter().any(|it| matches!(it.kind, Kind::Everybody | Kind::Aws)),
            Self::NotIn(_) => true,
        }
    }

    /// Returns the forms in which the statement names a principal, each with its certainty. In a `Deny` with
    /// `NotPrincipal`, a principal with a permissions boundary is never excluded.
    pub fn fits(&self, principal: &Principal, has_boundary: bool) -> Vec<(As, Truth)> {
        match self {
            Self::Owner => vec![(As::Itself, Truth::Yes)],
            Self::In(names) => {
                let mut found: Vec<(As, Truth)> = names.iter().filter_map(|it| it.fits(principal)).collect();
                found.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
                found.dedup_by_key(|it| it.0);
                found
            }
            Self::NotIn(_) if has_boundary => vec![(As::Everybody, Truth::Yes)],
            Self::NotIn(names) => {
                let named = |wanted: As| {
                    let fits = names.iter().filter_map(|it| it.fits(principal));
                    Truth::any(fits.filter(|it| it.0 == wanted || it.0 == As::Everybody).map(|it| it.1))
                };
                // To exclude a role, `NotPrincipal` must name the account, the role and the session.
                let left_out = match principal {
                    Principal::Role { .. } => [As::Account, As::Itself, As::Session].map(named).to_vec(),
                    Principal::User { .. } => vec![named(As::Account), named(As::Itself)],
                    Principal::Account(_) => vec![named(As::Account)],
                    _ => vec![named(As::Itself)],
                };
                let fits = match (left_out.iter().min(), left_out.iter().max()) {
                    (_, Some(Truth::No)) => Truth::Yes,
                    (Some(Truth::Yes), _) => Truth::No,
                    _ => Truth::Unknown,
                };
                vec![(As::Everybody, fits)]
            }
        }
    }
}

impl Name {
    fn new(kind: &str, text: &str) -> Self {
        let kind = match kind {
            _ if text == "*" && (kind.is_empty() || kind == "AWS") => Kind::Everybody,
            "Service" => Kind::Service,
            "Federated" => Kind::Federated,
            "CanonicalUser" => Kind::Canonical,
            _ if is_account(text) => Kind::Account,
            _ => Kind::Aws,
        };
        Self { kind, text: text.to_owned() }
    }

    /// Returns the form in which it names a principal, or `None` if it does not.
    fn fits(&self, principal: &Principal) -> Option<(As, Truth)> {
        let (kind, truth) = match (self.kind, principal) {
            // A principal with the token of an identity provider is not authenticated by AWS.
            (Kind::Everybody, Principal::Federated(_)) => (As::Everybody, Truth::Unknown),
            (Kind::Everybody, _) => (As::Everybody, Truth::Yes),
            (Kind::Service, Principal::Service(name)) => (As::Itself, same(&self.text, name)),
            (Kind::Federated, Principal::Federated(name)) => (As::Itself, same(&self.text, name)),
            (Kind::Account, it) => {
                let own = if self.text.starts_with("arn:") { account_of(&self.text) } else { &self.text };
                (As::Account, it.account().map_or(Truth::No, |account| same(own, account)))
            }
            (Kind::Aws, Principal::Role { arn, session, .. }) => {
                if self.text.contains(":assumed-role/") {
                    let of = session.as_ref().map_or_else(|| of_role(&self.text, arn), |it| same(&self.text, it));
                    (As::Session, of)
                } else {
                    (As::Itself, same(&self.text, arn))
                }
            }
            (Kind::Aws, Principal::User { arn, .. }) => (As::Itself, same(&self.text, arn)),
            (Kind::Canonical, Principal::User { .. } | Principal::Role { .. } | Principal::Account(_)) => {
                (As::Account, Truth::Unknown)
            }
            _ => (As::Itself, Truth::No),
        };
        (truth != Truth::No).then_some((kind, truth))
    }
}

/// Returns whether a session with an unknown name may belong to a role.
fn of_role(session: &str, role: &str) -> Truth {
    let name = session.split_once(":assumed-role/").and_then(|(_, rest)| rest.split_once('/')).map(|it| it.0);
    let own = role.rsplit('/').next();
    match (name, own) {
        (Some(name), Some(own)) => same(name, own) & same(account_of(session), account_of(role)) & Truth::Unknown,
        _ => Truth::No,
    }
}

fn names_of(value: &Value) -> Vec<Name> {
    match value {
        Value::Object(map) => {
            let of = |(kind, names): (&String, &Value)| {
                texts(names).into_iter().map(|name| Name::new(kind, &name)).collect::<Vec<_>>()
            };
            map.iter().flat_map(of).collect()
        }
        other => texts(other).iter().map(|name| Name::new("", name)).collect(),
    }
}

/// Whether a text is an account id, or the ARN of an account root.
fn is_account(text: &str) -> bool {
    let is_id = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_id || text == "${AWS::AccountId}" || (text.starts_with("arn:") && text.ends_with(":root"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{As, Principal, Who, account_of};
    use crate::identity::truth::Truth;

    const ROLE: &str = "arn:aws:iam::111122223333:role/app";

    fn fits(who: serde_json::Value) -> Vec<(As, Truth)> {
        Who::parse(&who).fits(&Principal::role(ROLE), false)
    }

    #[test]
    fn recognizes_four_forms_of_a_role_in_a_principal() {
        assert_eq!(fits(json!({ "Principal": "*" })), [(As::Everybody, Truth::Yes)]);
        assert_eq!(fits(json!({ "Principal": { "AWS": "111122223333" } })), [(As::Account, Truth::Yes)]);
        assert_eq!(fits(json!({ "Principal": { "AWS": [ROLE] } })), [(As::Itself, Truth::Yes)]);
        let session = "arn:aws:sts::111122223333:assumed-role/app/pod";
        assert_eq!(fits(json!({ "Principal": { "AWS": session } })), [(As::Session, Truth::Unknown)]);
        assert_eq!(fits(json!({ "Principal": { "AWS": "arn:aws:iam::111122223333:role/other" } })), []);
    }

    #[test]
    fn not_principal_without_the_session_may_match() {
        assert_eq!(fits(json!({ "NotPrincipal": { "AWS": "444455556666" } })), [(As::Everybody, Truth::Yes)]);
        let partly = json!({ "NotPrincipal": { "AWS": [ROLE] } });
        assert_eq!(fits(partly.clone()), [(As::Everybody, Truth::Unknown)]);
        let bounded = Who::parse(&partly).fits(&Principal::role(ROLE), true);
        assert_eq!(bounded, [(As::Everybody, Truth::Yes)]);
    }

    #[test]
    fn reads_accounts_from_arns() {
        assert_eq!(account_of(ROLE), "111122223333");
        assert_eq!(account_of("arn:aws:iam::${AWS::AccountId}:role/app"), "${AWS::AccountId}");
        assert_eq!(account_of("arn:${AWS::Partition}:s3:::bucket"), "");
    }
}
