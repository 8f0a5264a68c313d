//! Credentials that a source can obtain: with the service account of pods, with the role of an instance or a function,
//! and with role chaining.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html#iam-term-role-chaining>.

use std::collections::BTreeSet;

use super::arn;
use super::context::{Context, Known};
use super::decide::{Policies, decide};
use super::document::Request;
use super::estate::{Association, Estate};
use super::federated;
use super::guests::guests;
use super::pattern::same;
use super::policy::{Body, Policy};
use super::principal::{Principal, account_of};
use super::runs_with;
use super::say::{Ends, links};
use super::truth::Truth;
use super::written::Written;
use crate::eks;
use crate::ends::Source;
use crate::link::{Layer, Link, Verdict};
use crate::world::{Cluster, Object, ResourceId, World};

/// Credentials that a source can obtain, and the path to them.
#[derive(Clone, Debug)]
pub struct Session {
    /// The principal.
    pub principal: Principal,
    /// The role or the user, if it is part of the platform.
    pub identity: Option<ResourceId>,
    /// The policies of a role or a user outside the platform.
    pub foreign: Option<Policy<Written>>,
    /// The links through which the source obtains them.
    pub links: Vec<Link>,
    /// Whether they are only used to read secrets for the source.
    pub is_for_secrets: bool,
    /// The context of requests with these credentials.
    pub context: Context,
}

/// Returns the policy of an identity outside the platform.
fn elsewhere(arn: &str) -> Policy<Written> {
    let what = format!("role `{}`", super::shown(arn));
    Policy { body: Body::Unread, at: Written { what, field: String::new(), at: crate::world::At::default() } }
}

/// Returns every session that a source can obtain, nearest first.
pub fn sessions(world: &World, estate: &Estate, source: &Source) -> Vec<Session> {
    let mut found = match source {
        Source::Internet | Source::Addresses(_) => {
            let guests = guests(world).into_iter().map(|(arn, links)| of_arn(estate, &arn, links));
            let mut found: Vec<Session> = [anonymous()].into_iter().chain(guests).collect();
            for (role, links) in federated::roles(world, estate) {
                let arn = estate.identities.get(&role).map_or_else(String::new, |it| it.arn.clone());
                found.push(of_role(estate, role, &arn, links));
            }
            found.extend(of_strangers(world, estate));
            found
        }
        Source::Workload(id) => {
            let workload = world.workload(*id);
            of_pods(world, estate, workload.cluster, &workload.namespace, &workload.account)
        }
        Source::Pods { cluster, namespace, account, .. } => {
            let cluster = world.clusters.iter().position(|it| it.id == *cluster);
            cluster.map_or_else(Vec::new, |it| of_pods(world, estate, it, namespace, account))
        }
        Source::Resource(id) => of_resource(world, estate, *id),
        Source::Role(id) => arn::of(world, *id).map(|arn| of_role(estate, *id, &arn, Vec::new())).into_iter().collect(),
        Source::Principal(arn) => vec![of_arn(estate, &arn::text(world, arn), Vec::new())],
        Source::Account(account) => vec![Session {
            principal: Principal::Account(account.clone()),
            identity: None,
            foreign: None,
            links: Vec::new(),
            is_for_secrets: false,
            context: base(&Principal::Account(account.clone())),
        }],
    };
    chained(world, estate, &mut found);
    found
}

/// Returns the sessions of the roles that principals of any AWS account can assume.
fn of_strangers(world: &World, estate: &Estate) -> Vec<Session> {
    let account = "${=another account}";
    let principal = Principal::role(&format!("arn:aws:iam::{account}:role/${{=another role}}"));
    let why = "any client can have an AWS account";
    let context = base(&principal)
        .with("aws:PrincipalOrgID", "${=another organization}")
        .with("aws:PrincipalOrgPaths", "${=another organization}/");
    let body = Body::Named("arn:aws:iam::aws:policy/AdministratorAccess".to_owned());
    let at = Written { what: "another account".to_owned(), field: String::new(), at: crate::world::At::default() };
    let mut found = vec![Session {
        principal,
        identity: None,
        foreign: Some(Policy { body, at }),
        links: vec![Link::new(Layer::Trust, Verdict::Allowed, why)],
        is_for_secrets: false,
        context,
    }];
    chained(world, estate, &mut found);
    found.split_off(1)
}

/// Returns the session of a client without a login.
pub fn anonymous() -> Session {
    let context = base(&Principal::Anonymous).knowing("aws:SourceIp", Known::Values(vec!["0.0.0.0/0".to_owned()]));
    let context =
        ["aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp"].iter().fold(context, |it, key| it.without(key));
    Session {
        principal: Principal::Anonymous,
        identity: None,
        foreign: None,
        links: Vec::new(),
        is_for_secrets: false,
        context,
    }
}

/// Returns the context that all requests of a principal have.
pub(super) fn base(principal: &Principal) -> Context {
    let mut context = Context::default()
        .with("aws:SecureTransport", "true")
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:ViaAWSService", "false");
    for key in [
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
        "aws:CalledVia",
        "aws:SourceArn",
        "aws:SourceAccount",
    ] {
        context = context.without(key);
    }
    match principal {
        Principal::Role { account, arn, .. } => context
            .with("aws:PrincipalArn", arn)
            .with("aws:PrincipalAccount", account)
            .with("kms:CallerAccount", account)
            .with("aws:PrincipalType", "AssumedRole")
            .without("aws:username"),
        Principal::User { account, arn } => context
            .with("aws:PrincipalArn", arn)
            .with("aws:PrincipalAccount", account)
            .with("kms:CallerAccount", account)
            .with("aws:PrincipalType", "User")
            .with("aws:username", arn.rsplit('/').next().unwrap_or_default()),
        Principal::Account(account) => context.with("aws:PrincipalAccount", account).with("kms:CallerAccount", account),
        Principal::Anonymous => ["aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:username"]
            .iter()
            .fold(context, |it, key| it.without(key))
            .without_others("aws:PrincipalTag/"),
        Principal::Service(_) | Principal::Federated(_) => context,
    }
}

fn of_arn(estate: &Estate, arn: &str, links: Vec<Link>) -> Session {
    of_identity(estate, estate.by_arn(arn), arn, links)
}

/// Returns the session of a role or user of the platform.
fn of_role(estate: &Estate, id: ResourceId, arn: &str, links: Vec<Link>) -> Session {
    of_identity(estate, Some(id), arn, links)
}

fn of_identity(estate: &Estate, id: Option<ResourceId>, arn: &str, links: Vec<Link>) -> Session {
    let identity = id.filter(|id| estate.identities.contains_key(id));
    let principal = match identity.and_then(|id| estate.identities.get(&id)) {
        Some(identity) => identity.principal(),
        None if arn.contains(":user/") => Principal::User { account: account_of(arn).to_owned(), arn: arn.to_owned() },
        None if arn.ends_with(":root") => Principal::Account(account_of(arn).to_owned()),
        None => Principal::role(arn),
    };
    let mut context = base(&principal);
    if let Some(identity) = identity.and_then(|id| estate.identities.get(&id)) {
        for (key, value) in &identity.tags {
            context = context.with(&format!("aws:PrincipalTag/{key}"), value);
        }
    }
    let is_foreign = identity.is_none() && matches!(principal, Principal::Role { .. } | Principal::User { .. });
    let foreign = is_foreign.then(|| elsewhere(arn));
    Session { principal, identity, foreign, links, is_for_secrets: false, context }
}

/// Returns the sessions of an instance, a function or a node group.
fn of_resource(world: &World, estate: &Estate, id: ResourceId) -> Vec<Session> {
    if estate.identities.contains_key(&id) {
        return arn::of(world, id).map(|arn| of_role(estate, id, &arn, Vec::new())).into_iter().collect();
    }
    let session = |role: runs_with::Role| {
        let why = match role.is_for_secrets {
            true => format!("AWS reads its secrets with the role `{}` when it starts", super::shown(&role.arn)),
            false => format!("it runs with the role `{}`", super::shown(&role.arn)),
        };
        let holder = world.resource(role.by);
        let link = Link::new(Layer::Trust, Verdict::Allowed, why).by(holder.title(), role.field, &holder.at);
        let id = estate.referred(world, &role.value, role.by);
        Session { is_for_secrets: role.is_for_secrets, ..of_identity(estate, id, &role.arn, vec![link]) }
    };
    runs_with::roles(world, id).into_iter().map(session).collect()
}

/// Returns the name of a cluster in AWS, and its issuer URL without the scheme.
fn issuer(world: &World, cluster: &Cluster, own: Option<ResourceId>) -> (String, String) {
    let name = arn::text(world, &cluster.name);
    match own {
        Some(id) => {
            let name = arn::name(world, id).unwrap_or(name);
            (name, format!("${{={}.Issuer}}", world.resource(id).name()))
        }
        None => (name, format!("${{?issuer of {}}}", cluster.id)),
    }
}

/// Whether an association may belong to a cluster. Clusters of different accounts and regions can have the same name.
fn is_associated(association: &Association, cluster: &Cluster, own: Option<ResourceId>, name: &str) -> bool {
    if let (Some(a), Some(b)) = (association.cluster_id, own) {
        return a == b;
    }
    let (account, region) = &association.environment;
    let is_near = eks::agree(region, &cluster.region) && eks::agree(account, &cluster.account);
    is_near && same(&association.cluster, name) != Truth::No
}

/// Returns the sessions of pods with a service account.
fn of_pods(world: &World, estate: &Estate, cluster: usize, namespace: &str, account: &str) -> Vec<Session> {
    let object = world.object(cluster, "ServiceAccount", namespace, account);
    let cluster = &world.clusters[cluster];
    let own = eks::resource_of(world, cluster);
    let (name, issuer) = issuer(world, cluster, own);
    let mut found = Vec::new();
    for association in estate.associations_of(namespace, account) {
        if is_associated(association, cluster, own, &name) {
            found.extend(by_association(world, estate, association));
        }
    }
    let note = |key: &str| object.and_then(|it| it.document["metadata"]["annotations"][key].as_str());
    let wanted = note("eks.amazonaws.com/role-arn").map(|it| arn::text(world, it));
    let audience = note("eks.amazonaws.com/audience").unwrap_or("sts.amazonaws.com");
    let subject = format!("system:serviceaccount:{namespace}:{account}");
    let token = Token { issuer: &issuer, audience, subject: &subject };
    let annotated = wanted.as_ref().and_then(|arn| estate.by_arn(arn));
    let others = estate.trusting(namespace, account).filter(|id| Some(*id) != annotated);
    for role in annotated.into_iter().chain(others) {
        found.extend(by_token(world, estate, &token, role, object.filter(|_| Some(role) == annotated)));
    }
    if let (Some(arn), None) = (&wanted, annotated) {
        let why = format!("the trust policy of `{}` is not in the files", super::shown(arn));
        let link = Link::new(Layer::Trust, Verdict::Unknown, why);
        found.push(of_arn(estate, arn, vec![by_object(link, object)]));
    }
    found
}

fn by_object(link: Link, object: Option<&Object>) -> Link {
    match object {
        Some(it) => link.by(it.title(), "metadata.annotations", &it.at),
        None => link,
    }
}

struct Token<'a> {
    issuer: &'a str,
    audience: &'a str,
    subject: &'a str,
}

/// Returns the session of a role with a cluster token, or `None` if the role does not trust it.
fn by_token(
    world: &World,
    estate: &Estate,
    token: &Token<'_>,
    role: ResourceId,
    object: Option<&Object>,
) -> Option<Session> {
    let identity = estate.identities.get(&role)?;
    let provider = format!("arn:aws:iam::{}:oidc-provider/{}", identity.account, token.issuer);
    let context = Context::default()
        .with(&format!("{}:sub", token.issuer), token.subject)
        .with(&format!("{}:aud", token.issuer), token.audience)
        .with("aws:FederatedProvider", &provider)
        .with("aws:SecureTransport", "true");
    let request = Request {
        principal: Principal::Federated(provider.clone()),
        action: "sts:AssumeRoleWithWebIdentity".to_owned(),
        resource: identity.arn.clone(),
        account: identity.account.clone(),
        context,
    };
    let mut links = Vec::new();
    if let Some(object) = object {
        let why = format!("pods of the service account get a token for `{}`", super::shown(&identity.arn));
        links.push(by_object(Link::new(Layer::Trust, Verdict::Allowed, why), Some(object)));
    }
    links.extend(trusted(world, role, identity, &request)?);
    let mut session = of_role(estate, role, &identity.arn, links);
    session.context = session.context.with("aws:FederatedProvider", &provider).without_others("aws:PrincipalTag/");
    Some(session)
}

/// Returns the sessions of a role with a Pod Identity association. The agent of the node requests the credentials.
fn by_association(world: &World, estate: &Estate, association: &Association) -> Vec<Session> {
    let linked = || {
        let why = format!(
            "an association gives the pods of the service account the role `{}`",
            super::shown(&association.role)
        );
        Link::new(Layer::Trust, Verdict::Allowed, why).by(&association.at.what, "RoleArn", &association.at.at)
    };
    let tags = [
        ("eks-cluster-name", association.cluster.as_str()),
        ("kubernetes-namespace", association.namespace.as_str()),
        ("kubernetes-service-account", association.account.as_str()),
    ];
    let tagged = |context: Context, start: &str| {
        let context = tags.iter().fold(context, |it, (key, value)| it.with(&format!("{start}/{key}"), value));
        let open = ["eks-cluster-arn", "kubernetes-pod-name", "kubernetes-pod-uid"];
        open.iter().fold(context, |it, key| it.knowing(&format!("{start}/{key}"), Known::Unknown))
    };
    let role = association.role_id.and_then(|id| Some((id, estate.identities.get(&id)?)));
    let Some((role, identity)) = role else {
        let why = format!("the trust policy of `{}` is not in the files", super::shown(&association.role));
        let link = Link::new(Layer::Trust, Verdict::Unknown, why);
        return vec![of_arn(estate, &association.role, vec![linked(), link])];
    };
    let request = Request {
        principal: Principal::Service("pods.eks.amazonaws.com".to_owned()),
        action: "sts:AssumeRole".to_owned(),
        resource: identity.arn.clone(),
        account: identity.account.clone(),
        context: tagged(Context::default(), "aws:RequestTag")
            .with("aws:SourceArn", &association.arn)
            .with("aws:SourceAccount", &identity.account)
            .with("aws:PrincipalIsAWSService", "true"),
    };
    let Some(links) = trusted(world, role, identity, &request) else { return Vec::new() };
    let mut session = of_role(estate, role, &identity.arn, [linked()].into_iter().chain(links).collect());
    session.context = tagged(session.context, "aws:PrincipalTag").without_others("aws:PrincipalTag/");
    vec![session]
}

/// Returns the links of a role's trust policy, or `None` if it denies the request.
fn trusted(world: &World, role: ResourceId, identity: &super::Identity, request: &Request) -> Option<Vec<Link>> {
    let policies = Policies { resource: identity.trust.iter().collect(), needs_resource: true, ..Policies::default() };
    let decision = decide(request, &policies);
    let ends = Ends { who: None, on: &Written::of(world, role, "AssumeRolePolicyDocument") };
    (decision.truth != Truth::No).then(|| links(Layer::Trust, request, &decision, &ends))
}

/// Adds the roles that sessions can assume, directly or through other roles.
fn chained(world: &World, estate: &Estate, found: &mut Vec<Session>) {
    let mut seen: BTreeSet<ResourceId> = found.iter().filter_map(|it| it.identity).collect();
    let mut at = 0;
    while at < found.len() {
        let from = found[at].clone();
        at += 1;
        if from.is_for_secrets || matches!(from.principal, Principal::Anonymous | Principal::Account(_)) {
            continue;
        }
        for role in estate.trusting_roles().iter().copied().filter(|it| !seen.contains(it)).collect::<Vec<_>>() {
            let Some(identity) = estate.identities.get(&role) else { continue };
            let request = Request {
                principal: from.principal.clone(),
                action: "sts:AssumeRole".to_owned(),
                resource: identity.arn.clone(),
                account: identity.account.clone(),
                context: from.context.clone(),
            };
            let own = from.identity.and_then(|id| estate.identities.get(&id));
            let policies = Policies {
                identity: own.map_or_else(|| from.foreign.iter().collect(), |it| estate.policies_of(it)),
                boundary: own.and_then(|it| it.boundary.as_ref()),
                resource: identity.trust.iter().collect(),
                needs_resource: true,
                ..Policies::default()
            };
            let decision = decide(&request, &policies);
            if decision.truth == Truth::No {
                continue;
            }
            let who = from.identity.map(|id| Written::of(world, id, ""));
            let ends = Ends { who: who.as_ref(), on: &Written::of(world, role, "AssumeRolePolicyDocument") };
            let steps = from.links.iter().cloned().chain(links(Layer::Trust, &request, &decision, &ends)).collect();
            seen.insert(role);
            found.push(of_role(estate, role, &identity.arn, steps));
        }
    }
}
