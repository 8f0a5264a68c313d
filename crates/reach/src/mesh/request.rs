//! Requests as authorization policies see them, and their match with rules.

use meshsynth_access::sets::Glob;
use serde_json::Value;

use crate::network::{INTERNET_V4, say_spans};

/// Whether a rule matches a class of requests: none, some or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// The rule matches no request of the class.
    None,
    /// The rule matches some requests: those with a certain path, method, header, token or address.
    Some,
    /// The rule matches all requests of the class.
    All,
}

impl Fit {
    fn of(holds: bool) -> Self {
        if holds { Self::All } else { Self::None }
    }

    fn not(self) -> Self {
        match self {
            Self::None => Self::All,
            Self::Some => Self::Some,
            Self::All => Self::None,
        }
    }
}

/// The known facts about a request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The caller's principal from its certificate, such as `cluster.local/ns/shop/sa/orders`. `None` for a client
    /// without one.
    pub principal: Option<String>,
    /// The principals with other trust domains that policies treat like the caller's.
    pub equal_principals: Vec<String>,
    /// The caller's namespace, if a certificate proves it.
    pub namespace: Option<String>,
    /// The caller's service account, if a certificate proves it.
    pub account: Option<String>,
    /// The possible source addresses; empty if unknown.
    pub addresses: Vec<(u128, u128)>,
    /// The port.
    pub port: u16,
    /// Whether a request authentication policy identifies callers by tokens.
    pub has_tokens: bool,
    /// The issuers of these tokens.
    pub issuers: Vec<String>,
    /// Whether the enforcing component supports HTTP.
    pub is_http: bool,
}

/// The fields that only HTTP requests have.
const OF_HTTP: [&str; 7] =
    ["hosts", "methods", "paths", "requestPrincipals", "remoteIpBlocks", "request.", "remote.ip"];

/// Returns how a rule matches a request. A `DENY` rule (`denies`) ignores fields that the component does not support.
pub fn rule(rule: &Value, request: &Request, denies: bool, own: &str) -> Fit {
    let list = |key: &str| rule[key].as_array().filter(|list| !list.is_empty());
    let any = |key: &str, inner: &str| match list(key) {
        None => Fit::All,
        Some(list) => list.iter().map(|it| fields(&it[inner], request, denies, own)).max().unwrap_or(Fit::None),
    };
    let when = list("when").into_iter().flatten().map(|it| {
        let key = it["key"].as_str().unwrap_or_default();
        let both = [("values", false), ("notValues", true)];
        let fits = both.iter().map(|(field, negates)| one(key, &it[*field], *negates, request, denies, own));
        fits.min().unwrap_or(Fit::All)
    });
    [any("from", "source"), any("to", "operation")].into_iter().chain(when).min().unwrap_or(Fit::All)
}

/// Matches all fields of a source or an operation.
fn fields(value: &Value, request: &Request, denies: bool, own: &str) -> Fit {
    let fields = value.as_object().into_iter().flatten().map(|(name, list)| {
        let positive = name.strip_prefix("not").map(|rest| {
            let mut chars = rest.chars();
            chars.next().map(|first| first.to_ascii_lowercase().to_string() + chars.as_str()).unwrap_or_default()
        });
        one(positive.as_deref().unwrap_or(name), list, positive.is_some(), request, denies, own)
    });
    fields.min().unwrap_or(Fit::All)
}

fn one(name: &str, list: &Value, negates: bool, request: &Request, denies: bool, own: &str) -> Fit {
    let texts: Vec<&str> = list.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if texts.is_empty() {
        return Fit::All;
    }
    if !request.is_http && OF_HTTP.iter().any(|it| name == *it || name.starts_with(it)) {
        // An unsupported field in an `ALLOW` rule admits no request; in a `DENY` rule it is ignored.
        return Fit::of(denies);
    }
    let any = |holds: &dyn Fn(&str) -> Fit| texts.iter().map(|it| holds(it)).max().unwrap_or(Fit::None);
    let fit = match name {
        "principals" | "source.principal" => any(&|it| {
            let equal = request.equal_principals.iter().map(|own| text(it, Some(own))).max();
            equal.unwrap_or(Fit::None).max(text(it, request.principal.as_deref()))
        }),
        "namespaces" | "source.namespace" => any(&|it| text(it, request.namespace.as_deref())),
        "serviceAccounts" | "source.serviceAccount" => any(&|it| {
            let (namespace, name) = it.split_once('/').unwrap_or((own, it));
            text(namespace, request.namespace.as_deref()).min(text(name, request.account.as_deref()))
        }),
        "trustDomains" => any(&|it| {
            let principals = request.principal.iter().chain(&request.equal_principals);
            let domains = principals.filter_map(|own| own.split_once('/')).map(|(domain, _)| text(it, Some(domain)));
            domains.max().unwrap_or(Fit::None)
        }),
        "ports" | "destination.port" => any(&|it| Fit::of(it.parse() == Ok(request.port))),
        "ipBlocks" | "source.ip" => any(&|it| addresses(it, &request.addresses)),
        "requestPrincipals" if !request.has_tokens => Fit::None,
        _ if name.starts_with("request.auth.") && !request.has_tokens => Fit::None,
        "requestPrincipals" | "request.auth.principal" => any(&|it| token(it, &request.issuers)),
        "request.auth.claims[iss]" => any(&|it| {
            let issued = request.issuers.iter().map(|own| text(it, Some(own))).max();
            if request.issuers.is_empty() { Fit::Some } else { issued.unwrap_or(Fit::None).min(Fit::Some) }
        }),
        "remoteIpBlocks" | "remote.ip" => any(&|it| addresses(it, &[]).max(Fit::Some)),
        // The caller controls these fields.
        _ => any(&|it| if is_every(name, it) { Fit::All } else { Fit::Some }),
    };
    if negates { fit.not() } else { fit }
}

fn text(pattern: &str, value: Option<&str>) -> Fit {
    let Some(value) = value else { return Fit::None };
    let is_pattern = pattern.starts_with('*') || pattern.ends_with('*');
    Fit::of(if is_pattern { Glob::star(pattern).matches(value) } else { pattern == value })
}

/// Whether a pattern of a field matches every HTTP request.
fn is_every(name: &str, pattern: &str) -> bool {
    match name {
        "methods" | "hosts" => pattern == "*",
        "paths" => ["*", "/*", "/{**}"].contains(&pattern),
        _ => false,
    }
}

/// Matches a pattern such as `https://issuer/subject` with tokens of some issuers.
fn token(pattern: &str, issuers: &[String]) -> Fit {
    let begin = pattern.strip_suffix('*').unwrap_or(pattern);
    let is_of = |issuer: &String| {
        let start = format!("{issuer}/");
        begin.starts_with(&start) || (pattern.ends_with('*') && start.starts_with(begin))
    };
    let may = issuers.is_empty() || pattern.starts_with('*') || issuers.iter().any(is_of);
    if may { Fit::Some } else { Fit::None }
}

fn addresses(block: &str, from: &[(u128, u128)]) -> Fit {
    let Ok(block) = block.parse::<meshsynth_access::sets::Cidr>() else { return Fit::None };
    let spans = block.spans();
    let holds = |it: &(u128, u128)| spans.iter().any(|span| span.0 <= it.0 && it.1 <= span.1);
    let meets = |it: &(u128, u128)| spans.iter().any(|span| span.0 <= it.1 && it.0 <= span.1);
    match (from.is_empty(), from.iter().all(holds), from.iter().any(meets)) {
        (true, ..) if spans.contains(&INTERNET_V4) => Fit::All,
        (true, ..) => Fit::Some,
        (_, true, _) => Fit::All,
        (.., true) => Fit::Some,
        _ => Fit::None,
    }
}

/// Describes the caller.
pub fn say(request: &Request) -> String {
    match (&request.principal, request.addresses.is_empty()) {
        (Some(principal), _) => principal.clone(),
        (None, true) => "a client without a certificate".to_owned(),
        (None, false) => format!("a client without a certificate from {}", say_spans(&request.addresses)),
    }
}
