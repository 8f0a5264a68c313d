//! Evaluates admission policies of Kubernetes for manifests, as the API server would when each object is created.

mod binding;
mod bound;
mod constraints;
mod decision;
mod defaults;
mod definition;
mod params;
mod request;
mod selector;

use std::collections::BTreeSet;

use cel::common::value::Val;
use meshsynth::diag::{Diagnostic, Severity};
use meshsynth::{World, policy_file};

use self::binding::Binding;
use self::bound::Bound;
use self::constraints::Matched;
use self::decision::{Decision, Findings};
use self::defaults::Definitions;
use self::definition::Definition;
use self::params::Params;
use self::request::Request;
use super::document::Document;
use super::subject::{Cluster, Object};
use crate::expressions::{Evaluator, Tree};

/// The API group of these policies.
const GROUP: &str = "admissionregistration.k8s.io/";

/// Policies, bindings and parameters, from files or from a cluster.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    definitions: Vec<Definition>,
    bindings: Vec<Binding>,
    /// Other objects of the files: parameters, namespaces and custom resource definitions.
    others: Vec<Object>,
}

/// The role of a document for admission policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A policy.
    Policy,
    /// The binding of a policy.
    Binding,
    /// Another object, such as parameters.
    Other,
}

impl Role {
    /// Returns the role of a document.
    pub fn of(tree: &Tree) -> Self {
        let is_of_group = tree.text("apiVersion").is_some_and(|version| version.starts_with(GROUP));
        match tree.text("kind") {
            Some("ValidatingAdmissionPolicy") if is_of_group => Role::Policy,
            Some("ValidatingAdmissionPolicyBinding") if is_of_group => Role::Binding,
            _ => Role::Other,
        }
    }
}

impl Admission {
    /// Adds a document; reports errors in it.
    pub fn take(&mut self, document: &Document, evaluator: &Evaluator, wrong: &mut Vec<Diagnostic>) {
        match Role::of(&document.tree) {
            Role::Policy => self.definitions.extend(Definition::read(document, evaluator, wrong)),
            Role::Binding => self.bindings.extend(Binding::read(document, wrong)),
            Role::Other => {
                let name = document.tree.text("metadata.name").unwrap_or_default();
                let construct = format!("{}/{name}", document.tree.text("kind").unwrap_or_default());
                let (tree, place) = (document.tree.clone(), document.place.clone());
                self.others.push(Object { tree, place, construct, document: None });
            }
        }
    }

    /// Returns the code, the summary and the manual of each policy with a code.
    pub fn explained(&self) -> Vec<[String; 3]> {
        let row = |it: &Definition| {
            let line = |validation: &definition::Validation| {
                let message = validation.message.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
                format!("- `{}`{message}\n", validation.expression.text.trim())
            };
            let lines: String = it.validations.iter().map(line).collect();
            let manual = format!("A ValidatingAdmissionPolicy, defined in {}. Its conditions:\n\n{lines}", it.place);
            Some([it.code?.to_owned(), format!("The admission policy `{}`.", it.name), manual])
        };
        self.definitions.iter().filter_map(row).collect()
    }

    /// Returns the number of policies.
    pub fn n_policies(&self) -> usize {
        self.definitions.len()
    }

    /// Evaluates the objects of a cluster with these policies and with those among the objects.
    pub fn judge(&self, cluster: &Cluster, evaluator: &Evaluator, world: World, found: &mut Vec<Diagnostic>) {
        let mut all = self.clone();
        for object in cluster.objects.iter().filter(|it| Role::of(&it.tree) != Role::Other) {
            all.take(&Document::of_object(object), evaluator, found);
        }
        if all.definitions.is_empty() {
            return;
        }
        all.tell_unjudged(found);
        let objects = || cluster.objects.iter().chain(&all.others);
        let of_kind = |kind: &'static str| objects().filter(move |it| it.tree.text("kind") == Some(kind));
        let mut definitions = Definitions::default();
        of_kind("CustomResourceDefinition").for_each(|it| definitions.add(&it.tree));
        let namespaces: Vec<&Object> = of_kind("Namespace").collect();
        let params = Params::new(objects(), &definitions, &cluster.namespace, world);
        let mut findings = Findings::default();
        for subject in &cluster.objects {
            if let Some(request) = Request::new(subject, &definitions, &namespaces, &cluster.namespace) {
                let namespace = namespace_object(&request, &namespaces, &definitions);
                for definition in &all.definitions {
                    Judge { evaluator, definition, request: &request, namespace: &namespace, params: &params }
                        .judge(&all.bindings, &mut findings);
                }
            }
        }
        found.extend(findings.told());
    }

    /// Reports expressions that cannot be evaluated, and policies without a binding.
    fn tell_unjudged(&self, found: &mut Vec<Diagnostic>) {
        let bound: BTreeSet<&str> = self.bindings.iter().map(|it| it.policy.as_str()).collect();
        for definition in &self.definitions {
            let name = &definition.name;
            for (piece, what) in definition.lacking() {
                let mut note =
                    policy_file::not_judged(format!("the policy `{name}` cannot be evaluated: it requires {what}"));
                note.place = Some(piece.place.clone());
                found.push(note.note(format!("the expression is `{}`", piece.text)));
            }
            if !bound.contains(name.as_str()) {
                let message = format!("the policy `{name}` has no effect: no binding refers to it");
                let mut note = policy_file::not_judged(message);
                note.place = Some(definition.place.clone());
                found.push(note.help(format!("add a `ValidatingAdmissionPolicyBinding` with `policyName: {name}`")));
            }
        }
    }
}

/// Returns the value of `namespaceObject` in expressions.
fn namespace_object(request: &Request<'_>, namespaces: &[&Object], definitions: &Definitions) -> Tree {
    let Some(name) = request.namespace.as_deref().filter(|_| request.is_namespaced) else { return Tree::Null };
    match namespaces.iter().find(|it| it.tree.text("metadata.name") == Some(name)) {
        Some(object) => defaults::admitted(&object.tree, None, definitions),
        None => Tree::unknown(&format!("the namespace `{name}`, which is not among the manifests")),
    }
}

/// One policy and one request.
struct Judge<'a> {
    evaluator: &'a Evaluator,
    definition: &'a Definition,
    request: &'a Request<'a>,
    namespace: &'a Tree,
    params: &'a Params<'a>,
}

impl Judge<'_> {
    fn judge(&self, bindings: &[Binding], findings: &mut Findings) {
        let Self { definition, request, .. } = self;
        let version = match definition.constraints.matches(request) {
            Matched::No => return,
            Matched::Yes => request.version.clone(),
            Matched::As(version) => version,
            Matched::Unknown(what) => {
                return findings.add(definition, None, request, Severity::Note, Decision::Unknown { idx: None, what });
            }
        };
        let mut object = request.object.clone();
        if version != request.version {
            if request.is_converted {
                let what = format!("the object as it is converted to `{}/{version}`", request.group);
                return findings.add(definition, None, request, Severity::Note, Decision::Unknown { idx: None, what });
            }
            object.set("apiVersion", Tree::from(format!("{}/{version}", request.group)));
        }
        let object = object.to_val();
        let asked = request.variable(&version).to_val();
        for binding in bindings.iter().filter(|it| it.policy == definition.name) {
            let decisions = match binding.constraints.matches(request) {
                Matched::No => continue,
                Matched::Yes | Matched::As(_) => self.held(binding, object.as_ref(), asked.as_ref()),
                Matched::Unknown(what) => vec![Decision::Unknown { idx: None, what }],
            };
            for decision in decisions {
                let severity = decision.severity(binding.severity);
                findings.add(definition, Some(binding), request, severity, decision);
            }
        }
    }

    /// Evaluates the policy for the object with each of the parameters.
    fn held(&self, binding: &Binding, object: &dyn Val, asked: &dyn Val) -> Vec<Decision> {
        let Self { evaluator, definition, request, .. } = self;
        let params = match self.params.of(definition, binding, request) {
            Ok(params) => params,
            Err(decision) => return decision.into_iter().collect(),
        };
        let namespace = self.namespace.to_val();
        let nothing = Tree::Null.to_val();
        let authorizer = Tree::unknown("`authorizer`, which queries the permissions from the API server").to_val();
        let mut decisions = Vec::new();
        for param in params {
            let param = param.to_val();
            let values: Vec<(&'static str, &dyn Val)> = vec![
                ("object", object),
                ("oldObject", nothing.as_ref()),
                ("request", asked),
                ("params", param.as_ref()),
                ("namespaceObject", namespace.as_ref()),
                ("authorizer", authorizer.as_ref()),
            ];
            decision::decide(&Bound::new(evaluator, definition, values), &mut decisions);
        }
        decisions
    }
}
