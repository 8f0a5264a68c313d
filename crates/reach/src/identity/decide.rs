//! Decides whether a request is allowed, and which policies decide it.
//!
//! - An explicit deny overrides all allows.
//! - Within one account, an identity policy or a resource policy is sufficient. Across accounts, both are required.
//! - A permissions boundary and session policies limit identity policies. They also limit a resource policy that allows
//!   the role by its ARN.
//! - For roles and keys, the resource policy must always allow the request.
//!
//! Policies of an organization (SCPs, RCPs) are not part of a platform. They can restrict a decision further.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>.

use super::document::{Element, Request};
use super::pattern::same;
use super::policy::{Grant, Policy};
use super::principal::{As, Principal};
use super::truth::Truth;

/// All policies that apply to a request.
#[derive(Clone, Debug)]
pub struct Policies<'a, W> {
    /// The policies of the identity: inline, attached, and those of its groups.
    pub identity: Vec<&'a Policy<W>>,
    /// The permissions boundary of the identity.
    pub boundary: Option<&'a Policy<W>>,
    /// The session policies that the caller passes when it assumes the role.
    pub session: Vec<&'a Policy<W>>,
    /// The resource policies.
    pub resource: Vec<&'a Policy<W>>,
    /// Whether identity policies apply only if the resource policy allows it, as for roles and keys.
    pub needs_resource: bool,
    /// The grants of the key.
    pub grants: Vec<&'a Grant<W>>,
    /// The policies of the VPC endpoints on the path.
    pub endpoint: Vec<&'a Policy<W>>,
}

impl<W> Default for Policies<'_, W> {
    fn default() -> Self {
        Self {
            identity: Vec::new(),
            boundary: None,
            session: Vec::new(),
            resource: Vec::new(),
            needs_resource: false,
            grants: Vec::new(),
            endpoint: Vec::new(),
        }
    }
}

/// The part of the evaluation that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A statement with the effect `Deny`.
    Deny,
    /// Identity policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// Session policies.
    Session,
    /// The resource policy.
    Resource,
    /// Whether both ends are in the same account.
    Accounts,
    /// A key grant.
    Grant,
    /// The VPC endpoint policy.
    Endpoint,
}

/// One step of a decision.
#[derive(Debug, PartialEq, Eq)]
pub struct Step<'a, W> {
    /// The deciding part.
    pub part: Part,
    /// Whether the step allows the request.
    pub truth: Truth,
    /// The location of the policy, or `None` if no policy applies.
    pub at: Option<&'a W>,
    /// The index and the `Sid` of the matching statement, or of the most similar one.
    pub statement: Option<(usize, String)>,
    /// The elements of the most similar statement that do not match or are unknown.
    pub open: Vec<Element>,
    /// The form in which the statement names the principal.
    pub named: Option<As>,
}

/// The decision about a request, with its steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<'a, W> {
    /// Whether the request is allowed.
    pub truth: Truth,
    /// The deciding steps, in order.
    pub steps: Vec<Step<'a, W>>,
}

/// Decides a request.
pub fn decide<'a, W>(request: &Request, policies: &Policies<'a, W>) -> Decision<'a, W> {
    let asked = Asked { request, has_boundary: policies.boundary.is_some() };
    let every = policies.identity.iter().chain(&policies.boundary).chain(&policies.session);
    let every: Vec<&Policy<W>> = every.chain(&policies.resource).chain(&policies.endpoint).copied().collect();
    let deny = asked.denies(&every);
    let mut steps: Vec<Step<'a, W>> = match deny {
        Some(step) if step.truth == Truth::No => return Decision { truth: Truth::No, steps: vec![step] },
        open => open.into_iter().collect(),
    };
    let mut ways = asked.ways(policies);
    // Selects the alternative that is most likely allowed, and among denied ones the one with the fewest denials.
    ways.sort_by_key(|way| (std::cmp::Reverse(truth(way)), way.iter().filter(|it| it.truth == Truth::No).count()));
    steps.extend(ways.into_iter().next().unwrap_or_default());
    if !policies.endpoint.is_empty() {
        steps.push(asked.allows(Part::Endpoint, &policies.endpoint, |_| true));
    }
    Decision { truth: truth(&steps), steps }
}

fn truth<W>(steps: &[Step<'_, W>]) -> Truth {
    Truth::all(steps.iter().map(|it| it.truth))
}

struct Asked<'a> {
    request: &'a Request,
    has_boundary: bool,
}

impl Asked<'_> {
    /// Returns the alternative paths to an allow, each with all steps that must agree.
    fn ways<'a, W>(&self, policies: &Policies<'a, W>) -> Vec<Vec<Step<'a, W>>> {
        let resource = |wanted: &dyn Fn(As) -> bool| self.allows(Part::Resource, &policies.resource, wanted);
        let principal = &self.request.principal;
        let mut ways = Vec::new();
        let Some(account) = principal.account() else {
            return vec![vec![resource(&|named| matches!(named, As::Everybody | As::Itself))]];
        };
        let mut limits = Vec::new();
        if let Some(boundary) = policies.boundary {
            limits.push(self.allows(Part::Boundary, &[boundary], |_| true));
        }
        if !policies.session.is_empty() {
            limits.push(self.allows(Part::Session, &policies.session, |_| true));
        }
        let own = match principal {
            // The root user needs no policy.
            Principal::Account(_) => Step::silent(Part::Identity, Truth::Yes),
            _ => self.allows(Part::Identity, &policies.identity, |_| true),
        };
        let own: Vec<_> = [own].into_iter().chain(limits.clone()).collect();
        let one_account = same(account, &self.request.account);
        let mut across = own.clone();
        across.push(resource(&|_| true));
        if one_account != Truth::No {
            let mut within = own;
            if policies.needs_resource {
                within.push(resource(&|named| matches!(named, As::Account | As::Everybody)));
            }
            let is_user = matches!(principal, Principal::User { .. });
            let direct = move |named| match named {
                As::Everybody | As::Session => true,
                As::Itself => is_user,
                As::Account => false,
            };
            ways.extend([within, vec![resource(&direct)]]);
            if !is_user {
                ways.push([resource(&|named| named == As::Itself)].into_iter().chain(limits).collect());
            }
            if one_account == Truth::Unknown {
                ways.iter_mut().for_each(|way| way.push(Step::silent(Part::Accounts, Truth::Unknown)));
            }
        }
        if one_account != Truth::Yes {
            ways.push(across);
        }
        ways.extend(policies.grants.iter().filter_map(|grant| self.granted(grant)).map(|step| vec![step]));
        ways
    }

    fn granted<'a, W>(&self, grant: &'a Grant<W>) -> Option<Step<'a, W>> {
        let operation = self.request.action.rsplit(':').next().unwrap_or_default();
        let has = grant.operations.iter().any(|it| it.eq_ignore_ascii_case(operation));
        let mut truth = same(&grant.grantee, self.request.principal.name()) & Truth::from(has);
        if grant.is_constrained {
            truth = truth & Truth::Unknown;
        }
        let step = Step { at: Some(&grant.at), ..Step::silent(Part::Grant, truth) };
        (truth != Truth::No).then_some(step)
    }

    /// Returns the statement that denies or may deny the request, if there is one.
    fn denies<'a, W>(&self, policies: &[&'a Policy<W>]) -> Option<Step<'a, W>> {
        let mut found: Option<Step<'a, W>> = None;
        for policy in policies {
            for (idx, statement) in policy.body.document().into_iter().flat_map(|it| it.statements.iter().enumerate()) {
                if !statement.denies {
                    continue;
                }
                let fit = statement.fit(self.request, self.has_boundary);
                let step = Step {
                    part: Part::Deny,
                    truth: !fit.truth,
                    at: Some(&policy.at),
                    statement: Some((idx, statement.sid.clone())),
                    open: fit.open,
                    named: None,
                };
                if step.truth != Truth::Yes && found.as_ref().is_none_or(|it| step.truth < it.truth) {
                    found = Some(step);
                }
            }
        }
        found
    }

    /// Returns whether policies allow the request, for the accepted forms of the principal.
    fn allows<'a, W>(&self, part: Part, policies: &[&'a Policy<W>], wanted: impl Fn(As) -> bool) -> Step<'a, W> {
        // A boundary or an endpoint has a single policy, which denies the request if no statement matches.
        let is_limit = matches!(part, Part::Boundary | Part::Endpoint);
        let at = policies.first().filter(|_| is_limit).map(|it| &it.at);
        let mut best = Step { at, ..Step::silent(part, Truth::No) };
        for policy in policies {
            let may = policy.body.may_be_about(&self.request.action);
            if may > best.truth {
                best = Step { at: Some(&policy.at), ..Step::silent(part, may) };
            }
            for (idx, statement) in policy.body.document().into_iter().flat_map(|it| it.statements.iter().enumerate()) {
                if statement.denies {
                    continue;
                }
                let fit = statement.fit(self.request, self.has_boundary);
                let named = fit.named.iter().filter(|it| wanted(it.0)).max_by_key(|it| (it.1, std::cmp::Reverse(it.0)));
                let truth = named.map_or(Truth::No, |it| it.1);
                let is_nearer = (truth, std::cmp::Reverse(near(&fit.open)))
                    > (best.truth, std::cmp::Reverse(best.statement.as_ref().map_or(usize::MAX, |_| near(&best.open))));
                if is_nearer && (truth != Truth::No || !fit.open.contains(&Element::Action)) {
                    best = Step {
                        part,
                        truth,
                        at: Some(&policy.at),
                        statement: Some((idx, statement.sid.clone())),
                        open: fit.open,
                        named: named.map(|it| it.0),
                    };
                }
            }
        }
        best
    }
}

/// Returns the distance between a statement and a matching one.
fn near(open: &[Element]) -> usize {
    open.iter().map(|it| if *it == Element::Action { 8 } else { 1 }).sum()
}

impl<W> Step<'_, W> {
    fn silent(part: Part, truth: Truth) -> Self {
        Self { part, truth, at: None, statement: None, open: Vec::new(), named: None }
    }
}

impl<W> Clone for Step<'_, W> {
    fn clone(&self) -> Self {
        Self {
            part: self.part,
            truth: self.truth,
            at: self.at,
            statement: self.statement.clone(),
            open: self.open.clone(),
            named: self.named,
        }
    }
}
