//! Converts decisions to links of a chain.

use super::decide::{Decision, Part, Step};
use super::document::{Element, Request};
use super::pattern::shown;
use super::principal::{As, Principal};
use super::truth::Truth;
use super::written::Written;
use serde_json::json;

use crate::edit::Edit;
use crate::link::{Layer, Link, Verdict};

impl From<Truth> for Verdict {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::No => Self::Denied,
            Truth::Unknown => Self::Unknown,
            Truth::Yes => Self::Allowed,
        }
    }
}

/// The two ends of a decision, for steps without a deciding policy.
pub struct Ends<'a> {
    /// The caller.
    pub who: Option<&'a Written>,
    /// The target.
    pub on: &'a Written,
}

/// Converts a decision to links. All are in one layer except for endpoints.
pub fn links(layer: Layer, request: &Request, decision: &Decision<'_, Written>, ends: &Ends<'_>) -> Vec<Link> {
    decision.steps.iter().map(|step| link(layer, request, step, ends)).collect()
}

fn link(layer: Layer, request: &Request, step: &Step<'_, Written>, ends: &Ends<'_>) -> Link {
    let layer = if step.part == Part::Endpoint { Layer::Endpoint } else { layer };
    let link = Link::new(layer, step.truth.into(), why(layer, request, step));
    let link = link.edited(edit(layer, request, step, ends).into_iter().collect());
    match (step.at, &step.statement) {
        (Some(at), Some((idx, _))) => link.by(&at.what, at.statement(*idx), &at.at),
        (Some(at), None) => link.by(&at.what, &at.field, &at.at),
        (None, _) => match (step.part, ends.who) {
            (Part::Identity | Part::Boundary | Part::Session | Part::Accounts, Some(who)) => {
                link.by(&who.what, "", &who.at)
            }
            (Part::Identity | Part::Boundary | Part::Session | Part::Accounts, None) => link,
            _ => link.by(&ends.on.what, "", &ends.on.at),
        },
    }
}

/// Returns the statement to add or remove, so that the step decides differently.
fn edit(layer: Layer, request: &Request, step: &Step<'_, Written>, ends: &Ends<'_>) -> Option<Edit> {
    let statement = |effect: &str| {
        json!({
            "Effect": effect, "Action": request.action, "Resource": every(&request.resource),
        })
    };
    let to_resource = |effect: &str, at: &Written, field: &str| {
        let mut statement = statement(effect);
        statement["Principal"] = match &request.principal {
            Principal::Anonymous => "*".into(),
            Principal::Service(name) => json!({ "Service": name }),
            Principal::Federated(name) => json!({ "Federated": name }),
            other => json!({ "AWS": other.name() }),
        };
        if layer == Layer::Trust {
            statement["Resource"].take();
            statement.as_object_mut()?.remove("Resource");
        }
        Some(Edit::add(&at.what, format!("{field}.Statement"), &at.at, statement))
    };
    let to_identity = |effect: &str, at: &Written| {
        let document = json!({ "Version": "2012-10-17", "Statement": [statement(effect)] });
        let name = format!("{}-{}", effect.to_lowercase(), request.action.replace([':', '*'], "-"));
        let policy = json!({ "PolicyName": name, "PolicyDocument": document });
        Some(Edit::add(&at.what, "Policies", &at.at, policy))
    };
    match (step.part, step.truth, step.at) {
        (Part::Deny, Truth::Yes | Truth::No, Some(at)) => {
            let (idx, _) = step.statement.as_ref()?;
            Some(Edit::remove(&at.what, at.statement(*idx), &at.at))
        }
        (Part::Identity, Truth::No, _) => to_identity("Allow", ends.who?),
        (Part::Resource, Truth::No, Some(at)) => to_resource("Allow", at, &at.field),
        (Part::Boundary | Part::Endpoint, Truth::No, Some(at)) => {
            Some(Edit::add(&at.what, format!("{}.Statement", at.field), &at.at, statement("Allow")))
        }
        // A `Deny` is certain, but other statements may also allow the request.
        (Part::Identity, Truth::Yes, Some(_)) => to_identity("Deny", ends.who?),
        (Part::Resource, Truth::Yes, Some(at)) => match ends.who.filter(|_| layer != Layer::Trust) {
            Some(who) => to_identity("Deny", who),
            None => {
                let (idx, _) = step.statement.as_ref()?;
                Some(Edit::remove(&at.what, at.statement(*idx), &at.at))
            }
        },
        _ => None,
    }
}

/// Returns an ARN with `*` for the parts that only the request or the deployment determines.
fn every(arn: &str) -> String {
    let mut pieces = arn.split("${?");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |all, it| all + "*" + it.split_once('}').map_or("", |it| it.1))
}

fn why(layer: Layer, request: &Request, step: &Step<'_, Written>) -> String {
    let what = format!("`{}` on `{}`", request.action, shown(&request.resource));
    let who = shown(request.principal.name());
    let of = match step.part {
        Part::Deny => "a statement",
        Part::Identity => "a policy of the identity",
        Part::Boundary => "the boundary",
        Part::Session => "the policy of the session",
        Part::Resource if layer == Layer::Trust => "the trust policy",
        Part::Resource if layer == Layer::Key => "the key policy",
        Part::Resource => "the policy of the resource",
        Part::Accounts => return format!("the account of `{who}` is known only at deployment"),
        Part::Grant => "a grant of the key",
        Part::Endpoint => "the policy of the VPC endpoint",
    };
    let sid = step.statement.as_ref().filter(|it| !it.1.is_empty()).map(|it| format!(" (`{}`)", it.1));
    let of = format!("{of}{}", sid.unwrap_or_default());
    let name = match step.named {
        Some(As::Everybody) if step.part == Part::Resource => " for everybody",
        Some(As::Account) => " for the account",
        _ => "",
    };
    match (step.part, step.truth) {
        (Part::Deny, Truth::Unknown) => format!("{of} may deny {what}: {}", open(step)),
        (Part::Deny, _) => format!("{of} denies {what}"),
        (Part::Identity, Truth::Yes) if step.at.is_none() => format!("`{who}` needs no policy"),
        (_, Truth::Yes) => format!("{of} allows {what}{name}"),
        (_, Truth::Unknown) => format!("{of} may allow {what}: {}", open(step)),
        (_, Truth::No) if step.statement.is_none() => {
            format!("no statement of {} allows {what}", of.replacen("a policy", "the policies", 1))
        }
        (_, Truth::No) => format!("{of} does not allow {what}: {}", open(step)),
    }
}

/// Describes the elements that do not match or are unknown.
fn open(step: &Step<'_, Written>) -> String {
    let element = |it: &Element| match it {
        Element::Action => "its action".to_owned(),
        Element::Principal => "its principal".to_owned(),
        Element::Resource => "its resource".to_owned(),
        Element::Condition(operator, key) => format!("its condition `{operator}` on `{}`", shown(key)),
    };
    let list: Vec<String> = step.open.iter().map(element).collect();
    match (list.is_empty(), step.truth) {
        (true, Truth::No) => "it applies to other principals".to_owned(),
        (true, _) => "its document is not in the files".to_owned(),
        (false, Truth::No) if step.part != Part::Deny => format!("{} does not match", list.join(" and ")),
        (false, _) => format!("{} can be evaluated only at deployment or for a specific request", list.join(" and ")),
    }
}
