//! Roles that clients outside the platform can assume: with an account of a public identity provider, or with any
//! account of AWS.
//!
//! A provider such as GitHub issues tokens to all its users. A trust policy must therefore test the claim that
//! identifies the user or the organization.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html>.

use std::collections::BTreeSet;

use serde_json::Value;

use super::context::{Context, Known};
use super::decide::{Policies, decide};
use super::document::Request;
use super::estate::Estate;
use super::principal::Principal;
use super::say::{Ends, links};
use super::truth::Truth;
use super::written::Written;
use super::{items, texts};
use crate::link::{Layer, Link, Verdict};
use crate::world::{ResourceId, World};

/// An identity provider that issues tokens to every user.
struct Provider {
    host: &'static str,
    /// The subject of a token of an unrelated user; empty if any subject is possible.
    subject: &'static str,
    /// The audience of such a token; empty if the user selects it.
    audience: &'static str,
}

const fn by_subject(host: &'static str, subject: &'static str) -> Provider {
    Provider { host, subject, audience: "" }
}

const fn by_audience(host: &'static str) -> Provider {
    Provider { host, subject: "", audience: "${=another audience}" }
}

/// Source: the table of shared providers on the page above.
const PUBLIC: [Provider; 10] = [
    by_subject("token.actions.githubusercontent.com", "repo:${=another owner}/${?repository}:${?context}"),
    by_subject("gitlab.com", "project_path:${=another group}/${?project}:${?ref}"),
    by_subject("agent.buildkite.com", "organization:${=another organization}:${?pipeline}"),
    by_subject("app.terraform.io", "organization:${=another organization}:${?workspace}"),
    by_subject("oidc.codefresh.io", "account:${=another account}:${?pipeline}"),
    by_subject("proidc.upbound.io", "mcp:${=another account}/${?name}"),
    by_audience("api.pulumi.com/oidc"),
    by_audience("cognito-identity.amazonaws.com"),
    by_audience("oidc.vercel.com"),
    by_audience("studio.datachain.ai/api"),
];

/// The audience that most clients request for AWS.
const AUDIENCE: &str = "sts.amazonaws.com";

/// Returns the roles that a token from outside the platform may assume, with the links of each.
pub(super) fn roles(world: &World, estate: &Estate) -> Vec<(ResourceId, Vec<Link>)> {
    let mut found = Vec::new();
    for (id, identity) in estate.identities.iter().filter(|it| it.1.trust_text.contains("Federated")) {
        let Ok(trust) = serde_json::from_str::<Value>(&identity.trust_text) else { continue };
        for name in providers(&trust) {
            let host = host(&name);
            let provider = PUBLIC.iter().find(|it| host == it.host || host.starts_with(&format!("{}/", it.host)));
            // The tokens of a cluster are for its pods, and a SAML provider belongs to one organization.
            if is_of_cluster(host) || name.contains(":saml-provider/") {
                continue;
            }
            found.extend(assumed(world, estate, *id, &name, provider, &trust).map(|links| (*id, links)));
        }
    }
    found
}

/// Returns the links through which a client assumes a role with a token, or `None` if the role does not accept it.
fn assumed(
    world: &World,
    estate: &Estate,
    role: ResourceId,
    name: &str,
    provider: Option<&Provider>,
    trust: &Value,
) -> Option<Vec<Link>> {
    let identity = estate.identities.get(&role)?;
    let host = host(name);
    let subject = provider.map_or("${=another subject}", |it| it.subject);
    let audiences = match provider {
        Some(it) if !it.audience.is_empty() => BTreeSet::from([it.audience.to_owned()]),
        _ => audiences(trust, host),
    };
    let policies = Policies { resource: identity.trust.iter().collect(), needs_resource: true, ..Policies::default() };
    let request = |audience: &String| {
        let mut context = Context::default()
            .with(&format!("{host}:aud"), audience)
            .with("aws:FederatedProvider", name)
            .with("aws:SecureTransport", "true");
        if !subject.is_empty() {
            context = context.with(&format!("{host}:sub"), subject);
        }
        if host == "cognito-identity.amazonaws.com" {
            context = context.knowing(&format!("{host}:amr"), Known::Values(vec!["unauthenticated".to_owned()]));
        }
        Request {
            principal: Principal::Federated(name.to_owned()),
            action: "sts:AssumeRoleWithWebIdentity".to_owned(),
            resource: identity.arn.clone(),
            account: identity.account.clone(),
            context,
        }
    };
    let requests: Vec<Request> = audiences.iter().map(request).collect();
    let decisions = requests.iter().map(|it| (it, decide(it, &policies)));
    let (request, decision) = decisions.max_by_key(|it| it.1.truth).filter(|it| it.1.truth != Truth::No)?;
    let written = Written::of(world, role, "AssumeRolePolicyDocument");
    let (verdict, why) = match provider {
        Some(it) => (Verdict::Allowed, format!("every user of `{}` can get a token", it.host)),
        None => (
            Verdict::Unknown,
            format!("the files do not specify the clients that get tokens of `{}`", super::shown(host)),
        ),
    };
    let token = Link::new(Layer::Trust, verdict, why).by(&written.what, &written.field, &written.at);
    let ends = Ends { who: None, on: &written };
    Some([token].into_iter().chain(links(Layer::Trust, request, &decision, &ends)).collect())
}

/// Returns the names of the providers in statements with the effect `Allow`.
fn providers(trust: &Value) -> BTreeSet<String> {
    let statements = items(&trust["Statement"]).iter().filter(|it| it["Effect"] != "Deny");
    statements.flat_map(|it| texts(&it["Principal"]["Federated"])).collect()
}

/// Returns the audiences that a trust policy names, and the usual one. The client selects the audience of its token.
fn audiences(trust: &Value, host: &str) -> BTreeSet<String> {
    let key = format!("{host}:aud");
    let statements = items(&trust["Statement"]).iter();
    let conditions = statements.flat_map(|it| it["Condition"].as_object().into_iter().flatten());
    let keys = conditions.flat_map(|(_, keys)| keys.as_object().into_iter().flatten());
    let named = keys.filter(|(it, _)| it.eq_ignore_ascii_case(&key)).flat_map(|(_, values)| texts(values));
    named.filter(|it| !it.contains(['*', '?'])).chain([AUDIENCE.to_owned()]).collect()
}

/// Returns the host and path of a provider's URL.
fn host(name: &str) -> &str {
    name.split_once(":oidc-provider/").map_or(name, |(_, host)| host).trim_start_matches("https://")
}

fn is_of_cluster(host: &str) -> bool {
    host.starts_with("oidc.eks.") || (host.starts_with("${=") && host.ends_with(".Issuer}"))
}
