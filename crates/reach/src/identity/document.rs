//! Policy documents and their statements, and the elements of a statement that match a request.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.

use serde_json::Value;

use super::condition::{self, Condition};
use super::context::Context;
use super::pattern::{Form, Pattern};
use super::principal::{As, Principal, Who};
use super::truth::Truth;
use crate::identity::texts;

/// A policy document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The statements, in written order.
    pub statements: Vec<Statement>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The `Sid`; empty if missing.
    pub sid: String,
    /// Whether the effect is `Deny`.
    pub denies: bool,
    who: Who,
    action: Names,
    resource: Names,
    /// The conditions, or `None` if they are malformed.
    conditions: Option<Vec<Condition>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Names {
    /// The element is missing.
    All,
    In(Vec<Pattern>),
    NotIn(Vec<Pattern>),
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The caller.
    pub principal: Principal,
    /// The action, such as `s3:GetObject`.
    pub action: String,
    /// The ARN of the resource.
    pub resource: String,
    /// The account that owns the resource.
    pub account: String,
    /// The condition keys of the request.
    pub context: Context,
}

/// An element of a statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// `Action` or `NotAction`
    Action,
    /// `Principal` or `NotPrincipal`
    Principal,
    /// `Resource` or `NotResource`
    Resource,
    /// A condition, by operator and key.
    Condition(String, String),
}

/// The match between a request and a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// Whether the statement applies to the request.
    pub truth: Truth,
    /// The forms in which it names the principal, each with the certainty of the whole statement.
    pub named: Vec<(As, Truth)>,
    /// The elements that do not match or are unknown.
    pub open: Vec<Element>,
}

impl Document {
    /// Parses a document: an object with statements, or its JSON text. Returns `None` if it is
    /// neither.
    pub fn parse(value: &Value) -> Option<Self> {
        let parsed: Value;
        let value = match value {
            Value::String(text) => {
                parsed = serde_json::from_str(text).ok()?;
                &parsed
            }
            other => other,
        };
        let variables = value["Version"] == "2012-10-17";
        let statements = super::items(value.get("Statement")?).iter().filter(|it| it.is_object());
        Some(Self { statements: statements.map(|it| Statement::parse(it, variables)).collect() })
    }
}

impl Statement {
    fn parse(value: &Value, variables: bool) -> Self {
        let names = |key: &str, ignores_case: bool| {
            let form = Form { wildcards: true, variables: variables && !ignores_case, ignores_case };
            let read = |value: &Value| texts(value).iter().map(|text| Pattern::new(text, form)).collect();
            match (value.get(key), value.get(format!("Not{key}"))) {
                (Some(names), _) => Names::In(read(names)),
                (None, Some(names)) => Names::NotIn(read(names)),
                (None, None) => Names::All,
            }
        };
        Self {
            sid: value["Sid"].as_str().unwrap_or_default().to_owned(),
            denies: value["Effect"] == "Deny",
            who: Who::parse(value),
            action: names("Action", true),
            resource: names("Resource", false),
            conditions: condition::parse(&value["Condition"], variables),
        }
    }

    /// Whether it has no principal, and therefore belongs to an identity.
    pub fn is_of_owner(&self) -> bool {
        self.who == Who::Owner
    }

    /// Returns the patterns of its `Resource`.
    pub fn resources(&self) -> &[Pattern] {
        if let Names::In(patterns) = &self.resource { patterns } else { &[] }
    }

    /// Returns the patterns of its `Action`.
    pub fn actions(&self) -> &[Pattern] {
        if let Names::In(patterns) = &self.action { patterns } else { &[] }
    }

    /// Whether it names all principals or an identity, and not only an account or a service.
    pub fn names_somebody(&self) -> bool {
        self.who.is_somebody()
    }

    /// Returns whether it names the action and the resource of a request, regardless of its
    /// conditions.
    pub fn names(&self, request: &Request) -> Truth {
        self.action.fits(&request.action, &request.context) & self.resource.fits(&request.resource, &request.context)
    }

    /// Returns whether its actions may include an action, in any request context. `false` is certain.
    pub fn may_name_action(&self, action: &str) -> bool {
        self.action.may_fit(action)
    }

    /// Returns whether its resources may include an ARN, in any request context. `false` is certain.
    pub fn may_name_resource(&self, resource: &str) -> bool {
        self.resource.may_fit(resource)
    }

    /// Returns the match with a request. A principal with a permissions boundary is never excluded
    /// by `NotPrincipal`.
    pub fn fit(&self, request: &Request, has_boundary: bool) -> Fit {
        let action = self.action.fits(&request.action, &request.context);
        if action == Truth::No {
            // Most statements are about other actions.
            return Fit { truth: Truth::No, named: Vec::new(), open: vec![Element::Action] };
        }
        let mut named = self.who.fits(&request.principal, has_boundary);
        let who = Truth::any(named.iter().map(|it| it.1));
        let resource = self.resource.fits(&request.resource, &request.context);
        let mut truths = vec![(Element::Action, action), (Element::Principal, who), (Element::Resource, resource)];
        match &self.conditions {
            None => truths.push((Element::Condition(String::new(), String::new()), Truth::Unknown)),
            Some(conditions) => truths.extend(
                conditions
                    .iter()
                    .map(|it| (Element::Condition(it.operator.clone(), it.key.clone()), it.holds(&request.context))),
            ),
        }
        let truth = Truth::all(truths.iter().map(|it| it.1));
        let rest = Truth::all(truths.iter().filter(|it| it.0 != Element::Principal).map(|it| it.1));
        for (_, certain) in &mut named {
            *certain = *certain & rest;
        }
        named.retain(|it| it.1 != Truth::No);
        let open = truths.into_iter().filter(|it| it.1 == truth && truth != Truth::Yes).map(|it| it.0).collect();
        Fit { truth, named, open }
    }
}

impl Names {
    fn fits(&self, text: &str, context: &Context) -> Truth {
        let any = |patterns: &[Pattern]| Truth::any(patterns.iter().map(|it| it.matches(text, context)));
        match self {
            Self::All => Truth::Yes,
            Self::In(patterns) => any(patterns),
            Self::NotIn(patterns) => !any(patterns),
        }
    }

    fn may_fit(&self, text: &str) -> bool {
        match self {
            Self::All | Self::NotIn(_) => true,
            Self::In(patterns) => patterns.iter().any(|it| it.may_match(text)),
        }
    }
}
