//! Authorization policies: CUSTOM, then DENY, then ALLOW.
//!
//! Source: <https://istio.io/latest/docs/reference/config/security/authorization-policy/>.

use std::collections::HashMap;

use meshsynth_access::istio::{self, Action, Scope, Target};
use meshsynth_access::sets::{Cube, Dimension, Key, Region, Set, Space};
use serde_json::Value;

use super::edits;
use super::request::{self, Fit, Request};
use crate::edit::Edit;
use crate::link::{Layer, Link, Verdict};
use crate::world::{At, Cluster};

/// The authorization policies of a cluster.
#[derive(Debug)]
pub struct Authorization {
    policies: Vec<Policy>,
    /// The indices of policies by namespace.
    by_namespace: HashMap<String, Vec<usize>>,
    /// The scope of each request authentication policy, and its issuers.
    tokens: Vec<(Scope, Vec<String>)>,
    root: String,
}

#[derive(Debug)]
struct Policy {
    scope: Scope,
    action: Action,
    title: String,
    at: At,
    document: Value,
}

/// The component that enforces policies. It determines which policies apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enforcer {
    /// A sidecar proxy or a gateway.
    Proxy,
    /// The proxy of the node, which does not support HTTP.
    Node,
    /// A waypoint, for a Service or for itself.
    Waypoint,
}

impl Authorization {
    /// Parses the policies of a cluster.
    pub fn new(cluster: &Cluster, root: &str) -> Self {
        let of_kind = |kind: &'static str| cluster.objects.iter().filter(move |it| it.kind == kind);
        let policy = |object: &'_ crate::world::Object| {
            let parsed = istio::AuthorizationPolicy::parse(&object.document);
            Policy {
                scope: parsed.scope,
                action: parsed.action,
                title: object.title(),
                at: object.at.clone(),
                document: object.document.clone(),
            }
        };
        let tokens = of_kind("RequestAuthentication")
            .map(|it| (istio::RequestAuthentication::parse(&it.document).scope, issuers(&it.document)));
        // A policy with this annotation is only logged.
        let is_enforced = |it: &&crate::world::Object| {
            it.document["metadata"]["annotations"]["istio.io/dry-run"].as_str() != Some("true")
        };
        let policies: Vec<Policy> = of_kind("AuthorizationPolicy").filter(is_enforced).map(policy).collect();
        let mut by_namespace: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, policy) in policies.iter().enumerate() {
            by_namespace.entry(policy.scope.namespace().to_owned()).or_default().push(at);
        }
        Self { policies, by_namespace, tokens: tokens.collect(), root: root.to_owned() }
    }

    /// Returns the issuers whose tokens identify callers of a target, or `None` if it does not read tokens.
    pub fn tokens(&self, targets: &[Target]) -> Option<Vec<String>> {
        let about = self.tokens.iter().filter(|it| targets.iter().any(|target| it.0.selects(target, &self.root)));
        about.map(|it| it.1.clone()).reduce(|all, it| [all, it].concat())
    }

    /// Returns whether a policy applies to one of the targets.
    pub fn is_about(&self, targets: &[Target]) -> bool {
        !self.about(targets, Enforcer::Proxy).is_empty()
    }

    fn about(&self, targets: &[Target], enforcer: Enforcer) -> Vec<&Policy> {
        let is_about = |policy: &&Policy| {
            let has_ref =
                policy.document["spec"]["targetRefs"].is_array() || policy.document["spec"]["targetRef"].is_object();
            let fits = match enforcer {
                Enforcer::Node => !has_ref,
                // A waypoint enforces the policies that refer to it or to a Service behind it.
                Enforcer::Waypoint => has_ref,
                Enforcer::Proxy => true,
            };
            fits && targets.iter().any(|target| policy.scope.selects(target, &self.root))
        };
        let mut namespaces: Vec<&str> = targets.iter().map(|it| it.namespace.as_str()).chain([&*self.root]).collect();
        namespaces.sort_unstable();
        namespaces.dedup();
        let near = namespaces.iter().filter_map(|it| self.by_namespace.get(*it)).flatten();
        near.map(|at| &self.policies[*at]).filter(is_about).collect()
    }

    /// Returns the decision of a target's policies about a request.
    pub fn decide(&self, targets: &[Target], enforcer: Enforcer, request: &Request) -> Link {
        let about = self.about(targets, enforcer);
        let say = |verdict, why: String| Link::new(Layer::Authorization, verdict, why);
        let who = request::say(request);
        let fits = |action: &dyn Fn(&Action) -> bool, denies: bool| -> Vec<(&Policy, usize, Fit)> {
            let policies = about.iter().filter(|it| action(&it.action));
            let rules = policies.flat_map(|policy| {
                let rules = policy.document["spec"]["rules"].as_array().map_or(&[][..], Vec::as_slice);
                rules.iter().enumerate().map(|(at, rule)| {
                    let fit = request::rule(rule, request, denies, policy.scope.namespace());
                    (*policy, at, fit)
                })
            });
            let mut rules: Vec<_> = rules.filter(|(_, _, fit)| *fit != Fit::None).collect();
            rules.sort_by_key(|(_, _, fit)| std::cmp::Reverse(*fit));
            rules
        };
        let by = |link: Link, (policy, at, _): &(&Policy, usize, Fit)| {
            link.by(policy.title.clone(), format!("spec.rules[{at}]"), &policy.at)
        };
        let custom = fits(&|it| matches!(it, Action::Custom(_)), false);
        if let Some(first) = custom.iter().find(|it| it.2 == Fit::All) {
            let provider = first.0.document["spec"]["provider"]["name"].as_str().unwrap_or_default();
            return by(say(Verdict::Unknown, format!("the external provider `{provider}` decides")), first);
        }
        let denials = fits(&|it| *it == Action::Deny, true);
        let mut allowing: Vec<&&Policy> = about.iter().filter(|it| it.action == Action::Allow).collect();
        // Policies with a specific selector precede general ones, because a new rule for one workload belongs there.
        allowing.sort_by_key(|it| it.scope.is_general());
        let allowances = fits(&|it| *it == Action::Allow, false);
        let admit = allowing
            .first()
            .filter(|_| allowances.is_empty())
            .map(|policy| Edit::add(policy.title.clone(), "spec.rules", &policy.at, edits::rule(request)));
        if let Some(first) = denials.first().filter(|it| it.2 == Fit::All) {
            let of_all = denials.iter().filter(|it| it.2 == Fit::All);
            let remove =
                of_all.map(|(policy, at, _)| Edit::remove(&policy.title, format!("spec.rules[{at}]"), &policy.at));
            let edits = remove.chain(admit).collect();
            return by(say(Verdict::Denied, format!("denies {who}")), first).edited(edits);
        }
        if allowing.is_empty() && !denials.is_empty() && self.is_empty(&about, request) {
            return by(say(Verdict::Denied, "the rules together deny every request".to_owned()), &denials[0]);
        }
        if allowing.is_empty() {
            return match denials.first() {
                None => say(Verdict::Allowed, "no authorization policy applies to it".to_owned()),
                Some(first) => by(say(Verdict::Allowed, "denies some requests only".to_owned()), first),
            };
        }
        let Some(first) = allowances.first() else {
            let names: Vec<&str> = allowing.iter().map(|it| it.title.as_str()).collect();
            let why = format!("no rule of {} allows {who} on port {}", names.join(" or "), request.port);
            let policy = allowing[0];
            let link = say(Verdict::Denied, why).by(policy.title.clone(), "spec.rules", &policy.at);
            return link.edited(admit.into_iter().collect());
        };
        if first.2 == Fit::Some && !denials.is_empty() && self.is_empty(&about, request) {
            return by(say(Verdict::Denied, "denies all requests that other policies allow".to_owned()), &denials[0]);
        }
        let some = if first.2 == Fit::Some { "some requests of " } else { "" };
        by(say(Verdict::Allowed, format!("allows {some}{who}")), first)
    }

    /// Whether the allow and deny rules together admit no request, if each applies only to some requests.
    fn is_empty(&self, about: &[&Policy], request: &Request) -> bool {
        let parsed: Vec<istio::AuthorizationPolicy> =
            about.iter().map(|it| istio::AuthorizationPolicy::parse(&it.document)).collect();
        let mut cube = Cube::new()
            .with(Dimension::Port, meshsynth_access::network::ports(request.port.into(), request.port.into()));
        if let Some(principal) = &request.principal {
            cube = cube.with(Dimension::Key(Key::new("source.principal")), Set::literal(principal));
        }
        let left = istio::AuthorizationPolicy::admits(&parsed).and(cube.into());
        let none = Region::none();
        Space::new(&[&left, &none]).difference(&left, &none).is_empty()
    }
}

/// Returns the issuers of the tokens that a request authentication policy accepts.
fn issuers(document: &Value) -> Vec<String> {
    let rules = document["spec"]["jwtRules"].as_array().into_iter().flatten();
    rules.filter_map(|it| it["issuer"].as_str()).map(str::to_owned).collect()
}
