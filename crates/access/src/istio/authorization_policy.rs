//! Authorization policies.
//!
//! Source: <https://istio.io/latest/docs/reference/config/security/authorization-policy/>.

use serde_json::Value;

use super::scope::Scope;
use crate::json::{field, items, number, texts};
use crate::network::addresses;
use crate::sets::{Cube, Dimension, Glob, Key, Region, Set, Test};

/// The action for requests that match a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// If there is any such policy, only matching requests are admitted.
    Allow,
    /// Matching requests are rejected.
    Deny,
    /// Matching requests are only logged.
    Audit,
    /// An external provider decides. Contains its name.
    Custom(String),
}

/// An authorization policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationPolicy {
    /// The workloads that it applies to.
    pub scope: Scope,
    /// The action.
    pub action: Action,
    /// The requests that match one of its rules.
    fits: Region,
}

impl AuthorizationPolicy {
    /// Parses a policy.
    pub fn parse(document: &Value) -> Self {
        let spec = &document["spec"];
        let action = match field(spec, "action") {
            "DENY" => Action::Deny,
            "AUDIT" => Action::Audit,
            "CUSTOM" => Action::Custom(field(&spec["provider"], "name").to_owned()),
            _ => Action::Allow,
        };
        let scope = Scope::parse(document);
        let fits = items(&spec["rules"]).iter().map(|it| rule(it, scope.namespace())).collect();
        Self { scope, action, fits }
    }

    /// Returns the requests that reach a workload, given the policies that apply to it.
    pub fn admits<'a>(policies: impl IntoIterator<Item = &'a Self>) -> Region {
        let (mut allowed, mut denied) = (None, Region::none());
        for policy in policies {
            let fits = policy.fits.clone();
            match &policy.action {
                Action::Allow => allowed = Some(allowed.unwrap_or_else(Region::none).or(fits)),
                Action::Deny => denied = denied.or(fits),
                Action::Custom(provider) => {
                    let admitted = Cube::new().with(Dimension::Opaque(provider.clone()), Set::literal("yes"));
                    denied = denied.or(fits.without(admitted.into()));
                }
                Action::Audit => {}
            }
        }
        allowed.unwrap_or_else(Region::all).without(denied)
    }
}

/// Returns the requests that match a rule: any source, any operation, and every condition.
fn rule(rule: &Value, namespace: &str) -> Region {
    let any = |cubes: Vec<Cube>| if cubes.is_empty() { Region::all() } else { cubes.into_iter().collect() };
    let from = items(&rule["from"]).iter().map(|it| source(&it["source"], namespace)).collect();
    let to = items(&rule["to"]).iter().map(|it| operation(&it["operation"])).collect();
    let when = items(&rule["when"]).iter().fold(Cube::new(), |cube, it| condition(cube, it, namespace));
    any(from).and(any(to)).and(when.into())
}

fn key(name: &str) -> Dimension {
    Dimension::Key(Key::new(name))
}

/// Converts a list of values to a set.
type Sets<'a> = &'a dyn Fn(&[String]) -> Set;

/// Adds the requirements of a field and of its `not` counterpart.
fn both(cube: Cube, value: &Value, name: &str, dimension: &Dimension, set: Sets) -> Cube {
    let (first, rest) = name.split_at(1);
    let not = format!("not{}{rest}", first.to_uppercase());
    let lists = [(texts(&value[name]), false), (texts(&value[&not]), true)];
    lists.iter().filter(|(list, _)| !list.is_empty()).fold(cube, |cube, (list, negates)| {
        let set = set(list);
        cube.with(dimension.clone(), if *negates { set.complement() } else { set })
    })
}

fn source(value: &Value, namespace: &str) -> Cube {
    let principal = key("source.principal");
    let of_account = |list: &[String]| accounts(list, namespace);
    let mut cube = both(Cube::new(), value, "principals", &principal, &strings);
    cube = both(cube, value, "namespaces", &principal, &namespaces);
    cube = both(cube, value, "serviceAccounts", &principal, &of_account);
    cube = both(cube, value, "requestPrincipals", &key("request.auth.principal"), &strings);
    cube = both(cube, value, "ipBlocks", &key("source.ip"), &addresses);
    both(cube, value, "remoteIpBlocks", &key("remote.ip"), &addresses)
}

fn operation(value: &Value) -> Cube {
    let mut cube = both(Cube::new(), value, "hosts", &Dimension::Host, &hosts);
    cube = both(cube, value, "ports", &Dimension::Port, &ports);
    cube = both(cube, value, "methods", &Dimension::Method, &strings);
    both(cube, value, "paths", &Dimension::Path, &paths)
}

/// Source: <https://istio.io/latest/docs/reference/config/security/conditions/>.
fn condition(cube: Cube, value: &Value, namespace: &str) -> Cube {
    let name = field(value, "key");
    let of_account = |list: &[String]| accounts(list, namespace);
    let (dimension, set): (Dimension, Sets) = match name {
        "source.namespace" => (key("source.principal"), &namespaces),
        "source.serviceAccount" => (key("source.principal"), &of_account),
        "source.ip" | "remote.ip" | "destination.ip" => (key(name), &addresses),
        "destination.port" => (Dimension::Port, &ports),
        _ => (key(name), &strings),
    };
    both(cube, value, "values", &dimension, set)
}

/// Parses an exact value, a prefix or a suffix; `*` matches any value.
fn string(text: &str) -> Glob {
    match text {
        _ if text.starts_with('*') || text.ends_with('*') => Glob::star(text),
        _ => Glob::literal(text),
    }
}

fn strings(list: &[String]) -> Set {
    Set::of(list.iter().map(|it| Test::Text(string(it))))
}

fn hosts(list: &[String]) -> Set {
    Set::of(list.iter().map(|it| Test::Text(string(it).ignoring_case())))
}

fn paths(list: &[String]) -> Set {
    let path = |it: &String| if it.contains('{') { Glob::path_template(it) } else { string(it) };
    Set::of(list.iter().map(|it| Test::Text(path(it))))
}

/// Returns the principals of the listed namespaces. A principal has the form `<trust
/// domain>/ns/<namespace>/sa/<name>`.
fn namespaces(list: &[String]) -> Set {
    Set::of(list.iter().map(|it| Test::Text(identity(it, "{**}", "*"))))
}

/// Returns the principals of the listed service accounts. An account without a namespace is in the
/// namespace of the policy.
fn accounts(list: &[String], namespace: &str) -> Set {
    let account = |it: &String| {
        let (namespace, name) = it.split_once('/').unwrap_or((namespace, it));
        identity(namespace, &format!("sa/{name}"), &format!("sa/{name}"))
    };
    Set::of(list.iter().map(|it| Test::Text(account(it))))
}

fn identity(namespace: &str, rest: &str, shown: &str) -> Glob {
    let pattern = namespace.replace('*', "{*}");
    Glob::path_template(&format!("{{*}}/ns/{pattern}/{rest}")).shown_as(&format!("*/ns/{namespace}/{shown}"))
}

fn ports(list: &[String]) -> Set {
    let port = |it: &String| match number(&Value::String(it.clone())).and_then(|it| u128::try_from(it).ok()) {
        Some(port) => Test::Number(port, port),
        None => Test::Text(Glob::literal(it)),
    };
    Set::of(list.iter().map(port))
}
